"""What was typed at the keying desk outlives an upgrade, and what each person said first outlives going back."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from tests.fixtures_store import StoreFolders
from tests.inbox.earlier import Earlier

HERS = {"item_id": 1, "person_id": 1, "said": "keyed", "sealed_body": b"0612345678"}
HIS = {"item_id": 1, "person_id": 2, "said": None, "sealed_body": b"06123"}
ONCE_MORE = {**HERS, "turn": 1, "sealed_body": b"0612345679"}


def bodies(earlier: Earlier) -> list[bytes]:
    return sorted(row["sealed_body"] for row in earlier.rows("desk_answer"))


def test_what_was_typed_can_be_typed_again_after_the_upgrade(empty_database: StoreFolders) -> None:
    earlier = Earlier(empty_database, "0042")
    try:
        earlier.add("data_key", {"id": 1})
        earlier.add("person", {"id": 1, "login": "hers"}, {"id": 2, "login": "his"})
        earlier.add("intake", {"id": 1, "channel": "paper"})
        earlier.add("part", {"id": 1, "intake_id": 1, "reading": "read"})
        earlier.add("medium", {"id": 1, "part_id": 1, "kind": "row"})
        earlier.add("desk_item", {"id": 1, "kind": "characters", "field": "telephone"})
        earlier.add("desk_answer", HERS, HIS)
        earlier.to("0043")
        assert [row["turn"] for row in earlier.rows("desk_answer")] == [0, 0]
        earlier.add("desk_answer", ONCE_MORE)
        with pytest.raises(IntegrityError):
            earlier.add("desk_answer", ONCE_MORE)
        assert bodies(earlier) == sorted([b"0612345678", b"06123", b"0612345679"])
        earlier.to("0042")
        assert bodies(earlier) == [b"06123", b"0612345678"]
        with pytest.raises(IntegrityError):
            earlier.add("desk_answer", HERS)
        earlier.to("0043")
        assert bodies(earlier) == [b"06123", b"0612345678"]
    finally:
        earlier.store.close()

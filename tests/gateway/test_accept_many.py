"""Many messages stored at once are what they would be one by one."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel
from gateway.intake.intake_store import IncomingMessage, StoredIntake, store_message, store_messages
from gateway.intake.sealed_originals import INLINE_BYTES
from inbox.erasure.erase import erase_intake
from inbox.models import Arrival, DataKey, Intake
from inbox.models.sealed_places import place_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of

ONE = IncomingMessage(Channel.EMAIL, "avis@brest.example", "one", ArrivalKind.MAIL, b"Un banc.", {"a": "b"})
TWO = replace(ONE, external_id="two", raw=b"Un arbre.")
LARGE = replace(ONE, external_id="large", raw=b"x" * (INLINE_BYTES + 1))
ELSEWHERE = replace(ONE, account="parc@brest.example")
MORE_OF_ONE = replace(ONE, raw=b"Un banc, encore.")

BATCHES: list[tuple[str, list[IncomingMessage], list[IncomingMessage], list[tuple[str, bool, bool]]]] = [
    ("nothing", [], [], []),
    ("all new", [], [ONE, TWO, LARGE], [("one", True, True), ("two", True, True), ("large", True, True)]),
    ("one is there", [TWO], [ONE, TWO], [("one", True, True), ("two", False, False)]),
    ("all are there", [ONE, TWO], [TWO, ONE], [("two", False, False), ("one", False, False)]),
    ("the same twice", [], [ONE, ONE, TWO], [("one", True, True), ("one", False, False), ("two", True, True)]),
    ("another account", [ONE], [ELSEWHERE], [("one", True, True)]),
    ("more of one that is there", [ONE], [MORE_OF_ONE], [("one", False, True)]),
    ("more of one that is new", [], [ONE, MORE_OF_ONE], [("one", True, True), ("one", False, True)]),
]


@pytest.mark.parametrize(("before", "several", "said"), [row[1:] for row in BATCHES], ids=[row[0] for row in BATCHES])
def test_many_at_once(
    store: Store, before: list[IncomingMessage], several: list[IncomingMessage], said: list[tuple[str, bool, bool]]
) -> None:
    with store.write() as session:
        for arrived in before:
            store_message(session, arrived)
    with store.write() as session:
        answers = store_messages(session, several)
    with store.read() as session:
        names = {intake.id: intake.external_id for intake in session.scalars(select(Intake))}
        assert [(names[one.intake_id], one.is_new, one.arrival_is_new) for one in answers] == said
        new = [one.intake_id for one in answers if one.is_new]
        assert new == sorted(new), "in the order in which they came"
        whole = [*before, *several]
        assert len(names) == len({(one.account, one.external_id) for one in whole})
        vault = vault_of(session)
        kept = sorted(_raw(session, arrival) for arrival in session.scalars(select(Arrival)))
        assert kept == sorted(raw for *_, raw in {(one.account, one.external_id, one.raw) for one in whole})
        assert session.scalar(select(func.count()).select_from(DataKey)) == len(names)
        for arrival in session.scalars(select(Arrival)):
            assert arrival.sealed_headers is not None
            place = place_of(Arrival.sealed_headers, arrival)
            assert vault.open_json(session, arrival.intake.key_id, arrival.sealed_headers, place) == {"a": "b"}


def _raw(session: Session, arrival: Arrival) -> bytes:
    vault = vault_of(session)
    if arrival.sealed_raw is not None:
        return vault.open(session, arrival.intake.key_id, arrival.sealed_raw, place_of(Arrival.sealed_raw, arrival))
    assert arrival.locator is not None
    return b"".join(vault.read_file(session, arrival.intake.key_id, arrival.locator))


def test_what_was_erased_stays_so_among_others(store: Store) -> None:
    with store.write() as session:
        intake = store_message(session, ONE).intake_id
    with store.write() as session:
        erase_intake(session, intake, None, "asked")
    with store.write() as session:
        again, new = store_messages(session, [ONE, TWO])
    assert again == StoredIntake(intake, is_new=False, arrival_is_new=False)
    assert (new.is_new, new.arrival_is_new) == (True, True)

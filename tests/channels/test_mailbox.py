"""Reading a folder: sets of UIDs, messages piece by piece, their structure, and the address they were sent to."""

import random
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.classify.recipient import plus_addresses
from channels.email.imap.body_structure import structure_outline
from channels.email.imap.imap_folder import (
    PIECE_BYTES,
    Expunged,
    MessageBeginning,
    Misplaced,
    fetch_beginnings,
    fetch_rest,
    fetch_whole,
    uids_not_among,
)
from channels.email.imap.uids import UidSet


class Folder:
    """A mailbox server's folder, as ``IMAPClient`` shows it; ``sends`` bytes at most of what is asked for."""

    def __init__(self, messages: dict[int, Any], sends: int = 10**9, at_the_end: bytes | None = b"") -> None:
        self.messages, self.sends, self.at_the_end = messages, sends, at_the_end
        self.asked: list[str] = []
        self.came_at: object = None

    def search(self, criteria: Sequence[str]) -> list[int]:
        self.asked.append(" ".join(criteria))
        return sorted(self.messages, reverse=True)

    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        self.asked.append(f"{','.join(map(str, messages))} {' '.join(data)}")
        items = {uid: [self._data(uid, item) for item in data] for uid in messages if uid in self.messages}
        return {uid: {b"SEQ": 1, **dict(pair for one in some for pair in one.items())} for uid, some in items.items()}

    def noop(self) -> None:
        self.asked.append("NOOP")

    def _data(self, uid: int, item: str) -> dict[bytes, Any]:
        if item == "RFC822.SIZE":
            return {b"RFC822.SIZE": len(self.messages[uid] or b"")}
        if item == "INTERNALDATE":
            return {b"INTERNALDATE": self.came_at}
        if not (wanted := re.fullmatch(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", item)):
            return {item.replace(".PEEK", "").encode(): self.messages[uid]}
        raw, start, length = self.messages[uid], int(wanted[1]), int(wanted[2])
        said = raw and raw[start : start + min(length, self.sends)]
        return {b"BODY[]<%d>" % start: said or (self.at_the_end if raw is not None else None)}


SETS = [
    ("nothing", "", 0),
    ("one", "7", 7),
    ("a range", "1:3200", 3200),
    ("a catch-up, and what came meanwhile", "1:3200,10001:10020", 10020),
]


@pytest.mark.parametrize(("text", "highest"), [row[1:] for row in SETS], ids=[row[0] for row in SETS])
def test_sets_are_written_as_they_are_read(text: str, highest: int) -> None:
    assert (str(UidSet.parse(text)), UidSet.parse(text).highest) == (text, highest)


@given(st.integers(0, 60), st.sets(st.integers(1, 70)))
def test_a_set_holds_everything_up_to_a_uid_but_some(highest: int, but: set[int]) -> None:
    held = {uid for first, last in UidSet.up_to(highest, but).ranges for uid in range(first, last + 1)}
    assert held == set(range(1, highest + 1)) - but


def test_the_server_works_out_what_is_new() -> None:
    folder = Folder({9: b"", 4: b"", 7: b""})
    assert uids_not_among(folder, UidSet()) == [4, 7, 9]
    uids_not_among(folder, UidSet.parse("1:3,5"))
    uids_not_among(folder, UidSet.parse("2:3"), 9)
    uids_not_among(folder, UidSet.parse("1:200"), 200_000)
    assert folder.asked == [
        "UID 1:*",
        "NOT UID 1:3,5 UID 4:*",
        "NOT UID 2:3 UID 1:*",
        "NOT UID 1:200 UID 201:80200",
        "NOT UID 1:200 UID 80201:160200",
        "NOT UID 1:200 UID 160201:*",
    ]


def test_beginnings_come_together_and_what_is_gone_is_left_out() -> None:
    folder = Folder({4: b"four", 7: b"", 8: None})
    assert fetch_beginnings(folder, [4, 5, 7, 8], 3) == {4: MessageBeginning(b"fou", 4), 7: MessageBeginning(b"", 0)}
    assert folder.asked == ["4,5,7,8 RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.3>"]


def test_when_a_message_came_is_told_with_its_zone() -> None:
    folder = Folder({4: b"four"})
    folder.came_at = datetime(2026, 11, 2, 10, tzinfo=UTC).replace(tzinfo=None)
    here = time.mktime((2026, 11, 2, 10, 0, 0, 0, 0, -1))
    assert fetch_beginnings(folder, [4], 3)[4].came_at == datetime.fromtimestamp(here, UTC)


def test_a_message_of_which_the_server_sent_less_than_it_was_asked_for_is_not_whole() -> None:
    found = fetch_beginnings(Folder({4: b"four", 7: b"fo"}, sends=2), [4, 7], 100)
    assert {uid: one.is_whole for uid, one in found.items()} == {4: False, 7: True}


@pytest.mark.parametrize("at_the_end", [b"", None], ids=["nothing", "NIL"])
@pytest.mark.parametrize("sends", [10**9, 1000], ids=["all that is asked", "less than is asked"])
def test_pieces_go_on_to_the_end(sends: int, at_the_end: bytes | None) -> None:
    raw = random.Random(4).randbytes(300_000)
    folder = Folder({4: raw}, sends, at_the_end)
    assert b"".join(fetch_rest(folder, 4, raw[:1000], len(raw))) == raw[1000:]
    # Of each answer 512 bytes are there already.
    assert len(folder.asked) == -(-(len(raw) - 1000) // min(sends - 512, PIECE_BYTES)) + 1


class Early(Folder):
    """Hands over what stands a byte before the place that was asked for."""

    def _data(self, uid: int, item: str) -> dict[bytes, Any]:
        return super()._data(uid, re.sub(r"<(\d+)", lambda start: f"<{int(start[1]) - 1}", item))


@pytest.mark.parametrize(
    ("kind", "sends"),
    [(Early, 10**9), (Folder, 512), (Folder, 100)],
    ids=["a byte too early", "nothing new", "less than is there"],
)
def test_a_piece_that_does_not_fit_is_not_taken(kind: type[Folder], sends: int) -> None:
    raw = random.Random(4).randbytes(300_000)
    folder = kind({4: raw}, sends)
    with pytest.raises(Misplaced):
        list(fetch_rest(folder, 4, raw[:1000], len(raw)))
    assert fetch_whole(folder, 4) == raw


def test_a_message_that_is_gone_is_not_had_whole_either() -> None:
    with pytest.raises(Expunged):
        fetch_whole(Folder({4: None}), 4)


def test_a_server_may_say_that_a_message_is_larger_than_it_is() -> None:
    folder = Folder({4: b"four"})
    assert b"".join(fetch_rest(folder, 4, b"fo", 1000)) == b"ur"


@pytest.mark.parametrize("messages", [{}, {4: None}], ids=["it is gone", "it is NIL"])
def test_a_message_can_go_while_it_is_fetched(messages: dict[int, Any]) -> None:
    with pytest.raises(Expunged):
        list(fetch_rest(Folder(messages), 4, b"four", 1000))


def test_a_message_that_is_gone_is_not_at_its_end_when_nothing_more_comes_of_it() -> None:
    class Emptied(Folder):
        def search(self, criteria: Sequence[str]) -> list[int]:
            return []

    with pytest.raises(Expunged):
        list(fetch_rest(Emptied({4: b""}), 4, b"four", 1000))


TEXT = (b"TEXT", b"PLAIN", (b"CHARSET", b"utf-8"), None, None, b"7BIT", 1200, 30)
SCAN = (
    b"application", b"pdf", (b"NAME", b"=?utf-8?q?r=C3=A9ponse?=.pdf"), None, None, b"BASE64", 9_000_000, None,
    (b"attachment", (b"FILENAME", b"autre.pdf")), None,
)  # fmt: skip
NAMED = (b"image", b"jpeg", None, None, None, b"BASE64", 5000, None, (b"inline", (b"filename", b"photo.jpg")))
STRUCTURES = [
    ("one part", TEXT, ("text/plain (1200 B)",)),
    ("several", ([TEXT, SCAN], b"MIXED"), ("text/plain (1200 B)", "application/pdf réponse.pdf (9000000 B)")),
    ("one in another", ([([TEXT, NAMED], b"RELATED"), SCAN], b"MIXED"),
     ("text/plain (1200 B)", "image/jpeg photo.jpg (5000 B)", "application/pdf réponse.pdf (9000000 B)")),
    ("nothing", None, ()),
    ("an empty one", (), ()),
    ("nonsense", (b"x",), ("x (0 B)",)),
]  # fmt: skip


@pytest.mark.parametrize(("structure", "lines"), [row[1:] for row in STRUCTURES], ids=[row[0] for row in STRUCTURES])
def test_the_structure_is_told_line_by_line(structure: object, lines: tuple[str, ...]) -> None:
    assert structure_outline(Folder({4: structure}), 4) == lines


def test_a_structure_without_end_is_cut() -> None:
    deep: object = TEXT
    for _ in range(500):
        deep = ([deep], b"MIXED")
    assert structure_outline(Folder({4: deep}), 4) == ()
    assert len(structure_outline(Folder({4: ([TEXT] * 500, b"MIXED")}), 4)) == 200


NAMES = ("Delivered-To", "To")
ADDRESSED = [
    ("plainly", b"To: avis@brest.example\r\n\r\n", []),
    ("with a plus", b"To: Ville <Avis+Parc@Brest.example>\r\n\r\n", ["avis+parc@brest.example"]),
    ("by the header named first", b"To: avis+a@brest.example\r\nDelivered-To: avis+b@brest.example\r\n\r\n",
     ["avis+b@brest.example", "avis+a@brest.example"]),
    ("among others, folded", b"To: x@m.example,\r\n\tavis+parc@brest.example\r\n\r\n", ["avis+parc@brest.example"]),
    ("to another mailbox", b"To: parc+avis@brest.example, avis+parc@quimper.example\r\n\r\n", []),
    ("in a header that is not looked at", b"Subject: avis+parc@brest.example\r\n\r\n", []),
    ("in the text", b"Subject: x\r\n\r\nTo: avis+parc@brest.example\r\n", []),
    ("with bare line ends", b"Subject: x\nTo: avis+parc@brest.example\n\nbonjour", ["avis+parc@brest.example"]),
    ("in something broken", b"\xff\xfe\r\nTo avis+parc@brest.example", []),
]  # fmt: skip


@pytest.mark.parametrize(("head", "found"), [row[1:] for row in ADDRESSED], ids=[row[0] for row in ADDRESSED])
def test_an_address_with_a_plus_is_found(head: bytes, found: list[str]) -> None:
    assert list(plus_addresses(head, "avis@brest.example", NAMES)) == found

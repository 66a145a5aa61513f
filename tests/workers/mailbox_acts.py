"""What people, mail servers and lines do to a mailbox: the acts that the scripts are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.standins.mail_line import Fault
from tests.workers.mailbox_play import Play, letter, sha256

FETCH, PIECE = "BODY.PEEK[]<0.", "BODY.PEEK[]<65025."


def fault_at(at: str, **how: object) -> Callable[[Play], Sequence[Fault]]:
    return lambda _play: [Fault(at, **how)]  # type: ignore[arg-type]


def flag(*flags: bytes) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.add_flags(client.search("ALL"), flags)

    return act


def between(
    act: Callable[[Play], object], at: str = FETCH, nth: int = 1, says: bytes | None = None
) -> Callable[[Play], Sequence[Fault]]:
    return lambda play: [Fault(at, nth=nth, first=lambda: act(play), says=says)]


def move(play: Play, numbers: Sequence[int], there: str, *, back: bool = False) -> None:
    with play.person() as client:
        if not client.folder_exists(there):
            client.create_folder(there)
        uids = client.search("ALL")
        client.move([uids[number] for number in numbers], there)
        if back:
            client.select_folder(there)
            client.move(client.search("ALL"), "INBOX")


def moved_away(play: Play) -> None:
    with play.person() as client:
        served = client.fetch(client.search("ALL")[:1], ["BODY.PEEK[]"])
    play.expected -= {sha256(data[b"BODY[]"]) for data in served.values()}
    move(play, [0], "Lu")


def copy_all(play: Play) -> None:
    with play.person() as client:
        client.copy(client.search("ALL"), "INBOX")


def put(play: Play, raw: bytes, when: object = None, folder: str = "INBOX") -> None:
    with play.person() as client:
        client.append(folder, raw, msg_time=when)
    play.expected.add(sha256(raw))


def rename(old: str, new: str) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.rename_folder(old, new)

    return act


def make(folder: str, subject: str = "dossier") -> Callable[[Play], None]:
    def act(play: Play) -> None:
        with play.person() as client:
            client.create_folder(folder)
        put(play, letter(f"{play.user} {subject}"), folder=folder)

    return act


def remake(folder: str, subject: str) -> Callable[[Play], None]:
    """Delete a folder and make it anew with another mail under the same UID."""

    def act(play: Play) -> None:
        with play.person() as client:
            client.delete_folder(folder)
        make(folder, subject)(play)

    return act


def deliver_all(*raws: bytes | str) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        for raw in raws:
            play.deliver(raw)

    return act


def odd(*raws: bytes) -> Callable[[Play], None]:
    """Mails that a server may hand over otherwise than they were written."""

    def act(play: Play) -> None:
        for raw in raws:
            play.deliver(raw, taken=False)
        play.expect_as_served()

    return act


def then(*acts: Callable[[Play], object]) -> Callable[[Play], None]:
    def act(play: Play) -> None:
        for one in acts:
            one(play)

    return act


def gap(play: Play) -> None:
    """The newest mail is deleted before it was seen, and another comes: its UID is not given again."""
    play.expunge(2)
    play.deliver("after the gap")

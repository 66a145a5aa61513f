"""Whatever people, the mail server or the watcher's own end do to a mailbox, the intakes are exact."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from inbox.models import MailCursor
from inbox.storage import database as inbox_store
from inbox.storage.database import Store
from inbox.storage.media_store import FolderMedia
from tests.standins.dovecot import Dovecot
from tests.standins.mail_line import Fault
from tests.workers.mailbox_acts import FETCH, PIECE, make
from tests.workers.mailbox_people import PEOPLE
from tests.workers.mailbox_play import LARGE, Script, die, letter, sha256, stage, users
from tests.workers.mailbox_server import SERVER
from tests.workers.test_mailbox import pytestmark as pytestmark
from tests.workers.watching import running, until
from workers.watchers import imap_sync, mailbox_watcher
from workers.watchers.imap_sync import SyncedFolder

SCRIPTS = [*PEOPLE, *SERVER]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot(users(len(SCRIPTS) + 44)) as running:
        yield running


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(("number", "script"), list(enumerate(SCRIPTS)), ids=[script.label for script in SCRIPTS])
def test_the_intakes_are_exact(server: Dovecot, mail_store: Store, tmp_path: Path, number: int, script: Script) -> None:
    with stage(server, mail_store, tmp_path, script, number) as play:
        script.run(play)


# --- the watcher is killed --------------------------------------------------------------------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def _dies_before(owner: object, name: str) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(owner, name, lambda *_: die())

    return patch


def _dies_after(owner: object, name: str, times: int = 1) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        really, left = getattr(owner, name), [times]

        def once_more_and_dies(*arguments: object) -> object:
            answer = really(*arguments)
            left[0] -= 1
            if left[0] == 0:
                die()
            return answer

        monkeypatch.setattr(owner, name, once_more_and_dies)

    return patch


KILLED = [
    ("when the folder is open", _dies_after(SyncedFolder, "_opened")),
    ("when it knows what is new", _dies_after(imap_sync, "uids_not_among")),
    ("when a batch is fetched", _dies_after(imap_sync, "fetch_beginnings")),
    ("after the commit of the first beat", _dies_after(Session, "commit", 1)),
    ("when a large mail is on the disk", _dies_after(SyncedFolder, "_stream")),
    ("when a batch is stored and not committed", _dies_after(imap_sync, "ingest_mails")),
    ("when the cursor is moved and not committed", _dies_after(SyncedFolder, "_save", 2)),
    ("before the commit", _dies_before(Session, "commit")),
    ("after the commit of the cursor", _dies_after(Session, "commit", 2)),
    ("after the commit of a batch", _dies_after(Session, "commit", 3)),
    ("after the commit of a large mail", _dies_after(Session, "commit", 4)),
    ("when a large mail's file is sealed", _dies_after(FolderMedia, "put")),
]


@pytest.mark.parametrize(("number", "patch"), [(n, k[1]) for n, k in enumerate(KILLED)], ids=[k[0] for k in KILLED])
def test_the_watcher_is_killed(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, patch: Patch
) -> None:
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + number) as play:
        # Another process, as the watcher is one; it inherits what is patched here.
        with monkeypatch.context() as patched:
            patch(patched)
            child = multiprocessing.get_context("fork").Process(target=play.look)
            child.start()
        child.join(20)
        assert child.exitcode == -9, "it was not killed"
        play.look_until_calm()
        play.check()


# --- the database and the disk ----------------------------------------------------------------------------


def _fails_once(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception, *, done: bool
) -> list[Exception]:
    """The returned list is empty once it has failed."""
    really, left = getattr(owner, name), [error]

    def fails(*arguments: object, **named: object) -> object:
        answer = really(*arguments, **named) if done or not left else None
        if left:
            raise left.pop()
        return answer

    monkeypatch.setattr(owner, name, fails)
    return left


TROUBLE = [
    ("the commit fails", Session, "commit", RuntimeError("the disk is full"), False),
    ("the commit happens and its answer is lost", Session, "commit", RuntimeError("the line was cut"), True),
    ("the disk is full", FolderMedia, "put", OSError(28, "No space left on device"), False),
    ("a file is written and its sync fails", FolderMedia, "put", OSError(5, "Input/output error"), True),
    ("there is no room for a large mail", SyncedFolder, "_stream", OSError(28, "No space left on device"), False),
    ("the rows cannot be inserted", imap_sync, "ingest_mails", RuntimeError("locked"), False),
    ("the rows are inserted and undone", imap_sync, "ingest_mails", RuntimeError("locked"), True),
]


@pytest.mark.usefixtures("no_rest")
@pytest.mark.parametrize(
    ("number", "owner", "name", "error", "done"),
    [(n, *row[1:]) for n, row in enumerate(TROUBLE)],
    ids=[row[0] for row in TROUBLE],
)
def test_the_database_or_the_disk_fails(
    server: Dovecot,
    mail_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    owner: object,
    name: str,
    error: Exception,
    done: bool,
) -> None:
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + len(KILLED) + number) as play:
        # A beat that fails ends nothing; what is to fail comes after it.
        play.watch._beat(now=True)
        still_to_fail = _fails_once(monkeypatch, owner, name, error, done=done)
        play.look_until_calm()
        assert not still_to_fail, "the failure never happened"
        play.check()


def test_a_full_disk_is_said_and_no_mail_is_blamed_for_it(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    class Stop(Exception):
        pass

    def stop(_seconds: float) -> None:
        raise Stop

    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 41) as play:
        with monkeypatch.context() as full:
            full.setattr(SyncedFolder, "_copy", no_room)
            full.setattr(play.watch, "_rest", stop)
            with pytest.raises(Stop):
                play.watch.run()
            told = "is not taken in: the data directory cannot be written: make room on its disk"
            assert (play.watch._problem, play.watch._folders[0]._rests) == (told, {})
        play.look_until_calm()
        play.check()


def test_the_database_is_locked_for_a_while(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_store, "BUSY_SECONDS", 0.1)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with mail_store.write():
            held.set()
            free.wait(10)

    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 25) as play:
        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(10)
        with pytest.raises(inbox_store.StoreBusy):
            play.look()
        free.set()
        holder.join()
        play.look_until_calm()
        play.check()


def test_two_watchers_at_once(server: Dovecot, mail_store: Store, tmp_path: Path) -> None:
    script = Script("", mails=120)
    with stage(server, mail_store, tmp_path, script, len(SCRIPTS) + 26) as play:
        threads = [threading.Thread(target=play.look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        play.look_until_calm()
        play.check()


# --- listening --------------------------------------------------------------------------------------------

LISTENING: list[tuple[str, Fault | None]] = [
    ("nothing goes wrong", None),
    ("it dies in silence", Fault("IDLE", silent=True)),
    ("the line is cut when it begins", Fault("IDLE", cut=True)),
    ("the line is cut when it ends", Fault("DONE", cut=True)),
    ("nobody answers when it ends", Fault("DONE", silent=True)),
    ("the server says goodbye", Fault("IDLE", inject=b"* BYE Disconnected for inactivity.\r\n")),
    ("the server has no time for it", Fault("IDLE", says=b"TAG NO [UNAVAILABLE] Not now\r\n")),
    ("the server does not know it after all", Fault("IDLE", says=b"TAG BAD Unknown command\r\n")),
    ("it begins with nonsense", Fault("IDLE", inject=b"((\xff\r\n")),
]


@pytest.mark.parametrize(
    ("number", "fault"), [(n, row[1]) for n, row in enumerate(LISTENING)], ids=[row[0] for row in LISTENING]
)
def test_it_listens(
    server: Dovecot,
    mail_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    fault: Fault | None,
) -> None:
    monkeypatch.setattr(mailbox_watcher, "SHORTEST_PAUSE", 0.1)
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 27 + number) as play:
        if fault is not None:
            fault.struck = 0
            play.line.faults = [fault]
        with running(play.watch, monkeypatch):
            assert until(lambda: len(play.taken) == 3)
            assert until(lambda: fault is None or fault.struck == 1)
            play.deliver(letter(f"{play.user} heard"))
            assert until(lambda: len(play.taken) == 4), "it was not heard of"
        play.check()


def test_it_hears_of_mail_that_came_between_looking_and_listening(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_watcher, "EVERY_SECONDS", 0.2)
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 43) as play:
        play.watch = play.new_watch(poll_seconds=60)
        # The server searches what there was when the folder was opened; of the mail it tells in that answer alone.
        play.line.faults = [Fault("UID SEARCH", nth=2, first=lambda: play.deliver(letter(f"{play.user} in between")))]
        with running(play.watch, monkeypatch):
            assert until(lambda: len(play.taken) == 4), "it was not heard of"
        play.check()


def test_it_beats_after_each_answer(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    monkeypatch.setattr(mailbox_watcher.MailboxWatcher, "_beat", lambda *_, **__: happened.append("beat"))
    asked = ("LOGIN", "EXAMINE", "UID SEARCH", FETCH, PIECE, "BODY.PEEK[]<99", "LOGOUT")
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 40) as play:
        play.line.faults = [Fault(at, times=100, first=lambda at=at: happened.append(at)) for at in asked]
        play.look()
        play.check()
    # Seven answers at most a minute and a half late each: more than the watchkeeper waits, were it silent meanwhile.
    assert set(asked[:-1]) <= set(happened)
    assert [pair for pair in pairwise(happened) if "beat" not in pair] == []


TO_DO = "Rename it back, change folders, or look into the server’s log"


def test_a_folder_that_is_missing_is_shown_with_what_to_do(server: Dovecot, mail_store: Store, tmp_path: Path) -> None:
    with stage(server, mail_store, tmp_path, Script("", folders=("INBOX", "Absent")), len(SCRIPTS) + 37) as play:
        play.look()
        assert play.watch._problem == f"cannot open or search the folder Absent. {TO_DO}"
        play.check()


def test_a_folder_that_cannot_be_searched_keeps_no_other_folder_from_being_read(
    server: Dovecot, mail_store: Store, tmp_path: Path
) -> None:
    refused = Fault("UID SEARCH", says=b"TAG NO [SERVERBUG] Internal error\r\n", times=0)

    def refuse_the_next() -> None:
        refused.times = refused.struck + 1

    with stage(server, mail_store, tmp_path, Script("", folders=("INBOX", "Avis")), len(SCRIPTS) + 42) as play:
        make("Avis")(play)
        play.expected.remove(in_there := sha256(letter(f"{play.user} dossier")))
        play.line.faults = [Fault('EXAMINE "AVIS"', times=1000, first=refuse_the_next), refused]
        play.look_until_calm()
        assert (refused.struck, play.watch._problem) == (3, f"cannot open or search the folder Avis. {TO_DO}")
        play.check()
        play.line.faults = []
        play.expected.add(in_there)
        play.look_until_calm()
        assert play.watch._problem == ""
        play.check()


def test_what_cannot_be_fetched_is_counted_as_not_taken_in(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_sync, "FIRST_REST", 3600.0)
    with stage(server, mail_store, tmp_path, number=len(SCRIPTS) + 38) as play:
        play.line.faults = [Fault(PIECE, says=b"TAG NO [SERVERBUG] Internal error\r\n", times=1000)]
        play.look()
        with mail_store.read() as session:
            cursor = session.get(MailCursor, (play.account, "INBOX"))
            assert cursor is not None
            assert (len(play.taken), cursor.not_taken_in, cursor.taken) == (2, 1, "1:2")
        play.deliver("after it")
        play.look()
        with mail_store.read() as session:
            cursor = session.get(MailCursor, (play.account, "INBOX"))
            assert cursor is not None
            assert (len(play.taken), cursor.not_taken_in, cursor.taken) == (3, 1, "1:2,4")


def test_a_mail_that_breaks_the_library_keeps_no_other_folder_from_being_read(
    server: Dovecot, mail_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_sync, "FIRST_REST", 3600.0)
    script = Script("", mails=0, folders=("INBOX", "Avis"))
    with stage(server, mail_store, tmp_path, script, len(SCRIPTS) + 39) as play:
        with play.person() as client:
            client.create_folder("Avis")
            client.append("Avis", letter("large", LARGE))
        play.deliver("in another folder")
        nil = b"* 1 FETCH (UID 1 BODYSTRUCTURE NIL)\r\nTAG OK Fetch completed.\r\n"
        play.line.faults = [Fault(PIECE, says=nil, times=1000)]
        play.left = 1
        play.look_until_calm()
        play.check()

"""The mailbox watcher against a real IMAP server: everything is taken in once, whatever the server does."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from pydantic import SecretStr
from sqlalchemy import func, select

from channels.email.imap.imap_folder import MessageBeginning
from config.probe import run_probe
from config.settings.schema import Settings
from config.settings.sections.mail_section import Mailbox
from config.wording.consultation import Addresses, read_consultation
from gateway.mail.imap_auth import TROUBLES, ImapSignIn
from gateway.probes.doctor import all_probes
from inbox.consultations.consultation_versions import import_consultation
from inbox.models import Arrival, Consultation, ConsultationVersion, Heartbeat, Intake, MailCursor, Refusal, Step
from inbox.storage.database import Store
from tests.standins.dovecot import Dovecot, dovecot_program
from tests.workers.watching import Stopped, running, until
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import imap_sync
from workers.watchers.mailbox_watcher import MailboxWatcher

MAIL = "From: Léa <lea@maison.example>\r\nTo: avis@brest.example\r\nSubject: {}\r\n\r\nUn banc, s'il vous plaît.\r\n"


def _dovecot_is_there() -> bool:
    try:
        return bool(dovecot_program())
    except RuntimeError:
        return False


pytestmark = pytest.mark.skipif(not _dovecot_is_there(), reason="Dovecot is not installed")


@dataclass
class Watched:
    server: Dovecot
    settings: Mailbox
    watch: MailboxWatcher
    store: Store

    def take_new(self) -> int:
        with self.watch.sign_in.client() as client:
            return self.watch.take_new(client)

    def deliver(self, subject: str) -> Path:
        return self.server.deliver("avis", MAIL.format(subject).encode())

    def count(self, model: type) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot({"avis": "secret"}) as running:
        yield running


@pytest.fixture
def watched(server: Dovecot, sqlite_store: Store, tmp_path: Path) -> Watched:
    for folder in ("new", "cur"):
        for path in (server.maildir("avis") / folder).iterdir():
            path.unlink()
    settings = Mailbox(
        name="avis@brest.example", host="127.0.0.1", port=server.port, tls="none", user="avis", password="secret"
    )
    watch = MailboxWatcher(WatcherContext(Settings(folder=tmp_path), sqlite_store), settings, "mailbox-1")
    return Watched(server, settings, watch, sqlite_store)


def test_new_mail_is_taken_in_once_and_left_as_it_was(watched: Watched) -> None:
    first = watched.deliver("un")
    watched.deliver("deux")
    assert (watched.take_new(), watched.take_new()) == (2, 0)
    watched.deliver("trois")
    assert watched.take_new() == 1
    assert (watched.count(Intake), watched.count(Arrival), watched.count(Step)) == (3, 3, 3)
    flags = [path.name.partition(":2,")[2] for path in (watched.server.maildir("avis") / "cur").iterdir()]
    assert set(flags) <= {""}, "\\Seen is a person's flag"
    assert first.name in " ".join(path.name for path in watched.server.maildir("avis").rglob("*.standin*"))


def test_the_same_mail_delivered_again_is_the_same_intake(watched: Watched) -> None:
    watched.deliver("un")
    watched.deliver("un")
    assert watched.take_new() == 2
    assert (watched.count(Intake), watched.count(Arrival), watched.count(Step)) == (1, 1, 1)


def test_a_new_uidvalidity_reads_all_again_and_finds_nothing_new(watched: Watched) -> None:
    watched.deliver("un")
    watched.take_new()
    with watched.store.read() as session:
        before = session.scalars(select(MailCursor)).one().uidvalidity
    watched.server.stop()
    watched.server.renumber("avis")
    watched.server.start()
    watched.deliver("deux")
    assert watched.take_new() == 2
    assert watched.count(Intake) == 2
    with watched.store.read() as session:
        assert session.scalars(select(MailCursor)).one().uidvalidity != before


def test_plus_and_folder_say_which_consultation_is_meant(watched: Watched) -> None:
    example = read_consultation(watched.watch.here.settings.consultation_files[0])
    with watched.store.write() as session:
        for slug, mailbox in (("ville", "avis@brest.example"), ("parc", "avis+parc@brest.example")):
            changed = {"slug": slug, "addresses": Addresses(mailboxes=(mailbox,))}
            import_consultation(session, example.model_copy(update=changed))
    with IMAPClient("127.0.0.1", port=watched.server.port, ssl=False) as client:
        client.login("avis", "secret")
        client.create_folder("Jeux")
        client.append("Jeux", MAIL.format("dans un dossier").encode())
    to = "Delivered-To: avis+{}@brest.example\r\n" + MAIL
    for plus in ("parc", "nothing-known"):
        watched.server.deliver("avis", to.format(plus, plus).encode())
    watched.deliver("sans rien")
    folders = {"folders": ("INBOX", "Jeux"), "folder_consultations": {"Jeux": "parc"}}
    watched.watch = MailboxWatcher(watched.watch.here, watched.settings.model_copy(update=folders), "mailbox-1")
    assert watched.take_new() == 4
    with watched.store.read() as session:
        rows = session.execute(
            select(Consultation.slug, Intake.addressed_to)
            .join(ConsultationVersion, ConsultationVersion.consultation_id == Consultation.id)
            .join(Intake, Intake.consultation_version_id == ConsultationVersion.id)
        )
        assert sorted(tuple(row) for row in rows) == [
            ("parc", "avis+parc@brest.example"),
            ("parc", "avis@brest.example"),
            ("ville", "avis@brest.example"),
            ("ville", "avis@brest.example"),
        ]


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_connections_are_encrypted_and_checked(watched: Watched, tls: str) -> None:
    port = watched.server.tls_port if tls == "ssl" else watched.server.port
    trusted = watched.settings.model_copy(update={"tls": tls, "port": port, "ca_file": watched.server.certificate.path})
    with ImapSignIn(trusted, 5).client() as client:
        assert client.folder_exists("INBOX")
    with pytest.raises(TROUBLES), ImapSignIn(trusted.model_copy(update={"ca_file": None}), 5).client():
        pass


@pytest.mark.parametrize(
    "error",
    [IMAPClientError("FETCH failed: internal error"), IMAPClientAbortError("connection lost")],
    ids=["the server refuses one mail", "one mail cuts the line"],
)
def test_one_broken_mail_does_not_silence_the_others(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    watched.deliver("broken on the server")
    watched.deliver("whole")
    really = imap_sync.fetch_beginnings
    with watched.watch.sign_in.client() as client:
        client.select_folder("INBOX", readonly=True)
        broken = min(client.search())

    def server_fails_for_one(client: IMAPClient, uids: Sequence[int], length: int) -> dict[int, MessageBeginning]:
        if broken in uids:
            raise error
        return really(client, uids, length)

    monkeypatch.setattr(imap_sync, "fetch_beginnings", server_fails_for_one)
    monkeypatch.setattr(imap_sync, "FIRST_REST", 0.0)
    for _ in range(imap_sync.COUNTED_AT + 1):
        with contextlib.suppress(IMAPClientError):
            watched.take_new()
    monkeypatch.setattr(imap_sync, "FIRST_REST", 3600.0)
    with contextlib.suppress(IMAPClientError):
        watched.take_new()
    watched.take_new()
    assert watched.count(Intake) == 1
    with watched.store.read() as session:
        refused = session.scalars(select(Refusal)).one()
        assert (refused.door, refused.reason, refused.count) == ("mailbox-1", "mail_not_fetched", 1)
        assert session.scalars(select(MailCursor.not_taken_in)).one() == 1


class Line:
    """The way to the server, which can be cut."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near = self._door.accept()[0]
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(self._to)
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(4096):
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.is_cut = True
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._door.close()


def test_mail_is_heard_of_at_once_and_after_the_line_was_cut(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(watched.server.port)
    watch = MailboxWatcher(watched.watch.here, watched.settings.model_copy(update={"port": line.port}), "mailbox-1")
    with running(watch, monkeypatch), contextlib.closing(line):
        time.sleep(1)
        watched.deliver("while it listens")
        began = time.monotonic()
        assert until(lambda: watched.count(Intake) == 1)
        assert time.monotonic() - began < 5, "polling alone would take a minute"
        line.cut()
        watched.deliver("while the line is cut")
        assert until(lambda: "cannot be read" in note(watched.store))
        assert watched.count(Intake) == 1
        line.is_cut = False
        assert until(lambda: watched.count(Intake) == 2, seconds=20)


def note(store: Store) -> str:
    with store.read() as session:
        row = session.get(Heartbeat, "mailbox-1")
        return row.note if row else ""


def test_mail_that_comes_while_another_is_fetched_does_not_wait_for_the_next_poll(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.deliver("un")
    really, meanwhile = imap_sync.fetch_beginnings, ["deux"]

    def fetched_while_another_comes(
        client: IMAPClient, uids: Sequence[int], length: int
    ) -> dict[int, MessageBeginning]:
        if meanwhile:
            watched.deliver(meanwhile.pop())
        return really(client, uids, length)

    def listens(_client: object) -> None:
        raise Stopped

    monkeypatch.setattr(imap_sync, "fetch_beginnings", fetched_while_another_comes)
    monkeypatch.setattr(watched.watch, "_idle", listens)
    with pytest.raises(Stopped), watched.watch.sign_in.client() as client:
        watched.watch._serve(client)
    assert watched.count(Intake) == 2, "both are there before it listens"


def test_mail_that_comes_during_a_catch_up_does_not_wait_for_its_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = 3 * imap_sync.AT_ONCE
    for number in range(mails):
        watched.deliver(f"backlog {number}")
    really = imap_sync.fetch_beginnings
    batches: list[list[int]] = []
    told: list[str] = []

    def another_comes(client: IMAPClient, uids: Sequence[int], length: int) -> dict[int, MessageBeginning]:
        if not batches:
            watched.deliver("meanwhile")
        batches.append(list(uids))
        told.append(watched.watch._folders[0].progress)
        return really(client, uids, length)

    monkeypatch.setattr(imap_sync, "fetch_beginnings", another_comes)
    monkeypatch.setattr(imap_sync, "LOOK_SECONDS", 0.0)
    with watched.watch.sign_in.client() as client:
        while watched.watch.take_new(client):
            pass
        uids = sorted(client.search("ALL"))
    backlog, meanwhile = uids[:-1], uids[-1]
    assert batches[0] == backlog[: imap_sync.AT_ONCE], "oldest first"
    assert meanwhile in batches[1], "the one that came meanwhile has a place in the next batch"
    assert [uid for batch in batches for uid in batch if uid != meanwhile] == backlog
    # How many there are is known anew with each look.
    assert told == ["", *(f"catching up: INBOX {done}" for done in ("50 / 150", "100 / 151", "150 / 151"))]
    assert watched.watch._folders[0].progress == ""
    assert watched.count(Intake) == mails + 1


def test_what_was_left_in_a_folder_that_is_named_no_longer_is_not_counted(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched.store.write() as session:
        for account, folder in ((watched.settings.name, "Ancien"), ("autre@brest.example", "Ancien")):
            session.add(MailCursor(account=account, folder=folder, uidvalidity=1, taken="1:3", not_taken_in=5))

    def stop(_client: object) -> None:
        raise Stopped

    monkeypatch.setattr(watched.watch, "_serve", stop)
    monkeypatch.setattr(watched.watch, "_rest", stop)
    with pytest.raises(Stopped):
        watched.watch.run()
    with watched.store.read() as session:
        left = session.execute(select(MailCursor.account, MailCursor.taken, MailCursor.not_taken_in)).all()
    assert sorted(map(tuple, left)) == [("autre@brest.example", "1:3", 5), (watched.settings.name, "1:3", 0)]


def test_the_doctor_counts_what_is_not_taken_in(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(**changed: object) -> tuple[bool, str]:
        mailbox = watched.settings.model_copy(update=changed)
        settings = Settings(
            folder=watched.watch.here.settings.folder,
            database_url=watched.store.engine.url.render_as_string(hide_password=False),
            mailboxes=(mailbox,),
        )
        (probe,) = (one for one in all_probes(settings, lambda: watched.store) if one.name.startswith("mailbox"))
        result = run_probe(probe)
        return result.ok, result.version or result.problem

    assert found() == (True, "INBOX there, with IDLE, not looked into yet")
    watched.deliver("un")
    watched.deliver("deux")
    monkeypatch.setattr(imap_sync, "AT_ONCE", 1)
    monkeypatch.setattr(imap_sync, "LOOK_SECONDS", 0.0)
    watched.take_new()
    assert found() == (True, "INBOX there, with IDLE, 1 on the server and not taken in")
    watched.take_new()
    assert found() == (True, "INBOX there, with IDLE, 0 on the server and not taken in")
    assert found(folders=("INBOX", "Absent")) == (False, "there is no folder Absent")
    with watched.store.write() as session:
        left = MailCursor(account=watched.settings.name, folder="Ancien", uidvalidity=1, taken="1:3", not_taken_in=5)
        session.add(left)
    assert found() == (True, "INBOX there, with IDLE, 0 on the server and not taken in")
    wrong = found(password=SecretStr("geheim"))
    assert wrong == (False, "it refuses the sign-in: check user and password, or oauth2")

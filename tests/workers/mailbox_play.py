"""A mailbox, its watcher and the line between them, and the scripts that are played to them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import func, select

from config.settings.schema import Settings
from config.settings.sections.limits_section import Limits
from config.settings.sections.mail_section import Mailbox
from gateway.mail.imap_auth import ImapSignIn
from inbox.models import Arrival, Intake, MailCursor
from inbox.storage.database import Store
from tests.standins.dovecot import Dovecot
from tests.standins.mail_line import Fault, MailLine
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.mailbox_watcher import MailboxWatcher

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 0.4
LARGE = 100_000
"""Bytes of a mail that is fetched in pieces."""


def letter(subject: str, size: int = 0, head: str = "") -> bytes:
    """A mail; longer than ``size`` bytes by its head."""
    text = f"From: Léa <lea@maison.example>\r\nTo: avis@brest.example\r\n{head}Subject: {subject}\r\n\r\nUn banc.\r\n"
    return text.encode() + b"Il manque un banc, rue de Siam.\r\n" * (size // 33)


@dataclass
class Play:
    """One mailbox with its watcher, the line between them, and somebody who uses the mailbox too."""

    server: Dovecot
    user: str
    store: Store
    folder: Path
    line: MailLine
    mails: int = 3
    """How many lie there at the beginning; the last one is large."""
    folders: tuple[str, ...] = ("INBOX",)
    limit_mb: int = 60
    expected: set[str] = field(default_factory=set)
    left: int = 0
    """How many are on the server and not taken in at the end."""

    def __post_init__(self) -> None:
        self.watch = self.new_watch()
        for number in range(self.mails):
            self.deliver(letter(f"{self.user} {number}", LARGE if number == self.mails - 1 else 0))

    @property
    def account(self) -> str:
        return f"{self.user}@brest.example"

    def new_watch(self, **changed: object) -> MailboxWatcher:
        """A watcher as after a restart."""
        mailbox = Mailbox(
            name=self.account, host="127.0.0.1", port=self.line.port, tls="none", user=self.user, password="secret",
            folders=self.folders, poll_seconds=1,
        ).model_copy(update=changed)  # fmt: skip
        settings = Settings(folder=self.folder, limits=Limits(mail_mb=self.limit_mb))
        watch = MailboxWatcher(WatcherContext(settings, self.store), mailbox, "mailbox-1")
        watch.sign_in = ImapSignIn(mailbox, CONNECT_SECONDS, ANSWER_SECONDS, watch._beat)
        return watch

    # --- the mailbox ---

    def deliver(self, raw: bytes | str, *, taken: bool = True) -> bytes:
        """A mail comes in; ``taken`` when an intake is to come of it."""
        raw = raw if isinstance(raw, bytes) else letter(raw)
        self.server.deliver(self.user, raw)
        if taken:
            self.expected.add(sha256(raw))
        return raw

    @contextlib.contextmanager
    def person(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Somebody's own mail program, not over the line."""
        with IMAPClient("127.0.0.1", port=self.server.port, ssl=False, timeout=10) as client:
            client.login(self.user, "secret")
            client.select_folder(folder)
            yield client

    def expunge(self, *numbers: int) -> None:
        """Delete mails for good, by their place in the inbox; those that were not taken in yet are not expected."""
        with self.person() as client:
            uids = [client.search("ALL")[number] for number in numbers]
            for data in client.fetch(uids, ["BODY.PEEK[]"]).values():
                self.expected.discard(sha256(data[b"BODY[]"]))
            client.delete_messages(uids)
            client.expunge(uids)

    def expect_as_served(self) -> None:
        """Every mail now in the inbox is expected, as a bare mail program gets it."""
        with self.person() as client:
            served = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
            self.expected = {sha256(data[b"BODY[]"]) for data in served.values()}

    def kill_server(self) -> None:
        """Kill Dovecot and all its processes, and start it again."""
        self.server.kill()
        self.server.start()

    def renumber(self) -> None:
        """The inbox comes back under another UIDVALIDITY."""
        self.server.stop()
        self.server.renumber(self.user)
        self.server.start()

    # --- the watcher ---

    def look(self) -> None:
        """One connection of the watcher, until nothing is left."""
        with self.watch.sign_in.client() as client:
            while self.watch.take_new(client):
                pass

    def look_until_calm(self, most: int = 14) -> None:
        """Connect again and again, with growing pauses as ``run`` does, until two connections in a row were whole."""
        calm, pause = 0, 0.01
        for _ in range(most):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - whatever it is, ``run`` goes on too
                calm = 0
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                calm += 1
                if calm == 2:
                    return
        raise AssertionError("it never came to an end")

    # --- what came of it ---

    @property
    def taken(self) -> Counter[str]:
        """The intakes by identity."""
        with self.store.read() as session:
            return Counter(session.scalars(select(Intake.external_id).where(Intake.account == self.account)))

    def check(self) -> None:
        """The intakes are exactly those expected, each with one arrival, and nothing is left on the server."""
        assert self.taken == Counter(self.expected)
        with self.store.read() as session:
            arrivals = session.scalar(
                select(func.count()).select_from(Arrival).join(Intake).where(Intake.account == self.account)
            )
            left = session.scalar(select(func.sum(MailCursor.not_taken_in)).where(MailCursor.account == self.account))
        assert (arrivals, left) == (len(self.expected), self.left)


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def cut_identity(raw: bytes) -> str:
    """The identity of a mail over the limit: its beginning of 65,537 bytes, and its size."""
    return sha256(raw[:65_537] + b"\0" + str(len(raw)).encode())


@dataclass(frozen=True)
class Script:
    """What happens: to the line (``faults``), before the watcher first looks, and after it came to rest."""

    label: str
    faults: Callable[[Play], Sequence[Fault]] = lambda _play: ()
    before: Callable[[Play], object] = lambda _play: None
    after: Callable[[Play], object] | None = None
    mails: int = 3
    folders: tuple[str, ...] = ("INBOX",)
    limit_mb: int = 60

    def run(self, play: Play) -> None:
        """Play it and check what came of it."""
        self.before(play)
        play.line.faults = list(self.faults(play))
        play.look_until_calm()
        if self.after is not None:
            self.after(play)
            play.look_until_calm()
        play.check()
        assert all(fault.struck for fault in play.line.faults), "the fault never happened"


def die() -> None:
    """As ``kill -9`` would end this process."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def stage(server: Dovecot, store: Store, folder: Path, script: Script | None = None, number: int = 0) -> Iterator[Play]:
    """A mailbox of its own for one script."""
    script = script or Script("")
    with MailLine(server.port) as line:
        yield Play(
            server,
            f"u{number:03}",
            store,
            folder,
            line,
            mails=script.mails,
            folders=script.folders,
            limit_mb=script.limit_mb,
        )


def users(scripts: int) -> dict[str, str]:
    """A mailbox for each script."""
    return {f"u{number:03}": "secret" for number in range(scripts)}

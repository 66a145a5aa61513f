"""Watches one mailbox: IDLE to hear of mail at once, polling behind it because IDLE can hang in silence.

Nothing is flagged, moved or deleted: ``\\Seen`` is a person's flag. What has been taken in is
known by (account, SHA-256 of the raw mail); the cursor only saves fetching everything each
time, and moves in the same transaction that stores the mail. A new UIDVALIDITY means reading
the folder from its beginning, and finds nothing new in it.
"""

import hashlib
import logging
import ssl
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from sqlalchemy.orm import Session

from channels.email.mailbox import fetch_raw, new_uids
from config.sections import Mailbox
from gateway.doors import take_in_mail
from inbox.models import MailCursor
from inbox.refusals import count_refusal
from workers import process
from workers.context import Context, context_of
from workers.heartbeats import EVERY_SECONDS, beat
from workers.processes import mailbox_process

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
ANSWER_SECONDS = 60
"""How long the server may take for one answer."""
PATIENCE = 3
"""How often one mail may fail to be fetched before it is passed over."""
TROUBLES = (IMAPClientError, OSError, ssl.SSLError)
"""What a server or the way to it can do to us; IMAPClient's errors are imaplib's own."""

log = logging.getLogger(__name__)


class MailboxWatch:
    """One mailbox."""

    def __init__(self, here: Context, mailbox: Mailbox, name: str) -> None:
        self.here = here
        self._mailbox = mailbox
        self._name = name
        self._next_beat = 0.0
        self._problem = ""
        self._failures: Counter[tuple[int, int]] = Counter()
        """How often the server failed to hand over a mail, by UIDVALIDITY and UID."""

    def run(self) -> None:
        """Watch for ever; what goes wrong with the server is noted, and tried again with growing pauses."""
        pause = SHORTEST_PAUSE
        while True:
            started = time.monotonic()
            try:
                with connected(self._mailbox, self.here.settings.limits.connect_seconds) as client:
                    self._serve(client)
            except TROUBLES as error:
                if time.monotonic() - started > LONGEST_PAUSE:
                    pause = SHORTEST_PAUSE
                # The server's own words may name the mailbox.
                self._problem = f"cannot be read ({type(error).__name__}): check host, user and password"
                self._beat(now=True)
                log.warning("%s: %s, trying again in %.0f s", self._name, type(error).__name__, pause)
                self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _serve(self, client: IMAPClient) -> None:
        can_idle = client.has_capability("IDLE")
        while True:
            # Of mail that came during the last fetch the server has told in its answer, and IDLE will not repeat it.
            while self.take_new(client):
                pass
            self._problem = ""
            self._beat()
            if can_idle:
                self._idle(client)
            else:
                self._rest(self._mailbox.poll_seconds)
                client.noop()

    def take_new(self, client: IMAPClient) -> int:
        """Take in every mail behind the cursor, each in a transaction of its own; how many there were."""
        # Opening anew is the one sure way to hear of a changed UIDVALIDITY, and of mail that IDLE kept to itself;
        # for reading only, because flags and moving are people's.
        opened = client.select_folder(self._mailbox.folder, readonly=True)
        validity = int(opened[b"UIDVALIDITY"])
        taken = 0
        for uid in new_uids(client, self._last_uid(validity)):
            raw = self._fetch(client, validity, uid)
            with self.here.store.write() as session:
                if raw is not None:
                    self._take(session, raw)
                    taken += 1
                self._move_cursor(session, validity, uid)
            self._beat()
        return taken

    def _last_uid(self, validity: int) -> int:
        with self.here.store.read() as session:
            cursor = session.get(MailCursor, (self._mailbox.name, self._mailbox.folder))
            return cursor.last_uid if cursor is not None and cursor.uidvalidity == validity else 0

    def _fetch(self, client: IMAPClient, validity: int, uid: int) -> bytes | None:
        """The raw mail; None when it is gone, or when the server has failed to hand it over again and again."""
        try:
            return fetch_raw(client, uid)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            # The server answered, and said no: not the way to it, but this mail is at fault.
            key = (validity, uid)
            self._failures[key] += 1
            if self._failures[key] < PATIENCE:
                raise
            # One broken mail must not keep all that follow from being heard; the status page shows the count.
            with self.here.store.write() as session:
                count_refusal(session, self._name, "mail_not_fetched")
                self._move_cursor(session, validity, uid)
            log.error("%s: mail %d cannot be fetched and is passed over: look at it in the mailbox", self._name, uid)
            raise

    def _take(self, session: Session, raw: bytes) -> None:
        accepted = take_in_mail(
            session,
            account=self._mailbox.name,
            raw=raw,
            digest=hashlib.sha256(raw).hexdigest(),
            addressed_to=self._mailbox.name,
        )
        log.info(
            "%s: intake %d%s", self._name, accepted.intake_id, "" if accepted.is_new else ", which was there already"
        )

    def _move_cursor(self, session: Session, validity: int, uid: int) -> None:
        cursor = session.get(MailCursor, (self._mailbox.name, self._mailbox.folder))
        if cursor is None:
            cursor = MailCursor(account=self._mailbox.name, folder=self._mailbox.folder, uidvalidity=0, last_uid=0)
            session.add(cursor)
        cursor.uidvalidity = validity
        cursor.last_uid = uid

    def _idle(self, client: IMAPClient) -> None:
        """Listen until something is said, or for as long as polling behind it allows."""
        client.idle()
        until = time.monotonic() + min(self._mailbox.poll_seconds, self._mailbox.idle_seconds)
        try:
            while (left := until - time.monotonic()) > 0:
                asked = time.monotonic()
                said = client.idle_check(timeout=min(left, EVERY_SECONDS))
                self._beat()
                if any(b"EXISTS" in line or b"BYE" in line for line in said):
                    break
                if not said and time.monotonic() - asked < min(left, EVERY_SECONDS) / 2:
                    # Readable, yet nothing was said: the other end has closed the connection (imapclient#449).
                    break
        finally:
            client.idle_done()

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, EVERY_SECONDS))
            self._beat()

    def _beat(self, *, now: bool = False) -> None:
        if now or time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + EVERY_SECONDS
            with self.here.store.write() as session:
                beat(session, self._name, self._problem)


@contextmanager
def connected(mailbox: Mailbox, connect_seconds: float) -> Iterator[IMAPClient]:
    """A signed-in connection; raises one of ``TROUBLES``."""
    tls = ssl.create_default_context(cafile=str(mailbox.ca_file) if mailbox.ca_file else None)
    client = IMAPClient(
        mailbox.host,
        port=mailbox.port,
        ssl=mailbox.tls == "ssl",
        ssl_context=tls if mailbox.tls == "ssl" else None,
        timeout=SocketTimeout(connect=connect_seconds, read=ANSWER_SECONDS),
    )
    try:
        if mailbox.tls == "starttls":
            client.starttls(tls)
        client.login(mailbox.user, mailbox.password.get_secret_value())
        yield client
    finally:
        client.shutdown()


if __name__ == "__main__":
    settings = process.begin()
    chosen = int(sys.argv[1])
    MailboxWatch(context_of(settings), settings.mailboxes[chosen], mailbox_process(chosen)).run()

"""Watches one mailbox: IDLE to hear of mail at once, polling behind it because IDLE can hang in silence."""

import logging
import time

from imapclient import IMAPClient

from config.settings.sections.mail_section import Mailbox
from gateway.mail.imap_auth import TROUBLES, ImapSignIn, imap_error_remedy
from inbox.records import mail_cursors
from inbox.storage.disk_errors import cannot_be_written
from workers.runtime.backoff import exponential_delay
from workers.runtime.heartbeats import EVERY_SECONDS, try_record_heartbeat
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.imap_sync import SyncedFolder

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
_MOST_LOOKS = 5
"""In a row, for nothing: a server may say each time that the next mail is to have another UID."""

log = logging.getLogger(__name__)


class MailboxWatcher:
    """One mailbox."""

    def __init__(self, here: WatcherContext, mailbox: Mailbox, name: str) -> None:
        self.here = here
        self._mailbox = mailbox
        self._name = name
        self._next_beat = 0.0
        self._problem = ""
        self.sign_in = ImapSignIn(mailbox, here.settings.limits.connect_seconds, answered=self._beat, store=here.store)
        # The first folder is looked into last, because it stays open, and IDLE tells of the open folder alone.
        self._folders = [SyncedFolder(here, mailbox, one, name, self._beat) for one in reversed(mailbox.folders)]

    def run(self) -> None:
        """Watch for ever; what goes wrong with the server is noted, and tried again with growing pauses."""
        self._forget_other_folders()
        failures = 0
        while True:
            started = time.monotonic()
            try:
                with self.sign_in.client() as client:
                    self._serve(client)
            except TROUBLES as error:
                self._problem = _told(error)
                log.warning("%s: %s", self._name, type(error).__name__)
            except Exception as error:
                # A server's nonsense can break the library anywhere, and the database can be busy: nothing is lost.
                self._problem = _told(error)
                log.exception("%s: unforeseen", self._name)
            if time.monotonic() - started > LONGEST_PAUSE:
                failures = 0
            self._beat(now=True)
            self._rest(exponential_delay(SHORTEST_PAUSE, failures, LONGEST_PAUSE))
            failures += 1

    def _forget_other_folders(self) -> None:
        """What was left in a folder that the settings name no longer is not waiting for us any more.

        Its cursor stays: named again, it goes on from there.
        """
        with self.here.store.write() as session:
            mail_cursors.forget_other_folders(session, self._mailbox.name, self._mailbox.folders)

    def _serve(self, client: IMAPClient) -> None:
        can_idle = client.has_capability("IDLE")
        while True:
            self._take_all(client)
            self._beat()
            if can_idle and not self._folders[-1].is_shut:
                self._idle(client)
            else:
                self._rest(self._mailbox.poll_seconds)
                client.noop()

    def _take_all(self, client: IMAPClient) -> None:
        """Leave nothing, also of what the server has told in an answer to something else, and IDLE will not repeat."""
        for _ in range(_MOST_LOOKS):
            while self.take_new(client):
                pass
            if not self._folders[-1].has_grown(client):
                return

    def take_new(self, client: IMAPClient) -> int:
        """Look into every folder once and take in what is there, for a few seconds each at most; how many mails."""
        taken = sum(folder.take_some(client) for folder in self._folders)
        shut = [folder.name for folder in self._folders if folder.is_shut]
        # The name is said, for without it nobody knows what to put right; it is the town's own.
        remedy = "Rename it back, change folders, or look into the server’s log"
        self._problem = f"cannot open or search the folder {', '.join(shut)}. {remedy}" if shut else ""
        return taken

    def _idle(self, client: IMAPClient) -> None:
        """Listen until something is said, or for as long as polling behind it allows."""
        client.idle()
        until = time.monotonic() + min(self._mailbox.poll_seconds, self._mailbox.idle_seconds)
        try:
            while (left := until - time.monotonic()) > 0:
                asked = time.monotonic()
                said = client.idle_check(timeout=min(left, EVERY_SECONDS))
                self._beat()
                if any(b"EXISTS" in line or b"BYE" in line for line in said if isinstance(line, tuple)):
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
            note = " · ".join(filter(None, [self._problem, *(folder.progress for folder in self._folders)]))
            try_record_heartbeat(self.here.store, self._name, note)


def _told(error: Exception) -> str:
    return f"{'is not taken in' if cannot_be_written(error) else 'cannot be read'}: {imap_error_remedy(error)}"

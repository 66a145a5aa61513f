"""Takes in one folder of a mailbox: what is on the server and not taken in, oldest first, in batches.

Nothing is flagged, moved or deleted: ``\\Seen`` is a person's flag. What has been taken in is
known by (account, SHA-256 of the raw mail); the cursor only saves fetching everything each
time, and moves in the same transaction that stores the mails. A new UIDVALIDITY means reading
the folder from its beginning, and finds nothing new in it.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from channels.email.classify.recipient import plus_addresses
from channels.email.imap.body_structure import structure_outline
from channels.email.imap.imap_folder import (
    Expunged,
    MessageBeginning,
    Misplaced,
    fetch_beginnings,
    fetch_rest,
    fetch_whole,
    uids_not_among,
)
from channels.email.imap.uids import UidSet
from config.enums import Channel
from config.settings.sections.mail_section import Mailbox
from gateway.ingest.ingest import RawMail, ingest_mails
from gateway.intake.raw_messages import arrival_begins_with
from gateway.intake.sealed_originals import INLINE_BYTES
from gateway.intake.truncated_mail import TruncatedMail
from inbox.consultations import consultation_versions
from inbox.models import MailCursor
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup
from inbox.records.rejections import count_refusal
from inbox.storage.disk_errors import cannot_be_written
from inbox.storage.unit_of_work import Session
from workers.runtime.backoff import exponential_delay
from workers.runtime.precedence import WriteSize
from workers.runtime.watcher_context import WatcherContext

AT_ONCE = 50
"""Mails fetched with one request, and committed together where that is quick."""
FEWEST_WRITTEN = 5
"""So many are committed together at least."""
RECENT_SHARE = 25
"""Places in a batch for mail that came after a catch-up began, so that it does not wait for the end of a long one."""
LOOK_SECONDS = 5.0
"""After this long the folder is looked into anew, and the mailbox's other folders get their turn."""
FIRST_REST, LONGEST_REST = 5.0, 3600.0
"""Seconds for which a mail rests that the server failed to hand over: at first, and at most."""
COUNTED_AT = 3
"""The failure of one mail that is counted where people look."""
_BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]")
"""RFC 5530: what is wrong with the server, not with what was asked."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass
class _Rest:
    """How often one mail could not be fetched, and until when it is left alone (monotonic seconds)."""

    failures: int = 0
    until: float = 0.0


@dataclass(frozen=True)
class _Fetched:
    """A mail as it was fetched."""

    began: MessageBeginning
    raw: bytes | Path
    digest: str
    of_beginning: str | None = None
    """The identity it would have been given over the limit; None for one that was given it, or never could be."""
    cut: TruncatedMail | None = None


@dataclass
class _Look:
    """What a look into the folder found."""

    validity: int
    taken: UidSet
    left: set[int]
    """On the server and not taken in."""


@dataclass
class SyncedFolder:
    """One folder of a mailbox."""

    here: WatcherContext
    mailbox: Mailbox
    name: str
    process: str
    """The watcher's name, for logs and counts."""
    beat: Callable[[], None]
    progress: str = ""
    """How far a catch-up has come; empty when there is none."""
    is_shut: bool = False
    """Whether the server would not open or search it: there is no such folder, it is not ours to read, or damaged."""
    _rests: dict[tuple[int, int], _Rest] = field(default_factory=dict)
    _write_size: WriteSize = field(default_factory=lambda: WriteSize(AT_ONCE, FEWEST_WRITTEN), repr=False)
    _one_by_one: int = 0
    """So many mails are fetched one by one, because a batch of them cut the connection."""
    _began_at: int | None = None
    """The highest UID there was when the catch-up began."""
    _caught_up: int = 0
    _uid_next: int = 0
    """The UID that the next mail was to have when the folder was last looked into, 0 where the server does not say."""

    def take_some(self, client: IMAPClient) -> int:
        """Take in what is there, for a few seconds at most; how many mails. Raises one of ``TROUBLES``."""
        look = self._unless_refused(lambda: self._look(client))
        if look is None:
            return 0
        until = time.monotonic() + LOOK_SECONDS
        taken = 0
        for batch in self._batches(look):
            taken += self._take_batch(client, look, batch)
            self._tell_progress(look)
            self.beat()
            if time.monotonic() > until:
                break
        return taken

    def has_grown(self, client: IMAPClient) -> bool:
        """Whether mail came while it was looked into; opened anew, IDLE tells of all that comes from now on."""
        opened = self._unless_refused(lambda: self._opened(client))
        return opened is not None and int(opened.get(b"UIDNEXT", 0)) != self._uid_next

    # --- looking ---

    def _unless_refused(self, ask: Callable[[], T]) -> T | None:
        """What the server says; None when it refuses to: people rename and remove folders."""
        answer = None
        try:
            answer = ask()
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            if any(code in str(error) for code in _BUSY):
                raise
            log.warning("%s: a folder cannot be opened or searched", self.process)
        self.is_shut = answer is None
        return answer

    def _look(self, client: IMAPClient) -> _Look:
        opened = self._opened(client)
        validity, self._uid_next = int(opened[b"UIDVALIDITY"]), int(opened.get(b"UIDNEXT", 0))
        with self.here.store.read() as session:
            cursor = session.get(MailCursor, (self.mailbox.name, self.name))
            taken = UidSet.parse(cursor.taken) if cursor is not None and cursor.uidvalidity == validity else UidSet()
        look = _Look(validity, taken, set(uids_not_among(client, taken, self._uid_next, self.beat)))
        with self.here.store.write() as session:
            self._save(session, look)
        for key in [key for key in self._rests if key[0] != validity or key[1] not in look.left]:
            del self._rests[key]
        return look

    def _opened(self, client: IMAPClient) -> dict[bytes, int]:
        """What the server says of the folder."""
        # Opening anew is the one sure way to hear of a changed UIDVALIDITY, and of mail that IDLE kept to itself;
        # for reading only, because flags and moving are people's.
        opened: dict[bytes, int] = client.select_folder(self.name, readonly=True)
        self.beat()
        return opened

    def _batches(self, look: _Look) -> Iterator[list[int]]:
        now = time.monotonic()
        rest = [uid for uid in sorted(look.left) if self._rest(look, uid).until <= now]
        if not rest:
            self._began_at, self._caught_up = None, 0
        elif self._began_at is None:
            self._began_at = rest[-1]
        began_at = self._began_at or 0
        old = [uid for uid in rest if uid <= began_at]
        recent = [uid for uid in rest if uid > began_at]
        while old or recent:
            size = 1 if self._one_by_one else AT_ONCE
            share = max(1, min(RECENT_SHARE, size)) if old else size
            batch = recent[:share]
            batch = old[: size - len(batch)] + batch
            yield batch
            done = set(batch)
            old, recent = [u for u in old if u not in done], [u for u in recent if u not in done]

    def _rest(self, look: _Look, uid: int) -> _Rest:
        return self._rests.get((look.validity, uid), _Rest())

    def _tell_progress(self, look: _Look) -> None:
        whole = self._caught_up + len(look.left)
        if whole <= AT_ONCE:
            self.progress = ""
            return
        self.progress = f"catching up: {self.name} {self._caught_up:,} / {whole:,}" if look.left else ""
        log.info("%s: catching up, %d of %d", self.process, self._caught_up, whole)

    # --- fetching ---

    def _take_batch(self, client: IMAPClient, look: _Look, batch: Sequence[int]) -> int:
        """Fetch and store some mails; how many. What was stored before something goes wrong stays stored."""
        started = self._asked(look, batch, lambda: fetch_beginnings(client, batch, INLINE_BYTES + 1))
        if started is None:
            # The server answered, and said no: not the way to it, but one of these mails is at fault.
            return sum(self._take_batch(client, look, [uid]) for uid in batch) if len(batch) > 1 else 0
        self.beat()
        small = {uid: one for uid, one in started.items() if one.is_whole and len(one.raw) <= INLINE_BYTES}
        if small:
            self._store(look, {uid: _Fetched(one, one.raw, _sha256(one.raw)) for uid, one in small.items()})
        taken = len(small)
        for uid in [uid for uid in started if uid not in small]:
            taken += self._take_large(client, look, uid, started.pop(uid))
        self._one_by_one = max(0, self._one_by_one - len(batch))
        return taken

    def _take_large(self, client: IMAPClient, look: _Look, uid: int, beginning: MessageBeginning) -> int:
        """Stream one mail to disk and store it; 1, or 0 when it could not be fetched."""
        with tempfile.NamedTemporaryFile(dir=self.here.work_dir, prefix="mail-") as file:
            fetched = self._asked(look, [uid], lambda: self._stream(client, uid, beginning, file))
            if fetched is None:
                return 0
            self._store(look, {uid: fetched})
        return 1

    def _stream(self, client: IMAPClient, uid: int, began: MessageBeginning, file: IO[bytes]) -> _Fetched | None:
        beginning, size = began.raw, began.size
        try:
            # Raised limits and a new UIDVALIDITY bring a mail whole whose beginning is here: it must be known again.
            of_beginning = _sha256(beginning, b"\0", str(size).encode())
            if self._copy(client, uid, beginning, size, file):
                file.flush()
                return _Fetched(began, Path(file.name), _digest_of(file), of_beginning)
            cut = TruncatedMail(size, self._outline(client, uid))
        except Expunged:
            return None
        log.warning("%s: a mail of %d MB is over the limit: its beginning is kept", self.process, size // 1_000_000)
        return _Fetched(began, beginning, of_beginning, cut=cut)

    def _outline(self, client: IMAPClient, uid: int) -> tuple[str, ...]:
        """The parts of a mail over the limit; none where the server says nothing that can be read."""
        try:
            return structure_outline(client, uid)
        except (IMAPClientAbortError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever breaks on what the server says of it
            # It is shown beside the mail's beginning: NIL, a refusal, or one nested too deep must not keep that away.
            log.warning("%s: a mail's structure cannot be read (%s)", self.process, type(error).__name__)
            return ()

    def _copy(self, client: IMAPClient, uid: int, beginning: bytes, size: int, file: IO[bytes]) -> bool:
        """Write a whole mail into a file; False when it is larger than the limit, whatever the server says."""
        most = self.here.settings.limits.mail_bytes
        if size > most:
            return False
        length = file.write(beginning)
        try:
            for piece in fetch_rest(client, uid, beginning, size):
                length += file.write(piece)
                if length > most:
                    return False
                self.beat()
        except Misplaced:
            log.warning("%s: the server gives out wrong pieces of a mail: it is fetched whole", self.process)
            file.seek(0)
            file.truncate()
            return file.write(fetch_whole(client, uid)) <= most
        return True

    def _asked(self, look: _Look, uids: Sequence[int], fetch: Callable[[], T | None]) -> T | None:
        """What was fetched; None when the server refuses, or when it is gone. Raises when the way to it is bad."""
        try:
            return fetch()
        except IMAPClientAbortError:
            self._blame(look, uids)
            raise
        except IMAPClientError as error:
            if any(code in str(error) for code in _BUSY):
                raise
            if len(uids) == 1:
                self._blame(look, uids)
            return None
        except Exception as error:
            if cannot_be_written(error):
                raise
            # The line is bad, or the answer breaks the library, as a structure that is NIL does, or nested too deep.
            self._blame(look, uids)
            raise

    def _blame(self, look: _Look, uids: Sequence[int]) -> None:
        """Fetch these one by one, or leave a single one alone for a while: it must not keep others from being heard."""
        if len(uids) > 1:
            self._one_by_one = len(uids)
            return
        rest = self._rests.setdefault((look.validity, uids[0]), _Rest())
        rest.failures += 1
        rest.until = time.monotonic() + exponential_delay(FIRST_REST, rest.failures - 1, LONGEST_REST)
        if rest.failures == COUNTED_AT:
            with self.here.store.write() as session:
                count_refusal(session, self.process, "mail_not_fetched")
            log.error("%s: mail %d cannot be fetched: look at it in the mailbox", self.process, uids[0])

    # --- storing ---

    def _store(self, look: _Look, fetched: Mapping[int, _Fetched]) -> None:
        """Commit mails and the cursor behind them together, as many at a time as make a short write."""
        mails = sorted(fetched.items())
        while mails:
            some, mails = mails[: self._write_size.count], mails[self._write_size.count :]
            self._store_some(look, dict(some))

    def _store_some(self, look: _Look, fetched: Mapping[int, _Fetched]) -> None:
        mails = self._made_ready(list(fetched.values()))
        with self.here.store.write() as session, self._write_size.timed(len(fetched)):
            accepted = ingest_mails(session, mails)
            look.left -= fetched.keys()
            look.taken = UidSet.up_to(max(look.taken.highest, *fetched), but=look.left)
            self._save(session, look)
        self._caught_up += len(fetched)
        new = sum(one.is_new for one in accepted)
        log.info("%s: %d mails taken in, %d were there already", self.process, new, len(fetched) - new)

    def _made_ready(self, fetched: Sequence[_Fetched]) -> list[RawMail]:
        """Those not taken in before, looked at and sealed: inside the write there is nothing but SQL.

        Nobody else takes mail in from this mailbox, so what is known before the write is known in it.
        """
        named = [self._named_in(one.began.raw) for one in fetched]
        with self.here.store.read() as session:
            meant = self._meant(session, {address for several in named for address in several})
            mails = [
                self._mail(one, next((address for address in several if address in meant), self.mailbox.name))
                for one, several in zip(fetched, named, strict=True)
                if not self._is_known(session, one)
            ]
        return [mail.sealed(self.here.store.vault) for mail in mails]

    def _named_in(self, beginning: bytes) -> list[str]:
        """The addresses with a plus under which a mail names this mailbox."""
        return list(plus_addresses(beginning, self.mailbox.name, self.mailbox.address_headers))

    def _meant(self, session: Session, addresses: set[str]) -> set[str]:
        """Those that a consultation calls its own: anybody can put anything behind the plus."""
        return {
            one
            for one in addresses
            if consultation_versions.version_for_address(session, Channel.EMAIL, one) is not None
        }

    def _is_known(self, session: Session, fetched: _Fetched) -> bool:
        """Whether this mail was taken in under another limit: its beginning then and all of it now, or the reverse."""
        if fetched.cut is not None:
            whole = intake_lookup.mails_of_size(session, self.mailbox.name, fetched.cut.size)
            return any(arrival_begins_with(session, arrival, fetched.began.raw) for arrival in whole)
        if fetched.of_beginning is None:
            return False
        return intake_lookup.mail_is_here(session, self.mailbox.name, fetched.of_beginning)

    def _mail(self, fetched: _Fetched, addressed_to: str) -> RawMail:
        return RawMail(
            account=self.mailbox.name,
            raw=fetched.raw,
            digest=fetched.digest,
            addressed_to=addressed_to,
            consultation_slug=self.mailbox.folder_consultations.get(self.name),
            cut=fetched.cut,
            came_at=fetched.began.came_at,
        )

    def _save(self, session: Session, look: _Look) -> None:
        cursor = session.get(MailCursor, (self.mailbox.name, self.name))
        if cursor is None:
            cursor = MailCursor(account=self.mailbox.name, folder=self.name)
            session.add(cursor)
        cursor.uidvalidity, cursor.taken = look.validity, str(look.taken)
        cursor.not_taken_in, cursor.looked_at = len(look.left), utc_now()


def _sha256(*pieces: bytes) -> str:
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def _digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # typeshed wants its own protocol

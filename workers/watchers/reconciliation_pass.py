"""Takes in what the provider's webhooks did not bring: its own lists tell what came in.

Messages, calls and recordings, in this order, so that a recording finds its call. Of each list the
days since it was last read to its end are read, oldest day first; of each day, what is not here is
taken in through the doors, oldest first and each in its own transaction. Killed anywhere, the
next pass finds the rest: what is here already is known by its identity, erased or not.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import requests

from channels.base.errors import ChannelError
from channels.base.provider_lists import ListEntry, ListName
from channels.base.voice_provider import VoiceProvider
from channels.sms import text_message
from config.enums import ArrivalKind, Channel
from gateway.ingest.ingest import PostedWebhook, ingest_call_request, ingest_texts, prepare_text, store_recording
from gateway.receipts import compose_receipt
from inbox.erasure import tombstones
from inbox.jobs import reconciliation
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from workers.runtime.retry_policy import is_storage_failure
from workers.runtime.watcher_context import WatcherContext

OVERLAP = timedelta(hours=2)
"""Lists lag behind what happened, the provider's clock is not ours, and a recording is listed from its beginning on."""
FIRST_LOOK = timedelta(days=1)
"""How far back the very first pass goes."""
LOOK_BACK_EVERY = timedelta(days=1)
LOOK_BACK = timedelta(days=3)
"""Once a day these last days are read to their end, should a list have lagged more than anybody expects."""
MOST_PAGES = 1000
"""Of one day: a thousand entries each."""

log = logging.getLogger(__name__)

Tell = Callable[[str], None]


def no_progress(_what: str) -> None:
    """Tell nobody."""


@dataclass
class ReconciliationPass:
    """One reading of every list, with what it found."""

    here: WatcherContext
    http: requests.Session
    provider: VoiceProvider
    grace: timedelta
    """What is younger is left to its webhook."""
    since: datetime | None = None
    """Read from here on, whatever was read before."""
    tell: Tell = no_progress
    """Told of every page, and of every entry with an empty word, so that whoever waits sees it move."""
    began: datetime = field(default_factory=utc_now)
    taken_in: dict[ListName, int] = field(default_factory=lambda: dict.fromkeys(ListName, 0))
    refused: int = 0
    """Entries that could not be taken in; they stay in the list."""
    _erased: set[str] | None = None
    _ours: dict[tuple[Channel, str, str], bool] = field(default_factory=dict)

    def run(self) -> None:
        """Read every list; raises ``ChannelError`` when the provider does not answer, and what the store raises."""
        for name in ListName:
            self._read(name)

    # --- one list

    def _read(self, name: ListName) -> None:
        with self.here.store.read() as session:
            cursor = reconciliation.list_cursor(session, self.provider.account_id, name.value)
            until = cursor.complete_until if cursor else None
            looks_back = cursor is None or self.began - cursor.looked_back_at >= LOOK_BACK_EVERY
        needed = until - OVERLAP if until is not None else self.began - FIRST_LOOK
        if self.since is not None:
            start, until, looks_back = self.since, None, self.since <= self.began - LOOK_BACK
        elif until is not None and looks_back:
            start = until - LOOK_BACK
        else:
            start = needed
        for day, alone in days_to_list(start.date(), self.began.date()):
            # A day that is over and read to its end need not be read again, should this pass be killed.
            lost = self._lost(name, day, alone=alone, seen_until=None if looks_back else until)
            for entry in lost:
                self._take_in(name, entry)
            end = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
            if alone and self.since is None and until is not None:
                self._move_cursor(name, end, looked_back=False)
        # Whoever reads by hand from a later day on leaves the days before it to the next pass.
        if start.date() <= needed.date():
            self._move_cursor(name, self.began, looked_back=looks_back)

    def _move_cursor(self, name: ListName, until: datetime, *, looked_back: bool) -> None:
        with self.here.store.write() as session:
            reconciliation.move_cursor(
                session, self.provider.account_id, name.value, until=until, looked_back=looked_back
            )

    def _lost(self, name: ListName, day: date, *, alone: bool, seen_until: datetime | None) -> list[ListEntry]:
        """What of a day, or of it and all that follow, has not come in; oldest first."""
        lost: dict[str, ListEntry] = {}
        for entries in self._pages(name, day, alone=alone):
            found = self._missing(name, entries)
            lost |= {entry.id: entry for entry in found}
            oldest = min((entry.at for entry in entries if entry.at), default=None)
            self.tell(f"{name}: {day}, {len(entries)} read, {len(found)} missing here")
            # Newest first: what follows was read before; while the list may still lag, only if nothing is missing.
            if seen_until and oldest and (oldest < seen_until - OVERLAP or (oldest < seen_until and not found)):
                break
        return sorted(lost.values(), key=lambda entry: (entry.at or self.began, entry.id))

    def _pages(self, name: ListName, day: date, *, alone: bool) -> Iterator[tuple[ListEntry, ...]]:
        address, asked = self.provider.lists.first_page(name, day, alone=alone), set[str]()
        while address and address not in asked and len(asked) < MOST_PAGES:
            asked.add(address)
            page = self.provider.lists.read_page(self.http, name, address)
            yield page.entries
            address = page.following

    def _missing(self, name: ListName, entries: tuple[ListEntry, ...]) -> list[ListEntry]:
        """Which of these entries came to us and are not here."""
        settled = [one for one in entries if one.changed is None or one.changed <= self.began - self.grace]
        with self.here.store.read() as session:
            if name is ListName.RECORDINGS:
                return self._recordings_missing(session, settled)
            channel = Channel.SMS if name is ListName.MESSAGES else Channel.VOICEMAIL
            inbound = [one for one in settled if one.came_in]
            known = reconciliation.known_intakes(
                session, channel, self.provider.account_id, [one.id for one in inbound]
            )
            unknown = [one for one in inbound if one.id not in known and not self._was_erased(channel, one)]
            missing = [one for one in unknown if self._is_ours(session, channel, one)]
        if name is ListName.MESSAGES:
            self._settle_ours(entries)
        return missing

    def _recordings_missing(self, session: Session, entries: list[ListEntry]) -> list[ListEntry]:
        there = [one for one in entries if one.came_in]
        kept = reconciliation.recordings_kept(session, self.provider.account_id, [one.call for one in there])
        # Of a call that is not here, nothing is: it was made to somebody else's number, or by somebody else. A call's
        # other recordings may be listed on other pages and days, so how many it has says nothing.
        return [one for one in there if (known := kept.get(one.call)) is not None and one.id not in known]

    def _was_erased(self, channel: Channel, entry: ListEntry) -> bool:
        """Whether it was here once and erased, though a backup restored since knows nothing of it."""
        keyring = self.here.store.keyring
        if self._erased is None:
            self._erased = tombstones.erased_external_hashes(keyring.folder)
        return tombstones.external_hash(keyring, channel, self.provider.account_id, entry.id) in self._erased

    def _is_ours(self, session: Session, channel: Channel, entry: ListEntry) -> bool:
        """Whether it came to a number of ours: the town may use others of the same account for something else."""
        number, service = entry.to, entry.service
        key = (channel, number, service)
        if key not in self._ours:
            self._ours[key] = number == self.provider.receives or reconciliation.is_own_number(
                session, channel, self.provider.account_id, (number, service)
            )
        return self._ours[key]

    # --- one entry

    def _take_in(self, name: ListName, entry: ListEntry) -> None:
        """Through the same door as its webhook; what no door takes is left where it is, and keeps nothing back."""
        takers = {
            ListName.MESSAGES: self._take_in_text,
            ListName.CALLS: self._take_in_call,
            ListName.RECORDINGS: self._take_in_recording,
        }
        try:
            self.taken_in[name] += takers[name](entry)
        except Exception as error:
            if is_storage_failure(error) or (isinstance(error, ChannelError) and error.retryable):
                raise
            self.refused += 1
            log.warning("an entry of the list of %s cannot be taken in", name, exc_info=error)
        self.tell("")

    def _posted(self, entry: ListEntry) -> PostedWebhook:
        raw = json.dumps(entry.raw, ensure_ascii=False, sort_keys=True).encode()
        return PostedWebhook(raw, {}, ArrivalKind.LISTING, entry.at)

    def _take_in_text(self, entry: ListEntry) -> bool:
        pictures = self.provider.files.pictures_of(self.http, entry.id) if entry.has_pictures else []
        posted = self.provider.lists.as_text_posted(entry, pictures)
        (text,) = text_message.parse_text_message(posted, self.provider.texts, region=self.here.settings.region)
        at_door = prepare_text(self.here.store.vault, text, self._posted(entry))
        with self.here.store.write() as session:
            is_new = ingest_texts(session, [at_door])[0].is_new
            if is_new:
                reconciliation.count_caught_up(session, "sms")
        return is_new

    def _take_in_call(self, entry: ListEntry) -> bool:
        call = self.provider.parse_call(self.provider.lists.as_call_posted(entry), region=self.here.settings.region)
        posted = self._posted(entry).sealed(self.here.store.vault)
        with self.here.store.write() as session:
            is_new = ingest_call_request(session, call, posted).is_new
            if is_new:
                reconciliation.count_caught_up(session, "voice")
        return is_new

    def _take_in_recording(self, entry: ListEntry) -> bool:
        call = self.provider.parse_call(
            self.provider.lists.as_recording_posted(entry), region=self.here.settings.region
        )
        assert call.recording is not None
        posted = self._posted(entry).sealed(self.here.store.vault)
        with self.here.store.write() as session:
            accepted = ingest_call_request(session, call, posted)
            is_new = store_recording(session, self.here.settings, accepted.intake_id, call.recording)
            if is_new:
                reconciliation.count_caught_up(session, "recording")
        return is_new

    def _settle_ours(self, entries: tuple[ListEntry, ...]) -> None:
        """What became of our own texts, should a status callback have been lost."""
        outgoing = [one for one in entries if one.went_out]
        with self.here.store.read() as session:
            known = reconciliation.states_of_sent(session, [one.id for one in outgoing])
        for one in outgoing:
            status = self.provider.parse_status(self.provider.lists.as_status_posted(one)) if one.id in known else None
            if status is not None and status.state != known[one.id]:
                with self.here.store.write() as session:
                    compose_receipt.record_delivery_status(session, self.here.settings, status)


def days_to_list(first: date, today: date) -> Iterator[tuple[date, bool]]:
    """The days to ask for, oldest first: each alone, but the last two together, so that midnight costs nothing."""
    day = first
    while day < today - timedelta(days=1):
        yield day, True
        day += timedelta(days=1)
    yield day, False

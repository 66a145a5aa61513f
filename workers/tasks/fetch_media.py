"""Fetches from the telephone provider what only it has: recordings, pictures, and the list of a call's recordings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from channels.base.errors import ChannelError
from channels.providers.registry import call_provider
from config.call_length import LONGEST_CALL
from config.enums import MediumKind, NotContribution
from gateway.ingest.ingest import store_recording
from gateway.intake.part_media import content_type_of, part_media_of, schedule_stored_readings, set_file_expiry
from gateway.reading.attachments import UNREAD_FILE, medium_kind
from inbox.jobs.steps import Done, Ending, Later, Lease, NeedsPerson
from inbox.models import Intake, Medium, Part, Step
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import StoredFile, vault_of
from inbox.storage.unit_of_work import Session
from transcription.base.file_types import FileType, type_of
from workers.runtime.retry_policy import step_ending_of
from workers.runtime.worker_context import WorkerContext

MEGABYTE = 1024 * 1024


def list_recordings(here: WorkerContext, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """LIST_RECORDINGS: what a call recorded, should no webhook have told; a call without any is nobody's contribution.

    Run again, it finds the recordings by their identifiers and adds nothing.
    """
    with here.store.read() as session:
        intake = session.get_one(Intake, lease.intake_id)
        call_sid, age = intake.external_id, utc_now() - intake.received_at
    provider = call_provider(here.settings)
    with requests.Session() as http:
        recordings = provider.files.recordings_of(http, call_sid)

    def save(session: Session) -> Ending:
        assert lease.intake_id is not None
        for recording in recordings:
            store_recording(session, here.settings, lease.intake_id, recording)
        intake = session.get_one(Intake, lease.intake_id)
        if intake.erased_at is not None or intake_lookup.has_parts(session, intake.id):
            return Done()
        if age < LONGEST_CALL:
            return Later("The call may still go on.", after=LONGEST_CALL - age)
        intake.not_contribution = NotContribution.NO_MESSAGE
        return Done()

    return save


@dataclass(frozen=True, slots=True)
class _Fetched:
    medium_id: int
    path: Path
    content_type: str
    kind: FileType

    @property
    def medium_kind(self) -> MediumKind:
        """What kind of medium it is: what comes with a text message may be anything, a photo or a business card."""
        return medium_kind(self.kind, self.content_type)


def fetch_media(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """FETCH_MEDIA: the files of a part that are still at the provider; then they are to be read.

    One that cannot be fetched does not keep the others from being kept and read. Run again, it
    fetches only what is not there yet.
    """
    provider = call_provider(here.settings)
    limits = here.settings.limits
    fetched: list[_Fetched] = []
    problems: list[ChannelError] = []
    with requests.Session() as http:
        for medium_id, url in _missing(here, lease):
            path = folder / f"medium-{medium_id}"
            try:
                with path.open("wb") as sink:
                    claimed = provider.files.fetch(
                        http, url, sink, most_bytes=limits.media_mb * MEGABYTE, seconds=limits.fetch_seconds
                    )
            except ChannelError as error:
                problems.append(error)
            else:
                fetched.append(_Fetched(medium_id, path, claimed, type_of(path)))

    stored = _stored(here, lease, fetched)

    def save(session: Session) -> Ending:
        vault_of(session).offer(session, [file.locator for file in stored.values()])
        part = session.get_one(Part, lease.part_id)
        for one in fetched:
            _keep(session, part, one, stored[one.medium_id])
        if fetched or not problems:
            schedule_stored_readings(session, part)
        ending = _ending(session, lease, problems)
        unread = any(medium.kind is MediumKind.ATTACHMENT for medium in part_media_of(session, part))
        return NeedsPerson(UNREAD_FILE) if unread and isinstance(ending, Done) else ending

    return save


def _ending(session: Session, lease: Lease, problems: Sequence[ChannelError]) -> Ending:
    """Done, or what is to become of what could not be fetched: tried again as long as any of it may come."""
    if not problems:
        return Done()
    age = utc_now() - session.get_one(Step, lease.step_id).created_at
    return step_ending_of(next((error for error in problems if error.retryable), problems[0]), age)


def _missing(here: WorkerContext, lease: Lease) -> list[tuple[int, str]]:
    with here.store.read() as session:
        part = session.get_one(Part, lease.part_id)
        media = intake_lookup.media_to_fetch(session, part.id)
        vault = vault_of(session)
        return [
            (one.id, vault.open_text(session, part.key_id, one.sealed_source, place_of(Medium.sealed_source, one)))
            for one in media
            if one.sealed_source
        ]


def _stored(here: WorkerContext, lease: Lease, fetched: Sequence[_Fetched]) -> dict[int, StoredFile]:
    """What was fetched, sealed before anything is saved, by medium."""
    if not fetched:
        return {}
    with here.store.read() as session:
        key = vault_of(session).key_of(session, session.get_one(Part, lease.part_id).key_id)
    return {one.medium_id: here.store.vault.store(key, one.path) for one in fetched}


def _keep(session: Session, part: Part, one: _Fetched, stored: StoredFile) -> None:
    medium = session.get_one(Medium, one.medium_id)
    if medium.locator is not None:
        return
    medium.locator, medium.size = vault_of(session).keep(session, part.key_id, stored), stored.size
    medium.content_type = content_type_of(one.content_type) or medium.content_type
    if medium.kind is not MediumKind.RECORDING:
        medium.kind = one.medium_kind
        medium.keep_until = set_file_expiry(part, medium.kind)
    session.flush()

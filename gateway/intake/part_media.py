"""The files of a part: those that came along, those still to be fetched, and the steps that read them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from config.enums import DeskKind, MediumKind, Reading, StepKind
from gateway.intake.new_parts import NOTHING_MORE, NewMedium
from inbox.consultations import consultation_versions
from inbox.contributions import text_versions, transcripts
from inbox.jobs import steps
from inbox.models import Medium, Part
from inbox.models.sealed_places import place_of
from inbox.paper import keying_desk
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from transcription.base.values import Transcript

__all__ = [
    "NewMedium",
    "add_media",
    "add_medium",
    "add_to_part",
    "content_type_of",
    "medium_name",
    "part_media_of",
    "save_transcript",
    "schedule_readings",
    "schedule_stored_readings",
    "set_file_expiry",
]

_ASKED = {MediumKind.ZONE: DeskKind.ZONE, MediumKind.CHARACTERS: DeskKind.CHARACTERS}
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+*/-]{0,127}", re.ASCII)  # RFC 6838, section 4.2

READ_STEP_OF = {
    MediumKind.RECORDING: StepKind.READ_SPEECH,
    MediumKind.PAGE: StepKind.READ_PAGES,
    MediumKind.PHOTO: StepKind.READ_PAGES,
    MediumKind.ZONE: StepKind.READ_PAGES,
    MediumKind.CHARACTERS: StepKind.READ_PAGES,
}


def set_file_expiry(part: Part, kind: MediumKind) -> date:
    """The last day of a part's file: callers are told a period of its own for their voice."""
    retention = consultation_versions.retention_of(part.consultation_version)
    day = part.intake.received_at.date()
    return retention.keep_recording_until(day) if kind is MediumKind.RECORDING else retention.keep_original_until(day)


def add_medium(session: Session, part: Part, position: int, new: NewMedium) -> Medium:
    """Add one file to a part, sealed with the part's key."""
    vault = vault_of(session)
    medium = Medium(
        part_id=part.id,
        position=position,
        kind=new.kind,
        content_type=content_type_of(new.content_type),
        keep_until=set_file_expiry(part, new.kind),
    )
    if new.stored is not None:
        medium.locator, medium.size = vault.keep(session, part.key_id, new.stored), new.stored.size
    elif new.source is not None:
        medium.locator = vault.put_file(session, part.key_id, new.source)
        medium.size = len(new.source) if isinstance(new.source, bytes) else new.source.stat().st_size
    if new.remote_url is not None:
        medium.sealed_source = vault.seal_text(
            session, part.key_id, new.remote_url, place_of(Medium.sealed_source, medium)
        )
    if new.name:
        medium.sealed_name = vault.seal_text(session, part.key_id, new.name, place_of(Medium.sealed_name, medium))
    session.add(medium)
    session.flush()
    if new.transcript is not None:
        save_transcript(session, medium.id, new.transcript, new.more)
    return medium


def add_media(session: Session, part: Part, media: Iterable[NewMedium], first: int = 1) -> None:
    """Add the files of a part, and have people asked about what machines cannot read in those of a form."""
    page: Medium | None = None
    for position, new in enumerate(media, start=first):
        medium = add_medium(session, part, position, new)
        if new.kind is MediumKind.FORM:
            page = medium
        elif new.kind is MediumKind.BOX and page is not None:
            # The answer is about the page, of which the picture is a piece.
            keying_desk.offer_task(session, page, DeskKind.BOX, new.field, new.settles, picture=medium)
        elif new.kind in _ASKED:
            keying_desk.offer_task(session, medium, _ASKED[new.kind], new.field, new.settles)


def save_transcript(
    session: Session, medium_id: int, read: Transcript, more: Mapping[str, object] = NOTHING_MORE
) -> None:
    """Keep what an engine read in a medium, and with its sheet what ``more`` is to be known of it, JSON-able."""
    sheet = read.sheet_as_json()
    transcripts.add_transcript(
        session,
        medium_id,
        engine=read.engine,
        model=read.model,
        language=read.language,
        words=[word.as_json() for word in read.words],
        took_seconds=read.took_seconds,
        sheet=(sheet or {}) | dict(more) if more else sheet,
    )


def content_type_of(claim: str) -> str:
    """A content type as its sender claims it; of anything else that it merely is bytes."""
    return claim if _CONTENT_TYPE.fullmatch(claim) else "application/octet-stream"


def add_to_part(session: Session, part_id: int, new: NewMedium) -> bool:
    """Add a file to a part that may have it already, recognised by its name; whether it was new."""
    part = session.get_one(Part, part_id, with_for_update=True, populate_existing=True)
    media = part_media_of(session, part)
    if part.erased_at is not None or any(medium_name(session, part, medium) == new.name for medium in media):
        return False
    add_medium(session, part, 1 + max((m.position for m in media), default=0), new)
    # Why a person was needed for what was there before; it is read again together with this.
    part.reading, part.reading_reason = Reading.WAITING, None
    schedule_readings(session, part)
    text_versions.settle_part(session, part.id)
    return True


def part_media_of(session: Session, part: Part) -> list[Medium]:
    """A part's files in order, discarded ones included."""
    return list(intake_lookup.media_of_part(session, part.id))


def medium_name(session: Session, part: Part, medium: Medium) -> str | None:
    """A file's own name, or a recording's identifier at the provider."""
    if medium.sealed_name is None:
        return None
    place = place_of(Medium.sealed_name, medium)
    return vault_of(session).open_text(session, part.key_id, medium.sealed_name, place)


def schedule_readings(session: Session, part: Part) -> None:
    """Add the steps that a part's media still need: fetching first, then reading what is here."""
    media = [m for m in part_media_of(session, part) if m.discarded_at is None]
    if any(m.locator is None and m.sealed_source is not None for m in media):
        steps.add_step(session, StepKind.FETCH_MEDIA, part=part.id, again=True)
    schedule_stored_readings(session, part)


def schedule_stored_readings(session: Session, part: Part) -> None:
    """Have the media of a part that need not be fetched read, or read again."""
    media = [m for m in part_media_of(session, part) if m.discarded_at is None]
    for kind in sorted({READ_STEP_OF[m.kind] for m in media if m.kind in READ_STEP_OF and m.locator is not None}):
        steps.add_step(session, kind, part=part.id, again=True)

"""Copies a part's media out of the store for a reader."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from config.enums import Channel, MediumKind
from config.wording.consultation import Consultation
from gateway.ingest.attached_forms import TAKEN
from inbox.consultations import consultation_versions
from inbox.contributions import transcripts
from inbox.models import Medium, Part
from inbox.models.sealed_places import place_of
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from workers.errors import SubjectGone
from workers.runtime.worker_context import WorkerContext

PAGE_OF = "medium:"
"""How the source of a page image begins: ``medium:7/2`` is the second page of medium 7."""


@dataclass(frozen=True, slots=True)
class CopiedMedium:
    """A medium in the clear; ``path`` is gone when the step is over."""

    id: int
    kind: MediumKind
    content_type: str
    path: Path
    made_from: str | None
    """Of a page image, the medium and page it was made of."""


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """A part's media and what its readers have to know."""

    media: tuple[CopiedMedium, ...]
    consultation: Consultation | None
    language: str | None
    is_message: bool = False
    """Whether it came as a message, which may bring a form of ours: paper was looked at when its file was split."""
    forms_taken: frozenset[int] = frozenset()
    """The media whose forms were taken in."""


def copy_part(here: WorkerContext, part_id: int | None, kinds: Collection[MediumKind], folder: Path) -> CopiedPart:
    """Copy a part's media of these kinds into ``folder``; raises ``SubjectGone``, or ``Destroyed`` when erased."""
    with here.store.read() as session:
        part = session.get(Part, part_id) if part_id is not None else None
        if part is None:
            raise SubjectGone(f"Part {part_id} is not there.")
        rows = intake_lookup.stored_media(session, part.id, kinds)
        return CopiedPart(
            media=tuple(_copied(session, part, medium, folder) for medium in rows),
            consultation=consultation_of(part),
            language=part.language,
            is_message=part.channel is not Channel.PAPER,
            forms_taken=_forms_taken(session, part),
        )


def _forms_taken(session: Session, part: Part) -> frozenset[int]:
    newest = transcripts.latest_transcripts(
        session, [medium.id for medium in intake_lookup.media_of_part(session, part.id)]
    )
    return frozenset(medium for medium, read in newest.items() if read.engine == TAKEN)


def consultation_of(part: Part) -> Consultation | None:
    """The consultation a part came under, as it was then."""
    version = part.consultation_version
    return consultation_versions.as_consultation(version) if version else None


def _copied(session: Session, part: Part, medium: Medium, folder: Path) -> CopiedMedium:
    vault = vault_of(session)
    path = folder / f"medium-{medium.id}"
    assert medium.locator is not None
    vault.copy_out(session, part.key_id, medium.locator, path)
    source = vault.text_left(session, part.key_id, medium.sealed_source, place_of(Medium.sealed_source, medium))
    # Of a picture that was fetched, its address at the provider stands there.
    made_from = source if source.startswith(PAGE_OF) else None
    return CopiedMedium(medium.id, medium.kind, medium.content_type, path, made_from)

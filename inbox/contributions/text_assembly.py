"""What parts say together: typed bodies, then what machines read in their media."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import TextOrigin
from inbox.contributions import transcripts
from inbox.models import ContributionPart, Intake, Medium, Part
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of


@dataclass(frozen=True, slots=True)
class ComposedText:
    """What parts say together; ``confidences`` are those of the machine-read words."""

    text: str
    origin: TextOrigin
    confidences: tuple[float, ...] = field(default=(), repr=False)

    @property
    def confidence(self) -> float | None:
        """Mean over the machine-read words, 0–1; None when there are none."""
        return sum(self.confidences) / len(self.confidences) if self.confidences else None


@dataclass(frozen=True, slots=True)
class PartText:
    """What one part says, and how sure the machine is of each word it read."""

    text: str
    confidences: tuple[float, ...]


def compose_parts(session: Session, parts: Sequence[Part], said: Mapping[int, PartText]) -> ComposedText:
    """A machine's wording when it read any word, a person's when staff typed all of it, else the resident's."""
    text = "\n\n".join(said[part.id].text for part in parts if said[part.id].text)
    confidences = tuple(confidence for part in parts for confidence in said[part.id].confidences)
    if confidences:
        return ComposedText(text, TextOrigin.MACHINE, confidences)
    return ComposedText(text, TextOrigin.PERSON if text and _all_keyed(session, parts) else TextOrigin.RESIDENT)


def part_texts(session: Session, parts: Sequence[Part]) -> dict[int, PartText]:
    """What each part says: its typed body, then the newest transcript of each medium, in order; nothing if erased."""
    media = session.scalars(
        select(Medium)
        .where(Medium.part_id.in_([part.id for part in parts]), Medium.discarded_at.is_(None))
        .order_by(Medium.part_id, Medium.position)
    ).all()
    newest = transcripts.latest_transcripts(session, [medium.id for medium in media])
    said = {}
    for part in parts:
        read = [newest[medium.id] for medium in media if medium.part_id == part.id and medium.id in newest]
        body = vault_of(session).text_left(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part))
        words = [transcripts.transcript_words(session, transcript) for transcript in read]
        by_machine = [heard for one, heard in zip(read, words, strict=True) if one.engine != transcripts.KEYED]
        pieces = [body, *(transcripts.transcript_text(heard) for heard in words)]
        said[part.id] = PartText(
            text="\n\n".join(piece for piece in (piece.strip() for piece in pieces) if piece),
            confidences=tuple(float(word["confidence"]) for heard in by_machine for word in heard),
        )
    return said


def parts_of_contribution(session: Session, contribution_id: int) -> list[Part]:
    """The parts a contribution is made of as they now are, in the order they came in; what was erased is left out."""
    return list(
        session.scalars(
            select(Part)
            .join(ContributionPart, ContributionPart.part_id == Part.id)
            .where(ContributionPart.contribution_id == contribution_id)
            .where(Part.erased_at.is_(None), Part.not_contribution.is_(None))
            .order_by(Part.id)
            .execution_options(populate_existing=True)
        )
    )


def _all_keyed(session: Session, parts: Sequence[Part]) -> bool:
    """Whether staff entered every one of them: a letter or a call on somebody's behalf."""
    keyed = select(Intake.id).where(Intake.id.in_([p.intake_id for p in parts]), Intake.entered_by_id.is_not(None))
    return set(session.scalars(keyed)) == {part.intake_id for part in parts}

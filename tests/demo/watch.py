"""Watching the rows: how far a sample has come, and in the end what was understood of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Reading, StepKind, StepState
from inbox.contributions import tags, text_versions, transcripts
from inbox.models import Contribution, ContributionPart, Intake, Medium, Part, Step
from inbox.records import references
from tests.demo.doors import Key

How = Literal["not_arrived", "waiting_reading", "waiting_themes", "needs_person", "ready"]


@dataclass(frozen=True)
class Understood:
    """One contribution as the table shows it."""

    channel: str
    reference: str
    text: str
    themes: tuple[str, ...]
    confidence: float | None
    """Mean over the words a machine read, 0 to 1; None when the person wrote it all."""
    intake_id: int
    doubt: str = ""
    """Why a person should look at it first, although it was read."""
    boxes: tuple[tuple[str, bool], ...] = ()
    """Of a form, the label of each box in turn, and whether it is ticked."""


@dataclass(frozen=True)
class Seen:
    """How far it is; ``why`` it is not further, where that is known, ``understood`` when it is ready."""

    how: How
    why: str = ""
    understood: Understood | None = None


def look(session: Session, key: Key) -> Seen:
    """How far the contribution of these intakes has come."""
    intakes = session.scalars(
        select(Intake)
        .where(Intake.channel == key.channel, Intake.external_id.in_(key.external_ids))
        .order_by(Intake.id)
    ).all()
    if len(intakes) < len(key.external_ids):
        return Seen("not_arrived")
    intake_ids = [one.id for one in intakes]
    parts = session.scalars(select(Part).where(Part.intake_id.in_(intake_ids))).all()
    if {part.intake_id for part in parts} != set(intake_ids):
        return _before_parts(session, intake_ids)
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id.in_([part.id for part in parts]))
    contributions = session.scalars(select(Contribution).where(Contribution.id.in_(made))).all()
    if len(contributions) != 1:
        why = f"{len(contributions)} contributions"
        return Seen("needs_person", why) if contributions else _before_parts(session, intake_ids)
    return _look_into(session, contributions[0], parts[0].intake_id, [part.id for part in parts])


def _before_parts(session: Session, intake_ids: list[int]) -> Seen:
    """Nothing was made of the intakes yet: perhaps a step says why."""
    steps = session.scalars(select(Step).where(Step.intake_id.in_(intake_ids), Step.reason.is_not(None))).all()
    stuck = [step.reason for step in steps if step.state in {StepState.QUARANTINED, StepState.NEEDS_PERSON}]
    if stuck:
        return Seen("needs_person", stuck[0] or "")
    return Seen("waiting_reading", next((step.reason for step in steps if step.reason), ""))


def _look_into(session: Session, contribution: Contribution, intake_id: int, part_ids: list[int]) -> Seen:
    steps = session.scalars(select(Step).where(Step.part_id.in_(part_ids))).all()
    themes = [step.state for step in steps if step.kind is StepKind.SUGGEST_THEMES]
    if contribution.reading is Reading.WAITING:
        return Seen("waiting_reading", next((step.reason for step in steps if step.reason), ""))
    doubt = _why_a_person(contribution, steps) if contribution.reading is Reading.NEEDS_PERSON else ""
    wording = text_versions.current_text(session, contribution)
    if doubt and (wording is None or not wording.body.strip()):
        return Seen("needs_person", doubt)
    if not themes or StepState.OPEN in themes:
        return Seen("waiting_themes")
    found = tags.tags_of(session, [contribution.id]).get(contribution.id, [])
    understood = Understood(
        channel=contribution.channel.value,
        reference=references.reference_of(session, contribution.id),
        text=wording.body if wording is not None else "",
        themes=tuple(tag.name for tag in found),
        confidence=contribution.confidence,
        intake_id=intake_id,
        doubt=doubt,
        boxes=_boxes(session, part_ids),
    )
    return Seen("ready", understood=understood)


def _boxes(session: Session, part_ids: list[int]) -> tuple[tuple[str, bool], ...]:
    """What was read in the boxes of a form, in their order."""
    media = session.scalars(select(Medium.id).where(Medium.part_id.in_(part_ids)).order_by(Medium.position)).all()
    newest = transcripts.latest_transcripts(session, media)
    sheets = [transcripts.sheet_geometry(session, newest[one]) or {} for one in media if one in newest]
    return tuple((box["label"], box["state"] == "ticked") for sheet in sheets for box in sheet.get("boxes", ()))


def _why_a_person(contribution: Contribution, steps: Sequence[Step]) -> str:
    reasons = [part.reading_reason for part in contribution.parts] + [step.reason for step in steps]
    return next(filter(None, reasons), "needs a person")

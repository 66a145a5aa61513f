"""The ledger from the counts that are kept: for a page, where counting everything takes too long.

What waits for nobody, and what is nobody's, is looked for among the few that wait. What only a look at everything can
find is what the last recount found (``inbox.listings.recount``).
"""

from __future__ import annotations

from sqlalchemy import Select, exists, literal, select, text, union_all
from sqlalchemy.orm import Session

from config.enums import Bucket, StepState
from inbox.contributions.text_versions import READING_KINDS
from inbox.listings import recount
from inbox.listings.ledger import NOBODYS, PART_MAKING, STUCK, Ledger, consultation_condition, describe_problems
from inbox.models import Intake, Part, Step
from inbox.records import tallies


def kept_ledger(session: Session, consultation_id: int | None = None) -> Ledger:
    """The ledger of everything, or of one consultation, as it is kept."""
    units = tallies.unit_tallies(session, consultation_id)
    counts = tallies.bucket_counts(units)
    problems = [
        *describe_problems(session, STUCK, _stuck(consultation_id)),
        *describe_problems(session, NOBODYS, _nobodys(consultation_id)),
    ]
    if consultation_id is None and (last := recount.last_recount(session)) is not None:
        problems += last.problems
    return Ledger(counts, tallies.judged_counts(units), sum(counts.values()), tuple(dict.fromkeys(problems)))


def _stuck(consultation_id: int | None) -> Select[str, int]:
    is_open = Step.state == StepState.OPEN
    parts = select(literal("part").label("kind"), Part.id.label("id")).where(
        text("part.bucket = 'waiting'"),
        ~exists().where(Step.part_id == Part.id, Step.kind.in_(READING_KINDS), is_open),
        ~exists().where(Step.intake_id == Part.intake_id, Step.kind.in_(PART_MAKING), is_open),
        *consultation_condition(Part.consultation_version_id, consultation_id),
    )
    intakes = select(literal("intake"), Intake.id).where(
        Intake.bucket == Bucket.WAITING.value,
        ~exists().where(Step.intake_id == Intake.id, Step.kind.in_(PART_MAKING), is_open),
        *consultation_condition(Intake.consultation_version_id, consultation_id),
    )
    found = union_all(parts, intakes).subquery()
    return select(found.c.kind, found.c.id)


def _nobodys(consultation_id: int | None) -> Select[str, int]:
    return select(literal("part").label("kind"), Part.id.label("id")).where(
        text("part.bucket IS NULL"), *consultation_condition(Part.consultation_version_id, consultation_id)
    )

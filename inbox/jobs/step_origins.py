"""Which intake a step goes back to, and how the step stands: for those who follow an intake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import StepState
from inbox.models import ContributionPart, Message, Part, Step


@dataclass(frozen=True, slots=True)
class StepOrigin:
    """A step as it stands now, and the intake for which it is done."""

    intake_id: int
    state: StepState
    failures: int


def origins_of_steps(session: Session, step_ids: Sequence[int]) -> dict[int, StepOrigin]:
    """By the steps' ids; one about something erased is left out."""
    first_part = (
        select(func.min(Part.intake_id))
        .join(ContributionPart, ContributionPart.part_id == Part.id)
        .where(ContributionPart.contribution_id == Message.contribution_id)
        .correlate(Message)
        .scalar_subquery()
    )
    intake_id = func.coalesce(Step.intake_id, Part.intake_id, Message.intake_id, first_part)
    rows = session.execute(
        select(Step.id, intake_id.label("origin"), Step.state, Step.attempts)
        .outerjoin(Part, Part.id == Step.part_id)
        .outerjoin(Message, Message.id == Step.message_id)
        .where(Step.id.in_(step_ids))
    )
    return {row.id: StepOrigin(row.origin, row.state, row.attempts) for row in rows if row.origin is not None}

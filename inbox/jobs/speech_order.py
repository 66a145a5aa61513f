"""Which recording is listened to next, and how many come before one: as they arrived, or the newest short ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select
from sqlalchemy.orm import Session

from config.enums import StepKind, StepState
from inbox.jobs.steps import due_condition
from inbox.models import ContributionPart, Medium, Step
from inbox.models.column_types import utc_now

SHORT_SECONDS = 120
"""A recording of at most so long is short: what most callers say is over in a minute."""
SHORT_BYTES = SHORT_SECONDS * 16_000
"""The same of one whose length nobody told: 8 kHz in 16 bits, the most that a telephone's sound takes."""
NOBODY_WAITS_LONGER = timedelta(hours=1)
"""What has waited for so long comes before everything else, whatever its length."""


def next_to_hear(session: Session, now: datetime | None = None) -> int | None:
    """The step of the recording that is listened to next where the newest short ones come first; None where none is."""
    now = now or utc_now()
    return session.scalar(select(Step.id).where(_heard(), *due_condition(now)).order_by(*_order(now)).limit(1))


def ahead_of(session: Session, contribution_id: int, *, newest_short: bool, now: datetime | None = None) -> int | None:
    """How many recordings are listened to before this contribution's; None where none of its own waits."""
    now = now or utc_now()
    mine = session.scalars(
        select(Step.id)
        .join(ContributionPart, ContributionPart.part_id == Step.part_id)
        .where(ContributionPart.contribution_id == contribution_id, _heard(), Step.state == StepState.OPEN)
    ).all()
    if not mine:
        return None
    waiting = select(Step.id).where(_heard(), Step.state == StepState.OPEN, Step.not_before <= now)
    held = case((Step.lease_until > now, 0), else_=1)
    by_order = _order(now) if newest_short else (Step.id,)
    return _before(session, waiting.order_by(held, *by_order), set(mine))


def _before(session: Session, ordered: Select[int], mine: set[int]) -> int:
    for place, step_id in enumerate(session.scalars(ordered)):
        if step_id in mine:
            return place
    return 0


def is_heard(session: Session, step_id: int) -> bool:
    """Whether a step is one that listens to recordings, open or not."""
    return session.scalar(select(Step.id).where(Step.id == step_id, _heard())) is not None


def _heard() -> ColumnElement[bool]:
    return Step.kind == StepKind.READ_SPEECH


def _order(now: datetime) -> tuple[ColumnElement[int], ...]:
    long = (
        select(literal(1))
        .where(
            Medium.part_id == Step.part_id,
            or_(Medium.seconds > SHORT_SECONDS, and_(Medium.seconds.is_(None), Medium.size > SHORT_BYTES)),
        )
        .exists()
    )
    rank = case((Step.created_at <= now - NOBODY_WAITS_LONGER, 0), (~long, 1), else_=2)
    # Of the short ones the newest first, of all others the oldest.
    return rank, case((rank == 1, -Step.id), else_=Step.id)

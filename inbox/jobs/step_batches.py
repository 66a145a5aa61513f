"""Many small steps at once: taken with one statement, ended with one, and one sender's singly and in order.

A step with a lane waits for every earlier open step of that lane. The steps of one lane that are taken
together are in order of their ids; whoever does them stops at the first that does not end well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, not_, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from config.enums import Queue, StepKind, StepState
from inbox.jobs.retry_limits import LOST_WORKER, MAX_ATTEMPTS
from inbox.jobs.steps import Failed, Lease, claim_due_steps, due_condition, end_step
from inbox.models import Intake, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store

# Any number, as long as nothing else in the database takes an advisory lock of it.
_CLAIMING = text("SELECT pg_advisory_xact_lock(:number)")
_CLAIM_LOCK = 0x506F7275


def claim_steps(
    store: Store, queue: Queue, limit: int, lease_seconds: float = 60, now: datetime | None = None
) -> list[Lease]:
    """Take at most ``limit`` steps of a queue that are due, in order of their ids.

    One that failed or lost its worker before is taken alone, so that it cannot spoil the others. One that lost its
    worker for the last time goes into quarantine, as ``steps.claim_step`` does it.
    """
    now = now or utc_now()
    with store.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            # Of two that claim at once the later one must see what the first one took: lanes hang on it.
            session.execute(_CLAIMING, {"number": _CLAIM_LOCK})
        chosen = _together(session.execute(_candidates(queue, limit, now)).all())
        leases = claim_due_steps(session, [row.id for row in chosen], lease_seconds, now) if chosen else []
    spent = [lease for lease in leases if lease.attempts >= MAX_ATTEMPTS]
    for lease in spent:
        with store.write() as session:
            end_step(session, lease, Failed(LOST_WORKER), now)
    return [lease for lease in leases if lease not in spent]


def _candidates(queue: Queue, limit: int, now: datetime) -> Select[int, bool]:
    earlier = aliased(Step)
    waits = (
        select(earlier.id)
        .where(
            earlier.lane == Step.lane,
            earlier.state == StepState.OPEN,
            earlier.id < Step.id,
            or_(earlier.not_before > now, earlier.lease_until > now),
        )
        .exists()
    )
    failed_before = or_(Step.attempts > 0, Step.lease_until.is_not(None))
    return (
        select(Step.id, failed_before.label("alone"))
        .where(Step.queue == queue, *due_condition(now), or_(Step.lane.is_(None), not_(waits)))
        .order_by(Step.id)
        .limit(limit)
    )


def _together(rows: Sequence[Row[int, bool]]) -> Sequence[Row[int, bool]]:
    """The first ones that may be done together: a step that failed before comes alone."""
    if rows and rows[0].alone:
        return rows[:1]
    end_of = next((place for place, row in enumerate(rows) if row.alone), len(rows))
    return rows[:end_of]


def end_steps(session: Session, leases: Sequence[Lease], now: datetime | None = None) -> set[int]:
    """End steps as done, those of them that are still ours: their ids. Nothing may be saved for the others."""
    if not leases:
        return set()
    values = {"state": StepState.DONE, "lease_until": None, "ended_at": now or utc_now(), "reason": None}
    tokens = {lease.step_id: lease.token for lease in leases}
    # One look and one change instead of one each: the rows are held from the look on.
    held = session.execute(
        select(Step.id, Step.token)
        .where(Step.id.in_(tokens), Step.state == StepState.OPEN, Step.lease_until.is_not(None))
        .with_for_update()
    )
    ours = {row.id for row in held if row.token == tokens[row.id]}
    if ours:
        session.execute(
            update(Step)
            .where(Step.id.in_(ours))
            .values(**values, lane=None, sealed_facts=None)
            .execution_options(synchronize_session=False)
        )
    return ours


@dataclass(frozen=True, slots=True)
class FactsRow:
    """What a step knows of the text it is about."""

    id: int
    """The step's."""
    kind: StepKind
    sealed_facts: bytes | None
    intake_id: int
    key_id: int
    received_at: datetime
    addressed_to: str | None
    keep_until: date | None


def facts_of_received_texts(session: Session, leases: Sequence[Lease]) -> Sequence[FactsRow]:
    """What the doors understood of the texts of these steps, sealed, with what is known of their intakes."""
    rows = session.execute(
        select(
            Step.id,
            Step.kind,
            Step.sealed_facts,
            Intake.id,
            Intake.key_id,
            Intake.received_at,
            Intake.addressed_to,
            Intake.keep_until,
        )
        .join(Intake, Intake.id == Step.intake_id)
        .where(Step.id.in_([lease.step_id for lease in leases]))
    )
    return [FactsRow(*row) for row in rows]


def release_step(session: Session, lease: Lease) -> None:
    """Let go of a step that was taken and not begun; nothing is counted."""
    session.execute(
        update(Step)
        .where(Step.id == lease.step_id, Step.token == lease.token, Step.state == StepState.OPEN)
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )

"""Steps: what must still be done, as rows.

The rows are the truth; the queue only wakes somebody up. A step is taken with a lease and a
fencing token that rises with every lease, kept with heartbeats, and ended in the same
transaction as what was made of it: whoever lost the lease meanwhile can save nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Tuple, and_, case, func, literal, or_, select, text, tuple_, update
from sqlalchemy.orm import Session

from config.enums import Queue, StepKind, StepState
from inbox.errors import InboxError
from inbox.jobs.enqueue import (
    FirstStep,
    add_numbered_steps,
    add_step,
    add_steps,
    add_steps_of_messages,
    open_again,
    wake_queue,
)
from inbox.jobs.retry_limits import BACKOFF, LOST_WORKER, MAX_ATTEMPTS
from inbox.jobs.step_end_hooks import step_end_hook
from inbox.models import Arrival, ContributionPart, Part, Step
from inbox.models.column_types import UtcDateTime, utc_now
from inbox.models.job_rows import FOR_PERSON
from inbox.records import history

if TYPE_CHECKING:  # the store calls nobody here, but it is opened with much that steps do not need
    from inbox.storage.database import Store

__all__ = [
    "Done",
    "Ending",
    "Failed",
    "FirstStep",
    "Later",
    "Lease",
    "LeaseLost",
    "NeedsPerson",
    "NotReplayable",
    "Quarantined",
    "acknowledge_step",
    "add_numbered_steps",
    "add_step",
    "add_steps",
    "add_steps_of_messages",
    "claim_due_steps",
    "claim_step",
    "end_step",
    "open_steps_of",
    "overdue_steps",
    "quarantined_steps",
    "renew_lease",
    "replay_step",
    "step_subject",
]

REPLAYABLE = (StepState.QUARANTINED, StepState.NEEDS_PERSON, StepState.DONE)


class LeaseLost(InboxError):
    """Somebody else has taken the step, or it was erased: nothing of this run may be saved."""

    remedy = "Let it go: whoever holds the newer lease does the work."


class NotReplayable(InboxError):
    """A step that is not there, or whose subject was erased."""

    remedy = "Nothing can be done again here: what it was about has been erased."


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one step until it runs out or somebody else is given it."""

    step_id: int
    kind: StepKind
    queue: Queue
    intake_id: int | None
    part_id: int | None
    message_id: int | None
    token: int
    attempts: int
    lane: str | None = None
    """Whose it is: steps of one lane are done singly, in their order."""


@dataclass(frozen=True, slots=True)
class Done:
    """It is done."""


@dataclass(frozen=True, slots=True)
class Later:
    """It cannot be done yet (not ready, engine missing): not counted; ``until`` wins over ``after``."""

    why: str
    after: timedelta = timedelta(minutes=1)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It went wrong: counted; the third time it goes into quarantine with ``why`` (no personal data)."""

    why: str


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """The machine did what it can; ``why`` says what a person has to do (no personal data)."""

    why: str


Ending = Done | Later | Failed | NeedsPerson


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A step that failed for good, as the quarantine page shows it."""

    step_id: int
    kind: StepKind
    state: StepState
    reason: str
    attempts: int
    since: datetime
    intake_id: int | None
    part_id: int | None
    message_id: int | None
    contribution_id: int | None


def claim_step(store: Store, step_id: int, lease_seconds: float = 60, now: datetime | None = None) -> Lease | None:
    """Take a step that is due and that nobody holds; None when somebody does, or nothing is to be done.

    A lease that ran out means that its worker died. That counts as a failure: a step that kills
    its worker would otherwise be begun again for ever.
    """
    now = now or utc_now()
    with store.write() as session:
        leases = claim_due_steps(session, [step_id], lease_seconds, now)
    if not leases:
        return None
    lease = leases[0]
    if lease.attempts < MAX_ATTEMPTS:
        return lease
    # In a transaction of its own: contributions are locked before steps, everywhere.
    with store.write() as session:
        _close(session, lease, state=StepState.QUARANTINED, reason=LOST_WORKER, ended_at=now)
    return None


_LEASED = (
    Step.id.label("step_id"),
    Step.kind,
    Step.queue,
    Step.intake_id,
    Step.part_id,
    Step.message_id,
    Step.token,
    Step.attempts,
    Step.lane,
)


def claim_due_steps(session: Session, step_ids: Sequence[int], lease_seconds: float, now: datetime) -> list[Lease]:
    """Leases of those of these steps that are due and that nobody holds, in order of their ids."""
    rows = session.execute(
        update(Step)
        .where(Step.id.in_(step_ids), *due_condition(now))
        .values(
            token=Step.token + 1,
            attempts=Step.attempts + case((Step.lease_until.is_(None), 0), else_=1),
            lease_until=now + timedelta(seconds=lease_seconds),
        )
        .returning(*_LEASED)
        .execution_options(synchronize_session=False)
    )
    return sorted((Lease(**row._mapping) for row in rows), key=lambda lease: lease.step_id)


def due_condition(now: datetime) -> list[ColumnElement[bool]]:
    """True of an open step whose time has come and that nobody holds."""
    return [
        Step.state == StepState.OPEN,
        Step.not_before <= now,
        or_(Step.lease_until.is_(None), Step.lease_until <= now),
    ]


def renew_lease(store: Store, lease: Lease, seconds: float = 60, now: datetime | None = None) -> bool:
    """Keep a lease for ``seconds`` more; False when it is lost."""
    now = now or utc_now()
    with store.write() as session:
        return _update_held(session, lease, lease_until=now + timedelta(seconds=seconds))


def end_step(session: Session, lease: Lease, ending: Ending, now: datetime | None = None) -> None:
    """End a step together with what was made of it; LeaseLost when the token is no longer the newest.

    A lease that ran out but that nobody else took is still good. What hangs on a step of its kind follows
    (``inbox.jobs.step_end_hooks``).
    """
    now = now or utc_now()
    match ending:
        case Done():
            _close(session, lease, state=StepState.DONE, reason=None, ended_at=now)
        case Later(why, after, until):
            _close(session, lease, reason=why[:500], not_before=until or now + after)
        case NeedsPerson(why):
            _close(session, lease, state=StepState.NEEDS_PERSON, reason=why[:500], ended_at=now)
        case Failed(why):
            attempts = lease.attempts + 1
            if attempts >= MAX_ATTEMPTS:
                _close(session, lease, state=StepState.QUARANTINED, reason=why[:500], attempts=attempts, ended_at=now)
            else:
                _close(session, lease, reason=why[:500], attempts=attempts, not_before=now + BACKOFF[attempts - 1])


def _close(session: Session, lease: Lease, **values: object) -> None:
    hook = step_end_hook(lease.kind)
    session.flush()
    if hook is not None and lease.part_id is not None:
        hook.before(session, lease.part_id)
    if values.get("state", StepState.OPEN) is not StepState.OPEN:
        # Who comes after it in its lane need not wait, and nothing of its sender stays in an ended row.
        values |= {"lane": None, **({"sealed_facts": None} if values["state"] is StepState.DONE else {})}
    if not _update_held(session, lease, lease_until=None, **values):
        raise LeaseLost(f"step {lease.step_id}: somebody else has taken it since")
    if hook is not None and lease.part_id is not None:
        hook.ended(session, lease.part_id)


def _update_held(session: Session, lease: Lease, **values: object) -> bool:
    held = session.execute(
        update(Step)
        .where(
            Step.id == lease.step_id,
            Step.token == lease.token,
            Step.state == StepState.OPEN,
            # A heartbeat that comes after the end must not hold the step again.
            Step.lease_until.is_not(None),
        )
        .values(**values)
        .returning(Step.id)
        .execution_options(synchronize_session=False)
    )
    return held.first() is not None


def overdue_steps(session: Session, now: datetime | None = None, limit: int = 500) -> list[tuple[Queue, int]]:
    """Steps that are due and that nobody holds, at most ``limit`` of each queue, longest waiting first.

    For the sweeper to queue again. Of each, because a long queue must not hide what waits in a short one.
    """
    now = now or utc_now()
    if session.scalar(select(Step.id).where(*due_condition(now)).limit(1)) is None:
        return []  # as nearly always; asked once a second
    found = select(Step.queue, Step.id).where(*due_condition(now)).order_by(Step.not_before, Step.id).limit(limit)
    return [(queue, step_id) for one in Queue for queue, step_id in session.execute(found.where(Step.queue == one))]


_SINCE = func.coalesce(Step.ended_at, Step.created_at)


def _age_of(session: Session, step_id: int) -> Tuple:
    """Where a step stands among those that wait for a person; one that is not there is the oldest."""
    since = session.scalar(select(_SINCE).where(Step.id == step_id))
    return tuple_(literal(since or datetime.min.replace(tzinfo=UTC), UtcDateTime()), literal(step_id))


def quarantined_steps(
    session: Session, limit: int = 500, *, behind: int | None = None, ahead_of: int | None = None
) -> list[Quarantined]:
    """Steps only a person can help: in quarantine, or about an intake of which no part could be made; oldest first.

    The next ``limit`` of them behind a step, or right ahead of one.
    """
    by_age = tuple_(_SINCE, Step.id)
    place = [] if behind is None else [by_age > _age_of(session, behind)]
    place += [] if ahead_of is None else [by_age < _age_of(session, ahead_of)]
    contribution = (
        select(func.min(ContributionPart.contribution_id))
        .where(ContributionPart.part_id == Step.part_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Step, contribution)
        .where(
            text(f"({FOR_PERSON})"),
            or_(
                Step.state == StepState.QUARANTINED,
                helpless_intake(),
                _erasure_to_decide(),
                _not_sent(),
                _forms_to_compare(),
            ),
            *place,
        )
        .with_hint(Step, "INDEXED BY ix_step_for_person", "sqlite")
        .order_by(*((_SINCE, Step.id) if ahead_of is None else (_SINCE.desc(), Step.id.desc())))
        .limit(limit)
    ).all()
    return [
        Quarantined(
            step_id=step.id,
            kind=step.kind,
            state=step.state,
            reason=step.reason or "",
            attempts=step.attempts,
            since=step.ended_at or step.created_at,
            intake_id=step.intake_id,
            part_id=step.part_id,
            message_id=step.message_id,
            contribution_id=contribution_id,
        )
        for step, contribution_id in (rows if ahead_of is None else reversed(rows))
    ]


def helpless_intake() -> ColumnElement[bool]:
    """True of a step that left its intake to a person without making any part a person would see in the list."""
    return and_(
        Step.state == StepState.NEEDS_PERSON,
        Step.intake_id.is_not(None),
        ~select(Part.id).where(Part.intake_id == Step.intake_id).exists(),
    )


def _erasure_to_decide() -> ColumnElement[bool]:
    """True of a wish to have something erased that only a person can judge."""
    return and_(Step.state == StepState.NEEDS_PERSON, Step.kind == StepKind.ERASE)


def _not_sent() -> ColumnElement[bool]:
    """True of a message that could not be sent: somebody waits for an answer that a person has to give."""
    return and_(Step.state == StepState.NEEDS_PERSON, Step.message_id.is_not(None))


def _forms_to_compare() -> ColumnElement[bool]:
    """True of a scanned file that has grown since some of its forms were decided: a person compares them."""
    arrivals = select(func.count()).where(Arrival.intake_id == Step.intake_id).scalar_subquery()
    return and_(Step.state == StepState.NEEDS_PERSON, Step.kind == StepKind.SPLIT_PAGES, arrivals > 1)


def acknowledge_step(session: Session, step_id: int, by: int) -> None:
    """End a step that only asks a person to look, because one has; one of another kind, or state, is left alone."""
    ended = session.execute(
        update(Step)
        .where(Step.id == step_id, _forms_to_compare())
        .values(state=StepState.DONE, ended_at=utc_now())
        .returning(Step.intake_id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is not None:
        history.record_event(session, f"intake:{ended.intake_id}", "seen", by, {"step": StepKind.SPLIT_PAGES.value})


def replay_step(session: Session, step_id: int, by: int | None = None) -> Step:
    """Do an ended step again from the start, as if it had never failed; one that is open already is left alone."""
    step = session.get(Step, step_id)
    part_id = step.part_id if step is not None else None
    hook = step_end_hook(step.kind) if step is not None else None
    if hook is not None and part_id is not None:
        hook.before(session, part_id)
    step = session.get(Step, step_id, with_for_update=True, populate_existing=True)
    if step is None or step.state is StepState.DROPPED:
        raise NotReplayable(f"step {step_id} is not there any more")
    if step.state not in REPLAYABLE:
        return step
    reason = step.reason
    open_again(session, step.id, utc_now())
    session.refresh(step)
    wake_queue(session, step)
    history.record_event(session, step_subject(step), "replay", by, {"step": step.kind.value, "reason": reason or ""})
    if hook is not None and part_id is not None:
        hook.opened_again(session, part_id, reason)
        hook.ended(session, part_id)
    return step


def step_subject(step: Step) -> str:
    """What a step is about, as history calls it: ``part:7``."""
    if step.part_id is not None:
        return f"part:{step.part_id}"
    return f"intake:{step.intake_id}" if step.intake_id is not None else f"message:{step.message_id}"


def open_steps_of(session: Session, part_id: int) -> list[Step]:
    """What is still to be done to a part."""
    return list(
        session.scalars(select(Step).where(Step.part_id == part_id, Step.state == StepState.OPEN).order_by(Step.id))
    )

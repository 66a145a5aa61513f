"""To have work done, the inbox inserts a row; ``inbox.jobs.steps`` says how it is taken and ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.enums import StepKind, StepState
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import unit_of
from inbox.storage.upsert import insert_all_new, insert_if_new, insert_numbered, insert_rows


def add_step(
    session: Session,
    kind: StepKind,
    *,
    intake: int | None = None,
    part: int | None = None,
    message: int | None = None,
    not_before: datetime | None = None,
    again: bool = False,
) -> Step:
    """The step of this kind for an intake, part or message (ids), made when it is not there yet.

    With ``again`` one that has ended is opened anew, and one that is running is taken from its
    worker, because what it works on has changed.
    """
    subject = {"intake_id": intake, "part_id": part, "message_id": message}
    due = not_before or utc_now()
    is_new = insert_if_new(
        session,
        Step,
        kind=kind,
        queue=kind.queue,
        state=StepState.OPEN,
        attempts=0,
        token=0,
        not_before=due,
        created_at=utc_now(),
        **subject,
    )
    same = [Step.kind == kind, *(getattr(Step, name) == value for name, value in subject.items() if value is not None)]
    step = session.scalars(select(Step).where(*same).execution_options(populate_existing=True)).one()
    if again and not is_new and step.state is not StepState.DROPPED:
        open_again(session, step.id, due)
        session.refresh(step)
        is_new = True
    if is_new and due <= utc_now():
        wake_queue(session, step)
    return step


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The first step of a new intake: whose it is (None: nobody's), and what its door understood, sealed."""

    intake_id: int
    lane: str | None = None
    sealed_facts: bytes | None = None


def add_steps(session: Session, kind: StepKind, first: Sequence[FirstStep]) -> None:
    """A step of this kind for each of these new intakes, due at once, with one statement."""
    rows = [_first_row(kind, one) for one in first]
    for row in insert_all_new(session, Step, rows, [Step.id]) if rows else ():
        unit_of(session).woken.append((kind.queue, row.id))


def add_numbered_steps(session: Session, kind: StepKind, first: Mapping[int, FirstStep]) -> None:
    """The same where the steps have their ids already."""
    insert_rows(session, Step, [{"id": step_id, **_first_row(kind, one)} for step_id, one in first.items()])
    unit_of(session).woken += [(kind.queue, step_id) for step_id in first]


def _first_row(kind: StepKind, first: FirstStep) -> dict[str, Any]:
    now = utc_now()
    common = {"kind": kind, "queue": kind.queue, "state": StepState.OPEN, "attempts": 0, "token": 0}
    return {
        **common,
        "not_before": now,
        "created_at": now,
        "intake_id": first.intake_id,
        "lane": first.lane,
        "sealed_facts": first.sealed_facts,
    }


def add_steps_of_messages(session: Session, kind: StepKind, message_ids: Sequence[int]) -> None:
    """A step of this kind for each of these new messages, due at once, with one statement."""
    now = utc_now()
    common = {"kind": kind, "queue": kind.queue, "state": StepState.OPEN, "attempts": 0, "token": 0}
    rows = [{**common, "not_before": now, "created_at": now, "message_id": one} for one in message_ids]
    for step_id in insert_numbered(session, Step, rows):
        unit_of(session).woken.append((kind.queue, step_id))


def open_again(session: Session, step_id: int, due: datetime) -> None:
    """Open a step from the start; whoever holds it loses it."""
    session.execute(
        update(Step)
        .where(Step.id == step_id)
        .values(
            state=StepState.OPEN,
            attempts=0,
            not_before=due,
            lease_until=None,
            token=Step.token + 1,
            reason=None,
            ended_at=None,
        )
        .execution_options(synchronize_session=False)
    )


def wake_queue(session: Session, step: Step) -> None:
    """Have the step's queue woken once this transaction is committed (``Store.after_commit``); never if it is not."""
    unit_of(session).woken.append((step.queue, step.id))

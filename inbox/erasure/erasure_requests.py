"""Erasing at a resident's own wish, by text message: asked back once, confirmed, can be taken back, then done.

All of it is history, on the contribution for those who look at it, and on the intakes of the
messages for those who have to find it again. The erasing itself is a step of the confirming message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from config.enums import Channel, StepKind, StepState
from inbox.contributions.optimistic_locking import merged_into
from inbox.jobs.enqueue import add_step
from inbox.models import Contribution, ContributionPart, History, Intake, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import history

QUESTION = "erasure_question"
CONFIRMED = "erasure_confirmed"
DECLINED = "erasure_declined"
TAKEN_BACK = "erasure_taken_back"
FOR_A_PERSON = "erasure_asked_for"

_MESSAGES_LOOKED_AT = 50
"""How many of a person's last text messages may hold the question that is answered."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an erasing step has to do."""

    contribution_id: int
    for_a_person: bool
    """Somebody asked who could not be recognised."""


def belongs_to(session: Session, contribution_id: int, contributor_id: int | None) -> bool:
    """Whether a contribution is this person's alone: every part of it, and not merged into another one."""
    if contributor_id is None or merged_into(session, contribution_id) is not None:
        return False
    parts = session.execute(
        select(Part.contributor_id, Intake.contributor_id)
        .join(Intake, Intake.id == Part.intake_id)
        .join(ContributionPart, ContributionPart.part_id == Part.id)
        .where(ContributionPart.contribution_id == contribution_id)
    ).all()
    # A call's number may have come after its recording: then only the intake knows it.
    return bool(parts) and all((of_part or of_intake) == contributor_id for of_part, of_intake in parts)


def ask_back(session: Session, contribution_id: int, intake_id: int) -> None:
    """The person is asked whether to erase; the answer counts for a while (``pending``)."""
    history.record(session, f"intake:{intake_id}", QUESTION, details={"contribution": contribution_id})


def pending(session: Session, contributor_id: int | None, since: datetime, until: datetime | None = None) -> int | None:
    """The contribution about which the person's last question, asked after ``since``, is still unanswered.

    With ``until``, the question must have been asked by then: an answer that comes in late answers no later question.
    """
    if contributor_id is None:
        return None
    messages = session.scalars(
        select(Intake.id)
        .where(Intake.contributor_id == contributor_id, Intake.channel == Channel.SMS)
        .order_by(Intake.id.desc())
        .limit(_MESSAGES_LOOKED_AT)
    )
    last = session.scalar(
        select(History)
        .where(
            History.subject.in_([f"intake:{number}" for number in messages]),
            History.action.in_((QUESTION, CONFIRMED, DECLINED)),
            History.at >= since,
        )
        .order_by(History.id.desc())
        .limit(1)
    )
    if last is None or last.action != QUESTION or (until is not None and last.at > until):
        return None
    return int(last.details["contribution"])


def confirm(session: Session, contribution_id: int, intake_id: int, not_before: datetime) -> None:
    """The person said yes: a step erases, not before a time, until which it can be taken back."""
    history.record(session, f"intake:{intake_id}", CONFIRMED, details={"contribution": contribution_id})
    history.record(session, f"contribution:{contribution_id}", CONFIRMED, details={"intake": intake_id})
    add_step(session, StepKind.ERASE, intake=intake_id, not_before=not_before)


def decline(session: Session, contribution_id: int, intake_id: int) -> None:
    """The person said no, or nothing is left to erase: the question is answered."""
    history.record(session, f"intake:{intake_id}", DECLINED, details={"contribution": contribution_id})


def is_confirmed(session: Session, contribution_id: int) -> bool:
    """Whether an erasure is on its way, and can still be taken back."""
    return _open_step(session, contribution_id) is not None


def due(session: Session, contribution_id: int) -> datetime | None:
    """When an erasure that is on its way will be done, and until when it can be taken back; None when there is none."""
    steps = _steps_about(session, contribution_id, CONFIRMED, StepState.OPEN)
    return session.scalar(steps.with_only_columns(Step.not_before).limit(1))


def take_back(session: Session, contribution_id: int, by: int | None = None) -> bool:
    """Stop an erasure that is on its way; False when there is none."""
    step_id = _open_step(session, contribution_id)
    if step_id is None:
        return False
    session.execute(
        update(Step)
        .where(Step.id == step_id)
        # The token rises: a worker that is at it now can save nothing.
        .values(state=StepState.DROPPED, token=Step.token + 1, lease_until=None, ended_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    history.record(session, f"contribution:{contribution_id}", TAKEN_BACK, by)
    return True


def _open_step(session: Session, contribution_id: int) -> int | None:
    return next(iter(_steps_of(session, contribution_id, CONFIRMED, StepState.OPEN)), None)


def _steps_of(session: Session, contribution_id: int, action: str, *states: StepState) -> Sequence[int]:
    """The erasing steps in these states of the messages that did this about a contribution; held."""
    return session.scalars(_steps_about(session, contribution_id, action, *states).with_for_update()).all()


def _steps_about(session: Session, contribution_id: int, action: str, *states: StepState) -> Select[int]:
    lines = session.scalars(
        select(History).where(History.subject == f"contribution:{contribution_id}", History.action == action)
    )
    intakes = [int(line.details["intake"]) for line in lines]
    return (
        select(Step.id)
        .where(Step.intake_id.in_(intakes), Step.kind == StepKind.ERASE, Step.state.in_(states))
        .order_by(Step.id)
    )


def leave_to_a_person(session: Session, contribution_id: int, intake_id: int) -> None:
    """Somebody asks who cannot be recognised: it is put into quarantine, once, where a person decides."""
    waiting = _steps_of(session, contribution_id, FOR_A_PERSON, StepState.OPEN, StepState.NEEDS_PERSON)
    history.record(session, f"intake:{intake_id}", FOR_A_PERSON, details={"contribution": contribution_id})
    history.record(session, f"contribution:{contribution_id}", FOR_A_PERSON, details={"intake": intake_id})
    if not waiting:
        add_step(session, StepKind.ERASE, intake=intake_id)


def order_of(session: Session, intake_id: int | None) -> Order | None:
    """What the erasing step of a message has to do."""
    line = session.scalar(
        select(History)
        .where(History.subject == f"intake:{intake_id}", History.action.in_((CONFIRMED, FOR_A_PERSON)))
        .order_by(History.id.desc())
        .limit(1)
    )
    return Order(int(line.details["contribution"]), line.action == FOR_A_PERSON) if line is not None else None


def is_erased(session: Session, contribution_id: int) -> bool:
    """Whether nothing is left of it."""
    contribution = session.get(Contribution, contribution_id)
    return contribution is None or contribution.erased_at is not None

"""Erasing at a resident's own wish, by text message: asked back once, confirmed, can be taken back, then done.

What is asked for is a row (``ErasureRequest``); history tells of it, on the contribution for those who look at it and
on the intakes of the messages. The erasing itself is a step of the confirming message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from config.enums import Channel, ErasureState, StepKind, StepState
from inbox.contributions.optimistic_locking import merged_into
from inbox.jobs.enqueue import add_step
from inbox.models import Contribution, ContributionPart, ErasureRequest, Intake, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import history

QUESTION = "erasure_question"
CONFIRMED = "erasure_confirmed"
DECLINED = "erasure_declined"
TAKEN_BACK = "erasure_taken_back"
FOR_A_PERSON = "erasure_asked_for"


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """What an erasing step has to do."""

    contribution_id: int
    for_a_person: bool
    """Somebody asked who could not be recognised."""


def is_sole_author(session: Session, contribution_id: int, contributor_id: int | None) -> bool:
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


def ask_for_confirmation(session: Session, contribution_id: int, intake_id: int) -> None:
    """The person is asked whether to erase; the answer counts for a while (``pending_question``)."""
    _ask(session, contribution_id, intake_id, ErasureState.ASKED_BACK)
    history.record_event(session, f"intake:{intake_id}", QUESTION, details={"contribution": contribution_id})


def pending_question(
    session: Session, contributor_id: int | None, since: datetime, until: datetime | None = None
) -> int | None:
    """The contribution about which the person's last question, asked after ``since``, is still unanswered.

    With ``until``, the question must have been asked by then: an answer that comes in late answers no later question.
    """
    if contributor_id is None:
        return None
    last = session.scalar(
        select(ErasureRequest)
        .join(Intake, Intake.id == ErasureRequest.asked_in_id)
        .where(Intake.contributor_id == contributor_id, Intake.channel == Channel.SMS)
        .where(ErasureRequest.state != ErasureState.FOR_A_PERSON, ErasureRequest.asked_at >= since)
        .order_by(ErasureRequest.id.desc())
        .limit(1)
    )
    if last is None or last.state is not ErasureState.ASKED_BACK or (until is not None and last.asked_at > until):
        return None
    return last.contribution_id


def confirm_erasure(session: Session, contribution_id: int, intake_id: int, not_before: datetime) -> None:
    """The person said yes: a step erases, not before a time, until which it can be taken back."""
    _answer(session, contribution_id, intake_id, ErasureState.CONFIRMED)
    history.record_event(session, f"intake:{intake_id}", CONFIRMED, details={"contribution": contribution_id})
    history.record_event(session, f"contribution:{contribution_id}", CONFIRMED, details={"intake": intake_id})
    add_step(session, StepKind.ERASE, intake=intake_id, not_before=not_before)


def decline_erasure(session: Session, contribution_id: int, intake_id: int) -> None:
    """The person said no, or nothing is left to erase: the question is answered."""
    _answer(session, contribution_id, intake_id, ErasureState.DECLINED)
    history.record_event(session, f"intake:{intake_id}", DECLINED, details={"contribution": contribution_id})


def _ask(session: Session, contribution_id: int, intake_id: int, state: ErasureState) -> ErasureRequest:
    request = ErasureRequest(contribution_id=contribution_id, asked_in_id=intake_id, state=state)
    session.add(request)
    session.flush()
    return request


def _answer(session: Session, contribution_id: int, intake_id: int, state: ErasureState) -> None:
    """What the writer of a message was asked last about a contribution is answered by that message."""
    writer = select(Intake.contributor_id).where(Intake.id == intake_id).scalar_subquery()
    asked = session.scalar(
        select(ErasureRequest)
        .join(Intake, Intake.id == ErasureRequest.asked_in_id)
        .where(ErasureRequest.contribution_id == contribution_id, ErasureRequest.state == ErasureState.ASKED_BACK)
        .where(Intake.contributor_id == writer)
        .order_by(ErasureRequest.id.desc())
        .limit(1)
    )
    asked = asked or _ask(session, contribution_id, intake_id, state)
    asked.state, asked.answered_in_id = state, intake_id
    session.flush()


def is_confirmed(session: Session, contribution_id: int) -> bool:
    """Whether an erasure is on its way, and can still be taken back."""
    return _open_step(session, contribution_id) is not None


def erasure_due(session: Session, contribution_id: int) -> datetime | None:
    """When an erasure that is on its way will be done, and until when it can be taken back; None when there is none."""
    steps = _steps_about(contribution_id, ErasureState.CONFIRMED, StepState.OPEN)
    return session.scalar(steps.with_only_columns(Step.not_before).limit(1))


def cancel_erasure(session: Session, contribution_id: int, by: int | None = None) -> bool:
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
    about = (ErasureRequest.contribution_id == contribution_id, ErasureRequest.state == ErasureState.CONFIRMED)
    session.execute(update(ErasureRequest).where(*about).values(state=ErasureState.TAKEN_BACK))
    history.record_event(session, f"contribution:{contribution_id}", TAKEN_BACK, by)
    return True


def _open_step(session: Session, contribution_id: int) -> int | None:
    return next(iter(_steps_of(session, contribution_id, ErasureState.CONFIRMED, StepState.OPEN)), None)


def _steps_of(session: Session, contribution_id: int, state: ErasureState, *states: StepState) -> Sequence[int]:
    """The erasing steps in these states of the requests about a contribution that are so far; held."""
    return session.scalars(_steps_about(contribution_id, state, *states).with_for_update()).all()


def _steps_about(contribution_id: int, state: ErasureState, *states: StepState) -> Select[int]:
    answered_in = select(ErasureRequest.answered_in_id).where(
        ErasureRequest.contribution_id == contribution_id, ErasureRequest.state == state
    )
    return (
        select(Step.id)
        .where(Step.intake_id.in_(answered_in), Step.kind == StepKind.ERASE, Step.state.in_(states))
        .order_by(Step.id)
    )


def quarantine_request(session: Session, contribution_id: int, intake_id: int) -> None:
    """Somebody asks who cannot be recognised: it is put into quarantine, once, where a person decides."""
    waiting = _steps_of(session, contribution_id, ErasureState.FOR_A_PERSON, StepState.OPEN, StepState.NEEDS_PERSON)
    _ask(session, contribution_id, intake_id, ErasureState.FOR_A_PERSON).answered_in_id = intake_id
    history.record_event(session, f"intake:{intake_id}", FOR_A_PERSON, details={"contribution": contribution_id})
    history.record_event(session, f"contribution:{contribution_id}", FOR_A_PERSON, details={"intake": intake_id})
    if not waiting:
        add_step(session, StepKind.ERASE, intake=intake_id)


def erasure_order(session: Session, intake_id: int | None) -> ErasureOrder | None:
    """What the erasing step of a message has to do."""
    request = session.scalar(
        select(ErasureRequest)
        .where(ErasureRequest.answered_in_id == intake_id)
        .where(ErasureRequest.state.in_((ErasureState.CONFIRMED, ErasureState.FOR_A_PERSON)))
        .order_by(ErasureRequest.id.desc())
        .limit(1)
    )
    if request is None:
        return None
    return ErasureOrder(request.contribution_id, request.state is ErasureState.FOR_A_PERSON)


def is_erased(session: Session, contribution_id: int) -> bool:
    """Whether nothing is left of it."""
    contribution = session.get(Contribution, contribution_id)
    return contribution is None or contribution.erased_at is not None

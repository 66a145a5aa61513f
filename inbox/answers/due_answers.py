"""Answers that leave: which are due, for whom, and what is written as each one does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from config.answer_states import AnswerState, GivenState, Unreachable, Way
from config.enums import MessageState
from inbox.models import Answer, Contribution, ContributionOutcome, GivenAnswer, Message
from inbox.models.column_types import utc_now


def due_answers(session: Session) -> Sequence[int]:
    """The answers whose time to leave has come, the oldest first."""
    return session.scalars(
        select(Answer.id).where(Answer.state == AnswerState.LEAVING, Answer.leaves_at <= utc_now()).order_by(Answer.id)
    ).all()


def waiting_recipients(session: Session, answer_id: int, most: int) -> Sequence[tuple[int, Contribution]]:
    """The next rows of ``given_answer`` that wait, each with its contribution."""
    rows = session.execute(
        select(GivenAnswer.id, Contribution)
        .join(Contribution, Contribution.id == GivenAnswer.contribution_id)
        .where(GivenAnswer.answer_id == answer_id, GivenAnswer.state == GivenState.WAITING)
        .order_by(GivenAnswer.id)
        .limit(most)
    )
    return rows.tuples().all()


def save_outcome(session: Session, answer: Answer, contribution_id: int) -> None:
    """Write what becomes of a contribution, in the place of what was said before; nothing where an answer leaves it."""
    if answer.outcome is None:
        return
    session.execute(delete(ContributionOutcome).where(ContributionOutcome.contribution_id == contribution_id))
    session.add(
        ContributionOutcome(contribution_id=contribution_id, outcome=answer.outcome, answer_id=answer.id, at=utc_now())
    )


def is_told_already(session: Session, answer_id: int, contributor_id: int | None) -> bool:
    """Whether a person is told this answer with another of their contributions."""
    if contributor_id is None:
        return False
    same = (GivenAnswer.answer_id == answer_id, GivenAnswer.contributor_id == contributor_id)
    return bool(session.scalar(select(func.count(GivenAnswer.id)).where(*same)))


_SENT_WAYS = (Way.TEXT, Way.MAIL)


def failed_deliveries(session: Session, most: int) -> Sequence[int]:
    """The rows of ``given_answer`` that were sent in vain, of which no other way was looked for yet."""
    refused = and_(GivenAnswer.state == GivenState.UNREACHABLE, GivenAnswer.why == Unreachable.REFUSED)
    came_back = and_(GivenAnswer.state == GivenState.SENDING, Message.state == MessageState.FAILED)
    return session.scalars(
        select(GivenAnswer.id)
        .outerjoin(Message, Message.id == GivenAnswer.message_id)
        .join(Answer, Answer.id == GivenAnswer.answer_id)
        .where(
            GivenAnswer.tried.is_(None),
            GivenAnswer.way.in_(_SENT_WAYS),
            or_(refused, came_back),
            Answer.state == AnswerState.GIVEN,
        )
        .order_by(GivenAnswer.id)
        .limit(most)
    ).all()


def needs_second_way(session: Session, given: GivenAnswer) -> bool:
    """Whether an answer failed for good and nothing else was tried yet: see ``failed_deliveries``."""
    if given.tried is not None or given.way not in _SENT_WAYS:
        return False
    if given.state is GivenState.UNREACHABLE:
        return given.why is Unreachable.REFUSED
    message = session.get(Message, given.message_id) if given.message_id is not None else None
    return given.state is GivenState.SENDING and message is not None and message.state is MessageState.FAILED

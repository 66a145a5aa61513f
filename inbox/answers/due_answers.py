"""Answers that leave: which are due, for whom, and what is written as each one does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.answer_states import AnswerState, GivenState
from inbox.models import Answer, Contribution, ContributionOutcome, GivenAnswer
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

"""What a town still owes: per consultation, how many have no answer, how long they wait, and until when it promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from config.answer_states import AnswerKind
from config.enums import Answers, Moderation
from config.wording.consultation import Consultation as ConsultationFile
from inbox.answers.selection import ANSWERED
from inbox.consultations import consultation_versions
from inbox.models import (
    Answer,
    Conclusion,
    Contribution,
    FollowUp,
    GivenAnswer,
)


@dataclass(frozen=True, slots=True)
class OwedAnswers:
    """One consultation, and what is still to be answered in it."""

    consultation_id: int
    consultation: ConsultationFile
    phase: str
    """``before``, ``open``, ``closed`` (on its date, by itself) or ``concluded`` (by a person)."""
    contributions: int
    unanswered: int
    oldest: datetime | None
    """Since when the oldest of them waits."""
    days_left: int | None
    """Until the day by which an answer was promised; negative once it has passed, None where nothing was."""
    published: int
    """How many results and follow-ups are published."""


def has_answer() -> ColumnElement[bool]:
    """Whether the ``Contribution`` of a query around this has been answered, or will be."""
    return exists().where(
        and_(
            GivenAnswer.contribution_id == Contribution.id,
            GivenAnswer.state.in_(ANSWERED),
            Answer.id == GivenAnswer.answer_id,
            Answer.kind == AnswerKind.ANSWER,
            Answer.tells,
        )
    )


def list_owed_answers(session: Session, today: date) -> list[OwedAnswers]:
    """Every consultation, those that wait longest first."""
    found = [
        owed_answers_of(session, version.consultation_id, consultation_versions.as_consultation(version), today)
        for version in consultation_versions.current_versions_by_slug(session)
    ]
    return sorted(found, key=lambda one: (one.phase == "concluded", one.days_left is None, one.days_left or 0))


def owed_answers_of(session: Session, consultation_id: int, consultation: ConsultationFile, today: date) -> OwedAnswers:
    """What is owed in one consultation."""
    counted = [Contribution.consultation_id == consultation_id, Contribution.listed]
    # What was set aside is owed a reason, which its state tells; an answer is owed to what counts.
    waiting = [*counted, Contribution.moderation != Moderation.SET_ASIDE, ~has_answer()]
    total = session.scalar(select(func.count(Contribution.id)).where(*counted)) or 0
    unanswered, oldest = session.execute(
        select(func.count(Contribution.id), func.min(Contribution.created_at)).where(*waiting)
    ).one()
    promised = consultation.answers is not Answers.NONE and consultation.answer_by is not None
    return OwedAnswers(
        consultation_id,
        consultation,
        consultation_phase(session, consultation_id, consultation, today),
        total,
        unanswered,
        oldest,
        (consultation.answer_by - today).days if promised and consultation.answer_by else None,
        published_count(session, consultation_id),
    )


def consultation_phase(session: Session, consultation_id: int, consultation: ConsultationFile, today: date) -> str:
    """Closed comes by itself on its date; concluded only by a person, once something was published."""
    if session.get(Conclusion, consultation_id) is not None:
        return "concluded"
    return consultation.state_on(today)


def published_count(session: Session, consultation_id: int) -> int:
    """How many results, follow-ups and general answers stand on the public page."""
    pages = select(func.count(FollowUp.id)).where(
        FollowUp.consultation_id == consultation_id, FollowUp.withdrawn_at.is_(None)
    )
    return session.scalar(pages) or 0

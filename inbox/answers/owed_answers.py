"""What a town still owes: per consultation, how many have no answer, how long they wait, and until when it promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, select
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
from inbox.models.contribution_rows import LISTED
from inbox.records import tallies


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
    counted = [one for one in tallies.contribution_tallies(session) if one.consultation_id == consultation_id]
    # What was set aside is owed a reason, which its state tells; an answer is owed to what counts.
    owed = sum(one.count for one in counted if one.moderation is not Moderation.SET_ASIDE)
    unanswered = owed - _count_answered(session, consultation_id)
    oldest = _oldest_unanswered(session, consultation_id) if unanswered > 0 else None
    promised = consultation.answers is not Answers.NONE and consultation.answer_by is not None
    return OwedAnswers(
        consultation_id,
        consultation,
        consultation_phase(session, consultation_id, consultation, today),
        sum(one.count for one in counted),
        unanswered,
        oldest,
        (consultation.answer_by - today).days if promised and consultation.answer_by else None,
        published_count(session, consultation_id),
    )


def _owed_an_answer(consultation_id: int) -> list[ColumnElement[bool]]:
    return [
        Contribution.consultation_id == consultation_id,
        literal_column(f"contribution.{LISTED}"),
        Contribution.moderation != Moderation.SET_ASIDE,
    ]


def _count_answered(session: Session, consultation_id: int) -> int:
    """Counted along what was answered: how many there are in all is kept, and nothing looks at those."""
    answered = (
        select(GivenAnswer.contribution_id)
        .join(Answer, Answer.id == GivenAnswer.answer_id)
        .join(Contribution, Contribution.id == GivenAnswer.contribution_id)
        .where(
            Answer.kind == AnswerKind.ANSWER,
            Answer.tells,
            GivenAnswer.state.in_(ANSWERED),
            *_owed_an_answer(consultation_id),
        )
        .with_hint(Contribution, "NOT INDEXED", "sqlite")  # only its number leads to a contribution then
    )
    return session.scalar(select(func.count()).select_from(answered.distinct().subquery())) or 0


def _oldest_unanswered(session: Session, consultation_id: int) -> datetime | None:
    """Since when the first that came waits."""
    waiting = select(Contribution.created_at).where(*_owed_an_answer(consultation_id), ~has_answer())
    along = waiting.with_hint(Contribution, "INDEXED BY ix_contribution_listed_consultation", "sqlite")
    return session.scalar(along.order_by(Contribution.id).limit(1))


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

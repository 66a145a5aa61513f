"""What a reference tells: a state in plain words, and the answers of the town. Never who or what.

By the reference alone only general answers are told; an individual one is told to the number or address it was
given to, and in a call in which the code was keyed that came with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from config.answer_states import AnswerKind, AnswerState, GivenState, Way
from config.enums import Moderation
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from config.wording.message_catalog import resident_text
from inbox.answers import answer_preview, answer_recordings, service_requests
from inbox.answers.answer_wording import AnswerToTell
from inbox.consultations import consultation_versions
from inbox.listings import contribution_list
from inbox.models import Answer, Contribution, GivenAnswer
from inbox.models.column_types import utc_now
from inbox.records import answer_codes, references

UNKNOWN, ANSWERED, IN_PERSON, DECIDED, ERASED = "unknown", "answered", "answered_in_person", "decided", "erased"
CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """The state a reference opens: the end of the texts ``sms_state_…``, ``voice_state_…`` and ``web_state_…``."""

    name: str
    consultation: Consultation | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    given_id: int | None = None
    """The answer that is told by it."""
    recording_id: int | None = None
    """That answer as an official spoke it, in the language it is told in."""


def state_by_reference(
    session: Session,
    settings: Settings,
    digits: str,
    language: str,
    consultation: Consultation | None = None,
    asker: int | None = None,
    answer_id: int | None = None,
    proven_in: int | None = None,
) -> ReferenceState:
    """What ``digits`` tell somebody; ``asker`` is the contributor behind the number that asks, if that is known.

    With ``answer_id`` this answer is told and no newer one. ``proven_in`` is the call in which the code of an
    individual answer may have been keyed.
    """
    number = references.parse_reference(digits)
    contribution_id = references.contribution_of(session, number) if number else None
    contribution = session.get(Contribution, contribution_id) if contribution_id else None
    if number is None or contribution is None:
        return ReferenceState(UNKNOWN, consultation)
    consultation = consultation_versions.current_consultation(session, contribution.consultation_id) or consultation
    if contribution.erased_at is not None:
        return ReferenceState(ERASED, consultation, {"reference": number})
    row = _newest_given(session, contribution.id, answer_id)
    answered = _answered(session, settings, contribution, number, language, consultation, asker, row, proven_in)
    return answered or _moderated(session, settings, contribution, number, language, consultation)


def _answered(
    session: Session,
    settings: Settings,
    contribution: Contribution,
    number: str,
    language: str,
    consultation: Consultation | None,
    asker: int | None,
    row: tuple[GivenAnswer, Answer] | None,
    proven_in: int | None,
) -> ReferenceState | None:
    """What was answered; else what was decided, if anything, and only then that the consultation has closed."""
    decided = service_requests.contribution_outcome(session, contribution.id)
    if row is not None and (row[1].kind is AnswerKind.ANSWER or decided is None):
        given, answer = row
        is_theirs = asker is not None and asker in (contribution.contributor_id, given.contributor_id)
        is_proven = proven_in is not None and answer_codes.is_proven(session, given.id, proven_in)
        if not answer.is_general and not is_theirs and not is_proven:
            return ReferenceState(IN_PERSON, consultation, {"reference": number})
        said = answer_preview.answer_texts(session, answer)
        told_in = said.language_for(language, settings.language)
        spoken = answer_recordings.ready_recording(session, answer.id, told_in)
        name = ANSWERED if answer.kind is AnswerKind.ANSWER else CLOSING
        return ReferenceState(name, consultation, said.facts(told_in, number), given.id, spoken)
    if decided is None:
        return None
    facts = AnswerToTell({}, decided, consultation).facts(language, number)
    return ReferenceState(DECIDED, consultation, {"reference": number, "outcome": facts["outcome"]})


def individual_answer(session: Session, number: str) -> GivenAnswer | None:
    """The answer a reference opens, where it is told to its author only; None where it is another or none."""
    contribution_id = references.contribution_of(session, number)
    row = _newest_given(session, contribution_id, None) if contribution_id is not None else None
    return row[0] if row is not None and not row[1].is_general and row[1].kind is AnswerKind.ANSWER else None


def _newest_given(session: Session, contribution_id: int, answer_id: int | None) -> tuple[GivenAnswer, Answer] | None:
    """The newest answer that was not withdrawn, or this one."""
    row = session.execute(
        select(GivenAnswer, Answer)
        .join(Answer, Answer.id == GivenAnswer.answer_id)
        .where(
            GivenAnswer.contribution_id == contribution_id,
            GivenAnswer.state.not_in((GivenState.WAITING, GivenState.WITHDRAWN)),
            Answer.state != AnswerState.WITHDRAWN,
            Answer.tells,
            *([] if answer_id is None else [Answer.id == answer_id]),
        )
        .order_by(case((Answer.kind == AnswerKind.ANSWER, 1), else_=0).desc(), Answer.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def _moderated(
    session: Session,
    settings: Settings,
    contribution: Contribution,
    number: str,
    language: str,
    consultation: Consultation | None,
) -> ReferenceState:
    reason = ""
    if contribution.set_aside_reason is not None:
        reason = resident_text(f"reason_{contribution.set_aside_reason.value}", language, consultation)
    came_in, _voices = contribution_list.received_times(session, [contribution.id])[contribution.id]
    received = came_in.astimezone(settings.zone).date()
    name = "waiting" if contribution.moderation is Moderation.IN_REVIEW else contribution.moderation.value
    return ReferenceState(name, consultation, {"reference": number, "received": received, "reason": reason})


def record_answer_heard(session: Session, told: ReferenceState) -> None:
    """An answer that waits to be heard has been heard."""
    if told.given_id is not None:
        session.execute(
            update(GivenAnswer)
            .where(
                GivenAnswer.id == told.given_id, GivenAnswer.way == Way.PHONE, GivenAnswer.state == GivenState.TO_HEAR
            )
            .values(state=GivenState.HEARD, at=utc_now())
        )

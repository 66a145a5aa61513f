"""Results and follow-up that a town publishes, and concluding a consultation, which is refused before there are any.

A consultation closes on its date by itself. It is concluded when what it promised is public: the law wants the results
of a public consultation, or what came of them, published (code des relations entre le public et l'administration,
article L131-1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.answer_states import AnswerKind, AnswerState, FollowUpKind
from config.wording.consultation import Consultation as ConsultationFile
from config.wording.message_catalog import resident_text
from inbox.answers import drafting, owed_answers
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import RecipientSelection
from inbox.errors import InboxError
from inbox.listings.visibility import Visibility
from inbox.models import Answer, Conclusion, FollowUp
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.upsert import insert_if_new

LONGEST = 20_000
"""Characters of a result in one language."""


class NothingPublished(InboxError):
    """Concluding a consultation of which neither results nor a follow-up are published."""

    remedy = "Publish the results first: what was said, what is done about it, and why."


class StillOpen(InboxError):
    """Concluding a consultation that still listens."""

    remedy = "Wait until it has closed, or give it an earlier end."


class NothingToPublish(InboxError):
    """Publishing nothing."""

    remedy = "Write what is to be published."


def publish_follow_up(
    session: Session, consultation_id: int, kind: FollowUpKind, words: Mapping[str, str], by: int
) -> FollowUp:
    """Publish results or a follow-up, in the town's own words."""
    body = {language: text.strip()[:LONGEST] for language, text in words.items() if text.strip()}
    if not body:
        raise NothingToPublish("there is nothing to publish")
    made = FollowUp(consultation_id=consultation_id, kind=kind, body=body, person_id=by)
    session.add(made)
    session.flush()
    history.record_event(session, f"consultation:{consultation_id}", "published_results", by, {"kind": kind.value})
    return made


def withdraw_follow_up(session: Session, follow_up_id: int, by: int) -> None:
    """Take it off the public page; that it stood there stays in the history."""
    found = session.get_one(FollowUp, follow_up_id)
    if found.withdrawn_at is None:
        found.withdrawn_at = utc_now()
        history.record_event(session, f"consultation:{found.consultation_id}", "withdrew_results", by)


def published_follow_ups(session: Session, consultation_id: int) -> Sequence[FollowUp]:
    """What stands on the public page, the newest first."""
    return session.scalars(
        select(FollowUp)
        .where(FollowUp.consultation_id == consultation_id, FollowUp.withdrawn_at.is_(None))
        .order_by(FollowUp.id.desc())
    ).all()


def conclude_consultation(
    session: Session, consultation_id: int, consultation: ConsultationFile, by: int, today: date
) -> None:
    """Conclude it. Raises StillOpen, NothingPublished."""
    if consultation.state_on(today) != "closed":
        raise StillOpen(f"consultation {consultation_id} is open until {consultation.closes}")
    if not owed_answers.published_count(session, consultation_id):
        raise NothingPublished(f"consultation {consultation_id} has published nothing")
    if insert_if_new(session, Conclusion, consultation_id=consultation_id, person_id=by, at=utc_now()):
        history.record_event(session, f"consultation:{consultation_id}", "concluded", by)


def reopen_consultation(session: Session, consultation_id: int, by: int) -> None:
    """Take a conclusion back: something is owed again."""
    found = session.get(Conclusion, consultation_id)
    if found is not None:
        session.delete(found)
        history.record_event(session, f"consultation:{consultation_id}", "conclusion_taken_back", by)


# --- that it has closed ---------------------------------------------------------------------------


def closing_message_of(session: Session, consultation_id: int) -> Answer | None:
    """The message that it has closed, written or sent; None where there is none, or it was withdrawn."""
    return session.scalar(
        select(Answer).where(
            Answer.consultation_id == consultation_id,
            Answer.kind == AnswerKind.CLOSING,
            Answer.state != AnswerState.WITHDRAWN,
        )
    )


def draft_closing_message(
    session: Session, consultation_id: int, consultation: ConsultationFile, by: int, sight: Visibility, today: date
) -> int:
    """Begin the message to everybody who took part, in words to be changed; the one there is where there is one.

    Raises StillOpen.
    """
    if consultation.state_on(today) != "closed":
        raise StillOpen(f"consultation {consultation_id} is open until {consultation.closes}")
    if (known := closing_message_of(session, consultation_id)) is not None:
        return known.id
    words = {one: resident_text("closing_words", one, consultation).strip() for one in consultation.languages}
    chosen = RecipientSelection(consultation=consultation.slug, again=True)
    meant = AnswerContent(words, is_general=True, kind=AnswerKind.CLOSING)
    return drafting.create_draft(session, chosen, meant, by, sight).id

"""An answer until it leaves: written, approved by a second person, released, withdrawn. Every wording is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.answer_states import AnswerKind, AnswerState, GivenState, Outcome
from config.enums import MessageState, StepState
from inbox.administration import webhooks
from inbox.answers.selection import RecipientSelection, author_visibility, selected_consultation, selected_contributions
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.listings.visibility import Visibility
from inbox.models import (
    Answer,
    AnswerRecording,
    AnswerVersion,
    ContributionOutcome,
    GivenAnswer,
    Message,
    Step,
)
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_all_new

LONGEST = 4_000
"""Characters of an answer in one language."""


class AnswerChanged(InboxError):
    """Somebody changed the answer since the page was made."""

    remedy = "Look at the answer as it is now. Nothing of yours was saved over it."


class AnswerGone(InboxError):
    """An answer that has left, or was withdrawn, cannot be changed."""

    remedy = "Write a new answer: it goes to the same people."


class NothingSaid(InboxError):
    """An answer without words in one of the consultation's languages."""

    remedy = "Write the answer in every language of the consultation."


class NobodyChosen(InboxError):
    """An answer to nobody."""

    remedy = "Choose other contributions: these have an answer already, or are not there any more."


class SecondPersonNeeded(InboxError):
    """An answer is to be approved by somebody other than its authors."""

    remedy = "Ask a colleague to open the answer and approve it."


@dataclass(frozen=True, slots=True)
class AnswerWording:
    """One version of an answer."""

    number: int
    words: Mapping[str, str]
    """By language."""
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerContent:
    """What an answer is to say and do."""

    words: Mapping[str, str]
    is_general: bool = False
    outcome: Outcome | None = None
    tells: bool = True
    kind: AnswerKind = AnswerKind.ANSWER


def create_draft(
    session: Session, chosen: RecipientSelection, meant: AnswerContent, by: int, sight: Visibility
) -> Answer:
    """A draft. Raises SeveralConsultations when what was chosen does not belong together."""
    consultation_id = selected_consultation(session, chosen, sight)
    key_id = vault_of(session).new_key(session).id
    answer = Answer(
        consultation_id=consultation_id,
        is_general=meant.is_general,
        outcome=meant.outcome,
        tells=meant.tells,
        kind=meant.kind,
        key_id=key_id,
        sealed_chosen=b"",
        created_by_id=by,
    )
    session.add(answer)
    session.flush()
    place = place_of(Answer.sealed_chosen, answer)
    answer.sealed_chosen = vault_of(session).seal_json(session, key_id, chosen.as_json(), place)
    _add_wording(session, answer, meant.words, by)
    history.record_event(session, _subject(answer), "answer_begun", by)
    return answer


def update_draft(session: Session, answer_id: int, meant: AnswerContent, by: int, expect_revision: int) -> Answer:
    """Change a draft; one that waits for approval becomes a draft again. Raises AnswerChanged, AnswerGone."""
    answer = _take(session, answer_id, expect_revision, AnswerState.DRAFT, AnswerState.TO_APPROVE)
    if dict(current_wording(session, answer).words) != _clean(meant.words):
        _add_wording(session, answer, meant.words, by)
    answer.is_general, answer.outcome, answer.tells = meant.is_general, meant.outcome, meant.tells
    answer.state = AnswerState.DRAFT
    answer.revision += 1
    history.record_event(session, _subject(answer), "answer_rewritten", by)
    return answer


def submit_answer(
    session: Session, answer_id: int, by: int, expect_revision: int, wait: timedelta = timedelta()
) -> AnswerState:
    """Let it leave after ``wait``, or ask for a second person's approval where the consultation wants that.

    Raises NothingSaid, NobodyChosen, AnswerChanged, AnswerGone.
    """
    answer = _take(session, answer_id, expect_revision, AnswerState.DRAFT)
    _check_said(session, answer)
    if needs_second_person(session, answer):
        answer.state = AnswerState.TO_APPROVE
        answer.revision += 1
        history.record_event(session, _subject(answer), "answer_to_approve", by)
        return answer.state
    _release(session, answer, by, wait)
    return answer.state


def approve_answer(
    session: Session, answer_id: int, by: int, expect_revision: int, wait: timedelta = timedelta()
) -> None:
    """A second person lets it leave. Raises SecondPersonNeeded when it is one of its authors."""
    answer = _take(session, answer_id, expect_revision, AnswerState.TO_APPROVE)
    authors = session.scalars(select(AnswerVersion.person_id).where(AnswerVersion.answer_id == answer.id)).all()
    voices = session.scalars(select(AnswerRecording.person_id).where(AnswerRecording.answer_id == answer.id)).all()
    if by in (*authors, *voices, answer.created_by_id):
        raise SecondPersonNeeded(f"person {by} wrote answer {answer.id}")
    answer.approved_by_id = by
    _release(session, answer, by, wait)


def return_to_draft(session: Session, answer_id: int, by: int, expect_revision: int) -> None:
    """The second person wants it changed: it is a draft again."""
    answer = _take(session, answer_id, expect_revision, AnswerState.TO_APPROVE)
    answer.state = AnswerState.DRAFT
    answer.revision += 1
    history.record_event(session, _subject(answer), "answer_sent_back", by)


def withdraw_answer(session: Session, answer_id: int, by: int) -> int:
    """Stop it: nobody who has not been sent it yet gets it; how many are spared it. What was sent cannot come back."""
    answer = session.get_one(Answer, answer_id, with_for_update=True, populate_existing=True)
    if answer.state is AnswerState.WITHDRAWN:
        return 0
    spared = _stop_messages(session, answer.id)
    still = [GivenState.WAITING, GivenState.TO_HEAR, GivenState.TO_PRINT]
    spared += _change(session, answer.id, still, GivenState.WITHDRAWN)
    reached = session.scalar(
        select(func.count(GivenAnswer.id)).where(
            GivenAnswer.answer_id == answer.id,
            GivenAnswer.state.in_((GivenState.SENDING, GivenState.HEARD, GivenState.PRINTED)),
        )
    )
    if not reached:
        session.query(ContributionOutcome).filter_by(answer_id=answer.id).delete()
    answer.state, answer.ended_at = AnswerState.WITHDRAWN, utc_now()
    answer.revision += 1
    history.record_event(session, _subject(answer), "answer_withdrawn", by, {"spared": spared, "reached": reached or 0})
    return spared


def _stop_messages(session: Session, answer_id: int) -> int:
    mine = select(GivenAnswer.message_id).where(
        GivenAnswer.answer_id == answer_id, GivenAnswer.state == GivenState.SENDING
    )
    # One whose attempt has begun may be out already: it is left alone.
    stopped = session.scalars(
        update(Message)
        .where(Message.id.in_(mine), Message.state == MessageState.QUEUED, Message.sent_at.is_(None))
        .values(state=MessageState.WITHDRAWN)
        .returning(Message.id)
    ).all()
    for start in range(0, len(stopped), 500):
        some = stopped[start : start + 500]
        session.execute(
            update(Step)
            .where(Step.message_id.in_(some), Step.state == StepState.OPEN)
            .values(state=StepState.DROPPED, token=Step.token + 1, lease_until=None, ended_at=utc_now())
        )
        session.execute(
            update(GivenAnswer).where(GivenAnswer.message_id.in_(some)).values(state=GivenState.WITHDRAWN, at=utc_now())
        )
    return len(stopped)


def _change(session: Session, answer_id: int, states: list[GivenState], to: GivenState) -> int:
    changed = session.scalars(
        update(GivenAnswer)
        .where(GivenAnswer.answer_id == answer_id, GivenAnswer.state.in_(states))
        .values(state=to, at=utc_now())
        .returning(GivenAnswer.id)
    )
    return len(changed.all())


# --- what is asked about an answer --------------------------------------------------------------


def current_wording(session: Session, answer: Answer) -> AnswerWording:
    """The wording in force."""
    return wording_versions(session, answer)[0]


def wording_versions(session: Session, answer: Answer) -> list[AnswerWording]:
    """Every wording, the newest first; words are gone where the contribution it was about is erased."""
    rows = session.scalars(
        select(AnswerVersion).where(AnswerVersion.answer_id == answer.id).order_by(AnswerVersion.number.desc())
    )
    vault = vault_of(session)
    found = []
    for row in rows:
        words = vault.json_if_kept(session, answer.key_id, row.sealed_body, place_of(AnswerVersion.sealed_body, row))
        found.append(AnswerWording(row.number, words or {}, row.person_id, row.created_at))
    return found


def chosen_recipients(session: Session, answer: Answer) -> RecipientSelection:
    """Whom it is for; nobody once that is erased."""
    kept = vault_of(session).json_if_kept(
        session, answer.key_id, answer.sealed_chosen, place_of(Answer.sealed_chosen, answer)
    )
    return RecipientSelection.of_json(kept or {"numbers": [0]})


def needs_second_person(session: Session, answer: Answer) -> bool:
    """Whether the consultation wants somebody else to approve it."""
    asked = consultation_versions.current_consultation(session, answer.consultation_id)
    return asked is not None and asked.second_person


# --- inside -------------------------------------------------------------------------------------


def _release(session: Session, answer: Answer, by: int, wait: timedelta) -> None:
    """Fix to whom it goes: whoever writes after this moment is not meant by it."""
    meant = selected_contributions(
        session, chosen_recipients(session, answer), author_visibility(session, answer), answer.id
    )
    meant = [one for one in meant if one.consultation_id == answer.consultation_id]
    if not meant:
        raise NobodyChosen(f"answer {answer.id} is for nobody")
    now = utc_now()
    waiting = GivenState.WAITING
    rows = [
        {"answer_id": answer.id, "contribution_id": one.id, "state": waiting, "segments": 0, "at": now} for one in meant
    ]
    insert_all_new(session, GivenAnswer, rows, [GivenAnswer.id])
    answer.state, answer.leaves_at = AnswerState.LEAVING, now + wait
    answer.revision += 1
    history.record_event(session, _subject(answer), "answer_released", by, {"to": len(rows)})
    webhooks.queue_event(session, "answer.released", {"answer": answer.id, "to": len(rows)})


def _check_said(session: Session, answer: Answer) -> None:
    if not answer.tells:
        if answer.outcome is None:
            raise NothingSaid(f"answer {answer.id} neither tells nor decides anything")
        return
    if not any(current_wording(session, answer).words.values()):
        raise NothingSaid(f"answer {answer.id} has no words")


def _take(session: Session, answer_id: int, expect_revision: int, *states: AnswerState) -> Answer:
    answer = session.get_one(Answer, answer_id, with_for_update=True, populate_existing=True)
    if answer.revision != expect_revision:
        raise AnswerChanged(f"answer {answer_id} is at revision {answer.revision}, not {expect_revision}")
    if answer.state not in states:
        raise AnswerGone(f"answer {answer_id} is {answer.state}")
    return answer


def _add_wording(session: Session, answer: Answer, words: Mapping[str, str], by: int) -> None:
    last = session.scalar(select(func.max(AnswerVersion.number)).where(AnswerVersion.answer_id == answer.id)) or 0
    row = AnswerVersion(answer_id=answer.id, number=last + 1, person_id=by)
    place = place_of(AnswerVersion.sealed_body, row)
    row.sealed_body = vault_of(session).seal_json(session, answer.key_id, _clean(words), place)
    session.add(row)
    session.flush()


def _clean(words: Mapping[str, str]) -> dict[str, str]:
    cleaned = {language: text.replace("\r\n", "\n").strip()[:LONGEST] for language, text in words.items()}
    return {language: text for language, text in cleaned.items() if text}


def _subject(answer: Answer) -> str:
    return f"answer:{answer.id}"

"""An answer that could not be delivered is tried another way, once, and only by one that its resident gave.

Another address stands beside the first where a contribution is made of several messages (a text and a mail that belong
together), or where a form came with a mobile number: then the sheet in its centre is left. Nobody is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.base.values import Outgoing
from config.answer_states import AnswerState, GivenState, Unreachable, Way
from config.settings.loader import Settings
from gateway.answers.answer_dispatch import mail_with_answer, queue_answer, text_with_answer
from gateway.answers.answer_threads import mail_threads_of
from inbox.answers import answer_preview, due_answers
from inbox.answers.reach import OtherWay, find_reaches, other_ways
from inbox.models import Answer, Contribution, GivenAnswer
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Ready:
    """Another way, and what is sent by it; None where it is printed, or nothing may be sent."""

    other: OtherWay
    outgoing: Outgoing | None


def try_second_ways(store: Store, settings: Settings) -> int:
    """Look at what failed since the last time; how many go another way now. Safe to repeat."""
    with store.read() as session:
        failed = due_answers.failed_deliveries(session, AT_ONCE)
    gone = 0
    for given_id in failed:
        with store.read() as session:
            ready = _made_ready(session, settings, given_id)
        with store.write() as session:
            gone += _try(session, given_id, ready)
    return gone


def _made_ready(session: Session, settings: Settings, given_id: int) -> list[_Ready]:
    """The ways there are, each with what is sent by it, made ready before the transaction."""
    given = session.get_one(GivenAnswer, given_id)
    answer, contribution = (
        session.get_one(Answer, given.answer_id),
        session.get_one(Contribution, given.contribution_id),
    )
    if contribution.erased_at is not None:
        return []
    found = other_ways(session, settings, contribution, given.contributor_id)
    return [_Ready(one, _outgoing(session, settings, answer, contribution, one)) for one in found]


def _try(session: Session, given_id: int, ready: list[_Ready]) -> bool:
    given = session.get_one(GivenAnswer, given_id, with_for_update=True, populate_existing=True)
    answer = session.get_one(Answer, given.answer_id)
    contribution = session.get_one(Contribution, given.contribution_id)
    if not due_answers.needs_second_way(session, given) or answer.state is not AnswerState.GIVEN:
        return False
    given.tried = given.way
    if given.state is GivenState.SENDING:  # the provider told of it afterwards
        given.state, given.why, given.at = GivenState.UNREACHABLE, Unreachable.REFUSED, utc_now()
    if contribution.erased_at is not None:
        return False
    for one in ready:
        if _take(session, answer, contribution, given, one):
            tried = given.tried.value if given.tried else None
            details = {"answer": answer.id, "way": one.other.way.value, "after": tried}
            history.record_event(session, f"contribution:{contribution.id}", "answered", answer.created_by_id, details)
            return True
    return False


def _take(session: Session, answer: Answer, contribution: Contribution, given: GivenAnswer, ready: _Ready) -> bool:
    other, outgoing = ready.other, ready.outgoing
    if due_answers.is_told_already(session, answer.id, other.contributor_id):
        return False
    if outgoing is None and other.way in (Way.TEXT, Way.MAIL):
        return False
    given.way, given.why, given.at = other.way, None, utc_now()
    given.contributor_id, given.message_id = other.contributor_id, None
    given.state = GivenState.SENDING if outgoing is not None else GivenState.TO_PRINT
    session.flush()
    if outgoing is not None:
        queue_answer(session, given, contribution, outgoing)
    return True


def _outgoing(
    session: Session, settings: Settings, answer: Answer, contribution: Contribution, other: OtherWay
) -> Outgoing | None:
    said = answer_preview.answer_texts(session, answer)
    [reach] = find_reaches(session, settings, [contribution], general=answer.is_general)
    if other.way is Way.TEXT:
        return text_with_answer(settings, said, reach)
    if other.way is not Way.MAIL:
        return None
    answered = mail_threads_of(session, settings, [contribution.id])[contribution.id]
    return mail_with_answer(settings, answer, said, reach, answered) if answered is not None else None

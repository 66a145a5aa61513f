"""Puts answers on their way: a few contributions in each transaction, so that whatever is killed goes on where it was.

Each row of ``given_answer`` leaves the state ``waiting`` in the transaction that makes its message: run again, or by
two processes at once, nobody is answered twice. The constraints say so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from channels.base.values import Address, Outgoing
from channels.email import compose as mail
from channels.email.compose import AnsweredMail
from config.answer_states import AnswerState, GivenState, Unreachable, Way
from config.enums import AddressKind, Channel, MessageState, Purpose, StepKind
from config.settings.loader import Settings
from gateway.answers.answer_threads import mail_threads_of
from gateway.receipts import compose_receipt
from inbox.answers import answer_preview, answer_wording, due_answers
from inbox.answers.answer_wording import AnswerToTell
from inbox.answers.reach import ResidentReach
from inbox.jobs import steps
from inbox.models import Answer, Contribution, GivenAnswer, Message
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

AT_ONCE = 50
"""Contributions of one transaction."""

_STATE_OF = {Way.PHONE: GivenState.TO_HEAR, Way.LETTER: GivenState.TO_PRINT, Way.NOTICE: GivenState.TO_PRINT}


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is to be done for one contribution, made ready before the transaction."""

    given_id: int
    reach: ResidentReach
    outgoing: Outgoing | None
    """None where nothing is sent: it is heard, printed, or nobody can be reached."""


def dispatch_due_answers(store: Store, settings: Settings) -> int:
    """Put every answer that is due on its way, to the last contribution; how many were dealt with."""
    with store.read() as session:
        due = due_answers.due_answers(session)
    return sum(_give(store, settings, answer_id) for answer_id in due)


def _give(store: Store, settings: Settings, answer_id: int) -> int:
    done = 0
    while True:
        with store.read() as session:
            ready = _made_ready(session, settings, answer_id)
        with store.write() as session:
            answer = session.get_one(Answer, answer_id, with_for_update=True, populate_existing=True)
            if answer.state is not AnswerState.LEAVING:
                return done
            if not ready:
                answer.state, answer.ended_at = AnswerState.GIVEN, utc_now()
                answer.revision += 1
                return done
            for one in ready:
                _give_one(session, answer, one)
        done += len(ready)


# --- made ready ---------------------------------------------------------------------------------


def _made_ready(session: Session, settings: Settings, answer_id: int) -> list[_Ready]:
    answer = session.get_one(Answer, answer_id)
    rows = due_answers.waiting_recipients(session, answer_id, AT_ONCE)
    found = [contribution for _given_id, contribution in rows]
    said = answer_preview.answer_texts(session, answer)
    by_number = {one.contribution_id: one for one in answer_preview.reaches_of(session, settings, answer, found)}
    mailed = [one.id for one in found if by_number[one.id].way is Way.MAIL]
    threads = mail_threads_of(session, settings, mailed) if answer.tells else {}
    return [_Ready(given_id, *_outgoing(settings, answer, said, by_number[one.id], threads)) for given_id, one in rows]


def _outgoing(
    settings: Settings,
    answer: Answer,
    said: AnswerToTell,
    reach: ResidentReach,
    threads: Mapping[int, AnsweredMail | None],
) -> tuple[ResidentReach, Outgoing | None]:
    if not answer.tells or reach.contributor_id is None:
        return reach, None
    if reach.way is Way.TEXT:
        return reach, text_with_answer(settings, said, reach)
    if reach.way is Way.CALL:
        return reach, Outgoing(Channel.VOICEMAIL, Address(AddressKind.PHONE, ""), reach.reference)
    if reach.way is Way.MAIL:
        answered = threads.get(reach.contribution_id)
        if answered is None:
            return _unreachable(reach, Unreachable.NO_MAIL), None
        return reach, mail_with_answer(settings, answer, said, reach, answered)
    return reach, None


def text_with_answer(settings: Settings, said: AnswerToTell, reach: ResidentReach) -> Outgoing:
    """An answer as a text message to one; whoever sends it opens the address."""
    number = partial(compose_receipt.reply_number, settings)
    body, cost = answer_wording.answer_as_text_message(settings, said, reach, number)
    return Outgoing(Channel.SMS, Address(AddressKind.PHONE, ""), body, segments=cost.count)


def mail_with_answer(
    settings: Settings, answer: Answer, said: AnswerToTell, reach: ResidentReach, answered: AnsweredMail
) -> Outgoing:
    """An answer as a mail to one, below theirs."""
    language = said.language_for(reach.language, settings.language)
    facts: dict[str, Any] = said.facts(language, reach.reference, reach.contribution_id)
    return mail.compose_answer_mail(
        answered,
        language,
        said.consultation,
        sender=settings.smtp.sender,
        number=answer.id,
        link=compose_receipt.state_page_url(settings, said.consultation),
        key=said.key("email"),
        **facts,
    )


def _unreachable(reach: ResidentReach, why: Unreachable) -> ResidentReach:
    return ResidentReach(reach.contribution_id, reach.channel, reach.reference, reach.language, None, why)


# --- put on its way -----------------------------------------------------------------------------


def _give_one(session: Session, answer: Answer, ready: _Ready) -> None:
    given = session.get_one(GivenAnswer, ready.given_id, with_for_update=True, populate_existing=True)
    if given.state is not GivenState.WAITING:
        return
    contribution = session.get_one(Contribution, given.contribution_id, with_for_update=True, populate_existing=True)
    given.at = utc_now()
    if contribution.erased_at is not None:
        given.state, given.why = GivenState.UNREACHABLE, Unreachable.ERASED
        return
    due_answers.save_outcome(session, answer, contribution.id)
    given.way, given.why = ready.reach.way, ready.reach.why
    if not answer.tells:
        given.way, given.state = None, GivenState.TOGETHER  # nobody is told, so nobody is left out
    elif given.way is None:
        given.state = GivenState.UNREACHABLE
    elif due_answers.is_told_already(session, answer.id, ready.reach.contributor_id):
        given.state = GivenState.TOGETHER
    else:
        given.contributor_id = ready.reach.contributor_id
        given.state = _STATE_OF.get(given.way, GivenState.SENDING)
        if ready.outgoing is not None:
            queue_answer(session, given, contribution, ready.outgoing)
    details = {"answer": answer.id, "way": given.way.value if given.way else None, "state": given.state.value}
    history.record_event(session, f"contribution:{contribution.id}", "answered", answer.created_by_id, details)
    session.flush()


def queue_answer(session: Session, given: GivenAnswer, contribution: Contribution, outgoing: Outgoing) -> None:
    """Put an answer to one on its way: its message, and the step that sends it."""
    kept = compose_receipt.stored_message(outgoing)
    message = Message(
        purpose=Purpose.ANSWER,
        channel=outgoing.channel,
        contributor_id=given.contributor_id,
        key_id=contribution.key_id,
        state=MessageState.QUEUED,
    )
    session.add(message)
    session.flush()
    place = place_of(Message.sealed_body, message)
    message.sealed_body = vault_of(session).seal_json(session, contribution.key_id, kept, place)
    given.message_id, given.segments = message.id, outgoing.segments
    steps.add_step(session, StepKind.SEND, message=message.id)

"""Messages about a contribution: its receipt, and the answers of the town to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from config.answer_states import AnswerState, GivenState, Unreachable, Way
from config.enums import Channel
from inbox.models import Answer, AnswerRecording, AnswerVersion, GivenAnswer, Message
from inbox.models.column_types import utc_now
from inbox.storage.envelope_encryption import vault_of

REPLY = "reply"
"""The kind of link from a contribution to the one whose answer it replies to."""

_NOT_OUT = (GivenState.WAITING, GivenState.SENDING, GivenState.TO_HEAR, GivenState.TO_PRINT)


def messages_about(contribution_id: int) -> ColumnElement[bool]:
    """The messages that go out, or went, about a contribution."""
    answers = select(GivenAnswer.message_id).where(GivenAnswer.contribution_id == contribution_id)
    return or_(Message.contribution_id == contribution_id, Message.id.in_(answers))


def mails_about(session: Session, contribution_id: int, most: int) -> Sequence[Message]:
    """The last mails about a contribution, so far as they are kept, newest first."""
    kept = (Message.channel == Channel.EMAIL, Message.sealed_body.is_not(None))
    about = select(Message).where(messages_about(contribution_id), *kept)
    return session.scalars(about.order_by(Message.id.desc()).limit(most)).all()


def lock_answer_messages(session: Session, answer_id: int, contribution_id: int | None) -> Sequence[Message]:
    """What gave an answer to a contribution, to be changed."""
    given = (GivenAnswer.answer_id == answer_id, GivenAnswer.contribution_id == contribution_id)
    sent = select(GivenAnswer.message_id).where(*given)
    return session.scalars(select(Message).where(Message.id.in_(sent)).with_for_update()).all()


def contribution_of_answer(session: Session, message_id: int) -> int | None:
    """The contribution that a message answers; None where it is no answer of the town."""
    return session.scalar(select(GivenAnswer.contribution_id).where(GivenAnswer.message_id == message_id))


def given_by_message(session: Session, message_id: int, *, lock: bool = False) -> GivenAnswer | None:
    """The row of an answer that a message gives, to be changed with ``lock``."""
    wanted = select(GivenAnswer).where(GivenAnswer.message_id == message_id)
    return session.scalar(wanted.with_for_update() if lock else wanted)


def last_answered(session: Session, contributor_id: int | None, since: datetime | None) -> int | None:
    """The contribution of which somebody was told an answer last, not before ``since``."""
    if contributor_id is None:
        return None
    told = GivenAnswer.state.not_in((GivenState.WAITING, GivenState.WITHDRAWN))
    after = [GivenAnswer.at >= since] if since is not None else []
    return session.scalar(
        select(GivenAnswer.contribution_id)
        .where(GivenAnswer.contributor_id == contributor_id, told, *after)
        .order_by(GivenAnswer.id.desc())
        .limit(1)
    )


def record_not_sent(session: Session, message_id: int, why: Unreachable) -> None:
    """Keep why somebody was not sent an answer after all; nothing where the message is none.

    Who was to be called back can still call: for them it waits to be heard.
    """
    session.execute(
        update(GivenAnswer)
        .where(GivenAnswer.message_id == message_id, GivenAnswer.way == Way.CALL)
        .values(way=Way.PHONE, state=GivenState.TO_HEAR, why=why, at=utc_now())
    )
    session.execute(
        update(GivenAnswer)
        .where(GivenAnswer.message_id == message_id, GivenAnswer.way != Way.PHONE)
        .values(state=GivenState.UNREACHABLE, why=why, at=utc_now())
    )


def delete_messages_about(session: Session, contribution_id: int) -> None:
    """A contribution is erased: what was still to be told about it is not, and words about it alone go with it."""
    about = GivenAnswer.contribution_id == contribution_id
    session.execute(
        update(GivenAnswer)
        .where(about, GivenAnswer.state.in_(_NOT_OUT))
        .values(state=GivenState.UNREACHABLE, why=Unreachable.ERASED, at=utc_now())
    )
    session.execute(update(GivenAnswer).where(about).values(contributor_id=None))
    vault = vault_of(session)
    ids = session.scalars(select(GivenAnswer.answer_id).where(about)).all()
    alone = select(Answer).where(Answer.id.in_(ids), ~Answer.is_general)
    for answer in session.scalars(alone):
        others = select(GivenAnswer.id).where(
            GivenAnswer.answer_id == answer.id, GivenAnswer.contribution_id != contribution_id
        )
        if session.scalar(others.limit(1)) is None:
            vault.destroy_key(session, answer.key_id)
            session.execute(update(AnswerVersion).where(AnswerVersion.answer_id == answer.id).values(sealed_body=None))
            session.execute(delete(AnswerRecording).where(AnswerRecording.answer_id == answer.id))
            if answer.state is not AnswerState.GIVEN:
                answer.state = AnswerState.WITHDRAWN

"""What comes back to an answer by mail: a reply is another voice, a bounce an answer that did not arrive."""

from __future__ import annotations

from collections.abc import Iterable

from config.answer_states import Unreachable
from config.enums import MessageState
from inbox.models import ContributionLink
from inbox.records import answer_messages, history, references
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_if_new


def link_reply(session: Session, contributions: Iterable[int | None], reference: str) -> None:
    """Note that these contributions reply to an answer to the one with this reference; safe to repeat."""
    about = references.contribution_of(session, reference)
    for one in dict.fromkeys(contributions):
        if one is None or about is None or one == about:
            continue
        if insert_if_new(session, ContributionLink, from_id=one, to_id=about, kind=answer_messages.REPLY):
            history.record_event(session, f"contribution:{one}", "replies", details={"to": about})


def record_bounce(session: Session, reference: str, answer_id: int) -> None:
    """An answer came back undelivered."""
    about = references.contribution_of(session, reference)
    for message in answer_messages.lock_answer_messages(session, answer_id, about):
        message.state = MessageState.FAILED
        answer_messages.record_not_sent(session, message.id, Unreachable.REFUSED)

"""Messages, looked up: what else a person was sent and when, who comes before, and how the provider calls them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from config.enums import Channel, MessageState, Purpose
from inbox.models import Arrival, Contribution, ContributionPart, Intake, Message, Part
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of


def message_id_with(session: Session, **values: object) -> int:
    """The number of the one message with these values."""
    return session.scalars(select(Message.id).filter_by(**values)).one()


def words_of(session: Session, message: Message) -> dict[str, Any] | None:
    """What a message says, as it was put; None where it has no words, or they were erased."""
    place = place_of(Message.sealed_body, message)
    words: dict[str, Any] | None = vault_of(session).json_if_kept(session, message.key_id, message.sealed_body, place)
    return words


def put_words(session: Session, message_id: int, key_id: int, words: Mapping[str, Any]) -> None:
    """Give a new message its words: it is known by its number, so they are sealed once it has one."""
    sealed = vault_of(session).seal_json(session, key_id, words, place_of(Message.sealed_body, {"id": message_id}))
    session.execute(update(Message).where(Message.id == message_id).values(sealed_body=sealed))


def lock_reported_message(session: Session, provider_id: str, message_id: int | None) -> Message | None:
    """The message a provider tells of, to be changed: by its identifier, or by our own number before that is known."""
    which = Message.provider_id == provider_id
    if message_id is not None:
        which = (Message.id == message_id) & (Message.provider_id.is_(None) | which)
    return session.scalar(select(Message).where(which).with_for_update())


def last_arrival_answered(session: Session, message: Message) -> datetime | None:
    """When the last of what a message answers came in: its intake, else its contribution's parts."""
    came = select(func.max(Arrival.arrived_at))
    if message.intake_id is not None:
        return session.scalar(came.where(Arrival.intake_id == message.intake_id))
    return session.scalar(
        came.join(Part, Part.intake_id == Arrival.intake_id)
        .join(ContributionPart, ContributionPart.part_id == Part.id)
        .where(ContributionPart.contribution_id == message.contribution_id)
    )


def receipts_by_mail(session: Session, contributor_ids: Collection[int], most: int) -> Sequence[Message]:
    """The latest receipts by mail to these people or for what they wrote, so far as they are kept."""
    theirs = select(Contribution.id).where(Contribution.contributor_id.in_(contributor_ids))
    kept = (Message.channel == Channel.EMAIL, Message.purpose == Purpose.RECEIPT, Message.sealed_body.is_not(None))
    return session.scalars(
        select(Message)
        .where(or_(Message.contributor_id.in_(contributor_ids), Message.contribution_id.in_(theirs)), *kept)
        .order_by(Message.id.desc())
        .limit(most)
    ).all()


def receipts_mailed(session: Session, contribution_ids: Collection[int]) -> Sequence[Message]:
    """The receipts by mail for these contributions."""
    receipts = (Message.purpose == Purpose.RECEIPT, Message.channel == Channel.EMAIL)
    return session.scalars(select(Message).where(Message.contribution_id.in_(contribution_ids), *receipts)).all()


def returned_mails(session: Session, contribution_id: int, intake_id: int) -> Sequence[Message]:
    """The receipt of a contribution, or, where an intake is named, what was told later about this mail of it."""
    which = (Message.contribution_id == contribution_id) & (Message.purpose == Purpose.RECEIPT)
    if intake_id:
        theirs = select(Part.intake_id).join(Part.contributions).where(Contribution.id == contribution_id)
        which = (Message.intake_id == intake_id) & (Message.purpose == Purpose.STATE) & Message.intake_id.in_(theirs)
    return session.scalars(select(Message).where(which, Message.channel == Channel.EMAIL)).all()


def other_identifiers(session: Session, message: Message) -> frozenset[str]:
    """How the provider calls the other messages to the same person."""
    same = [Message.contributor_id == message.contributor_id, Message.id != message.id]
    found = session.scalars(select(Message.provider_id).where(*same, Message.provider_id.is_not(None)))
    return frozenset(one for one in found if one)


def mails_to_same_person(session: Session, message: Message, since: datetime) -> int:
    """How many other mails went to the same person."""
    same = (Message.contributor_id == message.contributor_id, Message.channel == Channel.EMAIL)
    return (
        session.scalar(select(func.count(Message.id)).where(*same, Message.id != message.id, Message.sent_at >= since))
        or 0
    )


def receipts_mailed_since(session: Session, message: Message, since: datetime) -> int:
    """How many other mails that we send by ourselves went to anybody."""
    ours = (Message.channel == Channel.EMAIL, Message.purpose != Purpose.ANSWER, Message.id != message.id)
    return session.scalar(select(func.count(Message.id)).where(*ours, Message.sent_at >= since)) or 0


def texts_to_same_person(session: Session, message: Message, since: datetime, most: int) -> Sequence[datetime | None]:
    """When other texts went to the same person, newest first."""
    return session.scalars(
        select(Message.sent_at)
        .where(_gone_out(message, since), Message.contributor_id == message.contributor_id)
        .order_by(Message.sent_at.desc())
        .limit(most)
    ).all()


def texts_gone_out(session: Session, message: Message, since: datetime) -> int:
    """How many other texts went out to anybody."""
    return session.scalar(select(func.count(Message.id)).where(_gone_out(message, since))) or 0


def texts_ahead(session: Session, message: Message) -> int:
    """How many texts wait that were queued before this one."""
    waiting = (Message.channel == Channel.SMS, Message.state == MessageState.QUEUED, Message.sent_at.is_(None))
    return session.scalar(select(func.count(Message.id)).where(*waiting, Message.id < message.id)) or 0


def _gone_out(message: Message, since: datetime) -> ColumnElement[bool]:
    return and_(Message.channel == Channel.SMS, Message.id != message.id, Message.sent_at >= since)


def identifiers_of_erased(session: Session, intake_id: int) -> Sequence[str]:
    """How the provider calls our texts about an intake, and about what was made of it, so far as these are erased."""
    made_of_it = (
        select(ContributionPart.contribution_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(Part.intake_id == intake_id)
    )
    # What a contribution that lives on was answered belongs to that one.
    erased = select(Contribution.id).where(Contribution.id.in_(made_of_it), Contribution.erased_at.is_not(None))
    of_erased = select(Intake.id).where(Intake.id == intake_id, Intake.erased_at.is_not(None))
    about = or_(Message.intake_id.in_(of_erased), Message.contribution_id.in_(erased))
    sent = select(Message.provider_id).where(about, Message.channel == Channel.SMS, Message.provider_id.is_not(None))
    return [one for one in session.scalars(sent.order_by(Message.id)) if one]

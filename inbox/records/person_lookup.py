"""What one person has said, asked and been sent, looked up by their contributor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, NotContribution, Purpose
from inbox.models import Contribution, ContributionPart, Intake, LookUp, Message, Part


class Latest(NamedTuple):
    """How far what some people wrote and were sent reaches: the last rows of it, 0 for none."""

    part: int
    message: int


def latest_of(session: Session, contributor_ids: Collection[int], contribution_id: int | None) -> Latest:
    """The last part and message of these people, or about a contribution."""
    if not contributor_ids and contribution_id is None:
        return Latest(0, 0)
    part = select(func.max(Part.id)).where(Part.contributor_id.in_(contributor_ids))
    about: list[ColumnElement[bool]] = [Message.contributor_id.in_(contributor_ids)]
    about += [] if contribution_id is None else [Message.contribution_id == contribution_id]
    message = select(func.max(Message.id)).where(or_(*about))
    return Latest(session.scalar(part) or 0, session.scalar(message) or 0)


def has_spoken(session: Session, contributor_id: int) -> bool:
    """Whether somebody has contributed before."""
    theirs = select(Contribution.id).where(Contribution.contributor_id == contributor_id)
    return session.scalar(theirs.limit(1)) is not None


def last_language(session: Session, contributor_id: int) -> str | None:
    """The language (ISO 639-1) in which somebody last contributed, where it is known."""
    return session.scalar(
        select(Contribution.language)
        .where(Contribution.contributor_id == contributor_id, Contribution.language.is_not(None))
        .order_by(Contribution.id.desc())
        .limit(1)
    )


def only_contribution(session: Session, contributor_id: int, besides_part: int) -> int | None:
    """The one contribution of a person that is not erased, a part's own aside; None where there are none or several."""
    this = select(ContributionPart.contribution_id).where(ContributionPart.part_id == besides_part)
    theirs = (Contribution.contributor_id == contributor_id, Contribution.erased_at.is_(None))
    found = session.scalars(select(Contribution.id).where(*theirs, Contribution.id.not_in(this)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def texted_around(session: Session, part: Part, since: datetime, until: datetime) -> Contribution | None:
    """The last contribution in review whose texts the sender of a part sent in this time, under the same version."""
    same_version = Part.consultation_version_id.is_not_distinct_from(part.consultation_version_id)
    texts = (Part.contributor_id == part.contributor_id, Part.channel == Channel.SMS, same_version)
    return session.scalar(
        select(Contribution)
        .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(
            *texts,
            Intake.received_at.between(since, until),
            Contribution.erased_at.is_(None),
            Contribution.moderation == Moderation.IN_REVIEW,
        )
        .order_by(Contribution.id.desc())
        .limit(1)
    )


def latest_texts(session: Session, contributor_id: int, most: int) -> Sequence[Message]:
    """The texts somebody was sent last, so far as they are kept, newest first."""
    kept = (Message.channel == Channel.SMS, Message.sealed_body.is_not(None))
    return session.scalars(
        select(Message).where(Message.contributor_id == contributor_id, *kept).order_by(Message.id.desc()).limit(most)
    ).all()


def was_told_by_mail(session: Session, contributor_id: int | None, since: datetime) -> bool:
    """Whether somebody was told a state by mail since then."""
    told = (Message.channel == Channel.EMAIL, Message.purpose == Purpose.STATE, Message.created_at >= since)
    theirs = select(Message.id).where(Message.contributor_id == contributor_id, *told)
    return session.scalar(theirs.limit(1)) is not None


def keywords_and_look_ups(session: Session, contributor_id: int, since: datetime, until: datetime) -> int:
    """How many keywords somebody sent and how many references they keyed in a time, by when they came in."""
    sent = session.scalar(
        select(func.count(Part.id))
        .join(Intake, Intake.id == Part.intake_id)
        .where(
            Part.contributor_id == contributor_id,
            Part.not_contribution.in_((NotContribution.KEYWORD, NotContribution.ERASURE_WISH)),
            Intake.received_at.between(since, until),
        )
    )
    keyed = (Intake.channel == Channel.VOICEMAIL, LookUp.at.between(since, until))
    asked = session.scalar(
        select(func.count(LookUp.id))
        .join(Intake, Intake.id == LookUp.intake_id)
        .where(Intake.contributor_id == contributor_id, *keyed)
    )
    return (sent or 0) + (asked or 0)


def last_contribution(session: Session, contributor_id: int) -> int | None:
    """What a person contributed last, and is still there."""
    return session.scalar(
        select(Contribution.id)
        .where(Contribution.contributor_id == contributor_id, Contribution.erased_at.is_(None))
        .order_by(Contribution.id.desc())
        .limit(1)
    )

"""Moderation after publication: which contributions nobody has judged yet, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Moderation, Reading
from config.wording.danger_words import DANGER_PHRASES
from inbox.contributions import moderation
from inbox.errors import InboxError
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.narrowing import first_contribution_since
from inbox.listings.visibility import EVERYTHING
from inbox.models import Assignment, Contribution, Draft, History, PostModeration

_MOST_DANGEROUS = 1000


def list_unjudged(
    session: Session, consultation_ids: Collection[int], since: datetime, before: datetime, limit: int
) -> list[Contribution]:
    """What came between two moments, is in review, has been read, and was neither published unread nor held back."""
    known = select(PostModeration.contribution_id).where(PostModeration.contribution_id == Contribution.id)
    wanted = (
        Contribution.listed,
        Contribution.moderation == Moderation.IN_REVIEW,
        Contribution.reading != Reading.WAITING,
        Contribution.consultation_id.in_(consultation_ids),
        Contribution.id >= first_contribution_since(session, since),
        Contribution.created_at < before,
        ~known.exists(),
    )
    return list(session.scalars(select(Contribution).where(*wanted).order_by(Contribution.id).limit(limit)))


def dangerous_since(session: Session, since: datetime) -> set[int]:
    """What came since a moment, is in review, and holds words of danger."""
    wanted = ContributionFilter(moderation=Moderation.IN_REVIEW, any_of=DANGER_PHRASES, since=since)
    return {one.id for one in walk_along(session, wanted, EVERYTHING).older(session, None, _MOST_DANGEROUS)}


def is_worked_on(session: Session, contribution_id: int) -> bool:
    """Whether a person has typed something, has it to decide, or has done anything to it."""
    done = select(History.id).where(
        History.subject == f"contribution:{contribution_id}", History.person_id.is_not(None)
    )
    drafted = select(Draft.id).where(Draft.contribution_id == contribution_id)
    assigned = select(Assignment.person_id).where(Assignment.contribution_id == contribution_id)
    return any(session.scalar(one.limit(1)) is not None for one in (drafted, assigned, done))


def settle(session: Session, contribution_id: int, held: str) -> None:
    """Publish it unread, or note why it is held back."""
    if not held:
        try:
            moderation.publish_unread(session, contribution_id)
        except InboxError:
            held = "person"  # somebody was quicker
    if held and session.get(PostModeration, contribution_id) is None:
        session.add(PostModeration(contribution_id=contribution_id, held=held))

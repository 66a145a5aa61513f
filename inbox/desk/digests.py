"""Digests: a mail on what waits, each day or week, for those of the staff who asked for it.

A digest tells counts and the names of consultations, nothing that a resident said or that says who somebody is. Each is
sent once: its day, or the Monday of its week, is noted before it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.answer_states import AnswerState
from config.enums import Moderation, Reading, Role
from inbox.answers import owed_answers
from inbox.answers.owed_answers import OwedAnswers
from inbox.models import Answer, Appeal, Contest, Contribution, DigestSubscription, Person, PublicReport
from inbox.models.sealed_places import place_of
from inbox.records import history, tallies
from inbox.storage.envelope_encryption import vault_of

FOR = (Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
"""Whose work a digest is about."""
HOUR = 7
"""Of the town's day, from which on digests leave."""


class DigestRhythm(StrEnum):
    """How often."""

    DAY = "day"  # on working days
    WEEK = "week"  # on Mondays


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A digest that is to be sent now."""

    person_id: int
    address: str
    language: str | None
    moderates: bool
    period: date
    since: datetime
    """From when on what is new is new to whoever reads it."""


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """What waits, in numbers."""

    arrived: int
    published: int
    to_read: int
    oldest: datetime | None
    """Since when the oldest of those waits."""
    looked_again: int
    """Appeals, and wordings that their authors contest."""
    flagged: int
    to_approve: int
    """Answers that wait for a second person."""
    owed: Sequence[OwedAnswers]
    """Consultations with contributions that have no answer."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.arrived or self.to_read or self.looked_again or self.flagged or self.to_approve or self.owed)


def subscribe(session: Session, person_id: int, address: str, rhythm: DigestRhythm) -> None:
    """Send digests to this address from now on, in place of whatever was asked before."""
    unsubscribe(session, person_id)
    vault = vault_of(session)
    key_id = vault.new_key(session).id
    row = DigestSubscription(person_id=person_id, key_id=key_id, sealed_address=b"", every=rhythm.value)
    row.sealed_address = vault.seal_text(session, key_id, address, place_of(DigestSubscription.sealed_address, row))
    session.add(row)
    session.flush()
    history.record_event(session, f"person:{person_id}", "digest_wished", person_id, {"every": rhythm.value})


def unsubscribe(session: Session, person_id: int) -> bool:
    """Send none any more, and forget the address; whether any were sent."""
    row = session.get(DigestSubscription, person_id, with_for_update=True)
    if row is None:
        return False
    vault_of(session).destroy_key(session, row.key_id)
    session.delete(row)
    session.flush()
    history.record_event(session, f"person:{person_id}", "digest_ended", person_id)
    return True


def subscription_of(session: Session, person_id: int) -> tuple[str, DigestRhythm] | None:
    """To which address, and how often; None where none were asked for."""
    row = session.get(DigestSubscription, person_id)
    return None if row is None else (_address(session, row), DigestRhythm(row.every))


def due_digests(session: Session, now: datetime) -> list[DueDigest]:
    """Those that are to be sent at this moment of the town's day."""
    if now.hour < HOUR:
        return []
    today = now.date()
    rows = session.execute(
        select(DigestSubscription, Person)
        .join(Person, Person.id == DigestSubscription.person_id)
        .where(Person.active, or_(DigestSubscription.sent_for.is_(None), DigestSubscription.sent_for < today))
        .order_by(DigestSubscription.person_id)
    ).all()
    found = []
    for row, person in rows:
        period = _period(DigestRhythm(row.every), today)
        roles = {one.role for one in person.roles}
        if period is None or not roles.intersection(FOR):
            continue
        if row.sent_for is None and row.since.astimezone(now.tzinfo).date() > period:
            continue  # asked for after this one's day
        moderates = bool(roles & {Role.MODERATOR, Role.ADMINISTRATOR})
        since = _since(row, period, now.tzinfo)
        found.append(DueDigest(person.id, _address(session, row), person.language, moderates, period, since))
    return found


def claim_digest(session: Session, due: DueDigest) -> bool:
    """Note that it leaves now; False where it has left before, or is wanted no more."""
    not_yet = or_(DigestSubscription.sent_for.is_(None), DigestSubscription.sent_for < due.period)
    mine = (DigestSubscription.person_id == due.person_id, not_yet)
    claimed = update(DigestSubscription).where(*mine).values(sent_for=due.period)
    return session.scalar(claimed.returning(DigestSubscription.person_id)) is not None


def release_digest(session: Session, due: DueDigest, before: date | None) -> None:
    """It could not leave: it is due again."""
    mine = (DigestSubscription.person_id == due.person_id, DigestSubscription.sent_for == due.period)
    session.execute(update(DigestSubscription).where(*mine).values(sent_for=before))


def digest_figures(session: Session, due: DueDigest) -> DigestFigures:
    """What waits for this person: an official is told what is published and owed."""
    today = due.period
    new = (Contribution.listed, Contribution.created_at >= due.since)
    published = (*new, Contribution.moderation == Moderation.PUBLISHED)
    owed = [
        one for one in owed_answers.list_owed_answers(session, today) if one.unanswered and one.days_left is not None
    ]
    to_approve = _count(session, Answer.id, Answer.state == AnswerState.TO_APPROVE)
    if not due.moderates:
        seen = _count(session, Contribution.id, *published)
        return DigestFigures(seen, seen, 0, None, 0, 0, to_approve, owed)
    waiting = [one for one in tallies.contribution_tallies(session) if one.moderation is Moderation.IN_REVIEW]
    to_read = sum(one.count for one in waiting if one.reading is not Reading.WAITING)
    in_review = (Contribution.listed, Contribution.moderation == Moderation.IN_REVIEW)
    again = _count(session, Appeal.id, Appeal.settled_at.is_(None))
    return DigestFigures(
        arrived=_count(session, Contribution.id, *new),
        published=_count(session, Contribution.id, *published),
        to_read=to_read,
        oldest=session.scalar(select(func.min(Contribution.created_at)).where(*in_review)) if to_read else None,
        looked_again=again + _count(session, Contest.id, Contest.settled_at.is_(None)),
        flagged=_count(session, PublicReport.id, PublicReport.settled_at.is_(None)),
        to_approve=to_approve,
        owed=owed,
    )


def _count(
    session: Session, column: InstrumentedAttribute[int], *conditions: ColumnElement[bool] | InstrumentedAttribute[bool]
) -> int:
    return session.scalar(select(func.count(column)).where(*conditions)) or 0


def _period(rhythm: DigestRhythm, today: date) -> date | None:
    """The day it is for, or its Monday; None on days without one."""
    if rhythm is DigestRhythm.WEEK:
        return today - timedelta(days=today.weekday())
    return today if today.weekday() < 5 else None


def _since(row: DigestSubscription, period: date, zone: tzinfo | None) -> datetime:
    usual = period - timedelta(days=7 if row.every == DigestRhythm.WEEK else 3 if period.weekday() == 0 else 1)
    begun = datetime.combine(row.sent_for or usual, time(HOUR), tzinfo=zone)
    return max(begun, datetime.combine(period - timedelta(days=31), time(HOUR), tzinfo=zone))


def _address(session: Session, row: DigestSubscription) -> str:
    place = place_of(DigestSubscription.sealed_address, row)
    return vault_of(session).open_text(session, row.key_id, row.sealed_address, place)

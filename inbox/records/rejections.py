"""Counting what was refused: per day, door and reason, never with its content."""

from datetime import UTC, date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.models import Refusal
from inbox.storage.upsert import insert_if_new


def count_refusal(session: Session, door: str, reason: str, *, times: int = 1, day: date | None = None) -> None:
    """Add to a day's count, today's by default, of a door's refusals for a reason."""
    on = day or datetime.now(UTC).date()
    if insert_if_new(session, Refusal, day=on, door=door, reason=reason, count=times):
        return
    session.execute(
        update(Refusal)
        .where(Refusal.day == on, Refusal.door == door, Refusal.reason == reason)
        .values(count=Refusal.count + times)
    )


def refused_since(session: Session, day: date) -> list[tuple[str, str, int]]:
    """(door, reason, how often) of what the doors refused since a day; who signs in is counted elsewhere."""
    rows = session.execute(
        select(Refusal.door, Refusal.reason, func.sum(Refusal.count))
        .where(Refusal.day >= day, Refusal.door != "sign-in")
        .group_by(Refusal.door, Refusal.reason)
    )
    return [(door, reason, count) for door, reason, count in rows]

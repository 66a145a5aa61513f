"""Counting what was refused: per day, door and reason, never with its content."""

from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from inbox.models import Refusal
from inbox.upsert import insert_if_new


def count_refusal(session: Session, door: str, reason: str) -> None:
    """Add one to today's count of a door's refusals for a reason."""
    today = datetime.now(UTC).date()
    if insert_if_new(session, Refusal, day=today, door=door, reason=reason, count=1):
        return
    session.execute(
        update(Refusal)
        .where(Refusal.day == today, Refusal.door == door, Refusal.reason == reason)
        .values(count=Refusal.count + 1)
    )

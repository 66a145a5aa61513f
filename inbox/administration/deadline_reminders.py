"""Reminders of what a consultation has promised: on which days, and that each was sent once."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from inbox.models import DeadlineReminder
from inbox.models.column_types import utc_now
from inbox.storage.upsert import insert_if_new

DAYS_BEFORE = (30, 14, 7, 3, 1, 0)
"""Days before the promised one on which officials are reminded."""
EVERY_AFTER = timedelta(days=7)
"""How often they are once it has passed."""


def reminder_due(promised: date, today: date) -> date | None:
    """The day of the newest reminder that is due by today; None before the first."""
    if today > promised:
        return promised + EVERY_AFTER * ((today - promised) // EVERY_AFTER)
    days = [promised - timedelta(days=before) for before in DAYS_BEFORE]
    return max((day for day in days if day <= today), default=None)


def claim_reminder(session: Session, consultation_id: int, due_on: date) -> bool:
    """Whether this reminder is still to be sent; from now on it is not."""
    return insert_if_new(session, DeadlineReminder, consultation_id=consultation_id, due_on=due_on, at=utc_now())


def release_reminder(session: Session, consultation_id: int, due_on: date) -> None:
    """Nobody could be reached: it is to be sent after all."""
    session.query(DeadlineReminder).filter_by(consultation_id=consultation_id, due_on=due_on).delete()

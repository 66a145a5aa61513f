"""For how long the oldest due step of a queue waits: what says that a pool is too small."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Queue
from inbox.jobs.steps import due_condition
from inbox.models import Step


def oldest_due_seconds(session: Session, queue: Queue, now: datetime) -> float:
    """Of the steps that are due and that nobody holds; 0 when there is none."""
    since = session.scalar(select(func.min(Step.not_before)).where(Step.queue == queue, *due_condition(now)))
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0

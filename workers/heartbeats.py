"""When each process was last seen alive, for the status page and ``portevoix doctor``."""

from datetime import timedelta

from sqlalchemy.orm import Session

from inbox.columns import utc_now
from inbox.models import Heartbeat

EVERY_SECONDS = 10.0


def beat(session: Session, process: str, note: str = "") -> None:
    """Say that ``process`` is alive; ``note`` (at most 255 characters) says what it is doing or missing."""
    row = session.get(Heartbeat, process)
    if row is None:
        session.add(Heartbeat(process=process, note=note[:255]))
    else:
        row.seen_at = utc_now()
        row.note = note[:255]


def is_silent(session: Session, process: str, seconds: float) -> bool:
    """Whether ``process`` has been seen, but not within the last ``seconds``."""
    row = session.get(Heartbeat, process)
    return row is not None and row.seen_at < utc_now() - timedelta(seconds=seconds)

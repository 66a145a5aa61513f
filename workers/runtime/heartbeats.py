"""When each process was last seen alive, for the status page and ``portevoix doctor``."""

import logging
from datetime import timedelta

from inbox.models import Heartbeat
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session

EVERY_SECONDS = 10.0

log = logging.getLogger(__name__)


def record_heartbeat(session: Session, process: str, note: str = "") -> None:
    """Say that ``process`` is alive; ``note`` (at most 255 characters) says what it is doing or missing."""
    row = session.get(Heartbeat, process)
    if row is None:
        session.add(Heartbeat(process=process, note=note[:255]))
    else:
        row.seen_at = utc_now()
        row.note = note[:255]


def try_record_heartbeat(store: Store, process: str, note: str = "") -> None:
    """Beat in a transaction of its own; what fails is logged: a process that holds something must not end with it."""
    try:
        with store.write() as session:
            record_heartbeat(session, process, note)
    except Exception:
        log.exception("%s: no heartbeat, the next one is tried all the same", process)


def is_silent(session: Session, process: str, seconds: float) -> bool:
    """Whether ``process`` has been seen, but not within the last ``seconds``."""
    row = session.get(Heartbeat, process)
    return row is not None and row.seen_at < utc_now() - timedelta(seconds=seconds)

"""« Ce n'est pas ça »: an author says that what we understood is not what they meant, and a person looks again."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config.enums import Channel
from inbox.models import Contest
from inbox.models.column_types import utc_now
from inbox.models.desk_rows import OPEN_APPEAL
from inbox.records import history

LODGED, SETTLED = "contested", "contest_settled"


def lodge(session: Session, contribution_id: int, way: Channel) -> None:
    """Note it; once while it is open."""
    if open_contest(session, contribution_id) is not None:
        return
    session.add(Contest(contribution_id=contribution_id, way=way))
    history.record_event(session, f"contribution:{contribution_id}", LODGED, details={"channel": way.value})
    session.flush()


def open_contest(session: Session, contribution_id: int) -> Contest | None:
    """The one that waits for a person; None when there is none."""
    return session.scalar(
        select(Contest).where(Contest.contribution_id == contribution_id, text(f"contest.{OPEN_APPEAL}")).limit(1)
    )


def settle(session: Session, contribution_id: int, by: int) -> bool:
    """A person has looked again; False when there was nothing to settle."""
    found = open_contest(session, contribution_id)
    if found is None:
        return False
    found.settled_at, found.settled_by_id = utc_now(), by
    history.record_event(session, f"contribution:{contribution_id}", SETTLED, by)
    return True

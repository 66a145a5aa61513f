"""What happened to whom, in order; nothing here is ever changed, and nothing here is personal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.models import History, Person
from inbox.storage.upsert import insert_rows


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of history, as a page shows it."""

    id: int
    action: str
    person_id: int | None
    person_name: str | None
    """None where the gateway itself acted."""
    details: dict[str, Any]
    undoes_id: int | None
    undone: bool
    at: datetime


def record_event(
    session: Session,
    subject: str,
    action: str,
    by: int | None = None,
    details: Mapping[str, Any] | None = None,
    undoes: int | None = None,
) -> History:
    """Append a line; ``by`` is a person's id, ``undoes`` the line it takes back, ``details`` without personal data."""
    line = History(subject=subject, action=action, person_id=by, details=dict(details or {}), undoes_id=undoes)
    session.add(line)
    session.flush()
    return line


def record_events(session: Session, action: str, lines: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Append a line of one action for each of many subjects, with its details; the gateway itself acted."""
    rows = [{"subject": subject, "action": action, "details": dict(details)} for subject, details in lines]
    insert_rows(session, History, rows)


def history_of(session: Session, *subjects: str, before: int | None = None, limit: int = 200) -> list[HistoryEntry]:
    """The newest lines about some subjects (``contribution:12``), newest first, older than the line ``before``."""
    undoing = select(History.undoes_id).where(History.subject.in_(subjects), History.undoes_id.is_not(None))
    undone = set(session.scalars(undoing))
    rows = session.execute(
        select(History, Person.name)
        .outerjoin(Person, Person.id == History.person_id)
        .where(History.subject.in_(subjects), *([] if before is None else [History.id < before]))
        .order_by(History.id.desc())
        .limit(limit)
    )
    return [
        HistoryEntry(
            id=line.id,
            action=line.action,
            person_id=line.person_id,
            person_name=name,
            details=line.details,
            undoes_id=line.undoes_id,
            undone=line.id in undone,
            at=line.at,
        )
        for line, name in rows
    ]

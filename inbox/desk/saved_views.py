"""Questions to the list that somebody kept under a name, for themselves or for all moderators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.models import Person, SavedView

NAME_LENGTH = 64
MOST = 40
"""Views of one person."""


class BadView(InboxError):
    """A view without a name, or one too many."""

    remedy = f"Give it a name of 1 to {NAME_LENGTH} characters; delete views you no longer need."


@dataclass(frozen=True, slots=True)
class Kept:
    """One view."""

    id: int
    name: str
    query: Mapping[str, str]
    shared: bool
    by: str
    mine: bool


def keep(session: Session, person_id: int, name: str, query: Mapping[str, str], *, shared: bool) -> None:
    """Keep a question; one of the same name of the same person is replaced. Raises BadView."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME_LENGTH or not clean.isprintable():
        raise BadView(f"a name of {len(clean)} characters")
    session.execute(delete(SavedView).where(SavedView.person_id == person_id, SavedView.name == clean))
    own = session.scalars(select(SavedView.id).where(SavedView.person_id == person_id)).all()
    if len(own) >= MOST:
        raise BadView(f"{len(own)} views")
    session.add(SavedView(person_id=person_id, name=clean, query=dict(query), shared=shared))
    session.flush()


def views_of(session: Session, person_id: int) -> list[Kept]:
    """Somebody's own views, then those that others share."""
    rows = session.execute(
        select(SavedView, Person.name)
        .join(Person, Person.id == SavedView.person_id)
        .where((SavedView.person_id == person_id) | SavedView.shared)
        .order_by(SavedView.name, SavedView.id)
        .limit(2 * MOST)
    )
    found = [
        Kept(view.id, view.name, view.query, view.shared, name, view.person_id == person_id) for view, name in rows
    ]
    return sorted(found, key=lambda one: not one.mine)


def remove(session: Session, person_id: int, view_id: int) -> bool:
    """Delete one's own view; whether there was one."""
    gone = session.execute(
        delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == person_id).returning(SavedView.id)
    )
    return gone.first() is not None

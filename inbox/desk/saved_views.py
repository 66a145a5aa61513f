"""Questions to the list that somebody kept under a name, for themselves or for all moderators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.models import Person, SavedView
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of

NAME_LENGTH = 64
MOST = 40
"""Views of one person."""
_MOST_SHOWN = 1_000
"""So many are looked at, before the first by their names are shown."""


class BadView(InboxError):
    """A view without a name, or one too many."""

    remedy = f"Give it a name of 1 to {NAME_LENGTH} characters; delete views you no longer need."


@dataclass(frozen=True, slots=True)
class SavedViewLine:
    """One view."""

    id: int
    name: str
    query: Mapping[str, str]
    shared: bool
    by: str
    mine: bool


def save_view(session: Session, person_id: int, name: str, query: Mapping[str, str], *, shared: bool) -> None:
    """Keep a question; one of the same name of the same person is replaced. Raises BadView."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME_LENGTH or not clean.isprintable():
        raise BadView(f"a name of {len(clean)} characters")
    own = session.scalars(select(SavedView).where(SavedView.person_id == person_id)).all()
    same = [view for view in own if _opened(session, view)["name"] == clean]
    if len(own) - len(same) >= MOST:
        raise BadView(f"{len(own)} views")
    for view in same:
        _destroy(session, view)
    view = SavedView(person_id=person_id, shared=shared)
    session.add(view)
    session.flush()
    _seal(session, view, {"name": clean, "query": dict(query)})
    session.flush()


def views_of(session: Session, person_id: int) -> list[SavedViewLine]:
    """Somebody's own views, then those that others share."""
    rows = session.execute(
        select(SavedView, Person.name)
        .join(Person, Person.id == SavedView.person_id)
        .where((SavedView.person_id == person_id) | SavedView.shared)
        .order_by(SavedView.id)
        .limit(_MOST_SHOWN)
    ).all()
    vault_of(session).open_keys(session, [view.key_id for view, _ in rows if view.key_id is not None])
    found = []
    for view, by in rows:
        opened = _opened(session, view)
        found.append(
            SavedViewLine(view.id, opened["name"], opened["query"], view.shared, by, view.person_id == person_id)
        )
    return sorted(found, key=lambda one: (not one.mine, one.name, one.id))[: 2 * MOST]


def delete_view(session: Session, person_id: int, view_id: int) -> bool:
    """Delete one's own view; whether there was one."""
    view = session.get(SavedView, view_id, with_for_update=True)
    if view is None or view.person_id != person_id:
        return False
    _destroy(session, view)
    return True


def seal_those_of_before(session: Session) -> int:
    """Seal the views that earlier versions kept in the clear; how many."""
    clear = session.scalars(select(SavedView).where(SavedView.name.is_not(None)).with_for_update()).all()
    for view in clear:
        _seal(session, view, {"name": view.name, "query": view.query})
        view.name = view.query = None
    session.flush()
    return len(clear)


def _seal(session: Session, view: SavedView, said: dict[str, Any]) -> None:
    vault = vault_of(session)
    view.key_id = vault.new_key(session).id
    view.sealed_view = vault.seal_json(session, view.key_id, said, place_of(SavedView.sealed_view, view))


def _opened(session: Session, view: SavedView) -> dict[str, Any]:
    if view.key_id is None or view.sealed_view is None:
        return {"name": view.name or "", "query": view.query or {}}
    place = place_of(SavedView.sealed_view, view)
    opened: dict[str, Any] = vault_of(session).open_json(session, view.key_id, view.sealed_view, place)
    return opened


def _destroy(session: Session, view: SavedView) -> None:
    if view.key_id is not None:
        vault_of(session).destroy_key(session, view.key_id)
    session.delete(view)
    session.flush()

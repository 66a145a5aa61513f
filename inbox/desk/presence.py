"""Who looks at which contribution, so that two people do not settle the same one unknowingly.

A row says that somebody had a contribution open at a moment; it counts for a short while and is cheap to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.models import Person, Presence
from inbox.models.column_types import utc_now
from inbox.storage.upsert import insert_if_new

LOOKING = timedelta(minutes=2)
"""How long somebody counts as looking after the last sign of it; an open page gives one every minute."""

FORGOTTEN = timedelta(hours=12)
"""Older rows are deleted when somebody looks at something."""


def record_presence(session: Session, contribution_id: int, person_id: int) -> None:
    """Note that somebody has a contribution open."""
    now = utc_now()
    if not insert_if_new(session, Presence, contribution_id=contribution_id, person_id=person_id, seen_at=now):
        row = session.get(Presence, (contribution_id, person_id), populate_existing=True)
        if row is not None:
            row.seen_at = now
            session.flush()
    session.execute(delete(Presence).where(Presence.person_id == person_id, Presence.seen_at < now - FORGOTTEN))


def clear_presence(session: Session, contribution_id: int, person_id: int) -> None:
    """Note that somebody has gone on."""
    session.execute(
        delete(Presence).where(Presence.contribution_id == contribution_id, Presence.person_id == person_id)
    )


def others_looking(session: Session, contribution_id: int, person_id: int) -> list[str]:
    """The names of those who look at a contribution besides somebody, the latest first."""
    return list(
        session.scalars(
            select(Person.name)
            .join(Presence, Presence.person_id == Person.id)
            .where(
                Presence.contribution_id == contribution_id,
                Presence.person_id != person_id,
                Presence.seen_at > utc_now() - LOOKING,
            )
            .order_by(Presence.seen_at.desc())
        )
    )


def taken_by_others(session: Session, contribution_ids: Iterable[int], person_id: int) -> set[int]:
    """Those of the contributions that somebody else looks at."""
    return set(
        session.scalars(
            select(Presence.contribution_id).where(
                Presence.contribution_id.in_(list(contribution_ids)),
                Presence.person_id != person_id,
                Presence.seen_at > utc_now() - LOOKING,
            )
        )
    )

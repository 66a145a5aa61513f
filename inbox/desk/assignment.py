"""Whose a contribution is to decide: others do not come to it by going through a queue."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.models import Assignment, Person, PersonRole
from inbox.models.column_types import utc_now
from inbox.records import history

MAY_DECIDE = (Role.MODERATOR, Role.ADMINISTRATOR)


def assign(session: Session, contribution_id: int, to: int | None, by: int) -> int | None:
    """Make it somebody's, or nobody's with None; whose it was before. Raises NotThere."""
    lock_for_change(session, contribution_id)
    row = session.get(Assignment, contribution_id, populate_existing=True)
    before = row.person_id if row else None
    if before == to:
        return before
    if row is not None:
        session.delete(row)
        session.flush()
    if to is not None:
        session.add(Assignment(contribution_id=contribution_id, person_id=to, by_id=by, at=utc_now()))
    details = {"to": to} if to is not None else {}
    history.record_event(session, f"contribution:{contribution_id}", "assigned" if to else "unassigned", by, details)
    return before


def assigned_to_others(session: Session, contribution_ids: Iterable[int], person_id: int) -> set[int]:
    """Those of the contributions that are somebody else's."""
    return set(
        session.scalars(
            select(Assignment.contribution_id).where(
                Assignment.contribution_id.in_(list(contribution_ids)), Assignment.person_id != person_id
            )
        )
    )


def assigned_to(session: Session, contribution_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Whose each contribution is: id and name."""
    rows = session.execute(
        select(Assignment.contribution_id, Person.id, Person.name)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.contribution_id.in_(list(contribution_ids)))
    )
    return {contribution_id: (person_id, name) for contribution_id, person_id, name in rows}


def moderators(session: Session) -> list[tuple[int, str]]:
    """Everybody a contribution can be assigned to: id and name, by name."""
    rows = session.execute(
        select(Person.id, Person.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.role.in_(MAY_DECIDE))
        .group_by(Person.id, Person.name)
        .order_by(func.lower(Person.name))
    )
    return [(person_id, name) for person_id, name in rows]


def clear_assignment(session: Session, contribution_id: int) -> None:
    """What was settled is nobody's to decide any more."""
    session.execute(delete(Assignment).where(Assignment.contribution_id == contribution_id))

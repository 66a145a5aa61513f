"""The same done to many contributions, a chunk to a transaction, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import SetAsideReason
from inbox.contributions import moderation, tags
from inbox.desk import assignment, second_looks
from inbox.errors import InboxError
from inbox.models import BulkAction, History, Tag
from inbox.models.column_types import utc_now

LIMIT = 500
"""Contributions of one action."""

CHUNK = 50
"""Contributions in one transaction: others come to write in between."""


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """What is to be done."""

    action: str
    """``publish``, ``set_aside``, ``tag`` or ``assign``."""
    reason: SetAsideReason | None = None
    tag: str = ""
    to: int | None = None


@dataclass(slots=True)
class BulkOutcome:
    """What became of it: how many, and why not the others."""

    done: int = 0
    refused: dict[type[InboxError], int] = field(default_factory=dict)


def begin_bulk_action(session: Session, wanted: BulkRequest, by: int) -> int:
    """The row under which it can be taken back; its number."""
    row = BulkAction(person_id=by, action=wanted.action, lines=[])
    session.add(row)
    session.flush()
    return row.id


def apply_to_chunk(
    session: Session, bulk_id: int, ids: Sequence[int], wanted: BulkRequest, by: int, outcome: BulkOutcome
) -> None:
    """Do it to a chunk; what refuses is counted with its reason and left as it is."""
    act = _ACTIONS[wanted.action]
    lines: list[list[Any]] = []
    for contribution_id in ids:
        try:
            lines.append([contribution_id, act(session, contribution_id, wanted, by)])
        except InboxError as error:
            outcome.refused[type(error)] = outcome.refused.get(type(error), 0) + 1
    outcome.done += len(lines)
    row = session.get_one(BulkAction, bulk_id, with_for_update=True)
    row.lines = [*row.lines, *lines]


def _decide(session: Session, contribution_id: int, wanted: BulkRequest, by: int) -> int:
    contribution = moderation.decide_contribution(
        session, contribution_id, wanted.action, reason=wanted.reason, by=by, expect_revision=None
    )
    second_looks.record_decision(session, contribution, wanted.action, wanted.reason, by)
    assignment.clear_assignment(session, contribution_id)
    return _newest_line(session, contribution_id)


def _newest_line(session: Session, contribution_id: int) -> int:
    return session.scalars(
        select(History.id)
        .where(History.subject == f"contribution:{contribution_id}")
        .order_by(History.id.desc())
        .limit(1)
    ).one()


def _tag(session: Session, contribution_id: int, wanted: BulkRequest, by: int) -> int | None:
    known = session.scalar(
        select(Tag.id).where(
            Tag.contribution_id == contribution_id, Tag.name == wanted.tag, Tag.confirmed, Tag.removed.is_(False)
        )
    )
    return None if known else tags.add_tag(session, contribution_id, wanted.tag, by).id


def _assign(session: Session, contribution_id: int, wanted: BulkRequest, by: int) -> int | None:
    return assignment.assign(session, contribution_id, wanted.to, by)


_ACTIONS: dict[str, Callable[[Session, int, BulkRequest, int], int | None]] = {
    "publish": _decide,
    "set_aside": _decide,
    "tag": _tag,
    "assign": _assign,
}
ACTIONS = frozenset(_ACTIONS)


# --- taking back -----------------------------------------------------------------------------------


def undoable_lines(session: Session, bulk_id: int, by: int) -> tuple[str, list[tuple[int, Any]]] | None:
    """What is to be taken back of one's own action; None when there is none, or it was taken back."""
    row = session.get(BulkAction, bulk_id)
    if row is None or row.person_id != by or row.undone_at is not None:
        return None
    return row.action, [(int(contribution_id), what) for contribution_id, what in row.lines]


def undo_chunk(session: Session, action: str, lines: Iterable[tuple[int, Any]], by: int) -> int:
    """Take back a chunk; how many could be: not what somebody has worked on since."""
    done = 0
    for contribution_id, what in lines:
        try:
            done += _take_back_one(session, action, contribution_id, what, by)
        except InboxError:
            continue  # left as somebody else has it now
    return done


def _take_back_one(session: Session, action: str, contribution_id: int, what: Any, by: int) -> bool:
    if action in ("publish", "set_aside"):
        second_looks.record_undone_decision(session, moderation.undo_decision(session, contribution_id, int(what), by))
    elif action == "assign":
        assignment.assign(session, contribution_id, what, by)
    else:
        tag = session.get(Tag, what) if what is not None else None
        if tag is None:
            return False
        tags.remove_tag(session, contribution_id, tag.name, by)
    return True


def mark_undone(session: Session, bulk_id: int) -> None:
    """It is taken back."""
    session.get_one(BulkAction, bulk_id, with_for_update=True).undone_at = utc_now()

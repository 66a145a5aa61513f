"""Lines of history, for migrations that give tables of their own to what was looked up in history before.

History goes on being written as it was: so the version before finds, after a downgrade, what happened meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from inbox.models.column_types import UtcDateTime

_HISTORY = sa.table(
    "history",
    sa.column("id", sa.Integer()),
    sa.column("subject", sa.String()),
    sa.column("action", sa.String()),
    sa.column("details", sa.JSON()),
    sa.column("at", UtcDateTime()),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history."""

    about: str
    """``intake``, ``contribution`` or ``person``."""
    number: int
    action: str
    details: dict[str, Any]
    at: datetime


def lines(connection: Connection, *actions: str, since: datetime | None = None) -> Iterator[Line]:
    """The lines that say one of these things, oldest first."""
    found = sa.select(_HISTORY).where(_HISTORY.c.action.in_(actions)).order_by(_HISTORY.c.id)
    if since is not None:
        found = found.where(_HISTORY.c.at > since)
    for row in connection.execute(found):
        about, _, number = row.subject.partition(":")
        yield Line(about, int(number), row.action, row.details, row.at)

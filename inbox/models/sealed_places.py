"""Where a sealed value belongs: its table, its column and its row, which it is bound to and opens in alone.

Who can write into the database and has no keys cannot put one sealed value in the place of another, be it with the keys
of both. What the columns of a row are that it is known by, the column itself says (``inbox.models.column_types``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, NewType

from sqlalchemy.orm import InstrumentedAttribute

from inbox.models.column_types import BOUND_TO

Place = NewType("Place", bytes)
"""The associated data of a sealed value."""

Known = int | str | None
"""What a row may be known by."""


def place_of(column: InstrumentedAttribute[Any], row: object) -> Place:
    """The place of a value in this column of this row: a row of the session, one that was read, or a mapping.

    A row that gets its number from the database has to have it.
    """
    stored = column.property.columns[0]
    read = row.__getitem__ if isinstance(row, Mapping) else lambda name: getattr(row, name)
    return place(stored.table.name, stored.name, [read(name) for name in stored.info[BOUND_TO]])


def place(table: str, column: str, known_by: list[Any]) -> Place:
    """The same by names and values; raises ``ValueError`` where nothing tells the row from another."""
    said: list[Known] = [value.value if isinstance(value, Enum) else value for value in known_by]
    if not all(isinstance(value, int | str) for value in said):
        raise ValueError(f"a row of {table} is not known by {said}")
    return Place(json.dumps([table, column, *said], separators=(",", ":")).encode())

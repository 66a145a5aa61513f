"""Two rows in every table in which something is sealed, written without the code that writes them.

A table that is added later is filled as well: nothing here names one, but where the database wants more than a type.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Column, Enum, Table, insert, types
from sqlalchemy.orm import Session

from inbox.backup.bound_values import OWNERS, sealed_columns
from inbox.models import Base
from inbox.models.column_types import BOUND_TO
from inbox.models.sealed_places import Place, place
from inbox.storage import crypto
from inbox.storage.envelope_encryption import vault_of
from inbox.votes.ballot_box import seal_for_key

NUMBERS = (1, 2)
_OTHERWISE: dict[tuple[str, str], Any] = {
    ("contribution", "moderation"): "in_review",
    ("step", "part_id"): None,
    ("step", "message_id"): None,
}
"""What the database checks beyond types."""


def said(table: str, column: str, number: int) -> bytes:
    """What is sealed in this column of the row of this number."""
    return f"{table}.{column} {number}".encode()


def fill(session: Session, *, bound: bool) -> None:
    """Add them; their sealed values are bound to their places, or in the form of versions before."""
    vault, keys = vault_of(session), [crypto.new_key() for _ in NUMBERS]
    halves = [X25519PrivateKey.generate() for _ in NUMBERS]
    for table in _needed():
        for number, key, half in zip(NUMBERS, keys, halves, strict=True):
            values = _row(table, number)
            if table.name == "data_key":
                values |= dict(zip(("master_id", "wrapped"), vault.keyring.wrap(key), strict=True))
            if table.name == "ballot_box":
                values["open_half"] = half.public_key().public_bytes_raw()
            for column in table.columns:
                if BOUND_TO in column.info:
                    values[column.name] = _sealed(column, values, number, key, half, bound=bound)
            session.connection().execute(insert(table), values)


def _sealed(
    column: Column[Any], row: dict[str, Any], number: int, key: bytes, half: X25519PrivateKey, *, bound: bool
) -> bytes:
    table = column.table.name
    known_by = [row[name] for name in column.info[BOUND_TO]]
    where = place(table, column.name, known_by) if bound else Place(b"")
    if table == "vote":
        return seal_for_key(half.public_key().public_bytes_raw(), said(table, column.name, number), where)
    value = half.private_bytes_raw() if column.name == "sealed_half" else said(table, column.name, number)
    return crypto.seal(key, value, where)


def _needed() -> list[Table]:
    """The tables that seal, and those that their rows refer to, these first."""
    wanted = {table for table, _ in sealed_columns()} | {Base.metadata.tables[name] for name in OWNERS}
    before: set[Table] = set()
    while wanted != before:
        before = set(wanted)
        wanted |= {key.column.table for table in before for one in _columns(table) for key in one.foreign_keys}
    return [table for table in Base.metadata.sorted_tables if table in wanted]


def _columns(table: Table) -> list[Column[Any]]:
    """The columns that have to hold something."""
    known_by = {name for one in table.columns for name in one.info.get(BOUND_TO, ())} | {"key_id"}
    return [one for one in table.columns if one.name in known_by or (not one.nullable and not one.server_default)]


def _row(table: Table, number: int) -> dict[str, Any]:
    return {one.name: _value(one, number) for one in _columns(table)}


def _value(column: Column[Any], number: int) -> Any:
    if (column.table.name, column.name) in _OTHERWISE:
        return _OTHERWISE[column.table.name, column.name]
    kind = column.type.impl_instance if isinstance(column.type, types.TypeDecorator) else column.type
    if isinstance(kind, Enum):
        return kind.enum_class(kind.enums[0]) if kind.enum_class else kind.enums[0]
    blanks: dict[type, Any] = {
        bool: False,
        int: number,
        float: 1.0,
        bytes: b"",
        str: str(number),
        datetime: datetime(2026, 3, 4, 8, tzinfo=UTC),
        date: date(2026, 3, 4),
    }
    return {} if isinstance(kind, types.JSON) else blanks[kind.python_type]

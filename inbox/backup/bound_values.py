"""Sealed values of versions before they were bound to their places, sealed anew; from then on the old form is refused.

Done before anything runs on the database, a few rows at a time: no write takes longer than ``MOST_SECONDS``, and what
was cut short goes on where it was. That it is done stands beside the master keys, where whoever can write into the
database cannot make it undone: values of the old form, which could be exchanged, are not taken a second time. Only
``portevoix migrate --bind`` does so, for who puts back a database of an earlier version by hand; and restoring a
backup, which nobody without the keys can have changed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Column, Connection, Table, bindparam, func, literal, select, update
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.migrations import is_before_binding, migrate, revision_of
from inbox.models import Base, DataKey
from inbox.models.column_types import BOUND_TO
from inbox.models.sealed_places import place
from inbox.storage import crypto
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.votes import ballot_box, counting

MOST_SECONDS = 0.05
"""How long one write may take; how many rows it takes follows from how long the one before took."""
_FIRST, _MOST, _LEAST = 50, 1_000, 5
_OLD = b"\x01"
"""How a value begins that is bound to no place."""

OWNERS: Mapping[str, tuple[str, str]] = {
    "arrival": ("intake_id", "intake"),
    "step": ("intake_id", "intake"),
    "medium": ("part_id", "part"),
    "transcript": ("medium_id", "medium"),
    "masked_copy": ("medium_id", "medium"),
    "desk_answer": ("item_id", "desk_item"),
    "desk_item": ("part_id", "part"),
    "text_version": ("contribution_id", "contribution"),
    "note": ("contribution_id", "contribution"),
    "mask": ("contribution_id", "contribution"),
    "draft": ("contribution_id", "contribution"),
    "lent_voice": ("contribution_id", "contribution"),
    "read_aloud": ("contribution_id", "contribution"),
    "answer_version": ("answer_id", "answer"),
    "answer_recording": ("answer_id", "answer"),
}
"""With whose data key the values of a table are sealed that has none of its own: by which column, of which table."""
VOTES = "vote"
"""Sealed to the half of a ballot box, not with a data key."""


class AlreadyBound(InboxError):
    """A database of before values were bound, beside keys that say it was done."""

    remedy: ClassVar[str] = (
        "If you put a database of an earlier version back by hand, run `portevoix migrate --bind` once. "
        "If nobody did, somebody has changed the database: restore a backup."
    )


class _Old(NamedTuple):
    """A value of the old form."""

    row: Any
    """What its row's primary key holds."""
    sealed: bytes
    new: bytes


def sealed_columns() -> list[tuple[Table, Column[bytes]]]:
    """Every column of sealed values."""
    return [(table, one) for table in Base.metadata.sorted_tables for one in table.columns if BOUND_TO in one.info]


def bring_up_to_date(store: Store, *, again: bool = False) -> int:
    """Bring the tables to this version, and bind what is sealed in them; how many values were.

    ``again``: take values of the old form although it was done before. Raises ``AlreadyBound`` where it was, and the
    database is older.
    """
    before = revision_of(store.engine)
    done = store.keyring.are_values_bound and not again
    if done and before is not None and is_before_binding(before):
        raise AlreadyBound(f"the database is of revision {before}")
    migrate(store.direct)
    return 0 if done else bind_all(store)


def bind_all(store: Store) -> int:
    """Bind every value of the old form, and note beside the keys that it is done; how many there were."""
    count = sum(_bind(store, table, column) for table, column in sealed_columns())
    store.keyring.note_values_bound()
    return count


def _bind(store: Store, table: Table, column: Column[bytes]) -> int:
    count, after, at_once = 0, None, _FIRST
    while True:
        with store.read() as session:
            found, last = _next(session, table, column, after, at_once)
        if last is None:
            return count
        began = time.monotonic()
        if found:
            with store.write() as session:
                began = time.monotonic()
                _replace(session.connection(), table, column, found)
        took, after = time.monotonic() - began, last
        count += len(found)
        # Half of what is allowed is aimed at: a disk may be slower the next time.
        at_once = max(_LEAST, min(_MOST, int(at_once * max(0.2, min(2.0, MOST_SECONDS / 2 / max(took, 1e-6))))))


def _next(
    session: Session, table: Table, column: Column[bytes], after: Any, at_once: int
) -> tuple[list[_Old], Any | None]:
    """The next values of the old form, with what is to replace them; the last row looked at, None at the end."""
    if table.name == VOTES:
        return _next_votes(session, table, column, after, at_once)
    (key,) = table.primary_key.columns
    keys, joined = _with_keys(table)
    known_by = [table.columns[name] for name in column.info[BOUND_TO]]
    wanted = select(key, column, keys.c.master_id, keys.c.wrapped, *known_by).select_from(joined)
    wanted = wanted.where(func.substr(column, 1, 1) == literal(_OLD), *([key > after] if after is not None else []))
    rows = session.execute(wanted.order_by(key).limit(at_once)).all()
    vault, found = vault_of(session), []
    for number, sealed, master_id, wrapped, *values in rows:
        if wrapped is not None:  # what is erased stays as it is: nobody opens it
            data_key = vault.keyring.unwrap(master_id, wrapped)
            where = place(table.name, column.name, values)
            found.append(_Old(number, sealed, crypto.seal(data_key, crypto.unseal(data_key, sealed), where)))
    return found, rows[-1][0] if rows else None


def _with_keys(table: Table) -> tuple[Any, Any]:
    """The data keys that seal the values of a table, joined to it."""
    keys = Base.metadata.tables[DataKey.__tablename__]
    joined: Any = table
    owner = table
    while owner.name in OWNERS:
        column, name = OWNERS[owner.name]
        above = Base.metadata.tables[name]
        (its_key,) = above.primary_key.columns
        joined, owner = joined.join(above, owner.columns[column] == its_key), above
    return keys, joined.join(keys, owner.columns["key_id"] == keys.c.id)


def _next_votes(
    session: Session, table: Table, column: Column[bytes], after: int | None, at_once: int
) -> tuple[list[_Old], Any | None]:
    """The same of voices; whose they are is seen by nobody in between."""
    begins = func.substr(column, ballot_box.HALF_BYTES + 1, 1)
    wanted = select(table.c.id, column, table.c.consultation_id, table.c.once)
    rows = session.execute(
        wanted.where(begins == literal(_OLD), table.c.id > (after or 0)).order_by(table.c.id).limit(at_once)
    ).all()
    found = []
    for number, sealed, consultation_id, once in rows:
        where = place(table.name, column.name, [consultation_id, once])
        found.append(_Old(number, sealed, counting.bound(session, consultation_id, sealed, where)))
    return found, rows[-1][0] if rows else None


def _replace(connection: Connection, table: Table, column: Column[bytes], found: Sequence[_Old]) -> None:
    (key,) = table.primary_key.columns
    # Whoever changed it meanwhile has bound it.
    same = update(table).where(key == bindparam("of_row"), column == bindparam("as_it_was"))
    values = [{"of_row": one.row, "as_it_was": one.sealed, "bound": one.new} for one in found]
    connection.execute(same.values({column.name: bindparam("bound")}), values)

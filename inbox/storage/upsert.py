"""Inserting what may be there already: the constraint decides, on both servers alike."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from inbox.models import Base


def insert_if_new(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique constraint says it is there; True when it was inserted.

    On PostgreSQL this waits for a concurrent insert of the same row to end, so that whoever
    gets False can read that row.
    """
    session.flush()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = model.__mapper__.primary_key[0]
    inserted = session.execute(insert(model).values(**values).on_conflict_do_nothing().returning(key))
    return inserted.first() is not None


def insert_all_new(
    session: Session,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    returning: Sequence[InstrumentedAttribute[Any]],
) -> Sequence[Row[Any]]:
    """Insert rows that all name the same columns, but those a unique constraint says are there; what was inserted.

    The answer is in no particular order. Not seen by objects the session holds already.
    """
    wanted = _insert_of_new(session.get_bind().dialect.name, model, tuple(column.key for column in returning))
    return session.connection().execute(wanted, [dict(row) for row in rows]).all()


@lru_cache(maxsize=64)
def _insert_of_new(server: str, model: type[Base], returning: tuple[str, ...]) -> Executable:
    insert = sqlite.insert if server == "sqlite" else postgresql.insert
    columns = [model.__table__.c[key] for key in returning]
    return insert(model.__table__).on_conflict_do_nothing().returning(*columns)  # type: ignore[arg-type] # a Table


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, with one statement; nothing for none."""
    if rows:
        wanted = plain_insert(model.__table__).inline()  # type: ignore[arg-type] # a Table; nothing is asked back
        session.connection().execute(wanted, [dict(row) for row in rows])


def insert_numbered(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """``insert_rows`` of rows that get their ids by it: the ids, in the order of the rows."""
    if not rows:
        return []
    # SQLite numbers rows in the order in which they are named, and has one writer; SQLAlchemy, which does not
    # count on it, would insert them one by one.
    in_order = session.get_bind().dialect.name == "sqlite"
    wanted = _numbering_insert(model, in_order)
    ids = session.connection().execute(wanted, [dict(row) for row in rows]).scalars()
    return sorted(ids) if in_order else list(ids)


@lru_cache(maxsize=64)
def _numbering_insert(model: type[Base], in_order: bool) -> Executable:
    key = model.__mapper__.primary_key[0]
    return plain_insert(model.__table__).returning(key, sort_by_parameter_order=not in_order)  # type: ignore[arg-type]

"""Inserting what may be there already: the constraint decides, on both servers alike."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

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

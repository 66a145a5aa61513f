"""What is sealed in a row, opened as the code that wrote it does: with its key, in its place."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session, object_session

from inbox.backup.bound_values import OWNERS
from inbox.models import Base
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of

_MODELS: dict[str, type[Base]] = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}


def key_id_of(session: Session, row: Base) -> int:
    """The data key that seals what is in a row."""
    while row.__tablename__ in OWNERS:
        column, owner = OWNERS[row.__tablename__]
        row = session.get_one(_MODELS[owner], getattr(row, column))
    key_id: int = row.key_id  # type: ignore[attr-defined]
    return key_id


def bytes_in(row: Base, name: str) -> bytes:
    """What is sealed in this column of a row."""
    session, sealed = object_session(row), getattr(row, name)
    assert session is not None
    assert sealed is not None, f"nothing is sealed in {name}"
    return vault_of(session).open(session, key_id_of(session, row), sealed, place_of(getattr(type(row), name), row))


def text_in(row: Base, name: str = "sealed_body") -> str:
    """The same as a text."""
    return bytes_in(row, name).decode("utf-8", "surrogatepass")


def json_in(row: Base, name: str = "sealed_body") -> Any:
    """The same as a value of JSON."""
    return json.loads(bytes_in(row, name))

"""The unit of work that other rooms pass to the inbox's functions: a session, and what belongs to it besides.

A session carries one ``Unit``, which the store gives it; ``unit_of`` is the only way to it. The database's errors stand
here as other rooms may meet them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.orm import Session

from config.enums import Queue

if TYPE_CHECKING:  # they are made of it
    from inbox.storage.database import Store
    from inbox.storage.envelope_encryption import Vault

__all__ = [
    "DataError",
    "IntegrityError",
    "InterfaceError",
    "OperationalError",
    "SQLAlchemyError",
    "Session",
    "StatementError",
    "Unit",
    "after_commit",
    "after_rollback",
    "info_of",
    "unit_of",
]

_KEY = "portevoix_unit"
Gathered = TypeVar("Gathered")


@dataclass(slots=True)
class Unit:
    """What belongs to one transaction beside its rows."""

    store: Store
    vault: Vault
    region: str
    """Whose national telephone numbers are meant (ISO 3166-1)."""
    is_writing: bool = False
    """Whether it may change rows; then it touches no file."""
    woken: list[tuple[Queue, int]] = field(default_factory=list)
    """Steps that were inserted or opened again: their queues are woken once it is committed."""
    after_commit: list[Callable[[], object]] = field(default_factory=list)
    """What is to happen once it is committed, in order."""
    after_undoing: list[Callable[[], object]] = field(default_factory=list)
    """What is to happen when it was given up before its commit."""
    opened_keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    """Data keys by their ids, remembered as long as it lasts."""
    offered_files: set[str] = field(default_factory=set)
    """Files sealed before, which are deleted unless a row comes to refer to them."""
    kept_files: set[str] = field(default_factory=set)
    """Those of them that a row refers to."""
    _gathered: dict[type[object], object] = field(default_factory=dict, repr=False)

    def gathering(self, kind: type[Gathered], once_committed: Callable[[Gathered], object]) -> Gathered:
        """The one value of a class in which something is gathered until the commit, made when first asked for."""
        found = self._gathered.get(kind)
        if isinstance(found, kind):
            return found
        made = self._gathered[kind] = kind()
        self.after_commit.append(lambda: once_committed(made))
        return made


def info_of(unit: Unit) -> dict[str, Unit]:
    """What a session that belongs to this unit is made with."""
    return {_KEY: unit}


def unit_of(session: Session) -> Unit:
    """What belongs to a session of the store."""
    unit = session.info[_KEY]
    assert isinstance(unit, Unit)
    return unit


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run this when the session's transaction has been committed, in the order asked for."""
    unit_of(session).after_commit.append(action)


def after_rollback(session: Session, action: Callable[[], None]) -> None:
    """Run this when the session's transaction was given up before its commit."""
    unit_of(session).after_undoing.append(action)

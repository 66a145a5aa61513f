"""What would be done again for every test with the same outcome is done once for each process.

Nothing is replaced by a fake: a password is hashed as always, and statements are compiled as always, each once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from inbox.accounts import passwords


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_once() -> Iterator[None]:
    """Hash each password once: Argon2 is slow on purpose, and hundreds of tests make the same people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hash", lru_cache(passwords._hash))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Compile each statement once for a kind of database: every test opens a store, whose cache begins empty.

    SQLAlchemy keeps compiled statements by dialect object; here two of one class count as the same.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5000)

    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other), raising=False)
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)), raising=False)
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)

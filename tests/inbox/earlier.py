"""A database as an earlier version left it, written row by row without the models, which know only the newest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert, types

from inbox.migrations import migrate
from inbox.models.column_types import UtcDateTime
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders

_BLANKS: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
    (types.Boolean, False),
    (types.Integer, 1),
    (types.DateTime, datetime(2026, 3, 4, 8, tzinfo=UTC)),
    (types.LargeBinary, b""),
    (types.JSON, {}),
    (types.String, "x"),
)


class Earlier:
    """A store whose tables are of an earlier revision."""

    def __init__(self, folders: StoreFolders, revision: str) -> None:
        self.store = Store.open(folders)
        self.to(revision)

    def to(self, revision: str) -> None:
        """Bring the tables up or down to a revision."""
        migrate(self.store.engine, revision)
        self._tables = MetaData()
        self._tables.reflect(self.store.engine)
        for table in self._tables.tables.values():
            for column in table.columns:
                if isinstance(column.type, types.DateTime):
                    column.type = UtcDateTime()
                if (table.name, column.name) == ("history", "details"):
                    column.type = types.JSON()

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        """Add rows; a column that must not be empty and is not named gets any value of its type."""
        made = self._tables.tables[table]
        with self.writing() as connection:
            for row in rows:
                connection.execute(insert(made), {**_blank(made), **row})

    def said(self, subject: str, action: str, details: dict[str, Any], at: datetime) -> None:
        """Add a line of history."""
        self.add("history", {"subject": subject, "action": action, "details": details, "at": at})

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What a table holds, but for the numbers that the database gave."""
        found = self._tables.tables[table].select()
        with self.store.engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(found)]
        return sorted(({k: v for k, v in row.items() if k != "id"} for row in rows), key=repr)

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return table in self._tables.tables

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with self.store.engine.execution_options(portevoix_begin="writing").begin() as connection:
            yield connection


def _blank(table: Table) -> dict[str, Any]:
    needed = [one for one in table.columns if not one.nullable and not one.server_default and one.name != "id"]
    return {one.name: next(value for kind, value in _BLANKS if isinstance(_bare(one.type), kind)) for one in needed}


def _bare(kind: types.TypeEngine[Any]) -> types.TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, types.TypeDecorator) else kind

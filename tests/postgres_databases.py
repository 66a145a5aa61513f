"""PostgreSQL databases that one test after the other uses: emptied in milliseconds, where a copy takes half a second.

A copy writes some 500 files. What a test leaves in a database is rows, nearly always; they are deleted, and the
sequences begin anew. A database whose tables, columns, triggers or functions are no longer the template's is dropped.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, text

_SHAPE = text("""
    SELECT (SELECT count(*) FROM pg_class), (SELECT max(oid::bigint) FROM pg_class),
           (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_constraint),
           (SELECT count(*) FROM pg_trigger), (SELECT string_agg(tgenabled::text, '') FROM pg_trigger),
           (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_db_role_setting),
           (SELECT string_agg(version_num, ' ') FROM alembic_version)
""")
_TABLES = text("""
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
""")
_SEQUENCES_ANEW = text("""
    SELECT setval((quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
""")
_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_LARGE = 500_000
"""Bytes from which on a table is truncated: what was deleted would be read over by the next test."""


class Databases:
    """Copies of the template, lent to one test at a time."""

    def __init__(self, url: Callable[[str], str], create: Callable[[], str], drop: Callable[[str], None]) -> None:
        self._url, self._create, self._drop = url, create, drop
        self._free: list[str] = []
        self._tables: list[str] = []
        self._shapes: dict[str, object] = {}

    def lend(self) -> str:
        """The name of an empty database with all tables."""
        if self._free:
            return self._free.pop()
        name = self._create()
        with self._administering(name) as connection:
            self._shapes[name] = self._shape(connection)
            self._tables = self._tables or list(connection.scalars(_TABLES))
        return name

    def take_back(self, name: str) -> None:
        """Empty it for the next test; drop it if its tables were changed."""
        with self._administering(name) as connection:
            connection.execute(_OTHERS)
            whole = self._shape(connection) == self._shapes[name]
            if whole:
                self._empty(connection)
        if whole:
            self._free.append(name)
        else:
            self._drop(name)

    def _administering(self, name: str) -> _Administering:
        return _Administering(create_engine(self._url(name)))

    @staticmethod
    def _shape(connection: Connection) -> object:
        return tuple(connection.execute(_SHAPE).one())

    def _empty(self, connection: Connection) -> None:
        # Neither foreign keys nor our triggers (some refuse to forget) are asked.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        asked = " UNION ALL ".join(
            f"SELECT '{table}', pg_relation_size('{table}') > {_LARGE} WHERE EXISTS (SELECT FROM {table})"
            for table in self._tables
        )
        filled = connection.execute(text(asked)).all()
        if any(large for _, large in filled):
            connection.execute(text(f"TRUNCATE {', '.join(self._tables)}"))
        elif filled:
            connection.execute(text("; ".join(f"DELETE FROM {table}" for table, _ in filled)))
        connection.execute(_SEQUENCES_ANEW)


class _Administering:
    """A connection of its own with one transaction, closed afterwards."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Connection:
        self._begun = self._engine.begin()
        return self._begun.__enter__()

    def __exit__(self, *error: object) -> None:
        self._begun.__exit__(*error)  # type: ignore[arg-type]  # as handed on by the with statement
        self._engine.dispose()

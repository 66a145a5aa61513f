"""Who saw, heard, searched or exported what: rows that are only ever added, in a database file of their own.

A file of its own (on PostgreSQL a schema), so that no page that is only read waits for the write lock of what
residents send; added in one short transaction after the page is made. What was searched for is sealed with a key of
its own row. Nothing is changed, and nothing is removed before ``KEPT``: triggers see to it.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import URL

from inbox.models.column_types import UtcDateTime
from inbox.storage.crypto import Keyring, new_key, seal, unseal

KEPT = timedelta(days=365)
"""How long an opening is kept: the French data-protection authority recommends six months to a year."""

SCHEMA = "openings"
_FILE = "openings.sqlite"
_BUSY_SECONDS = 5

_OPENING = Table(
    "opening",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", UtcDateTime(), nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("count", Integer),
    Column("master_id", String(16)),
    Column("wrapped_key", LargeBinary),
    Column("sealed_words", LargeBinary),
    Index("ix_opening_person_id_id", "person_id", "id"),
    Index("ix_opening_subject_id", "subject", "id"),
)

# Older than this a row may be removed; a little earlier than ours, so that no clock is in the way.
_UNTOUCHABLE_DAYS = KEPT.days - 1

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS opening_not_changed BEFORE UPDATE ON opening "
    "BEGIN SELECT RAISE(ABORT, 'openings are only ever added'); END",
    "CREATE TRIGGER IF NOT EXISTS opening_not_removed BEFORE DELETE ON opening "
    f"WHEN old.at > datetime('now', '-{_UNTOUCHABLE_DAYS} days') "
    "BEGIN SELECT RAISE(ABORT, 'openings are only ever added'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {SCHEMA}.opening_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' AND old.at <= now() - interval '{_UNTOUCHABLE_DAYS} days' THEN RETURN old; END IF; "
    "RAISE EXCEPTION 'openings are only ever added'; END $$",
    f"CREATE OR REPLACE TRIGGER opening_kept BEFORE UPDATE OR DELETE ON {SCHEMA}.opening "
    f"FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.opening_kept()",
)


@dataclass(frozen=True)
class Opening:
    """One time somebody saw, heard, searched or exported something."""

    person_id: int
    action: str
    """seen, heard, listed, searched, exported …"""
    subject: str
    """``contribution:12``, ``medium:3``, or the name of a list."""
    count: int | None = None
    """Of a list, how many were shown."""
    words: str = ""
    """What was searched for."""
    at: datetime | None = None
    id: int = 0


class OpeningLog:
    """The openings of one installation."""

    def __init__(self, url: URL, keyring: Keyring) -> None:
        self._keyring = keyring
        self._is_ready = False
        self._making = threading.Lock()
        self._file: Path | None = None
        if url.get_backend_name() == "sqlite":
            self._file = Path(url.database or "").with_name(_FILE)
            self.engine = create_engine(
                url.set(database=str(self._file)), hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS}
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            made = create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
            self.engine = made.execution_options(schema_translate_map={None: SCHEMA})

    def note(self, opening: Opening, now: datetime) -> None:
        """Add an opening."""
        row: dict[str, Any] = {
            "at": now,
            "person_id": opening.person_id,
            "action": opening.action,
            "subject": opening.subject[:64],
            "count": opening.count,
        }
        if opening.words:
            key = new_key()
            row["master_id"], row["wrapped_key"] = self._keyring.wrap(key)
            row["sealed_words"] = seal(key, opening.words.encode("utf-8", "replace"))
        with self._ready().begin() as connection:
            connection.execute(insert(_OPENING), row)

    def newest(
        self, *, person_id: int | None = None, subject: str | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[Opening]:
        """The newest openings, of somebody, of something, or older than the row ``before``."""
        wanted = select(_OPENING).order_by(_OPENING.c.id.desc()).limit(limit)
        if person_id is not None:
            wanted = wanted.where(_OPENING.c.person_id == person_id)
        if subject is not None:
            wanted = wanted.where(_OPENING.c.subject == subject)
        if before is not None:
            wanted = wanted.where(_OPENING.c.id < before)
        with self._ready().connect() as connection:
            return [self._opened(row._mapping) for row in connection.execute(wanted)]

    def _opened(self, row: Any) -> Opening:
        words = ""
        if row["sealed_words"] is not None:
            words = unseal(self._keyring.unwrap(row["master_id"], row["wrapped_key"]), row["sealed_words"]).decode()
        return Opening(row["person_id"], row["action"], row["subject"], row["count"], words, row["at"], row["id"])

    def thin(self, now: datetime) -> int:
        """Remove what is older than ``KEPT``; how many."""
        with self._ready().begin() as connection:
            return connection.execute(delete(_OPENING).where(_OPENING.c.at < now - KEPT)).rowcount

    def _ready(self) -> Engine:
        with self._making:
            if not self._is_ready:
                self._make()
                self._is_ready = True
        return self.engine

    def _make(self) -> None:
        if self._file is not None:
            # SQLite would make it as the umask says, and two who begin at once would each make it.
            self._file.touch(mode=0o600)
            with self._file.open("rb") as alone:
                fcntl.flock(alone, fcntl.LOCK_EX)
                self._make_tables()
        else:
            self._make_tables()

    def _make_tables(self) -> None:
        with self.engine.begin() as connection:
            if self._file is None:
                # Several processes may begin at once, and « if not exists » alone does not keep them apart.
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('portevoix openings'))"))
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            _OPENING.create(connection, checkfirst=True)
            for statement in _POSTGRESQL if self._file is None else _SQLITE:
                connection.exec_driver_sql(statement)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")

"""Engines: how SQLite and PostgreSQL are connected to, directly or through a pooler such as pgbouncer.

A pooler that hands out connections a transaction at a time knows no ``options`` at the start and keeps no prepared
statement, so there each transaction says its own limits.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
import weakref
from pathlib import Path
from select import POLLIN, poll
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import Pool

from inbox.errors import StoreBusy
from inbox.servers.index_hints import obey_hints

BUSY_SECONDS = 30
"""How long a transaction waits for another one's lock before it gives up with ``StoreBusy``."""

CONNECT_SECONDS = 5
"""How long a database server may take to answer at all."""

WRITING, READING = "writing", "reading"
"""Values of the execution option ``portevoix_begin``: how SQLite is to begin a transaction."""

_LOOK_AGAIN_SECONDS = (0.001, 0.004)
_MORE_CONNECTIONS = 40
"""Beyond the five that are kept: every thread of the web server may need one, and none waits for another's."""

_PRAGMAS = (
    "journal_mode=WAL",  # readers and the one writer do not block each other
    "synchronous=FULL",  # the log is synced at each commit: 'received' is only said of what survives a power cut
    "foreign_keys=ON",
    "secure_delete=ON",  # deleted rows are overwritten with zeros
    "temp_store=MEMORY",  # sorting and VACUUM never leave words in a temporary file
    "journal_size_limit=16777216",
)


def make_engine(url: URL, *, pooled: bool = False) -> Engine:
    """The engine; its errors hide the values of a statement, among which are names of tags and people.

    ``pooled``: whether the address leads to a pooler that lends a connection for one transaction.
    """
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("the store needs a file: several connections look at the same rows")
        # SQLite would make it as the umask says, and gives its log the permissions of this file.
        file = Path(url.database)
        file.touch(mode=0o600)
        file.chmod(0o600)
        engine = create_engine(
            url, hide_parameters=True, max_overflow=_MORE_CONNECTIONS, connect_args={"timeout": BUSY_SECONDS}
        )
        obey_hints(engine)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = make_server_engine(url, pooled=pooled, max_overflow=_MORE_CONNECTIONS)
    if pooled:
        event.listen(engine, "begin", _say_limits)
    return engine


def make_server_engine(url: URL, *, pooled: bool, **given: Any) -> Engine:
    """PostgreSQL's, with or without a pooler in between; what is ``given`` goes to SQLAlchemy."""
    # A server that is down must not keep a caller on the telephone waiting until the provider gives up.
    connecting: dict[str, Any] = {"connect_timeout": url.query.get("connect_timeout", CONNECT_SECONDS)}
    if pooled:
        # The next transaction may be on another connection, where nothing has been prepared.
        connecting["prepare_threshold"] = None
    else:
        connecting["options"] = url.query.get("options", f"-c lock_timeout={BUSY_SECONDS}s -c timezone=UTC")
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), hide_parameters=True, connect_args=connecting, **given
    )
    _replace_closed(engine)
    return engine


def _replace_closed(engine: Engine) -> None:
    """Have the pool open another connection in place of one that its server has closed.

    A connection that waits for nothing has nothing to read but its end, or a notice. So nothing is asked of the server
    before each transaction, which would take as long as a statement.
    """

    def look(driver: Any, _record: Any, _proxy: Any) -> None:
        if driver.closed:
            raise InvalidatePoolError
        looked = poll()
        looked.register(driver.fileno(), POLLIN)
        if looked.poll(0):
            try:
                engine.dialect.do_ping(driver)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    event.listen(engine, "checkout", look)


def _say_limits(connection: Connection) -> None:
    connection.exec_driver_sql(
        f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true), set_config('TimeZone', 'UTC', true)"
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin on its own, deferred, and only before it thinks something is written.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("portevoix_begin")
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if mode == READING else 'OFF'}")
    if mode == WRITING:
        patience = connection.get_execution_options().get("portevoix_patience", BUSY_SECONDS)
        begin_writing(connection.connection.driver_connection, patience)
    else:
        connection.exec_driver_sql("BEGIN")


def begin_writing(driver: Any, patience: float) -> None:
    """Take SQLite's one write lock, looking for it every few milliseconds.

    SQLite's own waiting looks less and less often, down to ten times a second: under load, who has
    waited longest would go on waiting longest.
    """
    give_up_at = time.monotonic() + patience
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    # As the library says it of every other statement, so that all who expect it there do here.
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
                if time.monotonic() > give_up_at:
                    raise StoreBusy(f"waited {patience:g} s for the database") from error
            else:
                return
            time.sleep(random.uniform(*_LOOK_AGAIN_SECONDS))  # noqa: S311 - so that waiters do not move in step
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")


# A connection that a child inherited must neither be used nor closed there: SQLite's locks belong to the
# process, PostgreSQL's socket is shared. The child gets a new pool, and keeps the old one from being collected.
_engines: weakref.WeakSet[Engine] = weakref.WeakSet()
_inherited: list[Pool] = []


def forget_connections_in_children(engine: Engine) -> None:
    """Give every child process connections of its own."""
    _engines.add(engine)


def _in_child() -> None:
    for engine in list(_engines):
        _inherited.append(engine.pool)
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_in_child)

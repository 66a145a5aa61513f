"""The database: one engine, writes and reads as transactions, SQLite and PostgreSQL alike.

``write()`` is one transaction that is durable when it ends. On SQLite it takes the write lock
at its beginning (``BEGIN IMMEDIATE``): what is read in it stays true until it commits, and
two writers wait for each other instead of failing half-way. ``read()`` is one snapshot and
refuses to write.
"""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from config.enums import Queue
from config.phone_numbers import DEFAULT_REGION
from inbox.errors import KeysMissing, NestedWrite, StoreBusy
from inbox.models import DataKey
from inbox.storage.crypto import Keyring, fsync_folder
from inbox.storage.envelope_encryption import Vault
from inbox.storage.index_hints import obey_hints
from inbox.storage.media_places import MediaSettings, open_media
from inbox.storage.media_store import MediaStore
from inbox.storage.opening_log import OpeningLog
from inbox.storage.unit_of_work import Unit, info_of, unit_of

log = logging.getLogger(__name__)

BUSY_SECONDS = 30
"""How long a transaction waits for another one's lock before it gives up with ``StoreBusy``."""

CONNECT_SECONDS = 5
"""How long a database server may take to answer at all."""

WRITING, READING = "writing", "reading"
"""Values of the execution option ``portevoix_begin``: how SQLite is to begin a transaction."""

# PostgreSQL's codes (appendix A of its manual): lock_not_available, deadlock_detected, serialization_failure.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
_LOOK_AGAIN_SECONDS = (0.001, 0.004)
_REWRAPPED_AT_ONCE = 500
_MORE_CONNECTIONS = 40
"""Beyond the five that are kept: every thread of the web server may need one, and none waits for another's."""

Woken = list[tuple[Queue, int]]

_PRAGMAS = (
    "journal_mode=WAL",  # readers and the one writer do not block each other
    "synchronous=FULL",  # the log is synced at each commit: 'received' is only said of what survives a power cut
    "foreign_keys=ON",
    "secure_delete=ON",  # deleted rows are overwritten with zeros
    "temp_store=MEMORY",  # sorting and VACUUM never leave words in a temporary file
    "journal_size_limit=16777216",
)


class StoreSettings(MediaSettings, Protocol):
    """What the store needs of the settings."""

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of a SQLite file or a PostgreSQL database."""

    @property
    def data_dir(self) -> Path:
        """The folder of everything that is backed up."""

    @property
    def keys_dir(self) -> Path:
        """The folder of master keys, outside ``data_dir``."""


class Store:
    """Rows, keys and files of one installation."""

    def __init__(self, url: str | URL, keyring: Keyring, media: MediaStore, *, region: str = DEFAULT_REGION) -> None:
        self.engine = _make_engine(make_url(url))
        # For the migration that hashes the words which older versions kept in the clear.
        self.engine.update_execution_options(portevoix_search_key=keyring.search_key)
        self.keyring = keyring
        self.media = media
        self.region = region
        self.vault = Vault(keyring, media)
        self._writing = self.engine.execution_options(portevoix_begin=WRITING)
        self._reading = self.engine.execution_options(portevoix_begin=READING)
        if self.engine.dialect.name == "postgresql":
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._here = threading.local()
        self._wakers: list[Callable[[Woken], None]] = []
        self.openings = OpeningLog(self.engine.url, keyring)
        for engine in (self.engine, self.openings.engine):
            _forget_connections_in_children(engine)

    @classmethod
    def open(
        cls,
        settings: StoreSettings,
        *,
        region: str = DEFAULT_REGION,
        is_checked: bool = False,
        keyring: Keyring | None = None,
    ) -> Store:
        """Open the configured store, making its folders and keys on the first start; raises ``KeysMissing``.

        ``region`` (ISO 3166-1) says whose national telephone numbers are meant. ``is_checked``: whether the keys are
        known to be those of the database. ``keyring``: in place of the one that is read from the keys folder.
        """
        if not settings.data_dir.is_dir():
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            fsync_folder(settings.data_dir.parent)
        keyring = keyring or Keyring.load_or_create(settings.keys_dir)
        store = cls(settings.database_url, keyring, open_media(settings), region=region)
        if not is_checked:
            store.check_keys()
        return store

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.openings.engine.dispose()

    # --- transactions ---

    @contextmanager
    def write(self, patience: float | None = None) -> Iterator[Session]:
        """One transaction: committed and durable at the end of the block, or undone by an exception.

        Raises ``StoreBusy`` after ``patience`` seconds of waiting (``BUSY_SECONDS`` unless given) or when a
        deadlock was broken (try again), and ``NestedWrite`` inside another write of this thread.
        """
        if getattr(self._here, "writing", False):
            raise NestedWrite("a write inside a write")
        self._here.writing = True
        try:
            self.keyring.look_again()
            session = self._session(self._writing)
            try:
                yield from self._in_transaction(session, patience)
            finally:
                session.close()
        finally:
            self._here.writing = False
        # Outside of the transaction, and after another write may begin in this thread.
        self._run(unit_of(session).after_commit)
        self._tell(session)

    def _in_transaction(self, session: Session, patience: float | None) -> Iterator[Session]:
        try:
            # Begins now, not at the first statement.
            connection = session.connection(execution_options={"portevoix_patience": patience or BUSY_SECONDS})
            if patience is not None and connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience:g}s'")
            fence: Callable[[Session], None] | None = getattr(self._here, "fence", None)
            if fence is not None:
                fence(session)
            yield session
            session.flush()
        except BaseException as error:
            session.rollback()
            self._run(unit_of(session).after_undoing)
            if _is_busy(error):
                raise StoreBusy("somebody else holds the same rows") from error
            raise
        # Not within the block above: when a commit fails nobody knows whether it happened, so what the
        # transaction stored must stay; files nobody refers to are swept later.
        session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot, the same at every statement; writing in it is an error."""
        self.keyring.look_again()
        session = self._session(self._reading)
        try:
            yield session
        finally:
            session.rollback()
            session.close()

    def _session(self, engine: Engine) -> Session:
        # Rows stay usable after the commit, when they often are the result.
        return Session(
            engine,
            expire_on_commit=False,
            info=info_of(Unit(self, self.vault, self.region)),
        )

    def fence(self, check: Callable[[Session], None] | None) -> None:
        """Have every write of this thread begin with this check from now on; it raises where it may not go on.

        ``None`` takes it away.
        """
        self._here.fence = check

    # --- afterwards ---

    def after_commit(self, callback: Callable[[Woken], None]) -> None:
        """Call this after each commit with the (queue, step id) pairs inserted or opened again in it."""
        self._wakers.append(callback)

    def _tell(self, session: Session) -> None:
        woken: Woken = list(dict.fromkeys(unit_of(session).woken))
        if woken:
            self._run(lambda tell=tell: tell(woken) for tell in self._wakers)

    def _run(self, actions: Any) -> None:
        for action in actions:
            try:
                action()
            except Exception:  # what is committed stays so; the sweeper does later what failed here
                log.exception("something to do after a transaction failed")

    # --- keys ---

    def rotate_keys(self) -> tuple[str, int]:
        """Make a new master key and wrap every data key with it; its id, and how many were wrapped anew."""
        master_id = self.keyring.rotate()
        return master_id, self.rewrap_keys()

    def rewrap_keys(self) -> int:
        """Wrap with the current master key what an older one wrapped, in short transactions; how many."""
        self.keyring.look_again()
        count = 0
        while self._has_old_wrapping():
            with self.write() as session:
                count += self.vault.rewrap(session, _REWRAPPED_AT_ONCE)
        return count + self.openings.rewrap()

    def _has_old_wrapping(self) -> bool:
        with self.read() as session:
            old = self.vault.wrapped_by_an_older_key().limit(1)
            return session.scalar(old) is not None

    def check_keys(self) -> None:
        """Raise ``KeysMissing`` when the newest data key was wrapped by a master key that is not in the folder."""
        if not inspect(self.engine).has_table(DataKey.__tablename__):
            return
        with self.read() as session:
            newest = session.scalar(
                select(DataKey.master_id).where(DataKey.wrapped.is_not(None)).order_by(DataKey.id.desc()).limit(1)
            )
        if newest is not None and not self.keyring.knows(newest):
            raise KeysMissing(f"the database needs the master key {newest}, which is not in {self.keyring.folder}")


def _is_busy(error: BaseException) -> bool:
    """Whether PostgreSQL gave up waiting for a lock, or broke a deadlock, or a snapshot that others had overtaken."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _BUSY_STATES


def _make_engine(url: URL) -> Engine:
    """The engine; its errors hide the values of a statement, among which are names of tags and people."""
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
    options = url.query.get("options", f"-c lock_timeout={BUSY_SECONDS}s -c timezone=UTC")
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        max_overflow=_MORE_CONNECTIONS,
        # A server that is down must not keep a caller on the telephone waiting until the provider gives up.
        connect_args={"options": options, "connect_timeout": url.query.get("connect_timeout", CONNECT_SECONDS)},
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
        _begin_writing(connection.connection.driver_connection, patience)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(driver: Any, patience: float) -> None:
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


def _forget_connections_in_children(engine: Engine) -> None:
    _engines.add(engine)


def _in_child() -> None:
    for engine in list(_engines):
        _inherited.append(engine.pool)
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_in_child)

"""The database: one engine, writes and reads as transactions, SQLite and PostgreSQL alike.

``write()`` is one transaction that is durable when it ends. On SQLite it takes the write lock
at its beginning (``BEGIN IMMEDIATE``): what is read in it stays true until it commits, and
two writers wait for each other instead of failing half-way. ``read()`` is one snapshot and
refuses to write.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, inspect, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from config.enums import Queue
from config.phone_numbers import DEFAULT_REGION
from config.settings.sections.database_section import Database
from inbox.errors import KeysMissing, NestedWrite, ReplicaLost, StoreBusy
from inbox.models import DataKey
from inbox.servers.engines import BUSY_SECONDS, READING, WRITING, forget_connections_in_children, make_engine
from inbox.servers.read_replica import ReadReplica
from inbox.storage.crypto import Keyring, fsync_folder
from inbox.storage.envelope_encryption import Vault
from inbox.storage.media_places import MediaSettings, open_media
from inbox.storage.media_store import MediaStore
from inbox.storage.opening_log import OpeningLog
from inbox.storage.unit_of_work import Unit, info_of, unit_of

log = logging.getLogger(__name__)

# PostgreSQL's codes (appendix A of its manual): lock_not_available, deadlock_detected, serialization_failure.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
_REWRAPPED_AT_ONCE = 500
Woken = list[tuple[Queue, int]]


class StoreSettings(MediaSettings, Protocol):
    """What the store needs of the settings."""

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of a SQLite file or a PostgreSQL database."""

    @property
    def database(self) -> Database:
        """Its further addresses, on PostgreSQL."""

    @property
    def data_dir(self) -> Path:
        """The folder of everything that is backed up."""

    @property
    def keys_dir(self) -> Path:
        """The folder of master keys, outside ``data_dir``."""


class Store:
    """Rows, keys and files of one installation."""

    def __init__(
        self,
        url: str | URL,
        keyring: Keyring,
        media: MediaStore,
        *,
        region: str = DEFAULT_REGION,
        servers: Database = Database(),  # noqa: B008 - a value that nobody changes
    ) -> None:
        pooled = bool(servers.direct_url)
        self.engine = make_engine(make_url(url), pooled=pooled)
        self.direct = make_engine(make_url(servers.direct_url)) if pooled else self.engine
        """Past any pooler: for what takes long, or changes tables."""
        # For the migration that hashes the words which older versions kept in the clear.
        for engine in (self.engine, self.direct):
            engine.update_execution_options(portevoix_search_key=keyring.search_key)
        self.keyring = keyring
        self.media = media
        self.region = region
        self.vault = Vault(keyring, media)
        self._writing = self.engine.execution_options(portevoix_begin=WRITING)
        self._reading = self.engine.execution_options(portevoix_begin=READING)
        self.replica: ReadReplica | None = None
        self._snapshotting = self._reading
        if self.engine.dialect.name == "postgresql":
            whole: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            self._reading = self.engine.execution_options(**whole)
            self._snapshotting = self.direct.execution_options(**whole)
            if servers.replica_url:
                self.replica = ReadReplica(servers.replica_url, self.engine, servers.replica_seconds, pooled=pooled)
        self._here = threading.local()
        self.around_write: Callable[[], AbstractContextManager[None]] = nullcontext
        """What each write stands within: those who otherwise give way to others do not while these wait for them."""
        self._wakers: list[Callable[[Woken], None]] = []
        self.openings = OpeningLog(self.engine.url, keyring, pooled=pooled)
        for engine in self._engines:
            forget_connections_in_children(engine)

    @property
    def _engines(self) -> list[Engine]:
        ours = [self.engine, self.direct, self.openings.engine]
        return [*ours, self.replica.engine] if self.replica else ours

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
        servers = settings.database
        store = cls(settings.database_url, keyring, open_media(settings), region=region, servers=servers)
        if not is_checked:
            store.check_keys()
        return store

    def close(self) -> None:
        """Close every pooled connection."""
        for engine in self._engines:
            engine.dispose()

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
            session = self._session(self._writing, is_writing=True)
            try:
                with self.around_write():
                    yield from self._in_transaction(session, patience)
            finally:
                session.close()
        finally:
            self._here.writing = False
            self._here.written, self._here.far_enough = True, None
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
        """One snapshot, the same at every statement; writing in it is an error.

        Where this thread prefers the replica, that answers, if it is far enough. Raises ``ReplicaLost`` when it fails
        in the middle: what was begun can be begun again, and the primary answers.
        """
        self.keyring.look_again()
        session = self._session_on_replica()
        if session is None:
            with self._closing(self._session(self._reading)) as session:
                yield session
            return
        assert self.replica is not None
        with self._closing(session):
            try:
                yield session
            except OperationalError as error:
                self.replica.leave_alone()
                raise ReplicaLost("the read replica failed") from error

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """One snapshot for long, past any pooler, whose connections are for short transactions."""
        self.keyring.look_again()
        with self._closing(self._session(self._snapshotting)) as session:
            yield session

    @staticmethod
    @contextmanager
    def _closing(session: Session) -> Iterator[Session]:
        try:
            yield session
        finally:
            try:
                session.rollback()
            finally:
                session.close()

    # --- the replica ---

    def prefer_replica(self, written: int | None) -> None:
        """Have this thread's reads answered by the replica from now on, if it has what was written up to this place.

        ``None``: no longer. A write of this thread ends it, too.
        """
        self._here.far_enough, self._here.written = written, False

    @property
    def has_written(self) -> bool:
        """Whether this thread has written since it was last said who answers its reads."""
        return bool(getattr(self._here, "written", False))

    def _session_on_replica(self) -> Session | None:
        far_enough: int | None = getattr(self._here, "far_enough", None)
        if self.replica is None or far_enough is None or not self.replica.may_answer(far_enough):
            return None
        session = self._session(self.replica.reading)
        try:
            session.connection()
        except OperationalError:
            session.close()
            self.replica.leave_alone()
            return None
        return session

    def _session(self, engine: Engine, *, is_writing: bool = False) -> Session:
        # Rows stay usable after the commit, when they often are the result.
        return Session(
            engine,
            expire_on_commit=False,
            info=info_of(Unit(self, self.vault, self.region, is_writing)),
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

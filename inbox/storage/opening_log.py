"""Who saw, heard, searched or exported what: rows that are only ever added, in a database file of their own.

A file of its own (on PostgreSQL a schema), so that no page that is only read waits for the write lock of what
residents send; added in one short transaction after the page is made. Each row holds the digest of the one before it
(``opening_chain``). What was searched for is sealed apart with a key of its own, and destroyed when what it names
is erased. What is over a year old goes, and leaves a checkpoint where the chain begins from then on.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select, text, update
from sqlalchemy.engine import URL

from inbox.models.column_types import utc_now
from inbox.servers.engines import make_server_engine
from inbox.storage import opening_chain, opening_tables
from inbox.storage.crypto import Keyring, new_key, seal, unseal
from inbox.storage.opening_chain import BEGINNING, ChainLink, ChainVerdict
from inbox.storage.opening_tables import CHECKPOINT, KEPT, OPENING, SCHEMA, WORDS

__all__ = ["KEPT", "SCHEMA", "Opening", "OpeningLog", "OpeningQuery"]

_FILE = "openings.sqlite"
_BUSY_SECONDS = 5
_READ_AT_ONCE = 1000

NOBODY = 0
"""In place of a person: the gateway itself."""
ERASED = "erased"
SEARCH_WORDS = "search words"


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
    words_erased: bool = False
    """Whether something was searched for, and has been destroyed with what it named."""


@dataclass(frozen=True)
class OpeningQuery:
    """Which openings are asked for."""

    person_id: int | None = None
    action: str | None = None
    without: Sequence[str] = ()
    """Actions that are left out."""
    subjects: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Up to, and without, this moment."""


class OpeningLog:
    """The openings of one installation."""

    def __init__(self, url: URL, keyring: Keyring, *, pooled: bool = False) -> None:
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
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            made = make_server_engine(url, pooled=pooled)
            self.engine = made.execution_options(schema_translate_map={None: SCHEMA})

    # --- adding ---

    def note(self, opening: Opening, now: datetime) -> None:
        """Add an opening."""
        sealed = None
        if opening.words:
            key = new_key()
            sealed = (*self._keyring.wrap(key), seal(key, opening.words.encode("utf-8", "replace")))
        with self._adding() as connection:
            self._add(connection, opening, now, sealed)

    def _add(
        self, connection: Connection, opening: Opening, now: datetime, sealed: tuple[str, bytes, bytes] | None
    ) -> None:
        last = _last(connection)
        row: dict[str, Any] = {
            "id": last.id + 1,
            "at": now.astimezone(UTC),
            "person_id": opening.person_id,
            "action": opening.action,
            "subject": opening.subject[:64],
            "count": opening.count,
            "words_digest": opening_chain.words_digest(sealed[2] if sealed else None),
        }
        row["digest"] = opening_chain.link_digest(self._keyring, row, last.digest)
        connection.execute(insert(OPENING), row)
        if sealed is not None:
            names = ("master_id", "wrapped_key", "sealed_words")
            connection.execute(insert(WORDS), {"opening_id": row["id"], **dict(zip(names, sealed, strict=True))})

    # --- reading ---

    def newest(
        self, *, person_id: int | None = None, subject: str | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[Opening]:
        """The newest openings, of somebody, of something, or older than the row ``before``."""
        return self.find(OpeningQuery(person_id, subjects=None if subject is None else [subject]), before, limit)

    def find(self, wanted: OpeningQuery, before: int | None = None, limit: int = 100) -> Sequence[Opening]:
        """The newest of the openings that are asked for, those before the row ``before``."""
        found = select(OPENING, WORDS).outerjoin(WORDS, WORDS.c.opening_id == OPENING.c.id)
        for column, value in ((OPENING.c.person_id, wanted.person_id), (OPENING.c.action, wanted.action)):
            if value is not None:
                found = found.where(column == value)
        if wanted.without:
            found = found.where(OPENING.c.action.not_in(wanted.without))
        if wanted.subjects is not None:
            found = found.where(OPENING.c.subject.in_(wanted.subjects))
        if wanted.since is not None:
            found = found.where(OPENING.c.at >= wanted.since)
        if wanted.until is not None:
            found = found.where(OPENING.c.at < wanted.until)
        if before is not None:
            found = found.where(OPENING.c.id < before)
        with self._ready().connect() as connection:
            rows = connection.execute(found.order_by(OPENING.c.id.desc()).limit(limit)).mappings().all()
        return [self._opened(row) for row in rows]

    def _opened(self, row: Any) -> Opening:
        erased = bool(row["words_digest"]) and row["sealed_words"] is None
        number, at = row["id"], row["at"]
        # Those of another row are not shown as this one's; that they are not its own, ``verify`` tells.
        is_its_own = opening_chain.words_digest(row["sealed_words"]) == row["words_digest"]
        words = self._words(row) if is_its_own else ""
        return Opening(row["person_id"], row["action"], row["subject"], row["count"], words, at, number, erased)

    def _words(self, row: Any) -> str:
        if row["sealed_words"] is None:
            return ""
        return unseal(self._keyring.unwrap(row["master_id"], row["wrapped_key"]), row["sealed_words"]).decode()

    def verify(self) -> ChainVerdict:
        """Go along the whole chain, and tell the first row that does not hold."""
        head = opening_chain.read_head(self._keyring.folder)
        with self._ready().connect() as connection:
            checkpoint = _checkpoint(connection)
            rows = select(OPENING, WORDS.c.sealed_words).outerjoin(WORDS, WORDS.c.opening_id == OPENING.c.id)
            in_order = connection.execution_options(yield_per=_READ_AT_ONCE).execute(rows.order_by(OPENING.c.id))
            return opening_chain.verify_chain(self._keyring, checkpoint, in_order.mappings(), head)

    # --- keeping ---

    def thin(self, now: datetime) -> int:
        """Remove what is older than ``KEPT``, leaving a checkpoint, and keep the head of the chain; how many."""
        with self._adding() as connection:
            kept_from = connection.scalar(select(func.min(OPENING.c.id)).where(OPENING.c.at >= now - KEPT))
            last = _last(connection)
            through = last.id if kept_from is None else kept_from - 1
            row = connection.execute(select(OPENING.c.id, OPENING.c.digest).where(OPENING.c.id == through)).first()
            count = 0
            if row is not None:
                self._cut(connection, ChainLink(row.id, row.digest), now)
                connection.execute(delete(WORDS).where(WORDS.c.opening_id <= through))
                count = connection.execute(delete(OPENING).where(OPENING.c.id <= through)).rowcount
        if last.id:
            opening_chain.write_head(self._keyring.folder, last)
        return count

    def _cut(self, connection: Connection, at: ChainLink, now: datetime, *, begun_anew: bool = False) -> None:
        row = {"through_id": at.id, "digest": at.digest, "at": now, "begun_anew": int(begun_anew)}
        connection.execute(delete(CHECKPOINT))
        connection.execute(insert(CHECKPOINT), {**row, "seal": opening_chain.checkpoint_seal(self._keyring, row)})

    def forget_words(self, names: Callable[[str], bool], now: datetime) -> int:
        """Destroy what was searched for where it ``names`` what is being erased; how many, which is a row itself."""
        with self._ready().connect() as connection:
            rows = connection.execute(select(WORDS)).mappings().all()
        found = [row["opening_id"] for row in rows if names(self._words(row))]
        if not found:
            return 0
        with self._adding() as connection:
            for start in range(0, len(found), _READ_AT_ONCE):
                some = found[start : start + _READ_AT_ONCE]
                connection.execute(delete(WORDS).where(WORDS.c.opening_id.in_(some)))
            self._add(connection, Opening(NOBODY, ERASED, SEARCH_WORDS, len(found)), now, None)
        if self._file is not None:
            with self.engine.connect() as connection:  # what was deleted stands in the log until then
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        return len(found)

    def rewrap(self) -> int:
        """Wrap the words' keys anew that another master key than the current one wrapped; how many."""
        with self._adding() as connection:
            old = select(WORDS).where(WORDS.c.master_id != self._keyring.current)
            rows = connection.execute(old).mappings().all()
            for row in rows:
                master_id, wrapped = self._keyring.wrap(self._keyring.unwrap(row["master_id"], row["wrapped_key"]))
                here = update(WORDS).where(WORDS.c.opening_id == row["opening_id"])
                connection.execute(here.values(master_id=master_id, wrapped_key=wrapped))
        return len(rows)

    def wrapped_by(self) -> set[str]:
        """The master keys that wrap the words' keys."""
        with self._ready().connect() as connection:
            return set(connection.scalars(select(WORDS.c.master_id).distinct()))

    # --- the tables ---

    @contextmanager
    def _adding(self) -> Iterator[Connection]:
        """One transaction that holds the end of the chain: nobody adds between looking at it and adding to it."""
        options = {"portevoix_adding": True}
        with self._ready().connect().execution_options(**options) as connection, connection.begin():
            if self._file is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('portevoix openings'))"))
            yield connection

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
        with self.engine.connect().execution_options(portevoix_adding=True) as connection, connection.begin():
            is_old = opening_tables.create_tables(connection)
            head = opening_chain.read_head(self._keyring.folder)
            if head is not None and _checkpoint(connection) is None and _last(connection).id == 0:
                # Rows there were are not here: the data were restored on this machine, or the file was taken away.
                self._cut(connection, head, utc_now(), begun_anew=True)
            if is_old:
                self._take_over(connection)

    def _take_over(self, connection: Connection) -> None:
        """Put the rows of a version without the chain into it."""
        old = f"{SCHEMA}.{opening_tables.OLD}" if self._file is None else opening_tables.OLD
        columns = select(text("*")).select_from(text(old)).order_by(text("id"))
        for row in connection.execute(columns).mappings().all():
            at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(f"{row['at']}+00:00")
            opening = Opening(row["person_id"], row["action"], row["subject"], row["count"])
            sealed = None
            if row["sealed_words"] is not None:
                sealed = (row["master_id"], row["wrapped_key"], row["sealed_words"])
            self._add(connection, opening, at.astimezone(UTC), sealed)
        connection.exec_driver_sql(f"DROP TABLE {old}")


def _last(connection: Connection) -> ChainLink:
    """The end of the chain: the newest row, or where the rows before were cut off."""
    newest = select(OPENING.c.id, OPENING.c.digest).order_by(OPENING.c.id.desc()).limit(1)
    if (row := connection.execute(newest).first()) is not None:
        return ChainLink(row.id, row.digest)
    cut = _checkpoint(connection)
    return ChainLink(0, BEGINNING) if cut is None else ChainLink(cut["through_id"], cut["digest"])


def _checkpoint(connection: Connection) -> Any:
    return connection.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.through_id.desc()).limit(1)).mappings().first()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin on its own, deferred: two could look at the end of the chain at once.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    adding = connection.get_execution_options().get("portevoix_adding")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if adding else "BEGIN")

"""A backup of everything but the keys while the gateway runs, and restoring it.

It holds the rows of each table, all of one snapshot, as lines of JSON, and the media files, sealed
as they are (``inbox.backup.archive``). It fits both database servers. Who finds one without the
keys learns nothing. The words of the search index are left out, and made again.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

from sqlalchemy import Connection, Table, column, func, insert, inspect, select, table, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from inbox.backup import archive, bound_values, row_lines
from inbox.backup.archive import ArchiveMember, BackupManifest
from inbox.contributions import search_index, text_versions
from inbox.erasure import erase, tombstones
from inbox.errors import Damaged, InboxError, NotStored, WrongSchema
from inbox.migrations import head, is_before_binding, knows, migrate, revision_of
from inbox.models import (
    Arrival,
    Base,
    ConsultationArchive,
    Contribution,
    ContributionTally,
    Medium,
    OneTimeLink,
    Recount,
    SearchTokens,
    SignInSession,
    UnitTally,
)
from inbox.models.column_types import utc_now
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from inbox.storage.media_store import MediaStore
from inbox.storage.unit_of_work import unit_of

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and how many there are (0 when that is not known)."""

LEFT_OUT = frozenset(
    left.__tablename__ for left in (SearchTokens, ContributionTally, UnitTally, Recount, SignInSession, OneTimeLink)
)
"""Tables that are made again from the others, by us or by the database's triggers; and sessions and links: after
restoring, nobody is signed in or invited."""
_BATCH = 500


class NotEmpty(InboxError):
    """There is something already where a backup was to be restored."""

    remedy: ClassVar[str] = "Restore into an empty database and data directory: set `data_dir` to a new folder."


def no_progress(_what: str, _done: int, _all: int) -> None:
    """A progress nobody looks at."""


def backup_tables() -> list[Table]:
    """The tables in a backup, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


# --- making one ---------------------------------------------------------------------------------


def create_backup(store: Store, target: Path, progress: Progress = no_progress) -> BackupManifest:
    """Write a backup to ``target``, durably and all or nothing; an older file of this name is replaced at the end."""
    tombstones.write_missing_lines(store)
    with archive.write_archive(target, store.keyring) as writer:
        made_at, revision = utc_now().isoformat(), revision_of(store.engine) or ""
        writer.add_json(archive.BEGINNING, {"made_at": made_at, "revision": revision})
        counts: dict[str, int] = {}
        with store.snapshot() as session:
            locators = _locators(session)
            for done, rows in enumerate(backup_tables()):
                progress("tables", done, len(backup_tables()))
                with tempfile.TemporaryFile() as lines:
                    counts[rows.name] = _write_rows(session, rows, lines)
                    writer.add(f"tables/{rows.name}.jsonl", lines)
        # Not within the snapshot, which would keep SQLite's log growing for as long as it takes to copy the files.
        missing = _add_files(store, writer, locators, progress)
        manifest = BackupManifest(made_at, revision, counts, writer.sums, missing)
        writer.finish(manifest)
    return manifest


def _add_files(store: Store, writer: archive.ArchiveWriter, locators: list[str], progress: Progress) -> tuple[str, ...]:
    """Add the files; gives those that are missing although a row still names them."""
    missing = []
    for done, locator in enumerate(locators):
        progress("files", done, len(locators))
        try:
            with store.media.open(locator) as file:
                writer.add(f"media/{locator}", file)
        except NotStored:
            missing.append(locator)
    if not missing:
        return ()
    with store.read() as session:  # what was erased meanwhile is not missing
        named = set(_locators(session))
    return tuple(locator for locator in missing if locator in named)


def _write_rows(session: Session, rows: Table, lines: IO[bytes]) -> int:
    found = session.execute(select(rows).order_by(*rows.primary_key), execution_options={"yield_per": _BATCH})
    names = [one.name for one in rows.columns]
    written = 0
    for row in found:
        lines.write(row_lines.encode_row(dict(zip(names, row, strict=True))).encode())
        written += 1
    return written


def _locators(session: Session) -> list[str]:
    columns = (Arrival.locator, Medium.locator, ConsultationArchive.locator)
    return [found for column in columns for found in session.scalars(select(column)) if found is not None]


# --- restoring one ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What came back."""

    made_at: str
    rows: int
    files: int
    erased_again: int
    """Things that had been erased after the backup was made."""
    missing: tuple[str, ...]
    """Files that were already missing when the backup was made."""


def restore_from_backup(
    source: Path, *, url: str | URL, keyring: Keyring, media: MediaStore, progress: Progress = no_progress
) -> RestoreSummary:
    """Restore a backup into an empty database and media store, all or nothing.

    What was erased after it was made is erased again, in the same transaction unless the tables have
    changed since. Raises ``NotEmpty``, ``WrongSchema`` for a backup of a newer version, and the
    errors of ``archive.read_archive``.
    """
    store = Store(url, keyring, media)
    put: list[str] = []
    try:
        with archive.read_archive(source, keyring) as members:
            first, member = next(members)
            if first != archive.BEGINNING:
                raise Damaged("the backup does not begin with its beginning")
            revision = member.json()["revision"]
            _prepare(store, revision)
            with store.write() as session:
                manifest = _load(session, members, put, progress)
                _renumber(session.connection())
                session.expire_all()
                erased = _bring_up_to_date(session, keyring, progress) if revision == head() else 0
        put.clear()  # they belong to committed rows now
        if revision != head():
            # A backup of before values were bound says so itself, and nobody without the keys has written it.
            bound_values.bring_up_to_date(store, again=is_before_binding(revision))
            with store.write() as session:
                erased = _bring_up_to_date(session, keyring, progress)
        erase.scrub_deleted_words(store)
    except BaseException:
        for locator in put:
            media.delete(locator)
        raise
    finally:
        store.close()
    return RestoreSummary(manifest.made_at, manifest.rows, manifest.files, erased, manifest.missing)


def _prepare(store: Store, revision: str) -> None:
    if not knows(revision):
        raise WrongSchema(f"the backup is of revision {revision}, which this version does not know")
    present = set(inspect(store.engine).get_table_names())
    with store.read() as session:
        for rows in backup_tables():
            if rows.name in present and session.execute(select(rows.primary_key.columns[0]).limit(1)).first():
                raise NotEmpty(f"there are rows in {rows.name} already")
    if present:
        migrate(store.engine, "base")
    migrate(store.engine, revision)


def _load(
    session: Session, members: Iterator[tuple[str, ArchiveMember]], put: list[str], progress: Progress
) -> BackupManifest:
    store = unit_of(session).store
    for done, (name, member) in enumerate(members):
        progress("restoring", done, 0)
        folder, _, rest = name.partition("/")
        if name == archive.MANIFEST:
            value = member.json()
            return BackupManifest(**{**value, "missing": tuple(value["missing"])})
        if folder == "tables":
            _insert(session.connection(), rest.removesuffix(".jsonl"), map(row_lines.decode_row, member.lines()))
        elif folder == "media":
            put.append(rest)
            store.media.put(member.pieces(), rest)
        else:
            raise Damaged(f"a backup does not hold {name}")
    raise Damaged("the backup ends without its manifest")


def _insert(connection: Connection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    known = Base.metadata.tables.get(name)
    types = {one.name: one.type for one in known.columns} if known is not None else {}
    for batch in _batches(rows):
        # Named as the backup names them: it may be older than the models, and is migrated afterwards.
        columns = [column(one, types.get(one, NullType())) for one in batch[0]]
        connection.execute(insert(table(name, *columns)), batch)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, _BATCH)):
        yield batch


def _renumber(connection: Connection) -> None:
    """Have PostgreSQL's sequences go on after the highest number; SQLite looks itself."""
    if connection.dialect.name != "postgresql":
        return
    for rows in backup_tables():
        if rows.autoincrement_column is not None:
            name = rows.autoincrement_column.name
            highest = connection.scalar(select(func.max(rows.columns[name])))
            if highest is not None:
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"),
                    {"table": rows.name, "column": name, "highest": highest},
                )


def _bring_up_to_date(session: Session, keyring: Keyring, progress: Progress) -> int:
    """Erase again what was erased since, and make the rest findable; how many things were erased."""
    erased = erase.erase_subjects_again(session, tombstones.tombstones_to_reapply(session, keyring.folder))
    living = select(Contribution.id).where(Contribution.erased_at.is_(None)).order_by(Contribution.id)
    ids = session.scalars(living).all()
    for done, contribution_id in enumerate(ids):
        if done % _BATCH == 0:
            progress("search", done, len(ids))
            session.expunge_all()
        contribution = session.get_one(Contribution, contribution_id)
        wording = text_versions.current_text(session, contribution)
        if wording is not None:
            search_index.index_text(session, contribution.id, wording.body, contribution.language)
    return erased

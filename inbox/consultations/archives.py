"""Archives of concluded consultations: what arrived, and what machines read in it, moved out of the rows into files.

Rows stay, with all that the ledger, the report, search and the public pages need; what is large and seldom asked for
goes: raw arrivals with their headers, and transcripts. A row says in which archive its values lie, and only what a row
says so of counts: erasing takes the row's word away, with the key, and the next clearing writes the archive anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from config.enums import Bucket
from inbox.consultations import consultation_versions
from inbox.consultations.archive_files import ArchivedValue, archive_chunks, read_archive
from inbox.errors import InboxError
from inbox.models import (
    Arrival,
    ConsultationArchive,
    ConsultationVersion,
    ContributionPart,
    Intake,
    Medium,
    Part,
    Transcript,
)
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import unit_of

AT_ONCE = 1000
"""Rows of one archive file, and so of one transaction: some megabytes."""

_Archived = type[Arrival] | type[Transcript]
_VALUES: dict[_Archived, tuple[InstrumentedAttribute[bytes | None], ...]] = {
    Arrival: (Arrival.sealed_raw, Arrival.sealed_headers),
    Transcript: (Transcript.sealed_words, Transcript.sealed_sheet),
}
_UNDECIDED = (Bucket.WAITING, Bucket.QUARANTINED, Bucket.IN_REVIEW)


class NotConcluded(InboxError):
    """The consultation goes on: it is open, or something in it waits to be read or decided."""

    remedy = "Close it, and decide about what is in review; `portevoix ledger` says what waits."

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(f"{waiting} wait to be read or decided" if waiting else "it is still open")


class NoSuchConsultation(InboxError):
    """There is no consultation of this short name."""

    remedy = "`portevoix consultation list` shows them."


class InArchive(InboxError):
    """What was to be worked on lies in the archive of its consultation."""

    remedy = "An administrator brings it back: on the consultation's page, or `portevoix consultation restore`."


@dataclass(frozen=True, slots=True)
class ArchiveSummary:
    """What lies in the archives of a consultation."""

    files: int = 0
    rows: int = 0
    bytes: int = 0


def archive_summary(session: Session, consultation_id: int) -> ArchiveSummary:
    """What lies there now."""
    counted = select(
        func.count(),
        func.coalesce(func.sum(ConsultationArchive.rows), 0),
        func.coalesce(func.sum(ConsultationArchive.size), 0),
    ).where(ConsultationArchive.consultation_id == consultation_id)
    files, rows, size = session.execute(counted).one()
    return ArchiveSummary(files, int(rows), int(size))


def undecided(session: Session, consultation_id: int) -> int:
    """How much of a consultation waits to be read or decided."""
    of_it = select(ConsultationVersion.id).where(ConsultationVersion.consultation_id == consultation_id)
    counts = (
        select(func.count()).where(model.consultation_version_id.in_(of_it), model.bucket.in_(_UNDECIDED))
        for model in (Part, Intake)
    )
    return sum(session.scalar(one) or 0 for one in counts)


def is_anything_left(session: Session, consultation_id: int) -> bool:
    """Whether there is something that could be moved there."""
    wanted = (_next(model, columns, consultation_id).limit(1) for model, columns in _VALUES.items())
    return any(session.execute(one).first() is not None for one in wanted)


def archive_consultation(store: Store, slug: str, today: date, by: int | None = None) -> ArchiveSummary:
    """Move a concluded consultation's values into archives, a thousand rows at a time; what lies there afterwards.

    A file is durable before the rows let go of what it holds; one that no row came to name is removed by the sweeper.
    Run again, it goes on where it was. Raises ``NotConcluded`` and ``NoSuchConsultation``.
    """
    with store.read() as session:
        version = _version(session, slug)
        consultation_id = version.consultation_id
        is_closed = consultation_versions.as_consultation(version).state_on(today) == "closed"
        waiting = undecided(session, consultation_id)
    if not is_closed or waiting:
        raise NotConcluded(waiting)
    for model, columns in _VALUES.items():
        while _archive_some(store, model, columns, consultation_id, by):
            pass
    with store.read() as session:
        return archive_summary(session, consultation_id)


def _version(session: Session, slug: str) -> ConsultationVersion:
    version = consultation_versions.current_version(session, slug)
    if version is None:
        raise NoSuchConsultation(slug)
    return version


def _archive_some(
    store: Store,
    model: _Archived,
    columns: Sequence[InstrumentedAttribute[bytes | None]],
    consultation_id: int,
    by: int | None,
) -> bool:
    with store.read() as session:
        rows = session.execute(_next(model, columns, consultation_id)).all()
    values = [
        ArchivedValue(model.__tablename__, row.id, column.key, sealed)
        for row in rows
        for column, sealed in zip(columns, row[1:], strict=True)
        if sealed is not None
    ]
    if not values:
        return False
    locator = store.media.put(archive_chunks(values))
    size = store.media.size(locator)
    with store.write() as session:
        made = ConsultationArchive(
            consultation_id=consultation_id, locator=locator, rows=len(rows), size=size, made_by_id=by
        )
        session.add(made)
        session.flush()
        # What was erased since it was read holds nothing any more, and is not said to lie there.
        still = or_(*(column.is_not(None) for column in columns))
        emptied: dict[str, Any] = {column.key: None for column in columns}
        session.execute(
            update(model)
            .where(model.id.in_([row.id for row in rows]), still)
            .values(**emptied, archive_id=made.id)
            .execution_options(synchronize_session=False)
        )
    return True


def _next(
    model: _Archived, columns: Sequence[InstrumentedAttribute[bytes | None]], consultation_id: int
) -> Select[*tuple[Any, ...]]:
    of_it = select(ConsultationVersion.id).where(ConsultationVersion.consultation_id == consultation_id)
    entities: list[Any] = [model.id, *columns]
    wanted = select(*entities).where(or_(*(column.is_not(None) for column in columns)))
    if model is Arrival:
        wanted = wanted.join(Intake, Intake.id == Arrival.intake_id).where(Intake.consultation_version_id.in_(of_it))
    else:
        wanted = wanted.join(Medium, Medium.id == Transcript.medium_id).join(Part, Part.id == Medium.part_id)
        # What several parts say is put together anew when one of them is erased, in the write that erases it.
        other = aliased(ContributionPart)
        shared = (
            exists()
            .where(ContributionPart.part_id == Part.id, other.part_id != Part.id)
            .where(other.contribution_id == ContributionPart.contribution_id)
        )
        made_of_it = select(func.count()).where(ContributionPart.part_id == Part.id).scalar_subquery()
        wanted = wanted.where(Part.consultation_version_id.in_(of_it), ~shared, made_of_it <= 1)
    return wanted.order_by(model.id).limit(AT_ONCE)


def restore_consultation(store: Store, slug: str) -> int:
    """Put everything back into its rows, an archive at a time, and delete the archives; how many rows."""
    with store.read() as session:
        consultation_id = _version(session, slug).consultation_id
        ids = session.scalars(
            select(ConsultationArchive.id).where(ConsultationArchive.consultation_id == consultation_id)
        ).all()
    return sum(_restore(store, archive_id) for archive_id in ids)


def _restore(store: Store, archive_id: int) -> int:
    locator, held = _held(store, archive_id)
    if locator is None:
        return 0
    count = 0
    with store.write() as session:
        for model, columns in _VALUES.items():
            by_row: dict[int, dict[str, Any]] = {}
            for one in held:
                if one.table == model.__tablename__:
                    by_row.setdefault(one.row_id, {})[one.column] = one.sealed
            rows = [
                {"row": row, **{f"v_{column.key}": found.get(column.key) for column in columns}}
                for row, found in by_row.items()
            ]
            if rows:
                table = model.__table__
                back: dict[str, Any] = {column.key: bindparam(f"v_{column.key}") for column in columns}
                put_back = update(table).where(table.c.id == bindparam("row"), table.c.archive_id == archive_id)  # type: ignore[arg-type]  # the class says less than it has
                session.connection().execute(put_back.values(**back, archive_id=None), rows)
                count += len(rows)
        _remove(session, archive_id, locator)
    return count


def clear_archives(store: Store) -> int:
    """Write those archives anew that hold what was erased, or is past its last day; how many. To be run hourly."""
    with store.read() as session:
        rows = session.execute(select(ConsultationArchive.id, ConsultationArchive.rows)).all()
        outdated = [row.id for row in rows if _named_in(session, row.id) < row.rows]
    for archive_id in outdated:
        _clear(store, archive_id)
    return len(outdated)


def _clear(store: Store, archive_id: int) -> None:
    old, held = _held(store, archive_id)
    if old is None:
        return
    rows = len({(one.table, one.row_id) for one in held})
    locator = store.media.put(archive_chunks(held)) if held else None
    size = store.media.size(locator) if locator is not None else 0
    with store.write() as session:
        if locator is None:
            _remove(session, archive_id, old)
            return
        session.execute(
            update(ConsultationArchive)
            .where(ConsultationArchive.id == archive_id, ConsultationArchive.locator == old)
            .values(locator=locator, rows=rows, size=size)
        )
        vault_of(session).delete_file(session, old)


def archived_value(
    session: Session, row: Arrival | Transcript, column: InstrumentedAttribute[bytes | None]
) -> bytes | None:
    """A sealed value of a row that lies in an archive; None when it does not. Raises ``InArchive`` within a write."""
    if row.archive_id is None:
        return None
    if unit_of(session).is_writing:  # in which no file is opened
        raise InArchive(f"archive {row.archive_id}")
    locator = session.scalar(select(ConsultationArchive.locator).where(ConsultationArchive.id == row.archive_id))
    if locator is None:
        return None
    with vault_of(session).media.open(locator) as file:
        found = read_archive(file, [(row.__tablename__, row.id)])
        return next((one.sealed for one in found if one.column == column.key), None)


def _held(store: Store, archive_id: int) -> tuple[str | None, list[ArchivedValue]]:
    """Where an archive lies, and what it holds of rows that say so."""
    with store.read() as session:
        locator = session.scalar(select(ConsultationArchive.locator).where(ConsultationArchive.id == archive_id))
        named = set(_names(session, archive_id))
    if locator is None:
        return None, []
    with store.media.open(locator) as file:
        return locator, list(read_archive(file, named))


def _names(session: Session, archive_id: int) -> Iterator[tuple[str, int]]:
    for model in _VALUES:
        for row in session.scalars(select(model.id).where(model.archive_id == archive_id)):
            yield model.__tablename__, row


def _named_in(session: Session, archive_id: int) -> int:
    counts = (select(func.count()).where(model.archive_id == archive_id) for model in _VALUES)
    return sum(session.scalar(one) or 0 for one in counts)


def _remove(session: Session, archive_id: int, locator: str) -> None:
    session.execute(delete(ConsultationArchive).where(ConsultationArchive.id == archive_id))
    vault_of(session).delete_file(session, locator)

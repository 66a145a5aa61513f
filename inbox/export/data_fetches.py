"""How far a file of data is written that somebody fetches: rows, said from time to time, so that a page can show it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.models import DataFetch
from inbox.models.column_types import utc_now
from inbox.storage.database import Store

SAID_EVERY = 1.0
"""Seconds between two words on how far it is."""
FORGOTTEN = timedelta(hours=1)
"""After so long without a word a file is written no more: its browser went away."""


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """A file that is being written, or was just now."""

    id: int
    kind: str
    done: int
    of_all: int
    ended_at: datetime | None


def begin_fetch(session: Session, person_id: int, consultation_id: int, kind: str, of_all: int) -> int:
    """Note that somebody fetches a file; its number. What they fetched long ago is forgotten."""
    session.execute(delete(DataFetch).where(DataFetch.person_id == person_id, DataFetch.at < utc_now() - FORGOTTEN))
    row = DataFetch(person_id=person_id, consultation_id=consultation_id, kind=kind, of_all=of_all, at=utc_now())
    session.add(row)
    session.flush()
    return row.id


def newest_fetch(session: Session, person_id: int, consultation_id: int) -> FetchProgress | None:
    """The file that somebody fetched last, within the hour."""
    row = session.scalars(
        select(DataFetch)
        .where(
            DataFetch.person_id == person_id,
            DataFetch.consultation_id == consultation_id,
            DataFetch.at > utc_now() - FORGOTTEN,
        )
        .order_by(DataFetch.id.desc())
        .limit(1)
    ).first()
    return FetchProgress(row.id, row.kind, row.done, row.of_all, row.ended_at) if row is not None else None


def counted_batches(store: Store, number: int, batches: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The same batches; how many rows they come to is said every second, and at the end."""
    done, said = 0, time.monotonic()
    for batch in batches:
        yield batch
        done += len(batch)
        if time.monotonic() - said >= SAID_EVERY:
            _say(store, number, done, ended=False)
            said = time.monotonic()
    _say(store, number, done, ended=True)


def _say(store: Store, number: int, done: int, *, ended: bool) -> None:
    now = utc_now()
    with store.write() as session:
        values = {"done": done, "at": now, "ended_at": now if ended else None}
        session.execute(update(DataFetch).where(DataFetch.id == number).values(**values))

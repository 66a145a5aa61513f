"""A country's rows on PostgreSQL: one is erased, all are backed up, restored, archived and brought back.

``CONTRIBUTIONS=1000000 make bench ONLY=country``; 20,000 where nothing is said. The pages of as many are ``inbox``'s:
``CONTRIBUTIONS=1000000 SERVERS=postgresql make bench ONLY=inbox``.
"""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import select, text, update

from config.settings.loader import load_settings
from inbox.backup.backups import create_backup, restore_from_backup
from inbox.consultations import archives
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, Intake, Part
from inbox.storage.database import Store
from tests.bench.inbox import SETTINGS
from tests.bench.pairs import Figure
from tests.bench.town import SLUG, fill
from tests.fixtures_store import Cluster, programs
from workers.processes.supervisor import prepare_database

CONTRIBUTIONS = int(os.environ.get("CONTRIBUTIONS", "20000"))
ERASED = 20
_TOLD = float("inf")
_LATER = date(2099, 1, 1)


@contextlib.contextmanager
def country_rows(folder: Path) -> Iterator[list[Figure]]:
    """Each once, in turn; memory is the peak of this process, which does all of it."""
    found = programs()
    assert found is not None, "PostgreSQL is not installed"
    cluster = Cluster(found)
    with contextlib.ExitStack() as running:
        running.callback(cluster.stop)
        cluster.start(durable=True)
        file = folder / "portevoix.toml"
        file.write_text(SETTINGS.format(database=cluster.url(cluster.create()), port=8080))
        settings = load_settings(file, env={})
        prepare_database(settings).close()
        store = Store.open(settings)  # which wakes nobody
        running.callback(store.close)
        fill(store, CONTRIBUTIONS)
        backup = folder / "town.backup"
        note = f"{CONTRIBUTIONS:,} contributions"
        yield [
            Figure("erase one", lambda: _erase(store), 1, "s", f"the slowest of {ERASED}, {note}"),
            Figure("back up", lambda: _timed(lambda: create_backup(store, backup)), _TOLD, "s", note),
            Figure("its size", lambda: backup.stat().st_size / 1e6, _TOLD, "MB", note),
            Figure(
                "restore", lambda: _timed(lambda: _restore(cluster, store, backup)), _TOLD, "s", "into an empty one"
            ),
            Figure("archive", lambda: _timed(lambda: _archive(store)), _TOLD, "s", note),
            Figure("tables after it", lambda: _rows_megabytes(store), _TOLD, "MB", "arrivals, transcripts, vacuumed"),
            Figure("bring back", lambda: _timed(lambda: archives.restore_consultation(store, SLUG)), _TOLD, "s", note),
            Figure("tables before it", lambda: _rows_megabytes(store), _TOLD, "MB", "likewise"),
            Figure("peak memory", _megabytes, 600, "MB", "of all of it"),
        ]


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _erase(store: Store) -> float:
    with store.read() as session:
        there = select(Contribution.id).where(Contribution.erased_at.is_(None)).order_by(Contribution.id.desc())
        ids = session.scalars(there.limit(ERASED)).all()

    def erase(contribution: int) -> None:
        with store.write() as session:
            erase_contribution(session, contribution, None, "resident")

    return max(_timed(lambda one=one: erase(one)) for one in ids)  # type: ignore[misc]  # bound now


def _restore(cluster: Cluster, store: Store, backup: Path) -> None:
    restore_from_backup(backup, url=cluster.url(cluster.create()), keyring=store.keyring, media=store.media)


def _archive(store: Store) -> None:
    """As if it were concluded: what is in review is published first, past the triggers, which are not measured."""
    with store.write() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for model in (Part, Intake):
            waits = model.bucket.in_(("waiting", "in_review", "quarantined"))
            session.execute(update(model).where(waits).values(bucket="published"))
    archives.archive_consultation(store, SLUG, _LATER)


def _rows_megabytes(store: Store) -> float:
    with store.direct.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL arrival, transcript"))
        size = text("SELECT pg_total_relation_size('arrival') + pg_total_relation_size('transcript')")
        return int(connection.execute(size).scalar_one()) / 1e6


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

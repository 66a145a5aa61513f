"""The first start after an update that binds sealed values to their places: how long it takes for a whole town.

The town is filled, and what is sealed in it sealed once more without its place, as earlier versions left it.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Column, Table, select

from config.settings.loader import load_settings
from inbox.backup import bound_values
from inbox.models.sealed_places import BOUND_TO, place
from inbox.storage import crypto
from inbox.storage.database import Store
from tests.bench.pairs import Figure
from tests.bench.town import fill
from workers.processes.supervisor import prepare_database

CONTRIBUTIONS = int(os.environ.get("BENCH_RESEALED", "50000"))
MOST_SECONDS = 120.0
"""For 50,000 contributions."""


@contextlib.contextmanager
def resealing_rows(folder: Path) -> Iterator[Sequence[Figure]]:
    """Seconds until everything is bound, and how many values that were."""
    (folder / "portevoix.toml").write_text(f'database_url = "sqlite:///{folder}/town.db"\n', encoding="utf-8")
    store = prepare_database(load_settings(folder / "portevoix.toml", env={}))
    fill(store, CONTRIBUTIONS)
    with _changeable(store):
        loosened = sum(_loosen(store, table, column) for table, column in bound_values.sealed_columns())
    (store.keyring.folder / "values-bound").unlink()
    most = MOST_SECONDS * CONTRIBUTIONS / 50_000

    def seconds() -> float:
        began = time.perf_counter()
        assert bound_values.bring_up_to_date(store) == loosened
        return time.perf_counter() - began

    yield [Figure("sealed anew", seconds, most, "s", f"{loosened} values of {CONTRIBUTIONS} contributions")]
    store.close()


@contextlib.contextmanager
def _changeable(store: Store) -> Iterator[None]:
    """Without the triggers that keep what arrived from being changed, within the block."""
    with store.write() as session:
        line = session.connection()
        found = line.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%unchang%'"
        )
        triggers = found.all()
        for name, _sql in triggers:
            line.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    with store.write() as session:
        for _name, sql in triggers:
            session.connection().exec_driver_sql(sql)


def _loosen(store: Store, table: Table, column: Column[bytes]) -> int:
    """Seal the values of a column as versions before did; how many."""
    if table.name == bound_values.VOTES:
        return 0
    known_by = [table.c[name] for name in column.info[BOUND_TO]]
    (number,) = table.primary_key.columns
    keys, joined = bound_values._with_keys(table)
    wanted = select(number, column, keys.c.master_id, keys.c.wrapped, *known_by).select_from(joined)
    with store.read() as session:
        rows = session.execute(wanted.where(column.is_not(None))).all()
        changed = []
        for one, sealed, master_id, wrapped, *values in rows:
            key = store.keyring.unwrap(master_id, wrapped)
            value = crypto.unseal(key, sealed, place(table.name, column.name, values))
            changed.append(bound_values._Old(one, sealed, crypto.seal(key, value)))
    if changed:
        with store.write() as session:
            bound_values._replace(session.connection(), table, column, changed)
    return len(changed)

"""``make soak ONLY=loops``: fifty programs that answer mail, a thousand rounds each, in two processes."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import event

from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.gateway.exchange import exchange, flaws
from tests.standins.answering_machines import MACHINES

ROUNDS = int(os.environ.get("PORTEVOIX_ROUNDS", "1000"))
PROCESSES = int(os.environ.get("PORTEVOIX_PROCESSES", "2"))


def loops() -> None:
    """Every machine by itself, on a store of its own; raises ``AssertionError`` with what is wrong, by machine."""
    with tempfile.TemporaryDirectory(prefix="portevoix-loops-") as folder:
        template = _store(Path(folder))
        migrate(template.engine)
        template.close()
        tasks = [(number, folder) for number in range(len(MACHINES))]
        with get_context("spawn").Pool(PROCESSES) as pool:
            wrong: dict[str, list[str]] = {}
            for label, found, sent, seconds in pool.imap_unordered(_one, tasks):
                print(f"{label}: {ROUNDS} mails, {sent} answered, {seconds:.0f} s", flush=True)
                wrong |= {label: found} if found else {}
    assert not wrong, wrong


def _one(task: tuple[int, str]) -> tuple[str, list[str], int, float]:
    """One machine: its label, what is wrong, how many answers it got, and the seconds it took."""
    began = time.monotonic()
    number, shared = task
    machine = MACHINES[number]
    with tempfile.TemporaryDirectory(prefix="portevoix-loop-") as folder:
        shutil.copytree(shared, folder, dirs_exist_ok=True)
        store = _store(Path(folder))
        try:
            outcome = exchange(store, machine, ROUNDS, Path(folder))
        finally:
            store.close()
    return machine.label, flaws(machine, ROUNDS, outcome), outcome.sent, time.monotonic() - began


def _store(folder: Path) -> Store:
    store = Store.open(StoreFolders(f"sqlite:///{folder}/store.sqlite", folder, folder / "keys"))
    # That a commit survives a power cut is not what is tried here, and takes most of the time.
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    store.engine.dispose()
    return store

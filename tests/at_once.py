"""What the urgent pool does, done at once: a test that posts a text finds what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from config.enums import Queue
from config.settings.loader import Settings
from gateway.reading.readers import Readers
from inbox.storage.database import Store
from workers.pools.light_steps import drain_light_queue
from workers.runtime.worker_context import WorkerContext


def understand_at_once(store: Store, settings: Settings) -> None:
    """Have texts understood as soon as they are committed, by the code that the pool runs."""
    here = WorkerContext(settings, store, Readers(settings))

    def woken(steps: Iterable[tuple[Queue, int]]) -> None:
        if any(queue is Queue.URGENT for queue, _ in steps):
            drain_light_queue(here, Queue.URGENT)

    store.after_commit(woken)

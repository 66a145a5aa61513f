"""What the urgent pool does, done at once: a test that posts a text finds what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from config.names import Queue
from config.settings import Settings
from gateway.reading import Readers
from inbox.store import Store
from workers.light_steps import drain_in
from workers.workshop import Workshop


def understand_at_once(store: Store, settings: Settings) -> None:
    """Have texts understood as soon as they are committed, by the code that the pool runs."""
    here = Workshop(settings, store, Readers(settings))

    def woken(steps: Iterable[tuple[Queue, int]]) -> None:
        if any(queue is Queue.URGENT for queue, _ in steps):
            drain_in(here, Queue.URGENT)

    store.after_commit(woken)

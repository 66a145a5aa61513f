"""A database whose one writer is busy, so that nobody else comes to write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from inbox.storage.database import Store


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """While somebody else writes, for long."""
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with store.write():
            begun.set()
            done.wait(30)

    other = threading.Thread(target=write)
    other.start()
    assert begun.wait(10)
    yield
    done.set()
    other.join()

"""Beats for the processes that the supervisor sees alive, and finds those that have fallen silent.

In a thread of its own: the database may make it wait, and a dead process must be started again all the same.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from inbox.store import Store
from workers.children import Child
from workers.heartbeats import EVERY_SECONDS, beat, is_silent

log = logging.getLogger(__name__)


class Watchkeeper:
    """Looks at the children every few seconds; ``on_silent`` is told of each that should be killed."""

    def __init__(self, store: Store, children: Sequence[Child], on_silent: Callable[[Child], None]) -> None:
        self._store = store
        self._children = children
        self._on_silent = on_silent
        self._stop = threading.Event()
        self._failed_at = float("-inf")
        # A daemon: when the database does not answer, stopping does not wait for it.
        self._thread = threading.Thread(target=self._run, name="watchkeeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, without waiting for a database that does not answer."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(1)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:
                log.exception("heartbeats could not be written")
                self._failed_at = time.monotonic()
            self._stop.wait(EVERY_SECONDS)

    def look(self) -> None:
        """Beat for whoever cannot, and name whoever should have, and could have: the database answered meanwhile."""
        answers_for = time.monotonic() - self._failed_at
        with self._store.write() as session:
            for child in self._children:
                if child.process.silent_seconds is None and child.pid is not None:
                    beat(session, child.process.name)
        with self._store.read() as session:
            for child in self._children:
                silent = child.process.silent_seconds
                if silent is None or min(child.ran_for(), answers_for) <= silent:
                    continue
                if is_silent(session, child.process.name, silent):
                    self._on_silent(child)

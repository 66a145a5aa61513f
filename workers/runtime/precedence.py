"""The doors come first, when several want the processor and when several want to write."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from inbox.storage.database import Store

NICENESS = 5
"""The telephone provider waits 15 seconds for an answer, a step can wait longer."""
MOST_SECONDS = 0.05
"""How long one of many writes may keep the doors from writing, where work can be cut into several."""


def give_way(store: Store) -> None:
    """Leave the processor to the doors from now on, but not while holding the write lock for which they wait.

    Taking precedence again needs a limit on niceness (RLIMIT_NICE) that allows it, as our units set. Without, a write
    is as slow as everything else here.
    """
    os.nice(NICENESS)
    store.around_write = _not_giving_way


@contextmanager
def _not_giving_way() -> Iterator[None]:
    given = os.getpriority(os.PRIO_PROCESS, 0)  # on Linux each thread has one of its own
    try:
        os.setpriority(os.PRIO_PROCESS, 0, given - NICENESS)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, given)


class WriteSize:
    """How many of a kind one write takes, so that it ends in time: learned from how long those before took."""

    def __init__(self, most: int, least: int) -> None:
        self._most, self._least = most, least
        self.count = most

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """The write of so many; begins once the lock is held."""
        began = time.monotonic()
        yield
        self.learn(count, time.monotonic() - began)

    def learn(self, count: int, seconds: float) -> None:
        """So many took so long. Half of what is allowed is aimed at: a disk may be slower the next time."""
        fitting = int(count * MOST_SECONDS / 2 / max(seconds, 1e-6))
        if seconds > MOST_SECONDS / 2 or count >= self.count:  # few that were quick say little of many
            self.count = max(self._least, min(self._most, fitting, self.count * 2))

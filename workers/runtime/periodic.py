"""Periodic work: a declared list of what is done how often and why, and the loop that does it."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workers.runtime.watcher_context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """One thing done again and again."""

    name: str
    every_seconds: float
    why: str
    run: Callable[[Context], None]


def run_for_ever(here: Context, periodic: Sequence[Periodic]) -> None:
    """Do what is due, for ever; what fails is logged and tried again at its next turn."""
    due = dict.fromkeys(periodic, 0.0)
    while True:
        for task, when in due.items():
            if time.monotonic() >= when:
                _run(task, here)
                due[task] = time.monotonic() + task.every_seconds
        time.sleep(max(0.05, min(due.values()) - time.monotonic()))


def _run(task: Periodic, here: Context) -> None:
    try:
        task.run(here)
    except Exception:
        log.exception("%s: failed, will be tried again", task.name)

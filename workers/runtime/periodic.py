"""Periodic work: a declared list of what is done how often and why, and the loop that does it."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Never

from workers.runtime.lead_holder import LeadHolder
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """One thing done again and again."""

    name: str
    every_seconds: float
    why: str
    run: Callable[[WatcherContext], None]
    alone: bool = False
    """Whether one host does it for all."""


def run_periodic_tasks(here: WatcherContext, periodic: Sequence[PeriodicTask], lead: LeadHolder | None = None) -> None:
    """Do what is due, for ever; what fails is logged and tried again at its next turn.

    What one host does for all is left alone as long as ``lead`` is another's.
    """
    with lead or contextlib.nullcontext():
        _run_for_ever(here, periodic, lead)


def _run_for_ever(here: WatcherContext, periodic: Sequence[PeriodicTask], lead: LeadHolder | None) -> Never:
    due = dict.fromkeys(periodic, 0.0)
    while True:
        for task, when in due.items():
            if time.monotonic() >= when:
                _run(task, here, lead)
                due[task] = time.monotonic() + task.every_seconds
        time.sleep(max(0.05, min(due.values()) - time.monotonic()))


def _run(task: PeriodicTask, here: WatcherContext, lead: LeadHolder | None) -> None:
    try:
        if not task.alone or lead is None or lead.is_ours:
            task.run(here)
    except Exception:
        log.exception("%s: failed, will be tried again", task.name)

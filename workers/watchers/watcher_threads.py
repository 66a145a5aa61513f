"""Watchers in one process, each in a thread of its own: none waits for another, and what they have loaded is shared.

Named on the command line. One that ends unforeseen is begun again after a pause, and the others go on; one that falls
silent is ended by the supervisor, with all of them.
"""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping

from gateway.base import settings_in_force
from workers.runtime import process_setup
from workers.runtime.backoff import exponential_delay
from workers.runtime.hidden_folder import hide_masters
from workers.runtime.lead_holder import LeadHolder
from workers.runtime.periodic import run_periodic_tasks
from workers.runtime.watcher_context import WatcherContext, open_watcher_context
from workers.watchers import scan_watcher, sweeper, text_poller
from workers.watchers.mailbox_watcher import MailboxWatcher
from workers.watchers.reconciler import Reconciler

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds before a watcher that ended is begun again."""

Watch = Callable[[WatcherContext], None]
"""Watches for ever."""

WATCHES: Mapping[str, Watch] = {
    "sweeper": lambda here: run_periodic_tasks(here, sweeper.PERIODIC, LeadHolder(here.store, "sweeper")),
    "reconciler": lambda here: run_periodic_tasks(
        here, Reconciler(here.settings).periodic(), LeadHolder(here.store, "reconciler")
    ),
    "poller": lambda here: run_periodic_tasks(
        here, text_poller.polling_tasks(text_poller.configured_pollers(here.settings)), LeadHolder(here.store, "poller")
    ),
    "folders": scan_watcher.watch_scan_folders,
}

SEALING = frozenset({"mailbox", "poller"})
"""The kinds that only take in."""

log = logging.getLogger(__name__)


def watcher_function(name: str) -> Watch:
    """What a watcher does; raises ``KeyError`` where there is none of this name."""
    kind, _, number = name.partition("-")
    if kind != "mailbox":
        return WATCHES[name]
    return lambda here: _watch_mailbox(here, int(number) - 1, name)


def _watch_mailbox(here: WatcherContext, number: int, name: str) -> None:
    with LeadHolder(here.store, name) as lead:
        lead.wait()
        MailboxWatcher(here, here.settings.mailboxes[number], name).run()


def opens_what_came(name: str) -> bool:
    """Whether a watcher opens what came before; mailboxes and providers that are asked bring in, and only seal."""
    return name.partition("-")[0] not in SEALING


def run_watcher_for_ever(
    here: WatcherContext, name: str, watch: Watch, times: int | None = None, wait: Callable[[float], None] = time.sleep
) -> None:
    """Watch, and begin again whenever that ends (``times`` in all, else for ever); what ended it is logged."""
    quick_ends = 0
    for _ in itertools.count() if times is None else range(times):
        began = time.monotonic()
        try:
            watch(here)
        except BaseException:
            log.critical("%s: begun again", name, exc_info=True)
        quick_ends = 0 if time.monotonic() - began > LONGEST_PAUSE else quick_ends
        wait(exponential_delay(SHORTEST_PAUSE, quick_ends, LONGEST_PAUSE))
        quick_ends += 1


def main(names: list[str]) -> None:
    """Watch until told to stop."""
    settings = process_setup.begin_process(settings_in_force.load_settings_in_force)
    opens = any(map(opens_what_came, names))
    if not opens:
        hide_masters(settings)
    here = open_watcher_context(settings, holds_masters=opens)
    for name in names:
        threading.Thread(
            target=run_watcher_for_ever, args=(here, name, watcher_function(name)), name=name, daemon=True
        ).start()
    # Signals come to this thread.
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])

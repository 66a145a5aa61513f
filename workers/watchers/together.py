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
from workers.runtime.backoff import growing
from workers.runtime.lead import Lead
from workers.runtime.periodic import run_for_ever
from workers.runtime.watcher_context import Context, context_of
from workers.watchers import scan_watcher, sweeper, text_poller
from workers.watchers.mailbox_watcher import MailboxWatch
from workers.watchers.reconciler import Reconciler

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds before a watcher that ended is begun again."""

Watch = Callable[[Context], None]
"""Watches for ever."""

WATCHES: Mapping[str, Watch] = {
    "sweeper": lambda here: run_for_ever(here, sweeper.PERIODIC, Lead(here.store, "sweeper")),
    "reconciler": lambda here: run_for_ever(here, Reconciler(here.settings).periodic(), Lead(here.store, "reconciler")),
    "poller": lambda here: run_for_ever(
        here, text_poller.periodic(text_poller.pollers_of(here.settings)), Lead(here.store, "poller")
    ),
    "folders": scan_watcher.watch,
}

log = logging.getLogger(__name__)


def watch_of(name: str) -> Watch:
    """What a watcher does; raises ``KeyError`` where there is none of this name."""
    kind, _, number = name.partition("-")
    if kind != "mailbox":
        return WATCHES[name]
    return lambda here: _watch_mailbox(here, int(number) - 1, name)


def _watch_mailbox(here: Context, number: int, name: str) -> None:
    with Lead(here.store, name) as lead:
        lead.wait()
        MailboxWatch(here, here.settings.mailboxes[number], name).run()


def keep_watching(
    here: Context, name: str, watch: Watch, times: int | None = None, wait: Callable[[float], None] = time.sleep
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
        wait(growing(SHORTEST_PAUSE, quick_ends, LONGEST_PAUSE))
        quick_ends += 1


def main(names: list[str]) -> None:
    """Watch until told to stop."""
    here = context_of(process_setup.begin(settings_in_force.load))
    for name in names:
        threading.Thread(target=keep_watching, args=(here, name, watch_of(name)), name=name, daemon=True).start()
    # Signals come to this thread.
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])

"""Takes in what came another way than by webhook, again and again, and by ``portevoix reconcile``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import requests

from channels.base.errors import ChannelError
from channels.base.provider_lists import ListName
from channels.providers.registry import call_provider
from config.settings.loader import Settings, SettingsError
from gateway.base import settings_in_force
from gateway.base.terminal_language import translate
from inbox.backup.bound_values import bring_up_to_date
from inbox.errors import InboxError
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import SQLAlchemyError
from workers.errors import WorkersError
from workers.runtime import process_setup
from workers.runtime.backoff import exponential_delay
from workers.runtime.heartbeats import EVERY_SECONDS, record_heartbeat
from workers.runtime.periodic import PeriodicTask
from workers.runtime.watcher_context import WatcherContext, open_watcher_context
from workers.watchers.reconciliation_pass import ReconciliationPass
from workers.watchers.spool_import import import_spool, tidy_spool

NAME = "reconciler"
GRACE = timedelta(minutes=1)
"""What is younger is left to its webhook, which the provider may be trying again just now."""
LONGEST_PAUSE = 3600.0
"""Seconds; a provider that asks to wait is asked half as often each time, down to this."""

log = logging.getLogger(__name__)


class Reconciler:
    """Looks at the provider's lists again and again, less often while it asks to wait."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = call_provider(settings).reconcile_seconds
        self._grace = min(GRACE, timedelta(seconds=self._every / 2))
        self._clock = clock
        self._failures = 0
        self._due = 0.0
        self._note = ""
        self._beaten_at = -EVERY_SECONDS

    def reconcile(self, here: WatcherContext) -> None:
        """One pass, if it is time for one; why the provider could not be asked stands beside the heartbeat."""
        if not self._every or self._clock() < self._due:
            return
        # Also where the pass breaks off for a reason of ours, such as a busy database: the provider is not to pay.
        self._due = self._clock() + self._every
        try:
            with requests.Session() as http:
                done = ReconciliationPass(
                    here, http, call_provider(here.settings), self._grace, tell=lambda _what: self.say_alive(here)
                )
                done.run()
        except (ChannelError, WorkersError) as error:
            self._failures += 1
            self._note = f"the provider’s lists could not be read: {error}"
            log.warning("%s", self._note)
        else:
            self._failures = 0
            self._note = _summary(done)
        self._due = self._clock() + exponential_delay(self._every, self._failures, max(LONGEST_PAUSE, self._every))

    def take_in_spool(self, here: WatcherContext) -> None:
        """What the fallback door kept, before any list is asked for the same."""
        if here.settings.spool_dir.is_dir():
            import_spool(here)

    def tidy_spool(self, here: WatcherContext) -> None:
        """What is held in the spool does not outlive its erasure."""
        if here.settings.spool_dir.is_dir():
            tidy_spool(here)

    def say_alive(self, here: WatcherContext) -> None:
        """Beat, but not more often than needed."""
        if self._clock() - self._beaten_at < EVERY_SECONDS:
            return
        with here.store.write() as session:
            record_heartbeat(session, NAME, self._note)
        self._beaten_at = self._clock()

    def periodic(self) -> tuple[PeriodicTask, ...]:
        """What this process does again and again."""
        return (
            PeriodicTask("say alive", 1.0, "the supervisor restarts a reconciler that hangs", self.say_alive),
            PeriodicTask(
                "take in the spool", 2.0, "what the fallback door kept waits for the gateway", self.take_in_spool
            ),
            PeriodicTask("tidy the spool", 60.0, "what could not be taken in is erased with the rest", self.tidy_spool),
            PeriodicTask("reconcile", 1.0, "a lost webhook must not be a lost voice", self.reconcile, alone=True),
        )


def _summary(done: ReconciliationPass) -> str:
    """What there is to say of a pass; nothing of one that found everything here."""
    found = ", ".join(f"{count} {name}" for name, count in done.taken_in.items() if count)
    left = f"could not be taken in: {done.refused}" if done.refused else ""
    said = "; ".join(filter(None, (found and f"found without a webhook: {found}", left)))
    return said and f"last pass at {done.began:%H:%M} UTC · {said}"


def reconcile_now(settings: Settings, since: datetime | None) -> None:
    """One pass now, telling the terminal how far it is; raises what ``Pass.run`` raises."""
    here = open_watcher_context(settings)
    bring_up_to_date(here.store)
    with requests.Session() as http:
        done = ReconciliationPass(here, http, call_provider(settings), timedelta(0), since=since, tell=_print)
        done.run()
    _print(", ".join(translate("{}: {} taken in", name, done.taken_in[name]) for name in ListName))
    if done.refused:
        _print(translate("{} could not be taken in: see the log", done.refused))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command ``portevoix reconcile``; 1 when anybody does not answer."""
    parser = argparse.ArgumentParser(prog="portevoix reconcile", description=__doc__)
    parser.add_argument("--since", type=_day, default=None)
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        settings = settings_in_force.load_settings_in_force()
        process_setup.log_to_stderr(settings.log_level)
        reconcile_now(settings, chosen.since)
    except SettingsError as error:
        sys.stderr.write(f"portevoix: {error}\n")
        return 2
    except (ChannelError, InboxError, WorkersError) as error:
        sys.stderr.write(f"portevoix: {error}\n  what to do: {error.remedy}\n")
        return 1
    except SQLAlchemyError as error:
        sys.stderr.write(f"portevoix: the database cannot be used ({type(error).__name__}). Check database_url.\n")
        return 1
    return 0


def _day(said: str) -> datetime:
    return min(datetime.fromisoformat(said).replace(tzinfo=UTC), utc_now())


def _print(line: str) -> None:
    if line:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

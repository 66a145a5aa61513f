"""The caretaker as a process: errands of the pages, backups at night, and the watch.

It goes on when something was set on a page, and looks at the settings before whatever it does.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from config.settings.loader import SettingsError
from gateway.base import settings_in_force
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.backup import restored_place
from inbox.models.column_types import utc_now
from workers.caretaking import alert_watch, deadlines, digest_mails, fault_reports, spoken_files, webhook_calls
from workers.caretaking.errand_runners import run_errand
from workers.runtime import process_setup
from workers.runtime.lead_holder import LeadHolder
from workers.runtime.periodic import PeriodicTask, run_periodic_tasks
from workers.runtime.watcher_context import WatcherContext, open_watcher_context

BACKUP_HOURS = range(1, 5)
"""Hours of the town's day in which backups are made."""

log = logging.getLogger(__name__)
_following = settings_in_force.Following()


def _now(here: WatcherContext) -> WatcherContext:
    """The same with the settings in force by now."""
    try:
        return replace(here, settings=_following.now(here.store))
    except SettingsError as error:
        log.warning("the settings cannot be used (%s): going on with those before", error)
        return here


def run_errands(here: WatcherContext) -> None:
    """Do every errand that is asked for."""
    while True:
        with here.store.read() as session:
            waits = errands.has_pending_errands(session)
        if not waits:
            return
        with here.store.write() as session:
            taken = errands.claim_errand(session)
        if taken is None:
            return
        run_errand(_now(here), taken)


def back_up(here: WatcherContext) -> None:
    """Ask for a backup at night, when the newest is as old as the settings say."""
    fresh = _now(here)
    days, now = fresh.settings.backups.every_days, datetime.now(fresh.settings.zone)
    if not days or now.hour not in BACKUP_HOURS:
        return
    with here.store.read() as session:
        newest = errands.last_requested(session, ErrandKind.BACKUP)
    # Half a day less: the hour of the night is not the same each time.
    if newest is None or utc_now() - newest > timedelta(days=days) - timedelta(hours=12):
        with here.store.write() as session:
            errands.request_errand(session, ErrandKind.BACKUP)


def forget_copies(here: WatcherContext) -> None:
    """Destroy restored copies that nobody works with, in which nothing is erased, and what was read aloud long ago."""
    spoken_files.forget_read_texts(here)
    place = restored_place.place_of(here.settings)
    if place is not None:
        restored_place.forget_old(place, utc_now())


def watch_for_alerts(here: WatcherContext) -> None:
    """Look for what is wrong, and tell."""
    fresh = _now(here)
    alert_watch.forget_stopped_processes(fresh)
    alert_watch.detect_problems(fresh)
    alert_watch.send_alerts(fresh)


def do_what_is_due(here: WatcherContext) -> None:
    """Do what is due on a day."""
    deadlines.count_votes(_now(here))
    deadlines.remind_of_answers(_now(here))


def prepare_voices(here: WatcherContext) -> None:
    """Make what was spoken ready to be played."""
    spoken_files.prepare_spoken_answers(_now(here))
    spoken_files.prepare_lent_voices(_now(here))
    spoken_files.prepare_read_texts(_now(here))


def send_webhooks(here: WatcherContext) -> None:
    """Tell the town's tools what has happened."""
    webhook_calls.send_due_webhooks(_now(here))


def pass_faults_on(here: WatcherContext) -> None:
    """Tell the town's fault-report system what is broken, and ask what became of it."""
    fault_reports.pass_faults_on(_now(here))


def send_digests(here: WatcherContext) -> None:
    """Tell those who asked for it what waits, in the morning."""
    fresh = _now(here)
    digest_mails.send_digests(fresh, datetime.now(fresh.settings.zone))


PERIODIC: tuple[PeriodicTask, ...] = (
    PeriodicTask("run errands", 2.0, "somebody waits for them at a page", run_errands, alone=True),
    PeriodicTask(
        "keep watch", 60.0, "a door that fell silent lets nobody know by itself", watch_for_alerts, alone=True
    ),
    PeriodicTask("tell tools", 10.0, "the town's tools want to know soon", send_webhooks, alone=True),
    PeriodicTask("pass faults on", 60.0, "who reported a fault waits for it to be mended", pass_faults_on, alone=True),
    PeriodicTask("prepare voices", 4.0, "an official waits to hear what was spoken", prepare_voices, alone=True),
    PeriodicTask("keep dates", 600.0, "a consultation closes on its day by itself", do_what_is_due, alone=True),
    PeriodicTask("send digests", 600.0, "who looks in seldom wants to know what waits", send_digests, alone=True),
    PeriodicTask("forget copies", 3600.0, "what is erased is not erased in them", forget_copies, alone=True),
    PeriodicTask("back up", 1800.0, "nobody thinks of it every night", back_up, alone=True),
)


if __name__ == "__main__":
    here = open_watcher_context(process_setup.begin_process(settings_in_force.load_settings_in_force))
    run_periodic_tasks(here, PERIODIC, LeadHolder(here.store, "caretaker"))

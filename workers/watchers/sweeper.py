"""The periodic work, as a declared list: what, how often, why."""

import logging
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from config.enums import Queue, StepState
from gateway.answers import answer_dispatch, second_ways
from gateway.base import door_keys
from gateway.base.queue import QueueNotifier, connect_redis, rq_queue
from gateway.base.step_jobs import step_id_of
from gateway.spool.spool_files import SpoolFolder
from inbox.backup import key_generations
from inbox.contributions import reindexing
from inbox.desk import saved_views
from inbox.erasure import erase, retention
from inbox.jobs import steps
from inbox.listings import recount
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.records import tallies, web_look_ups
from inbox.rights import rights_requests
from inbox.storage.unit_of_work import Session
from workers.runtime.heartbeats import EVERY_SECONDS, record_heartbeat
from workers.runtime.periodic import PeriodicTask
from workers.runtime.watcher_context import WatcherContext
from workers.runtime.work_folders import lease_of_folder
from workers.watchers.unread_publisher import publish_unread_texts

OVERDUE_AT_ONCE = 5000
STALE_WORK = timedelta(hours=2)
"""How long other temporary files may lie there: an upload that is still coming in is written all the time."""

QUIET_HOURS = range(1, 5)
"""Hours of the town's day in which nobody waits for a page."""
LONGEST_UNCOUNTED = timedelta(days=2)
"""A machine that is off at night counts by day."""

log = logging.getLogger(__name__)


def requeue_overdue_steps(here: WatcherContext) -> None:
    """Queue again what should be under way and is not: Redis was emptied, a worker died, a pause is over."""
    with here.store.read() as session:
        overdue = steps.overdue_steps(session, utc_now(), OVERDUE_AT_ONCE)
    if not overdue:
        return
    connection = connect_redis(here.settings.redis_address)
    try:
        waiting = {queue: _queued(queue, connection) for queue in {queue for queue, _ in overdue}}
    except RedisError as error:
        log.warning("%d steps are overdue, but redis cannot be reached (%s)", len(overdue), type(error).__name__)
        return
    QueueNotifier(connection)([(queue, step_id) for queue, step_id in overdue if step_id not in waiting[queue]])


def _queued(queue: Queue, connection: Redis) -> set[int]:
    """The steps whose wake-up call is still waiting in the list; the jobs' own records prove nothing."""
    if queue.is_drained:
        return set()  # their calls name no step, and there is one at most
    named = map(step_id_of, rq_queue(queue, connection).get_job_ids())
    return {step_id for step_id in named if step_id is not None}


def remove_abandoned_work_folders(here: WatcherContext) -> None:
    """Remove the folders in which killed workers left media in the clear."""
    for folder in here.work_dir.iterdir():
        with here.store.read() as session:
            abandoned = _is_abandoned(session, folder, utc_now())
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True) if folder.is_dir() else folder.unlink(missing_ok=True)


def _is_abandoned(session: Session, folder: Path, now: datetime) -> bool:
    lease = lease_of_folder(folder)
    if lease is None:
        try:
            return folder.stat().st_mtime < (now - STALE_WORK).timestamp()
        except FileNotFoundError:  # removed meanwhile by the one who made it
            return False
    step_id, token = lease
    step = session.get(Step, step_id)
    held = (
        step is not None
        and step.state is StepState.OPEN
        and step.token == token
        and step.lease_until is not None
        and step.lease_until > now
    )
    return not held


def erase_expired(here: WatcherContext) -> None:
    """Erase what the consultation promised to keep only until today."""
    retention.erase_expired(here.store, datetime.now(here.settings.zone).date())


_SEARCH_KEY_RESTS = 3 * 3600.0


def reindex_outdated_texts(here: WatcherContext) -> None:
    """Make findable by the present rules what was indexed before the last update; what that leaves is wiped away."""
    if reindexing.reindex_outdated(here.store):
        erase.scrub_deleted_words(here.store)
    # Whatever was being indexed when the newest key was made has been written, and found here, long before.
    if here.store.keyring.search_generation and not reindexing.count_outdated(here.store):
        here.store.keyring.forget_older_searches(rested=_SEARCH_KEY_RESTS)


def compact_counts(here: WatcherContext) -> None:
    """Add up the counts that transactions kept apart so as not to wait for each other."""
    tallies.compact_tallies(here.store)


def recount_everything(here: WatcherContext) -> None:
    """Count everything at night, and compare it with the counts that are kept."""
    now = town_time_now(here)
    with here.store.read() as session:
        last = recount.last_recount(session)
    age = now - last.at if last is not None else timedelta.max
    if age > LONGEST_UNCOUNTED or (now.hour in QUIET_HOURS and age > timedelta(hours=12)):
        recount.recount_everything(here.store, now)


def town_time_now(here: WatcherContext) -> datetime:
    """The time on the town's clocks."""
    return datetime.now(here.settings.zone)


def rewrap_data_keys(here: WatcherContext) -> None:
    """Wrap with the newest master key what was being stored while keys were rotated."""
    here.store.rewrap_keys()


def retire_keys(here: WatcherContext) -> None:
    """Begin a new generation of master keys when the settings say so, and destroy those that are over."""
    backups, now = here.settings.backups, utc_now()
    if backups.renew_keys_every_days:
        key_generations.renew_master_key(here.store, now, timedelta(days=backups.renew_keys_every_days))
    door_keys.follow_generation(here.settings.keys_dir, SpoolFolder(here.settings.spool_dir).halves())
    if backups.retire_keys_after_days:
        after = timedelta(days=backups.retire_keys_after_days)
        waiting = SpoolFolder(here.settings.spool_dir).masters()
        for master_id in key_generations.retire_master_keys(here.store, now, after, waiting):
            log.warning("master key %s is retired: backups made under it cannot be opened any more", master_id)


def record_alive(here: WatcherContext) -> None:
    """Beat."""
    with here.store.write() as session:
        record_heartbeat(session, "sweeper")


def dispatch_answers(here: WatcherContext) -> None:
    """Put the town's answers that are due on their way."""
    answer_dispatch.dispatch_due_answers(here.store, here.settings)
    second_ways.try_second_ways(here.store, here.settings)


def delete_old_look_ups(here: WatcherContext) -> None:
    """Forget how often references were asked about on the web, once no limit counts it any more."""
    with here.store.write() as session:
        web_look_ups.delete_old_look_ups(session, utc_now())


def delete_old_openings(here: WatcherContext) -> None:
    """Remove what is noted of readings longer ago than a year."""
    here.store.openings.thin(utc_now())


def delete_old_rights_requests(here: WatcherContext) -> None:
    """Destroy requests of residents about their data that were closed years ago."""
    with here.store.write() as session:
        rights_requests.delete_old_requests(session, utc_now())


def seal_views(here: WatcherContext) -> None:
    """Seal what moderators kept under names before such views were sealed."""
    with here.store.write() as session:
        saved_views.seal_those_of_before(session)


PERIODIC: tuple[PeriodicTask, ...] = (
    PeriodicTask("queue overdue", 2.0, "SQL is the truth, Redis only a wake-up call", requeue_overdue_steps),
    PeriodicTask(
        "give answers", 4.0, "an answer that was released is owed to everybody it is for", dispatch_answers, alone=True
    ),
    PeriodicTask(
        "publish unread",
        15.0,
        "a consultation may be moderated after publication, and says so to residents",
        publish_unread_texts,
        alone=True,
    ),
    PeriodicTask("say alive", EVERY_SECONDS, "the supervisor restarts a sweeper that hangs", record_alive),
    PeriodicTask(
        "remove abandoned work", 60.0, "a killed worker leaves media in the clear", remove_abandoned_work_folders
    ),
    PeriodicTask(
        "forget look-ups", 600.0, "who asked is kept no longer than the limit needs", delete_old_look_ups, alone=True
    ),
    PeriodicTask("expire", 3600.0, "retention periods are promises made to residents", erase_expired, alone=True),
    PeriodicTask(
        "thin openings",
        3600.0,
        "who has read what is itself personal, and kept for a year",
        delete_old_openings,
        alone=True,
    ),
    PeriodicTask(
        "forget requests",
        86_400.0,
        "that somebody asked about their data is personal itself",
        delete_old_rights_requests,
        alone=True,
    ),
    PeriodicTask("compact counts", 10.0, "pages add up what has not been compacted", compact_counts, alone=True),
    PeriodicTask(
        "count again", 1800.0, "counts that are kept must be those that one would count", recount_everything, alone=True
    ),
    PeriodicTask(
        "wrap anew",
        3600.0,
        "a key rotated while something was being stored did not wrap that",
        rewrap_data_keys,
        alone=True,
    ),
    PeriodicTask("retire keys", 3600.0, "what was erased must not be readable in old backups for ever", retire_keys),
    PeriodicTask(
        "seal views", 86_400.0, "a name that was searched for lay in the clear before", seal_views, alone=True
    ),
    PeriodicTask(
        "index anew",
        3600.0,
        "after an update words may be told apart otherwise than before",
        reindex_outdated_texts,
        alone=True,
    ),
)

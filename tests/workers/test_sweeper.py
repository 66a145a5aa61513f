"""The sweeper: SQL is the truth, so what Redis forgot is queued again, and what it knows is not queued twice."""

import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select, update

from config.enums import ArrivalKind, Channel, Queue, StepKind
from config.settings.schema import Settings
from gateway.base import settings_snapshot
from gateway.base.door_keys import DoorKeys
from gateway.base.queue import QueueNotifier, rq_queue
from gateway.base.step_jobs import DRAIN
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.spool.spool_files import Spool, SpooledWebhook
from inbox.jobs import steps
from inbox.listings import recount
from inbox.models import Heartbeat, Part, Step, UnitTally
from inbox.models.column_types import utc_now
from inbox.storage.crypto import new_key, seal
from inbox.storage.database import Store
from workers.runtime.periodic import PeriodicTask, run_periodic_tasks
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.sweeper import (
    PERIODIC,
    STALE_WORK,
    compact_counts,
    record_alive,
    recount_everything,
    remove_abandoned_work_folders,
    requeue_overdue_steps,
    retire_keys,
)


@pytest.fixture
def here(sqlite_store: Store, tmp_path: Path, redis_address: str) -> WatcherContext:
    return WatcherContext(Settings(folder=tmp_path, redis_url=redis_address), sqlite_store)


@pytest.fixture
def step_id(sqlite_store: Store) -> int:
    """A step of a text message: a page of it is to be read."""
    with sqlite_store.write() as session:
        arrived = IncomingMessage(Channel.SMS, "AC1", "SM1", ArrivalKind.WEBHOOK, b"Body=un+banc")
        create_contributions(
            session, store_message(session, arrived).intake_id, [NewPart("text", Channel.SMS, body="un banc")]
        )
        # Light steps have no call of their own; there is one for all of them, below.
        session.query(Step).delete()
        return steps.add_step(session, StepKind.READ_PAGES, part=session.query(Part).one().id).id


def queued(here: WatcherContext) -> list[str]:
    return rq_queue(Queue.PAGES, Redis.from_url(here.settings.redis_address)).get_job_ids()


def test_what_redis_forgot_is_queued_again_once(here: WatcherContext, step_id: int) -> None:
    QueueNotifier(Redis.from_url(here.settings.redis_address))([(Queue.PAGES, step_id)])
    Redis.from_url(here.settings.redis_address).flushall()
    assert queued(here) == []
    for _ in range(3):
        requeue_overdue_steps(here)
    assert queued(here) == [f"step-{step_id}"]


def test_light_steps_are_called_for_together_and_once(here: WatcherContext) -> None:
    with here.store.write() as session:
        for number in range(3):
            arrived = IncomingMessage(Channel.SMS, "AC1", f"SM{number}", ArrivalKind.WEBHOOK, b"Body=un+banc")
            steps.add_step(session, StepKind.TAKE_IN_TEXT, intake=store_message(session, arrived).intake_id)
    for _ in range(3):
        requeue_overdue_steps(here)
    jobs = rq_queue(Queue.URGENT, Redis.from_url(here.settings.redis_address)).jobs
    assert [(job.func_name, job.args) for job in jobs] == [(DRAIN, ("urgent",))]


def test_a_job_that_only_its_record_remembers_is_queued_again(here: WatcherContext, step_id: int) -> None:
    connection = Redis.from_url(here.settings.redis_address)
    QueueNotifier(connection)([(Queue.PAGES, step_id)])
    assert connection.lpop(rq_queue(Queue.PAGES, connection).key) == f"step-{step_id}".encode(), (
        "a worker took it, died"
    )
    assert connection.exists(f"rq:job:step-{step_id}")
    requeue_overdue_steps(here)
    assert queued(here) == [f"step-{step_id}"]


def test_a_step_is_left_alone_until_its_lease_or_its_pause_is_over(here: WatcherContext, step_id: int) -> None:
    lease = steps.claim_step(here.store, step_id, lease_seconds=60)
    assert lease
    requeue_overdue_steps(here)
    assert queued(here) == []
    with here.store.write() as session:
        session.execute(update(Step).values(lease_until=utc_now() - timedelta(seconds=1)))
    requeue_overdue_steps(here)
    assert queued(here) == [f"step-{step_id}"]


def test_no_redis_is_no_failure(sqlite_store: Store, tmp_path: Path, step_id: int) -> None:
    here = WatcherContext(Settings(folder=tmp_path, redis_url="unix:///nowhere/redis.sock"), sqlite_store)
    requeue_overdue_steps(here)


def test_media_left_in_the_clear_are_removed_unless_somebody_works_on_them(here: WatcherContext, step_id: int) -> None:
    lease = steps.claim_step(here.store, step_id, lease_seconds=60)
    assert lease
    alive = here.work_dir / f"step-{step_id}-{lease.token}-abc"
    older = here.work_dir / f"step-{step_id}-{lease.token - 1}-abc"
    unknown = here.work_dir / "step-4711-1-abc"
    upload_now, upload_old = here.work_dir / "tmpupload1", here.work_dir / "tmpupload2"
    for folder in (alive, older, unknown):
        folder.mkdir()
        (folder / "recording").write_bytes(b"x")
    for file in (upload_now, upload_old):
        file.write_bytes(b"x")
    long_ago = time.time() - STALE_WORK.total_seconds() - 60
    os.utime(upload_old, (long_ago, long_ago))
    remove_abandoned_work_folders(here)
    assert sorted(path.name for path in here.work_dir.iterdir()) == sorted([alive.name, upload_now.name])


def test_a_file_that_is_removed_meanwhile_stops_nothing(here: WatcherContext, monkeypatch: pytest.MonkeyPatch) -> None:
    old = here.work_dir / "upload-old"
    old.write_bytes(b"x")
    long_ago = time.time() - STALE_WORK.total_seconds() - 60
    os.utime(old, (long_ago, long_ago))
    monkeypatch.setattr(Path, "iterdir", lambda _folder: iter([old.with_name("mail-gone"), old]))
    remove_abandoned_work_folders(here)
    assert not old.exists()


def test_a_task_that_fails_stops_no_other(here: WatcherContext) -> None:
    done: list[str] = []

    class Enough(BaseException):
        """Ends the endless loop."""

    def fails(_here: WatcherContext) -> None:
        done.append("fails")
        raise ValueError

    def works(_here: WatcherContext) -> None:
        done.append("works")
        if len(done) >= 6:
            raise Enough

    with pytest.raises(Enough):
        run_periodic_tasks(here, (PeriodicTask("a", 0.01, "", fails), PeriodicTask("b", 0.01, "", works)))
    assert done[:6] == ["fails", "works"] * 3


def test_it_says_that_it_is_alive(here: WatcherContext) -> None:
    record_alive(here)
    record_alive(here)
    with here.store.read() as session:
        assert session.get_one(Heartbeat, "sweeper").seen_at > utc_now() - timedelta(seconds=10)


def test_every_periodic_task_says_why() -> None:
    assert all(task.why and task.every_seconds > 0 for task in PERIODIC)


@pytest.mark.parametrize(
    ("hour", "ago", "counts"),
    [
        (12, None, True),  # never yet
        (12, timedelta(hours=30), False),  # by day, though the last night was missed
        (12, timedelta(hours=50), True),  # the machine is off at night
        (2, timedelta(hours=20), True),
        (2, timedelta(hours=1), False),  # this night already
    ],
)
def test_everything_is_counted_again_once_a_night(
    here: WatcherContext, monkeypatch: pytest.MonkeyPatch, hour: int, ago: timedelta | None, counts: bool
) -> None:
    now = datetime(2026, 3, 4, hour, tzinfo=here.settings.zone)
    if ago is not None:
        recount.recount_everything(here.store, now - ago)
    monkeypatch.setattr("workers.watchers.sweeper.town_time_now", lambda _here: now)
    with here.store.write() as session:
        session.add(UnitTally(bucket="waiting", consultation_id=0, channel=Channel.SMS, slot=0, n=3))
    recount_everything(here)
    with here.store.read() as session:
        assert (recount.count_differences(session) == []) is counts
        assert (recount.last_recount(session).at == now) is counts


def test_what_is_kept_apart_is_folded(store: Store, tmp_path: Path) -> None:
    here = WatcherContext(Settings(folder=tmp_path), store)
    with store.write() as session:
        for slot, n in ((0, 2), (7, 3), (8, -1)):
            session.add(UnitTally(bucket="waiting", consultation_id=0, channel=Channel.SMS, slot=slot, n=n))
    compact_counts(here)
    compact_counts(here)
    with store.read() as session:
        rows = session.execute(select(UnitTally.slot, UnitTally.n)).all()
        assert sum(n for _slot, n in rows) == 4
        if store.engine.dialect.name == "postgresql":
            assert rows == [(0, 4)]


def _keep_as_before(spool: Spool, store: Store) -> None:
    """A webhook as an earlier version of the fallback door kept it, which needs its master key."""
    spool.put(SpooledWebhook("/hooks/sms", b"Body=un+banc", {}, utc_now()))
    (file,) = spool.waiting()
    said = DoorKeys.of_gateway(store.keyring.folder).open_webhook(file.read_bytes().partition(b"\n")[2])
    key = new_key()
    master_id, wrapped = store.keyring.wrap(key)
    file.write_bytes(json.dumps({"master": master_id, "key": wrapped.hex()}).encode() + b"\n" + seal(key, said))


def test_keys_that_are_over_are_retired_unless_something_needs_them(sqlite_store: Store, tmp_path: Path) -> None:
    store, keys = sqlite_store, sqlite_store.keyring.folder
    here = WatcherContext(Settings(folder=tmp_path, keys_dir=keys, data_dir=tmp_path / "data"), store)
    here.settings.data_dir.mkdir()
    settings_snapshot.write_snapshot(here.settings, {"town": "Ville"})
    spool = Spool(here.settings.spool_dir, DoorKeys.of_gateway(keys), store.keyring)
    old = store.keyring.current
    _keep_as_before(spool, store)
    store.rotate_keys()
    for file in keys.glob("master-*.key"):
        os.utime(file, (file.stat().st_mtime - 36 * 86_400,) * 2)
    retire_keys(here)
    assert store.keyring.knows(old), "the spool needs it"
    assert [spool.read(file).body for file in spool.waiting()] == [b"Body=un+banc"]
    for file in spool.waiting():
        spool.remove(file)
    retire_keys(here)
    assert not store.keyring.knows(old)
    assert settings_snapshot.read_snapshot(here.settings) == {"town": "Ville"}

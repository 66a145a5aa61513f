"""The real processes, killed in every way: nothing is lost, nothing is doubled, nobody is left behind."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.base.store_factory import open_store
from inbox.listings.ledger import count_ledger
from tests.standins.web import free_port
from tests.workers.installation import Installation, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed"),
    pytest.mark.skipif(not shutil.which("tesseract"), reason="Tesseract is not installed"),
]

READING = ("redis", "urgent", "pages", "sweeper", "folders")
"""What it takes to read a scanned form; the other pools are made of the same."""
POOL_OF_PAGES = "workers.pools.pool pages"
STOPS_WITHIN = 30.0
"""Seconds. A few where nothing else runs; the supervisor kills whoever takes longer, so that it never hangs."""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "gateway", free_port())
    yield installation
    installation.destroy()


def all_read(gateway: Installation, number: int) -> bool:
    # A page that the engine doubts is read too: it has its words and its person. These trials are about who did it.
    done = gateway.count("part WHERE reading <> 'waiting'") == number
    return done and gateway.count("step WHERE state = 'open'") == 0


def assert_nothing_lost_or_doubled(gateway: Installation, number: int) -> None:
    tables = ("intake", "arrival", "part", "contribution", "medium WHERE kind = 'page'", "medium WHERE kind <> 'page'")
    counts = {table: gateway.count(table) for table in tables}
    assert counts == dict.fromkeys(counts, number)
    assert gateway.count("step WHERE state NOT IN ('done', 'needs_person')") == 0
    assert gateway.count("transcript") == number, "each page was read once, and saved once"
    assert gateway.count("text_version WHERE number > 1") == 0
    assert gateway.count("reference") == number
    assert sorted(path.name for path in (gateway.scans / "done").iterdir()) == [
        f"scan{n:04d}.png" for n in range(number)
    ]
    store = open_store(gateway.settings)
    with store.read() as session:
        counted = count_ledger(session)
    store.close()
    assert (counted.balanced, counted.units, counted.problems) == (True, number, ())


def test_killing_worker_redis_watcher_and_sweeper_loses_and_doubles_nothing(gateway: Installation) -> None:
    gateway.start(*READING)
    for number in range(3):
        gateway.scan(number)
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    killed = gateway.kill(POOL_OF_PAGES)
    assert until(lambda: POOL_OF_PAGES in gateway.processes().get(killed, POOL_OF_PAGES))
    for number in range(3, 5):
        gateway.scan(number)
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    gateway.kill("redis-server")
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    gateway.flush_redis_when_up()
    gateway.kill("workers.watchers.watcher_threads")
    for number in range(5, 8):
        gateway.scan(number)
    assert until(lambda: all_read(gateway, 8), 120), gateway.output + gateway.logs
    assert_nothing_lost_or_doubled(gateway, 8)
    assert gateway.count("step WHERE attempts > 0") == 0, "a killed worker puts its step back: nobody failed"
    assert gateway.stop() < STOPS_WITHIN


def test_a_step_whose_own_process_is_killed_is_counted_and_done_again(gateway: Installation) -> None:
    gateway.start(*READING)
    gateway.scan(0)
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    pool, *at_work = gateway.pids_of(POOL_OF_PAGES)
    assert at_work
    os.kill(at_work[0], signal.SIGKILL)
    assert until(lambda: gateway.count("step WHERE attempts = 1") == 1, 10), "its worker notices at once"
    assert gateway.pids_of(POOL_OF_PAGES)[0] == pool
    assert until(lambda: all_read(gateway, 1), 60), gateway.output + gateway.logs
    assert_nothing_lost_or_doubled(gateway, 1)


def test_a_killed_supervisor_leaves_nobody_and_the_next_one_goes_on(gateway: Installation) -> None:
    gateway.start(*READING)
    for number in range(2):
        gateway.scan(number)
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    assert gateway.supervisor
    gateway.supervisor.kill()
    gateway.supervisor.wait()
    gateway.start(*READING)
    assert until(lambda: all_read(gateway, 2), 60), gateway.output + gateway.logs
    assert_nothing_lost_or_doubled(gateway, 2)
    assert len(gateway.pids_of(POOL_OF_PAGES)) == 1
    assert gateway.stop() < STOPS_WITHIN
    assert until(lambda: not gateway.processes(), 2), gateway.processes()


def test_stopping_in_the_middle_puts_the_work_back(gateway: Installation) -> None:
    gateway.start(*READING)
    for number in range(3):
        gateway.scan(number)
    assert until(lambda: gateway.held("read_pages"), 60), gateway.logs
    assert gateway.stop() < STOPS_WITHIN
    assert until(lambda: not gateway.processes(), 2), gateway.processes()
    assert gateway.count("step WHERE lease_until IS NOT NULL") == 0
    assert gateway.count("step WHERE attempts > 0") == 0
    assert "stopped" in gateway.output
    gateway.start(*READING)
    assert until(lambda: all_read(gateway, 3), 60), gateway.output + gateway.logs
    assert_nothing_lost_or_doubled(gateway, 3)


def test_everything_starts_and_a_second_one_is_told_who_runs(gateway: Installation) -> None:
    gateway.start()
    assert until(lambda: "web          ready" in gateway.output, 60), gateway.output + gateway.logs
    second = Installation.__new__(Installation)
    second.__dict__.update(gateway.__dict__, supervisor=None)
    second.start()
    assert second.supervisor
    assert second.supervisor.wait(40) == 2
    assert f"Stop it first (process {gateway.supervisor.pid if gateway.supervisor else ''})" in gateway.output
    assert gateway.stop() < STOPS_WITHIN
    assert until(lambda: not gateway.processes(), 2), gateway.processes()
    assert "ended (" not in gateway.output, gateway.output

"""Who has nothing to do leaves and comes again; who watches beside others is begun again by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from config.settings.schema import Settings
from inbox.records import history
from inbox.reports import sense_rows
from inbox.storage.database import Store
from tests.workers.installation import until
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.processes.liveness import beat_and_find_silent
from workers.runtime.process_locks import ProcessLock
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.sense_maker import PASSES_OF_QUIET, make_sense
from workers.watchers.watcher_threads import run_watcher_for_ever


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[ChildProcess]:
    """A child that finds nothing to do and leaves."""
    work: Callable[[Session], str] = sense_rows.change_marker
    process = ProcessSpec("sense", argv=(sys.executable, "-c", "pass"), work=work)
    with ProcessLock(tmp_path, "sense").acquire(0) as lock:
        child = ChildProcess(process, lock, tmp_path / "log")
        yield child
        child.wait(0)


def test_it_leaves_and_comes_only_for_news(leaving: ChildProcess) -> None:
    leaving.start()
    assert until(lambda: leaving.tend() == "rests"), "an end without an error is no death"
    assert (leaving.tend(), leaving.is_running()) == (None, False)
    leaving.offer("seven texts")
    assert leaving.tend() == "started again"
    assert until(lambda: leaving.tend() == "rests")
    leaving.offer("seven texts")
    assert leaving.tend() is None, "that has been done"
    leaving.offer("eight texts")
    assert leaving.tend() == "started again"


def test_a_pool_that_may_rest_comes_only_when_it_is_wanted(tmp_path: Path) -> None:
    calls: list[str] = []
    process = ProcessSpec("pages", argv=(sys.executable, "-c", "pass"), is_wanted=lambda: bool(calls))
    with ProcessLock(tmp_path, "pages").acquire(0) as lock:
        child = ChildProcess(process, lock, tmp_path / "log")
        assert (child.tend(), child.is_running()) == (None, False), "nothing has come"
        calls.append("a scan")
        assert child.tend() == "started"
        calls.clear()
        assert until(lambda: child.tend() == "rests")
        assert child.tend() is None
        calls.append("another")
        assert child.tend() == "started again"
        child.wait(0)


def test_a_pool_that_dies_at_work_is_no_pool_that_rests(tmp_path: Path) -> None:
    process = ProcessSpec("pages", argv=(sys.executable, "-c", "raise SystemExit(1)"), is_wanted=lambda: True)
    with ProcessLock(tmp_path, "pages").acquire(0) as lock:
        child = ChildProcess(process, lock, tmp_path / "log")
        assert child.tend() == "started"
        assert until(lambda: "starting again in" in (child.tend() or ""))
        child.wait(0)


def test_what_there_is_to_do_is_told_of_who_rests(sqlite_store: Store) -> None:
    def found() -> str:
        return str(beat_and_find_silent(sqlite_store, [], {}, {"sense": sense_rows.change_marker})["work"]["sense"])

    before = found()
    assert found() == before
    with sqlite_store.write() as session:
        history.record_event(session, "contribution:1", "publish")
    assert found() != before


class _Maker:
    """In place of what makes sense: counts, and fails once."""

    def __init__(self, store: Store) -> None:
        self.passes = 0
        self._store = store

    def run(self) -> int:
        self.passes += 1
        if self.passes == 1:
            raise RuntimeError("the first time")
        if self.passes == 2:
            with self._store.write() as session:
                history.record_event(session, "contribution:1", "publish")
        return 0


def test_sense_is_made_until_nothing_has_come_for_a_while(sqlite_store: Store) -> None:
    maker, waited = _Maker(sqlite_store), list[float]()
    make_sense(sqlite_store, maker, waited.append)  # type: ignore[arg-type]  # as above
    assert maker.passes == 3, "tried again after a failure, and once more for what came meanwhile"
    assert sum(waited) >= 60 * (PASSES_OF_QUIET + 3)


@pytest.mark.parametrize("trouble", [RuntimeError("unforeseen"), SystemExit(3), None], ids=repr)
def test_a_watcher_that_ends_is_begun_again_with_growing_pauses(
    sqlite_store: Store, trouble: BaseException | None
) -> None:
    begun, pauses = list[WatcherContext](), list[float]()
    here = WatcherContext(Settings(), sqlite_store)

    def watch(context: WatcherContext) -> None:
        begun.append(context)
        if trouble is not None:
            raise trouble

    run_watcher_for_ever(here, "folders", watch, times=3, wait=pauses.append)
    assert begun == [here] * 3
    assert pauses == [0.2, 0.4, 0.8]

"""A pool's size follows its queue's age: one more comes when the oldest waits too long, and none before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from config.enums import Queue, StepState
from config.settings.loader import Settings
from config.settings.sections.upkeep_sections import Pools
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.workers.conftest import Waiting
from workers.processes.child_processes import ChildProcess
from workers.processes.process_list import processes_to_run
from workers.processes.resting_pools import waiting_work
from workers.runtime.process_locks import ProcessLock


@pytest.mark.parametrize(
    ("pools", "only", "expected"),
    [
        (Pools(), (), ["pages", "speech"]),
        (Pools(pages_most=3), (), ["pages", "pages-2", "pages-3", "speech"]),
        (Pools(pages_most=2, speech_most=2), ("pages",), ["pages", "pages-2"]),
        (Pools(pages_most=2, speech_most=2), ("pages-2", "speech"), ["pages-2", "speech", "speech-2"]),
    ],
)
def test_helpers_are_named_after_their_pool(tmp_path: Path, pools: Pools, only: tuple[str, ...], expected: list[str]):
    processes = processes_to_run(Settings(folder=tmp_path, pools=pools), None, only)
    assert sorted(one.name for one in processes if one.name.startswith(("pages", "speech"))) == expected
    helpers = [one for one in processes if one.name[-2:] in ("-2", "-3")]
    assert all(one.argv in (("pages",), ("speech",)) and one.gives_back for one in helpers)


@pytest.mark.parametrize(
    ("waits", "held", "state", "comes"),
    [
        (59, False, StepState.OPEN, False),
        (61, False, StepState.OPEN, True),
        (3600, True, StepState.OPEN, False),
        (3600, False, StepState.DONE, False),
        (-60, False, StepState.OPEN, False),
    ],
)
def test_one_more_comes_when_the_oldest_has_waited(
    recording: Waiting, sqlite_store: Store, waits: int, held: bool, state: StepState, comes: bool
):
    with sqlite_store.write() as session:
        since = utc_now() - timedelta(seconds=waits)
        lease = utc_now() + timedelta(minutes=1) if held else None
        session.execute(update(Step).values(not_before=since, lease_until=lease, state=state))
    with sqlite_store.read() as session:
        assert bool(waiting_work(Queue.SPEECH, 60)(session)) is comes
        assert waiting_work(Queue.PAGES, 60)(session) == ""


def test_it_comes_leaves_and_comes_again(tmp_path: Path):
    [helper] = [
        one
        for one in processes_to_run(Settings(folder=tmp_path, pools=Pools(pages_most=2)), None, ("pages",))
        if one.name == "pages-2"
    ]
    child = ChildProcess(helper, ProcessLock(tmp_path, helper.name), tmp_path / "log")
    child.rest("")
    said = []
    for work in ("", "10:00", "", "", "10:20"):
        child.offer(work)
        said.append(child.is_resting)
        if not child.is_resting and work == "10:00":
            child.is_resting = True  # as when it has left, because nothing had come for a while
    assert said == [True, False, True, True, False]

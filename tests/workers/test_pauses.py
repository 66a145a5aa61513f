"""Pauses grow up to a longest one, and however often something failed there is a next one."""

import time
from pathlib import Path

import pytest

from channels.email.imap.uids import UidSet
from config.settings.schema import Settings
from config.settings.sections.mail_section import Mailbox
from inbox.storage.database import Store
from workers.processes import child_processes
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.runtime.backoff import exponential_delay
from workers.runtime.process_locks import ProcessLock
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.imap_sync import LONGEST_REST, SyncedFolder, _Look, _Rest

GROWING = {0: 0.2, 1: 0.4, 7: 25.6, 8: 30.0, 2_000: 30.0, 10**6: 30.0}
OFTEN = 2_000


@pytest.mark.parametrize(("times", "seconds"), GROWING.items())
def test_a_pause_grows_up_to_the_longest(times: int, seconds: float) -> None:
    assert exponential_delay(0.2, times, 30.0) == pytest.approx(seconds)
    assert exponential_delay(0.0, times, 30.0) == 0.0
    assert exponential_delay(3600.0, times, 3600.0) == 3600.0


def test_a_process_that_always_dies_at_once_is_started_again_for_ever(tmp_path: Path) -> None:
    child = ChildProcess(ProcessSpec("it", ("true",)), ProcessLock(tmp_path, "it"), tmp_path / "it.log")
    child.started_at = now = time.monotonic()
    pauses = [child._pause_after_death(now) for _ in range(OFTEN)]
    assert pauses[-1] == child_processes.LONGEST_PAUSE


def test_a_mail_that_never_comes_rests_and_ends_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    box = Mailbox(name="avis@brest.example", host="imap.brest.example", user="avis", password="secret")
    folder = SyncedFolder(
        WatcherContext(Settings(folder=tmp_path), sqlite_store), box, "INBOX", "mailbox-1", lambda: None
    )
    folder._rests[1, 7] = _Rest(failures=OFTEN)
    folder._blame(_Look(1, UidSet(), {7}), [7])
    assert folder._rests[1, 7].until - time.monotonic() == pytest.approx(LONGEST_REST, abs=5)

"""One lock per process name: held as long as the supervisor or the child lives."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from workers.errors import AlreadyRunning
from workers.runtime.process_locks import ProcessLock


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with ProcessLock(tmp_path, "web").acquire(0) as held:
        assert held.fileno() > 2
        with pytest.raises(AlreadyRunning) as refused:
            ProcessLock(tmp_path, "web").acquire(0.2)
    holder = (tmp_path / "web.lock").read_text().strip()
    assert f"process {holder}" in refused.value.remedy


def test_other_names_and_later_holders_are_free(tmp_path: Path) -> None:
    first = ProcessLock(tmp_path, "web").acquire(0)
    ProcessLock(tmp_path, "speech").acquire(0).release()
    first.release()
    ProcessLock(tmp_path, "web").acquire(0).release()


def test_a_child_holds_it_on_when_the_supervisor_lets_go(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path, "speech").acquire(0)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], pass_fds=[lock.fileno()])
    lock.release()
    try:
        with pytest.raises(AlreadyRunning):
            ProcessLock(tmp_path, "speech").acquire(0.2)
    finally:
        child.kill()
        child.wait()
    began = time.monotonic()
    ProcessLock(tmp_path, "speech").acquire(5).release()
    assert time.monotonic() - began < 2

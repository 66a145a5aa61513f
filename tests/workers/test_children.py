"""A supervised process: restarted with growing pauses, stopped with its group, gone with its supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workers.processes import child_processes
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.runtime.process_locks import ProcessLock

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
ENDS_AT_ONCE = (sys.executable, "-c", "raise SystemExit(3)")
IGNORES_SIGTERM = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)

Make = Callable[..., ChildProcess]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[tuple[ChildProcess, ProcessLock]] = []

    def _make(argv: tuple[str, ...], **options: object) -> ChildProcess:
        lock = ProcessLock(tmp_path, "it").acquire(0)
        child = ChildProcess(ProcessSpec("it", argv, **options), lock, tmp_path / "it.log")  # type: ignore[arg-type]
        made.append((child, lock))
        return child

    yield _make
    for child, lock in made:
        child.wait(0)
        lock.release()


def until(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.02)
    return happens()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_process_is_started_again_within_a_second(make: Make) -> None:
    child = make(SLEEPS)
    child.start()
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    told: list[str] = []
    began = time.monotonic()
    assert until(lambda: bool(told.append(child.tend() or "") or "started again" in told))
    assert time.monotonic() - began < 1
    assert "ended (signal 9), starting again in 0.2 s" in told
    assert child.pid not in (None, first)


def test_pauses_grow_and_what_is_in_the_way_is_cleared(make: Make) -> None:
    cleared: list[int] = []
    child = make(ENDS_AT_ONCE, on_failing=lambda: cleared.append(1))
    child.start()
    told: list[str] = []
    assert until(lambda: bool(told.append(child.tend() or "") or sum("ended" in line for line in told) >= 4))
    pauses = [line.rsplit(" in ", 1)[1] for line in told if "ended" in line]
    assert pauses == ["0.2 s", "0.4 s", "0.8 s", "1.6 s"]
    assert cleared == [1]


def test_a_long_life_is_forgotten_trouble(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "LIVED_LONG", 0.0)
    child = make(ENDS_AT_ONCE)
    child.start()
    told: list[str] = []
    assert until(lambda: bool(told.append(child.tend() or "") or sum("ended" in line for line in told) >= 3))
    assert {line for line in told if "ended" in line} == {"ended (exit code 3), starting again in 0.2 s"}


@pytest.mark.parametrize(("argv", "is_clean"), [(SLEEPS, True), (IGNORES_SIGTERM, False)], ids=["obeys", "is deaf"])
def test_stopping(make: Make, tmp_path: Path, argv: tuple[str, ...], is_clean: bool) -> None:
    child = make(argv)
    child.start()
    pid = child.pid
    assert pid
    if not is_clean:
        assert until(lambda: "deaf" in (tmp_path / "it.log").read_text())
    child.ask_to_stop()
    assert child.wait(1.0) is is_clean
    assert not is_alive(pid)


def test_ready_is_said_once_per_start(make: Make) -> None:
    answers = [False, True, True]
    child = make(SLEEPS, is_ready=lambda: answers.pop(0))
    assert not child.became_ready(), "not started yet"
    child.start()
    assert [child.became_ready() for _ in range(3)] == [False, True, False]


SUPERVISOR = """
import sys, time
from pathlib import Path
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.runtime.process_locks import ProcessLock
folder = Path(sys.argv[1])
lock = ProcessLock(folder, "it").acquire(0)
child = ChildProcess(ProcessSpec("it", (sys.executable, "-c", "import time; time.sleep(60)")), lock, folder / "it.log")
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the tie is Linux's")
def test_a_killed_supervisor_leaves_no_orphan_and_frees_its_locks(tmp_path: Path) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    pid = int(supervisor.stdout.readline())
    assert until(lambda: b"tether" not in (line := Path(f"/proc/{pid}/cmdline").read_bytes()) and b"sleep" in line)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    ProcessLock(tmp_path, "it").acquire(5).release()
    assert until(lambda: not is_alive(pid), 5)


def test_a_log_that_its_process_goes_on_writing_turns_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "LOG_BYTES", 1000)
    monkeypatch.setattr(child_processes, "LOG_LOOKED_AT_EVERY", 0.0)
    talkative = ("sh", "-c", "while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; sleep 0.002; done")
    log = tmp_path / "it.log"
    lock = ProcessLock(tmp_path, "it")
    lock.acquire(5)
    child = ChildProcess(ProcessSpec("it", talkative), lock, log)
    child.start()
    try:
        assert until(lambda: child.tend() is None and log.with_suffix(".log.1").exists(), 10)
        assert until(lambda: log.stat().st_size > 0, 10), "it writes on, into the same file"
        assert b"\0" not in log.read_bytes()
    finally:
        child.wait(0)
        lock.release()


def test_a_log_is_kept_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "LOG_BYTES", 10)
    log = tmp_path / "it.log"
    log.write_text("a" * 11)
    child_processes.truncate_log(log)
    assert log.read_text() == ""
    assert (tmp_path / "it.log.1").read_text() == "a" * 11
    log.write_text("short")
    child_processes.truncate_log(log)
    assert log.read_text() == "short"

"""Limited child processes: whatever a program does, the caller gets a value or an error, and nothing stays behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.sandbox import landlock
from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import (
    Crashed,
    Interrupted,
    LimitedError,
    NotInstalled,
    RaisedInside,
    TooMuchMemory,
    TooMuchOutput,
    TooSlow,
    call_limited,
    run_limited,
)
from config.sandbox.warm_pool import WarmPool

ROOM = {"seconds": 20.0, "memory_mb": 500}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(note: Path) -> bool:
    """Whether who wrote the note, and holds its lock, has ended."""
    with note.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return held.read() == "here"


@pytest.fixture(params=[BubblewrapUse.OFF, BubblewrapUse.AUTO], ids=["base alone", "as it comes"])
def _layers(request):
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(request.param))
    yield
    set_sandbox_layers(before)


def wait_until(happened: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.02)
    return happened()


@pytest.fixture(params=["in a process of its own", "in a fork of a warm parent"])
def _warm_or_not(request, tmp_path):
    if request.param == "in a process of its own":
        yield
        return
    if landlock.landlock_version() == 0:
        pytest.skip("without Landlock nothing is forked of a warm parent")
    with WarmPool(tmp_path, ["tests.config.hostile"]):
        yield


# --- programs -------------------------------------------------------------------------------------


def test_a_program_gives_its_output_and_exit_code():
    done = run_limited(python("import sys; print(sys.stdin.read()[::-1]); sys.exit(3)"), stdin=b"abc", **ROOM)
    assert (done.code, done.stdout, done.stderr) == (3, b"cba\n", b"")


def test_more_goes_in_and_comes_out_than_a_pipe_holds():
    much = os.urandom(3_000_000)
    assert run_limited(["cat"], stdin=much, **ROOM).stdout == much


def test_a_program_need_not_listen_to_all_it_is_told():
    assert run_limited(["true"], stdin=bytes(5_000_000), **ROOM).code == 0


HOSTILE = [
    ("missing program", ["no-such-program-anywhere"], {}, NotInstalled),
    ("not a program", ["/etc/passwd"], {}, NotInstalled),
    ("infinite loop", python("while True: pass"), {"seconds": 0.5}, TooSlow),
    ("sleeper that shuts its mouth", python("import os, time; os.close(1); os.close(2); time.sleep(60)"),
     {"seconds": 0.5}, TooSlow),
    ("deaf to signals",
     python("import signal, time\nfor s in (15, 2, 1): signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)"),
     {"seconds": 0.5}, TooSlow),
    ("memory bomb", python("x = bytearray(4 << 30)"), {"memory_mb": 200}, TooMuchMemory),
    ("creeping memory bomb", python("x = []\nwhile True: x.append(bytearray(1 << 20))"), {"memory_mb": 200},
     TooMuchMemory),
    ("endless output", ["yes"], {"output_mb": 1}, TooMuchOutput),
    ("endless file", python("f = open('big', 'wb')\nimport signal; signal.signal(25, 0)\n"
                            "while True: f.write(bytes(1 << 20))"), {"file_mb": 2}, TooMuchOutput),
    ("crash", python("import os; os.abort()"), {}, Crashed),
    ("killed by somebody", python("import os; os.kill(os.getpid(), 9)"), {}, Interrupted),
]  # fmt: skip


@pytest.mark.usefixtures("_warm_or_not")
@pytest.mark.parametrize(("argv", "limits", "error"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_program_ends_in_a_named_error(argv, limits, error, tmp_path):
    started = time.monotonic()
    with pytest.raises(LimitedError) as caught:
        run_limited(argv, **{**ROOM, **limits}, writes=[tmp_path])
    assert type(caught.value) is error
    assert caught.value.remedy
    assert time.monotonic() - started < 15


def test_endless_complaints_keep_their_end_only():
    done = run_limited(python("import sys; sys.stderr.write('x' * 5_000_000 + 'the end')"), **ROOM)
    assert done.stderr.endswith(b"the end")
    assert len(done.stderr) < 100_000


def test_an_error_does_not_repeat_what_the_program_said():
    with pytest.raises(Crashed) as caught:
        run_limited(python("import os, sys; sys.stderr.write('Mme Le Goff'); sys.stderr.flush(); os.abort()"), **ROOM)
    assert caught.value.stderr == b"Mme Le Goff"
    assert "Le Goff" not in str(caught.value)


def test_a_program_is_niced_and_cannot_dump_core():
    code = "import os, resource; print(os.nice(0), resource.getrlimit(resource.RLIMIT_CORE)[0])"
    nice, core = map(int, run_limited(python(code), **ROOM).stdout.split())
    assert (nice, core) == (min(19, os.nice(0) + 10), 0)


def test_secrets_of_the_environment_are_not_handed_on(monkeypatch):
    monkeypatch.setenv("PORTEVOIX_TWILIO__AUTH_TOKENS", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    seen = run_limited(["env"], env={"OMP_THREAD_LIMIT": "1"}, **ROOM).stdout.decode()
    assert "secret" not in seen
    assert "OMP_THREAD_LIMIT=1" in seen


# --- nothing stays behind -------------------------------------------------------------------------


LEAVERS = [
    ("it ends well", "leave_somebody_behind", None),
    ("its time is over", "leave_somebody_behind_and_loop", TooSlow),
]


@pytest.mark.usefixtures("_layers")
@pytest.mark.parametrize(("function", "error"), [row[1:] for row in LEAVERS], ids=[row[0] for row in LEAVERS])
def test_a_detached_grandchild_is_killed_when(function, error, tmp_path):
    note = tmp_path / "pid"
    limits = {**ROOM, "seconds": 3.0 if error else 20.0}
    if error:
        with pytest.raises(error):
            call_limited(f"tests.config.hostile:{function}", str(note), writes=[tmp_path], starts=True, **limits)
    else:
        assert (
            call_limited(f"tests.config.hostile:{function}", str(note), writes=[tmp_path], starts=True, **limits)
            == "gone"
        )
    assert wait_until(lambda: gone(note))


CROWDS = [
    ("too many processes", "fork_many", 100, {}, Crashed),
    ("memory in many processes", "share_memory_among_children", None, {"memory_mb": 400}, TooMuchMemory),
]


@pytest.mark.parametrize(
    ("function", "argument", "limits", "error"), [row[1:] for row in CROWDS], ids=[row[0] for row in CROWDS]
)
def test_a_crowd_is_stopped(function, argument, limits, error):
    with pytest.raises(LimitedError) as caught:
        call_limited(f"tests.config.hostile:{function}", argument, starts=True, **{**ROOM, **limits})
    assert type(caught.value) is error


def test_when_the_caller_is_killed_its_programs_die_too(tmp_path):
    note = tmp_path / "pid"
    code = (
        "from pathlib import Path\nfrom config.sandbox.limited_process import call_limited\n"
        f"call_limited('tests.config.hostile:leave_somebody_behind_and_loop', {str(note)!r}, "
        "seconds=60, memory_mb=500, "
        f"writes=[Path({str(tmp_path)!r})], starts=True)"
    )
    caller = subprocess.Popen(python(code), cwd=Path(__file__).parents[2])
    assert wait_until(lambda: note.exists() and bool(note.read_text()), 20)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert wait_until(lambda: gone(note))


def test_a_machine_that_stops_says_nothing_about_the_file():
    ended: list[BaseException] = []

    def wait_for_it() -> None:
        try:
            run_limited(["sleep", "60"], seconds=60, memory_mb=500)
        except LimitedError as error:
            ended.append(error)

    before = children_of(os.getpid())
    running = threading.Thread(target=wait_for_it)
    running.start()
    deadline = time.monotonic() + 30
    while running.is_alive() and time.monotonic() < deadline:
        for pid in children_of(os.getpid()) - before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        running.join(0.2)
    assert [type(error) for error in ended] == [Interrupted]


def children_of(pid: int) -> set[int]:
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def test_no_descriptor_is_lost():
    def many() -> None:
        for argv in (["true"], ["no-such-program-anywhere"], python("while True: pass")):
            with contextlib.suppress(LimitedError):
                run_limited(argv, seconds=0.3, memory_mb=500)

    many()
    before = len(list(Path("/proc/self/fd").iterdir()))
    many()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_threads_do_not_disturb_each_other():
    def echo(number: int) -> bytes:
        return run_limited(["cat"], stdin=str(number).encode() * 10_000, **ROOM).stdout

    def too_slow(_: int) -> str:
        with pytest.raises(TooSlow):
            run_limited(["sleep", "60"], seconds=0.3, memory_mb=500)
        return "slow"

    with ThreadPoolExecutor(6) as pool:
        slow = [pool.submit(too_slow, number) for number in range(6)]
        assert list(pool.map(echo, range(12))) == [str(number).encode() * 10_000 for number in range(12)]
        assert [one.result() for one in slow] == ["slow"] * 6
    assert threading.active_count() < 20


# --- functions ------------------------------------------------------------------------------------


def test_a_function_gets_and_gives_values_whatever_it_prints():
    assert call_limited("tests.config.hostile:double", {"a": 2, "é": 3}, **ROOM) == {"a": 4, "é": 6}


FAILING = [
    ("memory bomb", "take_memory", TooMuchMemory),
    ("infinite loop", "loop", TooSlow),
    ("crash", "die", Crashed),
    ("no answer", "answer_nothing", Crashed),
    ("not JSON", "unserialisable", RaisedInside),
    ("no such function", "nonsense", RaisedInside),
]


@pytest.mark.usefixtures("_warm_or_not")
@pytest.mark.parametrize(("function", "error"), [row[1:] for row in FAILING], ids=[row[0] for row in FAILING])
def test_a_function_that_fails_ends_in_a_named_error(function, error):
    with pytest.raises(LimitedError) as caught:
        call_limited(f"tests.config.hostile:{function}", None, seconds=2.0 if error is TooSlow else 20.0, memory_mb=500)
    assert type(caught.value) is error


def test_what_a_function_raised_is_told():
    with pytest.raises(RaisedInside) as caught:
        call_limited("tests.config.hostile:refuse", None, **ROOM)
    assert (caught.value.kind, caught.value.message) == ("ValueError", "page 3 is encrypted")
    assert "encrypted" not in str(caught.value)


@pytest.mark.usefixtures("_warm_or_not")
def test_nothing_is_left_of_a_call_whose_time_is_over(tmp_path):
    note = tmp_path / "pid"
    limits = {**ROOM, "seconds": 3.0}
    with pytest.raises(TooSlow):
        call_limited(
            "tests.config.hostile:leave_somebody_behind_and_loop", str(note), writes=[tmp_path], starts=True, **limits
        )
    assert wait_until(lambda: gone(note))


def test_calls_of_one_warm_parent_have_nothing_in_common(tmp_path):
    with WarmPool(tmp_path, ["tests.config.hostile"]), ThreadPoolExecutor(4) as pool:
        asked = [{"a": number} for number in range(12)]
        answers = pool.map(lambda one: call_limited("tests.config.hostile:double", one, **ROOM), asked)
        assert list(answers) == [{"a": 2 * number} for number in range(12)]
        remembered = pool.map(lambda _: call_limited("tests.config.hostile:count_calls", None, **ROOM), range(4))
        assert list(remembered) == [1] * 4


def test_children_start_wherever_the_gateway_is_started_from(tmp_path):
    """As by the installed command: what is installed to be edited stands on no path that a child could be told."""
    code = (
        "from pathlib import Path\nfrom config.sandbox.limited_process import call_limited, run_limited\n"
        "from config.sandbox.warm_pool import WarmPool\n"
        "print(run_limited(['true'], seconds=20, memory_mb=500).code)\n"
        "print(call_limited('channels.intent.thanks:only_thanks', 'merci', seconds=20, memory_mb=500))\n"
        f"with WarmPool(Path({str(tmp_path)!r}), []):\n"
        "    print(call_limited('channels.intent.thanks:only_thanks', 'merci', seconds=20, memory_mb=500))\n"
    )
    done = subprocess.run(python(code), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "0\nTrue\nTrue\n", done.stderr


def test_a_warm_parent_that_died_is_there_again(tmp_path):
    set_sandbox_layers(SandboxLayers(BubblewrapUse.OFF))  # else it is bubblewrap that is killed first
    with WarmPool(tmp_path, ["tests.config.hostile"]) as warm:
        warm._process.kill()
        warm._process.wait()
        with pytest.raises(Crashed):
            call_limited("tests.config.hostile:double", {"a": 1}, **ROOM)
        warm.see_to_it()
        assert call_limited("tests.config.hostile:double", {"a": 1}, **ROOM) == {"a": 2}
    set_sandbox_layers(SandboxLayers())

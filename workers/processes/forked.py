"""A child forked from the supervisor, in which what all processes need is loaded already.

Forked children share the memory of what was loaded before, and start in a fraction of a second. The supervisor
has one thread only, so no lock is held by a thread that a fork leaves behind.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from setproctitle import setproctitle

from config.sandbox.parent_death import tie_to_parent

_RESET = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@dataclass(frozen=True, slots=True)
class ForkedProgram:
    """One of our modules, to be run as a program."""

    module: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    orphan_signal: signal.Signals = signal.SIGKILL
    """What it gets when the supervisor is killed."""


class ForkedChild:
    """A running child, with what ``subprocess.Popen`` offers of it."""

    def __init__(self, program: ForkedProgram, log: Path, keep: Sequence[int]) -> None:
        """Start it: its output goes to ``log``; of the open files it keeps ``keep`` alone."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _become(program, parent, log, keep)
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(self.pid, self.pid)  # in both, so that neither depends on who is first

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code once it ends; raises ``subprocess.TimeoutExpired``."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), seconds or 0)
            time.sleep(0.02)
        return code

    def send_signal(self, signum: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)


def _become(program: ForkedProgram, parent: int, log: Path, keep: Sequence[int]) -> None:
    """Turn this forked process into the program; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for signum in _RESET:
            signal.signal(signum, signal.SIG_DFL)
        tie_to_parent(program.orphan_signal, parent)
        _redirect(log, keep)
        os.environ.update(program.env)
        tempfile.tempdir = None  # found anew, by this environment
        sys.argv = [program.module, *program.arguments]
        setproctitle(" ".join(("portevoix:", "-m", *sys.argv)))
        sys.modules.pop(program.module, None)  # it was loaded for all; now it is the program
        runpy.run_module(program.module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - the last frame of this process
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        # Not sys.exit: what stands above in this process's history belongs to the supervisor.
        os._exit(code)


def _redirect(log: Path, keep: Sequence[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    kept = sorted({*keep})
    start = 3
    for fd in kept:
        os.closerange(start, fd)
        start = fd + 1
        os.set_inheritable(fd, True)
    os.closerange(start, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 65_536 else 65_536)

"""One child process of the supervisor: started, watched, started again with growing pauses, stopped."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.sandbox.parent_death import tied_command
from inbox.storage.unit_of_work import Session
from workers.processes.forked import ForkedChild, ForkedProgram
from workers.processes.web_server import LISTENING
from workers.runtime.backoff import exponential_delay
from workers.runtime.process_locks import ProcessLock

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
LIVED_LONG = 20.0
"""A child that lived this many seconds was healthy: its next death is answered at once again."""
logger = logging.getLogger(__name__)

LOG_BYTES = 5_000_000
LOG_LOOKED_AT_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What the supervisor keeps running."""

    name: str
    argv: tuple[str, ...] = ()
    """The module's arguments, or another program's command line."""
    module: str = ""
    """One of our modules, forked from the supervisor; empty for a program that is not ours."""
    env: Mapping[str, str] = field(default_factory=dict)
    listens_at: tuple[str, int] | None = None
    """Host and port of a socket that the supervisor keeps open for it."""
    is_handed_connections: bool = False
    """Whether the sorter hands it its connections, over a line that the supervisor keeps open."""
    is_ready: Callable[[], bool] | None = None
    """Asked until it says yes; None for a process that needs no announcing."""
    where: str = ""
    """Where it can be reached, for the terminal."""
    on_failing: Callable[[], None] | None = None
    """Called after every third quick death in a row, to clear away what keeps it from starting."""
    orphan_signal: signal.Signals = signal.SIGKILL
    """What it gets when the supervisor itself is killed. Every step can be run again, so the default is abrupt."""
    beats: Mapping[str, float] = field(default_factory=dict)
    """What in it beats by itself, and after how many seconds of silence all of it is killed and started again.

    Where nothing does, the supervisor beats for it.
    """
    work: Callable[[Session], str] | None = None
    """Says in a word, which changes when there is more of it, what there is to do; ``""``: nothing, it may leave.

    None for a process that stays.
    """
    may_rest: Callable[[Session], bool] | None = None
    """Of one that may leave: whether there is nothing to do for it when everything starts."""
    is_wanted: Callable[[], bool] | None = None
    """Of one that comes only when it is wanted, and leaves again: whether it is, asked again and again."""
    opens_last: bool = False
    """Nothing waits for it to be ready."""
    stop_rank: int = 1
    """Lower ones are stopped first."""
    stays: bool = False
    """Goes on when something was set on a page: it notices by itself, or it does not depend on it."""
    gives_back: bool = False
    """Told once more before it is killed, to put back what it works on."""


class ChildProcess:
    """A process with its lock and its history of deaths. From one thread only: see ``config.sandbox.parent_death``."""

    def __init__(
        self, process: ProcessSpec, lock: ProcessLock, log: Path, sockets: Sequence[socket.socket] = ()
    ) -> None:
        """``sockets`` are those that the supervisor keeps open for it."""
        self.process = process
        self._sockets = sockets
        self.announced = process.is_ready is None
        self.started_at = 0.0
        """On the monotonic clock."""
        self._lock = lock
        self._log = log
        self._popen: subprocess.Popen[bytes] | ForkedChild | None = None
        self.is_resting = process.is_wanted is not None
        """Whether it is not there because nothing is to be done."""
        self._work = ""
        self._quick_deaths = 0
        self._start_at = 0.0
        self._log_looked_at = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._popen.pid if self._popen else None

    def start(self) -> None:
        """Start it, in a process group of its own so that Ctrl-C reaches the supervisor alone."""
        truncate_log(self._log)
        self._popen = self._fork() if self.process.module else self._exec()
        self.started_at = time.monotonic()

    def _fork(self) -> ForkedChild:
        process, keep, env = self.process, [self._lock.fileno()], dict(self.process.env)
        if self._sockets:
            keep += [one.fileno() for one in self._sockets]
            env[LISTENING] = ",".join(str(one.fileno()) for one in self._sockets)
        return ForkedChild(ForkedProgram(process.module, process.argv, env, process.orphan_signal), self._log, keep)

    def _exec(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                tied_command(list(self.process.argv), self.process.orphan_signal),
                env={**os.environ, **self.process.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._lock.fileno()],
                process_group=0,
            )

    def rest(self, work: str) -> None:
        """Do not start it before there is other work than this, which it has done."""
        self.is_resting, self._work = True, work

    def offer(self, work: str) -> None:
        """What there is to do by now: it is started if that is news."""
        if self.is_resting and work not in ("", self._work):
            self.is_resting, self._work = False, work

    def tend(self) -> str | None:
        """Notice its death or start it again; what happened in words, None when nothing did."""
        now = time.monotonic()
        if self.is_resting and self.process.is_wanted is not None:
            self.is_resting = not self.process.is_wanted()
        if self.is_resting:
            return None
        if self._popen is None:
            if now < self._start_at:
                return None
            is_first = not self.started_at
            try:
                self.start()
            except OSError as error:  # a full disk, no memory: it is tried again, and the others go on
                pause = self._pause_after_death(now)
                return f"cannot be started ({type(error).__name__}), trying again in {pause:.1f} s"
            return "started" if is_first else "started again"
        code = self._popen.poll()
        if code is None:
            self._keep_log_short(now)
            return None
        self._end_group(signal.SIGKILL)
        self._popen = None
        if code == 0 and (self.process.work is not None or self.process.is_wanted is not None):
            self.is_resting = True
            return "rests"
        pause = self._pause_after_death(now)
        return f"ended ({describe_exit(code)}), starting again in {pause:.1f} s"

    def _keep_log_short(self, now: float) -> None:
        """A process may run for months, and write a log all the while."""
        if now < self._log_looked_at + LOG_LOOKED_AT_EVERY:
            return
        self._log_looked_at = now
        try:
            truncate_log(self._log)
        except OSError as error:  # a full disk: the process goes on
            logger.warning("the log of %s cannot be shortened (%s)", self.process.name, type(error).__name__)

    def _pause_after_death(self, now: float) -> float:
        self._quick_deaths = 1 if now - self.started_at > LIVED_LONG else self._quick_deaths + 1
        if self._quick_deaths % 3 == 0 and self.process.on_failing:
            self.process.on_failing()
        pause = exponential_delay(FIRST_PAUSE, self._quick_deaths - 1, LONGEST_PAUSE)
        self._start_at = now + pause
        self.announced = self.process.is_ready is None
        return pause

    def became_ready(self) -> bool:
        """True once after each start, when it first answers."""
        if self.announced or self._popen is None or self.process.is_ready is None or not self.process.is_ready():
            return False
        self.announced = True
        return True

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process itself; it ends its own children in its own order."""
        self.send(signal.SIGTERM)

    def send(self, signum: signal.Signals) -> None:
        """Send a signal to the process itself, if it runs."""
        if self._popen:
            self._popen.send_signal(signum)

    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    def ran_for(self) -> float:
        """Seconds since it was last started; 0 while it is not running."""
        return time.monotonic() - self.started_at if self.is_running() else 0.0

    def wait(self, seconds: float) -> bool:
        """Wait for its end, then kill it with all its group; True when it ended by itself."""
        if self._popen is None:
            return True
        try:
            self._popen.wait(max(seconds, 0))
            clean = True
        except subprocess.TimeoutExpired:
            clean = False
        self._end_group(signal.SIGKILL)
        self._popen.wait()
        self._popen = None
        return clean

    def kill(self) -> None:
        """End it at once, to be started again."""
        self._end_group(signal.SIGKILL)

    def _end_group(self, signum: signal.Signals) -> None:
        # The group outlives its leader: what it forked is killed with it.
        if self._popen:
            try:
                os.killpg(self._popen.pid, signum)
            except (ProcessLookupError, PermissionError):
                return


def describe_exit(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def truncate_log(log: Path) -> None:
    """Keep at most the last ``LOG_BYTES`` of a log, and as much again in ``….1``.

    Its process writes on to the same file, at its end: the file is copied and emptied, not moved.
    """
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)

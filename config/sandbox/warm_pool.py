"""Calls in forks of a process that has loaded parsers' libraries: a fork takes milliseconds, loading half a second.

That process is within bubblewrap itself, where bubblewrap is used, and sees one folder of the gateway's: the one in
which files lie in the clear while they are read. Of that, Landlock leaves each child its own files alone; without
Landlock nothing is forked, and each call has a process of its own. One choice for a whole process and what it forks,
like the layers.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from config.sandbox import bubblewrap, landlock
from config.sandbox.child_endings import Crashed, Finished, TooSlow, child_ending_of
from config.sandbox.child_talk import ChildTalk
from config.sandbox.landlock import WRITE
from config.sandbox.layers import current_sandbox_layers
from config.sandbox.system_reach import system_reach

_SURROUNDINGS = {
    "PATH": os.defpath,
    "HOME": "/",
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_HERE = str(Path(__file__).parents[2])
_STARTED = f"import sys; sys.path.append({_HERE!r})\nfrom config.sandbox import warm_parent\nwarm_parent.main()"
_GRACE_SECONDS = 10.0


_MOST_ASKED = 20_000
"""Characters: a message holds three times as many."""


@dataclass(frozen=True, slots=True)
class WarmProgram:
    """A program to be started: its command line, its reach, its variables, and the folder it starts in."""

    argv: tuple[str, ...]
    reach: tuple[str, ...]
    env: Mapping[str, str]
    folder: str


class WarmPool:
    """A warm parent and the line to it. Whoever started it sees to it that it lives; forks of that may call as well."""

    def __init__(self, exchange: Path, modules: Sequence[str], *, at_once: bool = True) -> None:
        """``exchange``: the folder in which every file lies that is read; ``modules``: what is loaded beforehand.

        Unless ``at_once``, it is started when it is first seen to.
        """
        self._exchange = exchange.absolute()
        self._modules = tuple(modules)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._wrapped = False
        self._at_once = at_once

    def __enter__(self) -> Self:
        """Start it; calls of this process and its forks go there from now on."""
        if self._at_once:
            self.see_to_it()
        _chosen.pool = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        _chosen.pool = None
        self.let_go()

    def see_to_it(self) -> None:
        """Start the parent if it does not run; only for who entered this, never for a fork of that."""
        if self._process is not None and self._process.poll() is None:
            return
        self.let_go()
        self._wrapped = bubblewrap.is_bubblewrap_used()
        command = [sys.executable, "-c", _STARTED]
        if self._wrapped:
            command = bubblewrap.bubblewrap_command(
                command, [*system_reach(_SURROUNDINGS), WRITE + str(self._exchange)]
            )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_SURROUNDINGS,
                start_new_session=True,
            )
        self._line = ours
        for module in self._modules:
            self._send(_message(module, {}, "/"), [])

    @property
    def process_id(self) -> int | None:
        """The parent's, or that of the bubblewrap around it; None when none was started."""
        return None if self._process is None else self._process.pid

    def serves(self, paths: Sequence[Path]) -> bool:
        """Whether a child of it could reach these files and no others."""
        if self._line is None or not current_sandbox_layers().landlock or landlock.landlock_version() == 0:
            return False
        return not self._wrapped or all(path.absolute().is_relative_to(self._exchange) for path in paths)

    def call(
        self, function: str, asked: bytes, limits: dict[str, int], folder: str, seconds: float, output_mb: float
    ) -> Finished:
        """Have a fork of the parent call a function as ``limited_call`` does; ends as ``run_limited``."""
        message = _message(function.partition(":")[0], limits, folder)
        return self._talked(function, message, asked, seconds, output_mb)

    def run(
        self, program: WarmProgram, stdin: bytes, limits: dict[str, int], seconds: float, output_mb: float
    ) -> Finished:
        """Have a fork of the parent become a program; ends as ``run_limited``."""
        message = _message("", limits, program.folder, argv=program.argv, reach=program.reach, env=program.env)
        return self._talked(Path(program.argv[0]).name, message, stdin, seconds, output_mb)

    def takes(self, program: WarmProgram) -> bool:
        """Whether what starts a program fits into one message."""
        return sum(map(len, (*program.argv, *program.reach))) < _MOST_ASKED

    def _talked(self, name: str, message: bytes, said: bytes, seconds: float, output_mb: float) -> Finished:
        started = time.monotonic()
        with _Pipes() as pipes:
            try:
                self._send(message, pipes.theirs)
            except OSError:
                raise Crashed(name, "could not be started: its warm parent is gone") from None
            pipes.hand_over()
            talk = ChildTalk(name, (pipes.ear, pipes.mouth, pipes.complaints), said, output_mb)
            try:
                talk.until(started + seconds)
                outcome = pipes.outcome(started + seconds)
            finally:
                pipes.give_up()
            if outcome is None:
                raise TooSlow(name, "took too long", talk.stderr)
            return child_ending_of(name, outcome, bytes(talk.stdout), talk.stderr, time.monotonic() - started)

    def _send(self, message: bytes, files: Sequence[int]) -> None:
        if self._line is None:
            raise ConnectionError
        socket.send_fds(self._line, [message], list(files))

    def let_go(self) -> None:
        """End it, to be started again when it is next seen to; only for who entered this."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
            self._process.kill()
            self._process.wait()
            self._process = None


def _message(module: str, limits: dict[str, int], folder: str, **program: object) -> bytes:
    path = [entry or str(Path.cwd()) for entry in sys.path]
    return json.dumps({"module": module, "limits": limits, "folder": folder, "path": path, **program}).encode()


class _Pipes:
    """The five pipes of one call, both ends of each until the child has its own."""

    def __init__(self) -> None:
        heard, said, complained, outcome, lifeline = (os.pipe() for _ in range(5))
        self.theirs = [heard[0], said[1], complained[1], outcome[1], lifeline[0]]
        self.ear = os.fdopen(heard[1], "wb", buffering=0)
        self.mouth = os.fdopen(said[0], "rb", buffering=0)
        self.complaints = os.fdopen(complained[0], "rb", buffering=0)
        self._outcome = outcome[0]
        self._lifeline: int | None = lifeline[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hand_over()
        self.give_up()
        for pipe in (self.ear, self.mouth, self.complaints):
            pipe.close()
        os.close(self._outcome)

    def hand_over(self) -> None:
        """Close the child's ends, so that its own are the only ones."""
        while self.theirs:
            os.close(self.theirs.pop())

    def outcome(self, deadline: float) -> bytes | None:
        """What the keeper tells once nothing is left of the call; None when the time is over before."""
        told = b""
        while select.select([self._outcome], [], [], max(0.0, deadline - time.monotonic()))[0]:
            piece = os.read(self._outcome, 64)
            if not piece:
                return told
            told += piece
        return None

    def give_up(self) -> None:
        """Have the keeper kill what is left, and wait until it has."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
            self.outcome(time.monotonic() + _GRACE_SECONDS)


class _Chosen:
    def __init__(self) -> None:
        self.pool: WarmPool | None = None


_chosen = _Chosen()


def current_warm_pool() -> WarmPool | None:
    """Where calls of this process go, if they go to a warm parent at all."""
    return _chosen.pool

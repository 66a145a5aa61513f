"""Anything hostile or external runs in a child process with limits on time, memory, output and processes.

Safe to call from any thread: nothing of ours runs between fork and exec. A child sees
no environment variable of ours but what a program needs to start, so no secrets either.
"""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_SUPERVISOR = Path(__file__).with_name("limited_child.py")
_CALLED = Path(__file__).with_name("limited_call.py")
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "FONTCONFIG_PATH")
_MIB = 1024 * 1024
_STDERR_BYTES = 64 * 1024
_GRACE_SECONDS = 10.0
_OUT_OF_MEMORY = (b"MemoryError", b"bad_alloc", b"annot allocate memory", b"ut of memory", b"alloc failed")


class LimitedError(Exception):
    """A program did not come to an end of its own; ``stderr`` may hold a resident's words, so it is never logged."""

    retryable = True
    remedy = "look at the file that was being read"

    def __init__(self, program: str, words: str, stderr: bytes = b"") -> None:
        self.program = program
        self.stderr = stderr
        super().__init__(f"{program} {words}")


class NotInstalled(LimitedError):
    """The program is not there."""

    remedy = "install it, then run `portevoix doctor`"


class TooSlow(LimitedError):
    """The time was over."""

    remedy = "if the machine was busy, try again; else raise the time in [limits]"


class TooMuchMemory(LimitedError):
    """More memory was wanted than allowed, or than the machine has."""

    retryable = False
    remedy = "raise the memory in [limits], if the machine has it"


class TooMuchOutput(LimitedError):
    """More was written than allowed."""

    retryable = False
    remedy = "look at the file that was being read: it may be made to do harm"


class Crashed(LimitedError):
    """It was ended by a signal, or gave no proper answer."""


class RaisedInside(LimitedError):
    """The function called in a child process raised; ``kind`` is the exception's class, ``message`` its words."""

    retryable = False

    def __init__(self, program: str, kind: str, message: str, stderr: bytes = b"") -> None:
        self.kind = kind
        self.message = message
        super().__init__(program, f"raised {kind}", stderr)


@dataclass(frozen=True)
class Finished:
    """A program that came to its end: exit code, all of its standard output, the end of its standard error."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float


def run_limited(
    argv: Sequence[str | Path],
    *,
    seconds: float,
    memory_mb: int,
    output_mb: float = 64,
    file_mb: int = 4096,
    processes: int = 64,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program to its end, or kill it with everything it started and raise a ``LimitedError``.

    ``seconds`` is time on the wall; ``memory_mb`` bounds each process' address space and all of them
    together; ``output_mb`` the standard output, ``file_mb`` each file it writes. ``env`` is added to a
    minimal environment. A non-zero exit code is for the caller to judge.
    """
    surroundings = _environment(env)
    program = Path(argv[0]).name
    if shutil.which(argv[0], path=surroundings.get("PATH")) is None:
        raise NotInstalled(program, "is not installed")
    outcome_read, outcome_write = os.pipe()
    try:
        limits = {
            "memory_mb": memory_mb,
            "file_mb": file_mb,
            "processes": processes,
            # The clock on the wall decides; this ends a program whose keeper was killed.
            "cpu_seconds": int(seconds * (os.cpu_count() or 1)) + 5,
            "outcome_fd": outcome_write,
            "parent": os.getpid(),
        }
        started = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), _in_short(limits), *map(str, argv)],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=surroundings,
            pass_fds=(outcome_write,),
            start_new_session=True,
        )
    except BaseException:
        os.close(outcome_read)
        raise
    finally:
        os.close(outcome_write)
    try:
        with child, os.fdopen(outcome_read, "rb") as outcome:
            talk = _Talk(program, child, stdin, output_mb)
            try:
                talk.until(started + seconds)
                _wait(child, program, started + seconds, talk.stderr)
            finally:
                _stop(child)
            return _judged(program, outcome.read(), talk, time.monotonic() - started)
    except subprocess.TimeoutExpired as error:  # pragma: no cover — the keeper itself hangs
        raise Crashed(program, "could not be ended") from error


def call_limited(
    function: str,
    argument: Any,
    *,
    seconds: float,
    memory_mb: int,
    output_mb: float = 64,
    file_mb: int = 4096,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Any:
    """Call ``package.module:function`` with one JSON-able argument in a child process; its JSON-able result.

    Whatever it raises becomes ``RaisedInside``; ``MemoryError`` becomes ``TooMuchMemory``.
    """
    request = {"function": function, "argument": argument, "path": [entry or str(Path.cwd()) for entry in sys.path]}
    done = run_limited(
        [sys.executable, str(_CALLED)],
        seconds=seconds,
        memory_mb=memory_mb,
        output_mb=output_mb,
        file_mb=file_mb,
        stdin=json.dumps(request).encode(),
        cwd=cwd,
        env=env,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise Crashed(function, f"gave no answer (exit code {done.code})", done.stderr) from error
    if "result" in answer:
        return answer["result"]
    if answer["kind"] == "MemoryError":
        raise TooMuchMemory(function, "wanted too much memory", done.stderr)
    raise RaisedInside(function, answer["kind"], answer["error"], done.stderr)


def _in_short(limits: Mapping[str, int]) -> str:
    """The limits as the keeper reads them."""
    return ",".join(f"{name}={value}" for name, value in limits.items())


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C.UTF-8", **(extra or {})}


class _Talk:
    """Feeds a child its input and takes what it says, never more than allowed."""

    def __init__(self, program: str, child: subprocess.Popen[bytes], stdin: bytes | None, output_mb: float) -> None:
        self.program = program
        self.stdout = bytearray()
        self.stderr = b""
        self._most = int(output_mb * _MIB)
        self._to_say = memoryview(stdin or b"")
        self._child = child
        self._selector = selectors.DefaultSelector()
        for stream, event in (
            (child.stdin, selectors.EVENT_WRITE),
            (child.stdout, selectors.EVENT_READ),
            (child.stderr, selectors.EVENT_READ),
        ):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, event)

    def until(self, deadline: float) -> None:
        """Talk until the child has closed both its outputs."""
        with self._selector:
            while self._selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TooSlow(self.program, "took too long", self.stderr)
                for key, _ in self._selector.select(left):
                    self._exchange(key.fileobj)

    def _exchange(self, stream: Any) -> None:
        if self._child.stdin is not None and stream is self._child.stdin:
            self._say(self._child.stdin)
            return
        heard = os.read(stream.fileno(), 1 << 16)
        if not heard:
            self._selector.unregister(stream)
        elif stream is self._child.stderr:
            self.stderr = (self.stderr + heard)[-_STDERR_BYTES:]
        elif len(self.stdout) + len(heard) > self._most:
            raise TooMuchOutput(self.program, "wrote too much", self.stderr)
        else:
            self.stdout += heard

    def _say(self, stream: IO[bytes]) -> None:
        try:
            self._to_say = self._to_say[os.write(stream.fileno(), self._to_say[: 1 << 16]) :]
        except BrokenPipeError:
            self._to_say = self._to_say[:0]  # it did not want to hear the rest
        if not self._to_say:
            self._selector.unregister(stream)
            stream.close()


def _wait(child: subprocess.Popen[bytes], program: str, deadline: float, stderr: bytes) -> None:
    """A program may close its outputs and go on; so the outputs' end is not its own."""
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise TooSlow(program, "took too long", stderr) from error


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Have the keeper kill everything below it; then make sure of the keeper."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(_GRACE_SECONDS)


def _judged(program: str, told: bytes, talk: _Talk, seconds: float) -> Finished:
    """What the keeper told, as a value or an error."""
    outcome, _, more = (told.decode() or "stopped killed").partition(" ")
    if outcome == "errno":
        raise NotInstalled(program, f"cannot be started: {os.strerror(int(more))}")
    if outcome == "stopped":
        raise _stopped(program, more, talk.stderr)
    code = int(more)
    if code != 0 and any(words in talk.stderr for words in _OUT_OF_MEMORY):
        raise TooMuchMemory(program, "wanted too much memory", talk.stderr)
    if code == -signal.SIGKILL:
        # Nobody of ours killed it: the kernel does when the machine's memory is gone.
        raise TooMuchMemory(program, "was killed, probably for lack of memory", talk.stderr)
    if code == -signal.SIGXFSZ:
        raise TooMuchOutput(program, "wrote too large a file", talk.stderr)
    if code == -signal.SIGXCPU:
        raise TooSlow(program, "took too long", talk.stderr)
    if code < 0:
        raise Crashed(program, f"crashed with {signal.Signals(-code).name}", talk.stderr)
    return Finished(code, bytes(talk.stdout), talk.stderr, seconds)


def _stopped(program: str, why: str, stderr: bytes) -> LimitedError:
    if why == "memory":
        return TooMuchMemory(program, "used too much memory", stderr)
    if why == "processes":
        return Crashed(program, "started too many processes and was stopped", stderr)
    return Crashed(program, "was stopped", stderr)

"""How a limited child can end: with a value, or with an error that says what a person can do."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

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


class Interrupted(LimitedError):
    """It was killed from outside, as when a machine stops or its memory is gone: that says nothing about the file."""

    remedy = "it is tried again; if it happens each time, see whether the machine has memory enough"


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


def child_ending_of(program: str, told: bytes, stdout: bytes, stderr: bytes, seconds: float) -> Finished:
    """What the keeper told, as a value or an error."""
    if not told:  # what watched over it is gone
        raise Interrupted(program, "was interrupted", stderr)
    outcome, _, more = told.decode().partition(" ")
    if outcome == "errno":
        raise NotInstalled(program, f"cannot be started: {os.strerror(int(more))}")
    if outcome == "stopped":
        raise _stopped(program, more, stderr)
    code = int(more)
    if code != 0 and any(words in stderr for words in _OUT_OF_MEMORY):
        raise TooMuchMemory(program, "wanted too much memory", stderr)
    if code == -signal.SIGKILL:
        # Nobody of ours killed it: the kernel does when the machine's memory is gone, or whoever stops the machine.
        raise Interrupted(program, "was killed", stderr)
    if code == -signal.SIGXFSZ:
        raise TooMuchOutput(program, "wrote too large a file", stderr)
    if code == -signal.SIGXCPU:
        raise TooSlow(program, "took too long", stderr)
    if code < 0:
        raise Crashed(program, f"crashed with {signal.Signals(-code).name}", stderr)
    return Finished(code, stdout, stderr, seconds)


def _stopped(program: str, why: str, stderr: bytes) -> LimitedError:
    if why == "memory":
        return TooMuchMemory(program, "used too much memory", stderr)
    if why == "processes":
        return Crashed(program, "started too many processes and was stopped", stderr)
    return Crashed(program, "was stopped", stderr)

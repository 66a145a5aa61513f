"""External programs and hostile files, run in limited child processes; their ends become this room's errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.limits import Finished, LimitedError, NotInstalled, TooMuchMemory, TooMuchOutput, call_limited, run_limited
from config.limits import RaisedInside as LimitedRaisedInside
from config.limits import TooSlow as LimitedTooSlow
from transcription.values import EngineCrashed, EngineMissing, TooSlow, TranscriptionError, Unread, Unreadable


class RaisedInside(EngineCrashed):
    """A function of ours raised what it should have foreseen: a mistake in it, not in the file."""


def run(
    argv: Sequence[str | Path], *, seconds: float, memory_mb: int, env: Mapping[str, str] | None = None
) -> Finished:
    """Run a program to its end, whatever its exit code; a ``LimitedError`` becomes a ``TranscriptionError``."""
    try:
        return run_limited(argv, seconds=seconds, memory_mb=memory_mb, env=env)
    except LimitedError as problem:
        raise _ours(problem, Path(argv[0]).name) from None


def call(function: str, argument: Any, *, seconds: float, memory_mb: int) -> Any:
    """Call ``package.module:function`` in a child process; fails as ``run`` does."""
    try:
        return call_limited(function, argument, seconds=seconds, memory_mb=memory_mb)
    except LimitedError as problem:
        raise _ours(problem, function.partition(":")[0]) from None


def _ours(problem: LimitedError, name: str) -> TranscriptionError:
    if isinstance(problem, NotInstalled):
        return EngineMissing(f"{name} is not installed.")
    if isinstance(problem, LimitedTooSlow):
        return TooSlow(f"{name} did not finish in its time.")
    if isinstance(problem, TooMuchMemory | TooMuchOutput):
        return Unreadable(Unread.TOO_LARGE)
    if isinstance(problem, LimitedRaisedInside):
        return RaisedInside(f"{name} raised {problem.kind}.", "Please report it, with the file if you may.")
    return EngineCrashed(f"{name} ended before its work was done ({problem}).")

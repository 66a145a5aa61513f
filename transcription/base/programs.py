"""External programs and hostile files, run in limited child processes; their ends become this room's errors."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.sandbox.limited_process import (
    Finished,
    Interrupted,
    LimitedError,
    NotInstalled,
    TooMuchMemory,
    TooMuchOutput,
    call_limited,
    run_limited,
)
from config.sandbox.limited_process import RaisedInside as LimitedRaisedInside
from config.sandbox.limited_process import TooSlow as LimitedTooSlow
from transcription.base.values import (
    EngineCrashed,
    EngineInterrupted,
    EngineMissing,
    TooSlow,
    TranscriptionError,
    Unread,
    Unreadable,
)

log = logging.getLogger(__name__)


class RaisedInside(EngineCrashed):
    """A function called in a child process raised; ``kind`` is the class of what it raised."""

    def __init__(self, problem: str, remedy: str, kind: str) -> None:
        self.kind = kind
        super().__init__(problem, remedy)


def run_program(
    argv: Sequence[str | Path],
    *,
    seconds: float,
    memory_mb: int,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program to its end, whatever its exit code; a ``LimitedError`` becomes a ``TranscriptionError``.

    It reaches these files and folders alone, by their absolute paths: it does not start where we are.
    """
    try:
        return run_limited(argv, seconds=seconds, memory_mb=memory_mb, reads=reads, writes=writes, env=env)
    except LimitedError as problem:
        raise _ours(problem, Path(argv[0]).name) from None


def call_in_child(
    function: str,
    argument: Any,
    *,
    seconds: float,
    memory_mb: int,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    starts: bool = False,
) -> Any:
    """Call ``package.module:function`` in a child process; reaches and fails as ``run_program`` does.

    ``starts``: it starts programs of its own, which reach no more than it does.
    """
    try:
        return call_limited(
            function, argument, seconds=seconds, memory_mb=memory_mb, reads=reads, writes=writes, starts=starts
        )
    except LimitedError as problem:
        raise _ours(problem, function.partition(":")[0]) from None


def parse_in_child(
    function: str,
    argument: Any,
    *,
    seconds: float,
    memory_mb: int,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    starts: bool = False,
) -> Any:
    """``call_in_child`` for a parser of hostile files: whatever it dies of or raises, the file is damaged.

    Parsers raise what they like over what they did not foresee, and what they do once they do always. Raises
    ``EngineMissing`` where a library is not installed, and ``EngineInterrupted`` and ``TooSlow``, which say nothing
    about the file.
    """
    try:
        return call_in_child(
            function, argument, seconds=seconds, memory_mb=memory_mb, reads=reads, writes=writes, starts=starts
        )
    except RaisedInside as error:
        if error.kind in ("ImportError", "ModuleNotFoundError"):
            raise EngineMissing("A library that opens files is not installed.") from None
        log.warning("%s raised %s: the file is taken for damaged", function, error.kind)
        raise Unreadable(Unread.BROKEN) from None
    except EngineCrashed:
        raise Unreadable(Unread.BROKEN) from None


def _ours(problem: LimitedError, name: str) -> TranscriptionError:
    if isinstance(problem, NotInstalled):
        return EngineMissing(f"{name} is not installed.")
    if isinstance(problem, Interrupted):
        return EngineInterrupted(f"{name} was interrupted.")
    if isinstance(problem, LimitedTooSlow):
        return TooSlow(f"{name} did not finish in its time.")
    if isinstance(problem, TooMuchMemory | TooMuchOutput):
        return Unreadable(Unread.TOO_LARGE)
    if isinstance(problem, LimitedRaisedInside):
        return RaisedInside(
            f"{name} raised {problem.kind}.", "Please report it, with the file if you may.", problem.kind
        )
    return EngineCrashed(f"{name} ended before its work was done ({problem}).")

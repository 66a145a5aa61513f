"""What a function in a limited child says, as data: a value, or why there is none. It is read with distrust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from config.child_answers.plain_data import NotPlain, from_plain, to_plain
from transcription.base.values import (
    EngineCrashed,
    EngineMissing,
    TooSlow,
    TranscriptionError,
    Unread,
    Unreadable,
)

T = TypeVar("T")

_KINDS: dict[str, type[TranscriptionError]] = {one.__name__: one for one in (EngineCrashed, EngineMissing, TooSlow)}


def tell_result(read: Callable[[], Any]) -> dict[str, Any]:
    """Read, and say what came of it; what is no ``TranscriptionError`` is raised."""
    try:
        value = read()
    except Unreadable as error:
        return {"unread": error.why.name}
    except TranscriptionError as error:
        return {"failed": type(error).__name__, "problem": error.problem, "remedy": error.remedy}
    return {"value": to_plain(value)}


def understand_result(told: Any, kind: type[T]) -> T:
    """The value that ``tell_result`` told; raises what was told instead, and ``EngineCrashed`` over anything else."""
    try:
        if "unread" in told:
            raise Unreadable(Unread[told["unread"]])
        if "failed" in told:
            raise _KINDS[told["failed"]](str(told["problem"]), str(told["remedy"]))
        value = from_plain(kind, told["value"])
    except (KeyError, TypeError, NotPlain):
        raise EngineCrashed("What read the file gave no proper answer.") from None
    return value

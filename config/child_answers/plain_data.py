"""Values of ours as plain JSON and back: what a limited child answers is read by its types, and nothing of it is run.

Dataclasses, named tuples, tuples, lists, enumerations, paths, moments, bytes and the simple types, as their
annotations say. Anything else in an answer, however it got there, is no answer.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import types
import typing
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class NotPlain(Exception):
    """Data that are no value of the type asked for."""


def to_plain(value: Any) -> Any:
    """A value as ``json.dumps`` takes it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, str | int | float):
        return value
    raise NotPlain(f"{type(value).__name__} has no plain form")


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of this type that ``to_plain`` made plain; raises ``NotPlain``."""
    value: T = _read(kind, plain)
    return value


def _read(kind: Any, plain: Any) -> Any:
    if kind in _SIMPLE:
        return _simple(kind, plain)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(typing.get_args(kind), plain)
    if origin in (tuple, list):
        return _row(kind, origin, plain)
    if dataclasses.is_dataclass(kind):
        return _fields(kind, tuple(field.name for field in dataclasses.fields(kind)), plain)
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        names = kind._fields
        return _fields(kind, names, dict(zip(names, plain, strict=False)) if isinstance(plain, list) else plain)
    return _made(kind, plain)


_MAKERS: dict[Any, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    bytes: lambda plain: base64.b64decode(plain, validate=True),
}
_SIMPLE = (str, int, float, bool, type(None))


def _simple(kind: type, plain: Any) -> Any:
    if kind is float and type(plain) is int:
        return float(plain)
    if type(plain) is not kind or (isinstance(plain, float) and not math.isfinite(plain)):
        raise NotPlain(f"{type(plain).__name__} is no {kind.__name__}")
    return plain


def _one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    for kind in kinds:
        try:
            return _read(kind, plain)
        except NotPlain:
            continue
    raise NotPlain(f"{type(plain).__name__} is none of {len(kinds)} types")


def _row(kind: Any, origin: type, plain: Any) -> Any:
    if not isinstance(plain, list):
        raise NotPlain(f"{type(plain).__name__} is no row")
    inner = typing.get_args(kind)
    if origin is list or inner[-1:] == (Ellipsis,):
        return origin(_read(inner[0], one) for one in plain)
    if len(plain) != len(inner):
        raise NotPlain(f"{len(plain)} values instead of {len(inner)}")
    return tuple(_read(one, value) for one, value in zip(inner, plain, strict=True))


def _fields(kind: Any, names: tuple[str, ...], plain: Any) -> Any:
    if not isinstance(plain, dict) or plain.keys() != set(names):
        raise NotPlain(f"not the fields of {kind.__name__}")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], plain[name]) for name in names})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _made(kind: Any, plain: Any) -> Any:
    make: Callable[[Any], Any] = _MAKERS.get(kind, kind)
    if not (kind is Path or kind in _MAKERS or issubclass(kind, Enum)) or not isinstance(plain, str | int):
        raise NotPlain(f"{getattr(kind, '__name__', kind)} has no plain form")
    try:
        return make(plain)
    except (ValueError, TypeError):
        raise NotPlain(f"no {kind.__name__}") from None

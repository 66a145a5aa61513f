"""Rows as lines of JSON that say themselves what types they hold: the same from SQLite and PostgreSQL."""

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

# One-letter marks of what JSON has no type for; a real object of JSON is marked too, so nothing is mistaken.
_BYTES, _TIME, _DATE, _JSON = "b", "t", "d", "j"


def encode_row(row: Mapping[str, Any]) -> str:
    """A row as one line."""
    return json.dumps({name: _encoded(value) for name, value in row.items()}, separators=(",", ":")) + "\n"


def decode_row(line: str | bytes) -> dict[str, Any]:
    """The row of a line; enumerations come back as their plain values."""
    return {name: _decoded(value) for name, value in json.loads(line).items()}


def _encoded(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case bytes():
            return {_BYTES: base64.b64encode(value).decode("ascii")}
        case datetime():
            return {_TIME: value.isoformat()}
        case date():
            return {_DATE: value.isoformat()}
        case dict() | list():
            return {_JSON: value}
        case _:
            return value


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((mark, inner),) = value.items()
    match mark:
        case "b":
            return base64.b64decode(inner)
        case "t":
            return datetime.fromisoformat(inner)
        case "d":
            return date.fromisoformat(inner)
        case _:
            return inner

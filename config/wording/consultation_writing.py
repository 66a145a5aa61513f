"""A consultation as the file a town could have written: what ``read_consultation`` reads back the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any

from config.wording.consultation import Consultation

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def consultation_as_toml(consultation: Consultation) -> str:
    """The file's text; what is as usual is left out."""
    return tables_as_toml(consultation.model_dump(exclude_defaults=True))


def tables_as_toml(table: Mapping[str, Any]) -> str:
    """A table of values, tables and lists of tables as the text of a file."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if not isinstance(value, Mapping) and not _is_list_of_tables(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _table(name, value)
        elif _is_list_of_tables(value):
            for one in value:
                yield from ("", f"[[{_key(name)}]]")
                yield from (f"{_key(inner)} = {_value(told)}" for inner, told in one.items())


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"[{_key(name)}]")
    yield from (f"{_key(inner)} = {_value(value)}" for inner, value in table.items())


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, tuple | list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _value(value: Any) -> str:
    if isinstance(value, Enum):
        return _string(str(value.value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _string(text: str) -> str:
    # JSON's strings are TOML's basic strings, but for the one control character that JSON lets stand.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

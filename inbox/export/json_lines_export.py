"""The list as JSON Lines: one object a row, texts whole, numbers as numbers; keys are the same in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

KEYS = (
    "reference",
    "channel",
    "consultation",
    "received",
    "text",
    "read_by_machine_unconfirmed",
    "machine_confidence_percent",
    "reading",
    "moderation",
    "reason",
    "themes",
    "theme_count",
    "voices",
    "language",
)
"""The columns of the spreadsheets, in their order."""

NUMBERS = frozenset({"machine_confidence_percent", "theme_count", "voices"})
"""Those whose values are whole numbers."""
_NUMBER = re.compile(r"\d+")


def json_objects(keys: Sequence[str], batches: Iterable[Sequence[Sequence[str]]]) -> Iterator[bytes]:
    """Rows as objects with these keys, in pieces."""
    for batch in batches:
        lines = "".join(f"{json.dumps(_object(keys, row), ensure_ascii=False)}\n" for row in batch)
        yield lines.encode("utf-8", "replace")


def _object(keys: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in zip(keys, row, strict=True):
        if key == "themes":
            values[key] = [one for one in value.split(" | ") if one]
        elif key in NUMBERS:
            values[key] = int(value) if _NUMBER.fullmatch(value) else None
        else:
            values[key] = value or None
    return values

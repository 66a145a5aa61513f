"""A provider's lists of everything that came in, as values: a page of entries, each with its times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ListName(StrEnum):
    """A list of a provider; its entries stand under this name."""

    MESSAGES = "messages"
    CALLS = "calls"
    RECORDINGS = "recordings"


@dataclass(frozen=True)
class ListEntry:
    """One entry as it was listed: when it came in and when it last changed, None where the provider does not say."""

    raw: Mapping[str, Any]
    at: datetime | None
    changed: datetime | None

    def __getitem__(self, name: str) -> str:
        """A field as text, empty where there is none."""
        value = self.raw.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Page:
    """One page of a list; ``following`` is the address of the next one, empty at the end."""

    entries: tuple[ListEntry, ...]
    following: str

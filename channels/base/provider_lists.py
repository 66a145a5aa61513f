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
    """One entry as it was listed, and what can be said of it whoever listed it."""

    raw: Mapping[str, Any]
    id: str
    """The provider's identifier, as its webhook brings it."""
    at: datetime | None
    """When it came in; None where the provider does not say."""
    changed: datetime | None
    """When it last changed."""
    came_in: bool
    """Whether it is something that came in, and is all there."""
    went_out: bool
    """Whether it is a text of ours."""
    to: str = ""
    """The number or service it came to."""
    service: str = ""
    call: str = ""
    """The call a recording belongs to."""
    has_pictures: bool = False

    def __getitem__(self, name: str) -> str:
        """A field as text, empty where there is none: for the provider itself."""
        value = self.raw.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True)
class ListPage:
    """One page of a list; ``following`` is the address of the next one, empty at the end."""

    entries: tuple[ListEntry, ...]
    following: str

"""What differs between two versions of a consultation, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not the same; None where a version has none."""

    place: tuple[str, ...]
    before: str | None
    after: str | None


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Difference]:
    """Every entry that was added, taken out or changed, in the order of the later version."""
    old, new = dict(_entries(before or {}, ())), dict(_entries(after, ()))
    places = [*new, *(place for place in old if place not in new)]
    return [Difference(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _entries(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _entries(inner, (*place, str(name)))
    elif isinstance(value, list | tuple) and value and all(isinstance(one, Mapping) and "key" in one for one in value):
        for one in value:
            yield from _entries({k: v for k, v in one.items() if k != "key"}, (*place, str(one["key"])))
    elif isinstance(value, list | tuple):
        if value:
            yield place, ", ".join(map(str, value))
    elif isinstance(value, bool):
        yield place, "✓" if value else "–"
    elif value not in (None, ""):
        yield place, str(value)

"""How many people live in each quarter, and of which age, from a CSV file of the town's own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

QUARTERS = ("quarter", "quartier", "nom_quartier", "nom", "name")
AGES = ("age", "âge", "ages", "age_group", "tranche", "tranche_age", "tranche_d_age", "tranche d'âge")
PEOPLE = ("population", "habitants", "inhabitants", "people", "pop")


OLDEST = 150
"""Where an age group ends that has no end."""
_NUMBER = re.compile(r"\d+")
_UNDER = re.compile(r"moins de|under|<|jusqu", re.IGNORECASE)
_OVER = re.compile(r"plus|over|older|\+|et au-del|-\s*$", re.IGNORECASE)


class NoPopulation(ValueError):
    """A file without a column of quarters, or without one of numbers."""


def population(file: Path | None) -> Mapping[str, int]:
    """Quarter -> people; rows of one quarter, as by age, are added up. Raises ``NoPopulation``, OSError."""
    if file is None:
        return {}
    there = file.stat()
    return _read(file, there.st_mtime_ns, there.st_size)


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, _size: int) -> Mapping[str, int]:
    return counted(file.read_bytes())


def counted(raw: bytes) -> Mapping[str, int]:
    """The people of each quarter; comma, semicolon or tab."""
    found: dict[str, int] = {}
    for name, count in _counts(raw, QUARTERS, "a quarter's name"):
        found[name] = found.get(name, 0) + count
    return found


def ages(file: Path | None) -> Mapping[tuple[int, int], int]:
    """First and last age -> people, over all quarters; empty where the file does not say ages. Raises OSError."""
    if file is None:
        return {}
    there = file.stat()
    return _read_ages(file, there.st_mtime_ns, there.st_size)


@lru_cache(maxsize=4)
def _read_ages(file: Path, _changed: int, _size: int) -> Mapping[tuple[int, int], int]:
    return counted_ages(file.read_bytes())


def counted_ages(raw: bytes) -> Mapping[tuple[int, int], int]:
    """The people of each age group that a file tells apart."""
    found: dict[tuple[int, int], int] = {}
    try:
        rows = list(_counts(raw, AGES, "an age"))
    except NoPopulation:
        return {}
    for said, count in rows:
        span = age_span(said)
        if span is not None:
            found[span] = found.get(span, 0) + count
    return found


def age_span(said: str) -> tuple[int, int] | None:
    """First and last age of a group: « 18-29 », « 18 à 29 ans », « 60+ », « moins de 18 ans », « 37 »."""
    numbers = [int(one) for one in _NUMBER.findall(said)]
    if not numbers or len(numbers) > 2 or max(numbers) > OLDEST:
        return None
    if len(numbers) == 2:
        return (numbers[0], numbers[1]) if numbers[0] <= numbers[1] else None
    if _UNDER.search(said):
        return (0, numbers[0] - 1) if numbers[0] else None
    return numbers[0], OLDEST if _OVER.search(said) else numbers[0]


def people_of_groups(
    counts: Mapping[tuple[int, int], int], groups: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """The people of each of these groups; those are left out that the file's own groups do not make up."""
    found = {}
    for first, last in groups:
        inside = {span: count for span, count in counts.items() if first <= span[0] and span[1] <= last}
        across = any(span[0] <= last and first <= span[1] for span in counts.keys() - inside.keys())
        if inside and not across:
            found[first, last] = sum(inside.values())
    return found


def _counts(raw: bytes, names: tuple[str, ...], what: str) -> Iterator[tuple[str, int]]:
    text = raw.decode("utf-8-sig", "replace")
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    columns = {(column or "").strip().casefold(): column for column in rows.fieldnames or ()}
    wanted = next((columns[one] for one in names if one in columns), None)
    people = next((columns[one] for one in PEOPLE if one in columns), None)
    if wanted is None or people is None:
        raise NoPopulation(f"of the columns {', '.join(columns)} none is {what}, or none counts its people")
    for row in rows:
        name, count = " ".join((row[wanted] or "").split()), "".join((row[people] or "").split())
        if name and count.isdecimal():
            yield name, int(count)

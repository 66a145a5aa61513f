"""How many people live in each quarter, from a CSV file of the town's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

QUARTERS = ("quarter", "quartier", "nom_quartier", "nom", "name")
PEOPLE = ("population", "habitants", "inhabitants", "people", "pop")


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
    text = raw.decode("utf-8-sig", "replace")
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    columns = {(column or "").strip().casefold(): column for column in rows.fieldnames or ()}
    quarter = next((columns[one] for one in QUARTERS if one in columns), None)
    people = next((columns[one] for one in PEOPLE if one in columns), None)
    if quarter is None or people is None:
        raise NoPopulation(f"of the columns {', '.join(columns)} none is a quarter's name, or none counts its people")
    found: dict[str, int] = {}
    for row in rows:
        name, count = " ".join((row[quarter] or "").split()), "".join((row[people] or "").split())
        if name and count.isdecimal():
            found[name] = found.get(name, 0) + int(count)
    return found

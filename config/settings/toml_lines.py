"""Where things stand in a TOML file, for messages: the standard library's parser does not say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class _Place:
    loc: tuple[int | str, ...]
    line: int


class TomlLines:
    """Where in a TOML text the tables and keys begin, as far as one can tell line by line."""

    _HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?")
    _KEY = re.compile(r"^\s*([\w\-\"']+(?:\s*\.\s*[\w\-\"']+)*)\s*=")

    def __init__(self, text: str) -> None:
        self._places: list[_Place] = []
        counts: dict[tuple[str, ...], int] = {}
        table: tuple[int | str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := self._HEADER.match(line):
                names = self._names(header[2])
                if header[1] == "[[":
                    counts[names] = counts.get(names, -1) + 1
                table = self._numbered(names, counts)
                self._places.append(_Place(table, number))
            elif key := self._KEY.match(line):
                self._places.append(_Place((*table, *self._names(key[1])), number))

    @staticmethod
    def _names(dotted: str) -> tuple[str, ...]:
        return tuple(name.strip().strip("\"'") for name in dotted.split("."))

    @staticmethod
    def _numbered(names: tuple[str, ...], counts: Mapping[tuple[str, ...], int]) -> tuple[int | str, ...]:
        loc: list[int | str] = []
        for end, name in enumerate(names, 1):
            loc.append(name)
            if names[:end] in counts:
                loc.append(counts[names[:end]])
        return tuple(loc)

    def of(self, loc: tuple[int | str, ...]) -> int:
        """The line where ``loc``, or the nearest thing around it, begins; 0 when unknown."""
        for end in range(len(loc), 0, -1):
            for place in self._places:
                if place.loc[:end] == loc[:end]:
                    return place.line
        return 0

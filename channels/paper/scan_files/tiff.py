"""The directories of a TIFF file, found by their links; nothing of its pictures is opened.

TIFF 6.0, sections 2 and 8; BigTIFF as libtiff describes it. Every number read is checked against the file's size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_DIRECTORIES = 20_000
"""Where a chain of directories is called endless; how many pages are read, ``limits.pages`` says."""
_MOST_PLACES = 2_000_000
"""Strips or tiles of one page: A0 at 1200 dpi in tiles of 64 pixels has 700,000."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value by its type."""
_LETTERS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_OFFSETS_AND_COUNTS = ((273, 279), (324, 325), (513, 514))
"""Tags that say where a page's strips, tiles and its JPEG data lie, each with the tag of their lengths."""


class NotWhole(Exception):
    """The file ends, or leads somewhere, before the page does."""


@dataclass(frozen=True, slots=True)
class DirectoryLink:
    """Where a directory says which one comes next: the place of the number, its width in bytes, what it says."""

    at: int
    width: int
    leads_to: int


@dataclass(frozen=True, slots=True)
class _Layout:
    order: str
    is_big: bool
    size: int

    @property
    def width(self) -> int:
        return 8 if self.is_big else 4

    def number(self, letter: str, data: bytes) -> int:
        return int(struct.unpack(self.order + letter, data)[0])


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins so is a TIFF or BigTIFF."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def directory_links(file: BinaryIO, size: int) -> Iterator[DirectoryLink]:
    """The links from directory to directory, the header's first, of what is there; raises ``NotWhole`` where it ends.

    All that a directory leads to must lie within ``size``.
    """
    head = _read(file, 0, 8, size)
    layout = _Layout("<" if head[:2] == b"II" else ">", head[2:4] in (b"+\0", b"\0+"), size)
    at = 8 if layout.is_big else 4
    seen: set[int] = set()
    while True:
        link = DirectoryLink(at, layout.width, _offset(file, at, layout))
        yield link
        if link.leads_to == 0:
            return
        if link.leads_to in seen or len(seen) >= _MOST_DIRECTORIES:
            raise NotWhole
        seen.add(link.leads_to)
        at = _check_directory(file, link.leads_to, layout)


def _check_directory(file: BinaryIO, start: int, layout: _Layout) -> int:
    """Check that a directory and what it leads to are there; where its own link stands."""
    counted = 8 if layout.is_big else 2
    entries = layout.number("Q" if layout.is_big else "H", _read(file, start, counted, layout.size))
    entry = 20 if layout.is_big else 12
    if not 0 < entries <= 4096:
        raise NotWhole
    raw = _read(file, start + counted, entries * entry, layout.size)
    places: dict[int, list[int]] = {}
    for first in range(0, len(raw), entry):
        tag, values = _values(file, raw[first : first + entry], layout)
        places[tag] = values
    for offsets, counts in _OFFSETS_AND_COUNTS:
        _check_places(places.get(offsets, []), places.get(counts, []), layout.size)
    return start + counted + entries * entry


def _values(file: BinaryIO, entry: bytes, layout: _Layout) -> tuple[int, list[int]]:
    """An entry's tag, and its values where they say where a page lies; of any other they only have to be there."""
    tag, kind = layout.number("H", entry[:2]), layout.number("H", entry[2:4])
    count = layout.number("Q" if layout.is_big else "I", entry[4 : 4 + layout.width])
    here = entry[4 + layout.width :]
    length = count * _SIZES.get(kind, 1)
    if length <= layout.width:
        raw = here[:length]
    else:
        at = layout.number("Q" if layout.is_big else "I", here)
        if at + length > layout.size:
            raise NotWhole
        wanted = any(tag in pair for pair in _OFFSETS_AND_COUNTS) and count <= _MOST_PLACES
        raw = _read(file, at, length, layout.size) if wanted else b""
    letter = _LETTERS.get(kind)
    if letter is None or not raw or not any(tag in pair for pair in _OFFSETS_AND_COUNTS):
        return tag, []
    return tag, list(struct.unpack(f"{layout.order}{len(raw) // _SIZES[kind]}{letter}", raw))


def _check_places(offsets: list[int], counts: list[int], size: int) -> None:
    for position, offset in enumerate(offsets):
        # Old writers leave the lengths out; where it begins must be within the file at least.
        count = counts[position] if position < len(counts) else 1
        if offset + count > size:
            raise NotWhole


def _offset(file: BinaryIO, at: int, layout: _Layout) -> int:
    return layout.number("Q" if layout.is_big else "I", _read(file, at, layout.width, layout.size))


def _read(file: BinaryIO, at: int, length: int, size: int) -> bytes:
    if at + length > size:
        raise NotWhole
    file.seek(at)
    data = file.read(length)
    if len(data) < length:
        raise NotWhole
    return data

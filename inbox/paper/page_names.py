"""How a page of a scanned file is called, so that somebody finds the sheet of paper it was."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = "#page="
"""As a page of a PDF is addressed (RFC 8118, section 3)."""


PIECE = 100_000
"""Two sheets scanned in one picture, page n, are the pages n + PIECE and n + 2 × PIECE."""


def sheet_number(page: int) -> str:
    """What a person is told of a page's number: 3; of the sheets that page 3 showed side by side, 3a and 3b."""
    piece, number = divmod(page, PIECE)
    return f"{number}{chr(ord('a') + piece - 1)}" if piece else str(number)


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where a form stands: the file's name, empty where it has none, and its first and last page, 0 if unknown."""

    file: str
    first: int = 0
    last: int = 0


def part_key_in_file(part_key: str, file: int) -> str:
    """The part key of a form in one of the several files of a mail, counted from 1."""
    # The first file's keys are those of a file dropped into a folder.
    return part_key if file == 1 else f"{file}-{part_key}"


def file_number_of(part_key: str) -> int:
    """Which of the several files of one mail a part came in."""
    number = re.match(r"([0-9]{1,6})-", part_key)
    return int(number[1]) if number else 1


def page_name(number: int, file: str = "") -> str:
    """What the page of a file is called, counted from 1."""
    return f"{file}{_MARK}{number}"


def sheet_place(names: list[str]) -> SheetPlace:
    """Where the pages with these names stand."""
    file, numbers = "", []
    for name in names:
        before, mark, number = name.rpartition(_MARK)
        file = file or (before if mark else name)
        if mark and number.isascii() and number.isdecimal() and len(number) < 7:
            numbers.append(int(number))
    return SheetPlace(file, min(numbers, default=0), max(numbers, default=0))

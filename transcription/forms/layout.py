"""What stands where on a page of a form, in millimetres from its upper left corner; y grows downwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Rows of x and y."""


@dataclass(frozen=True, slots=True)
class PagePlace:
    """An upright rectangle: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def corners(self) -> Points:
        """Clockwise from the upper left one."""
        right, bottom = self.x + self.width, self.y + self.height
        return np.array([[self.x, self.y], [right, self.y], [right, bottom], [self.x, bottom]])

    @property
    def centre(self) -> Points:
        """The point in its middle."""
        return np.array([self.x + self.width / 2, self.y + self.height / 2])


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code without its quiet zone; ``pattern``: what the whole text of this page's codes at this place matches."""

    pattern: str
    place: PagePlace

    def says(self, text: str) -> bool:
        """Whether a code with this text stands here, on one of the copies of this page."""
        return re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, slots=True)
class TickBox:
    """A box to tick: ``key`` tells it from every other one of the form; ``line`` is its outline's width, inside."""

    key: str
    place: PagePlace
    line: float = 0.3


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """Boxes for one character each, in reading order."""

    key: str
    digits: bool
    """Whether digits are expected; letters otherwise."""
    cells: tuple[PagePlace, ...]
    line: float = 0.3


@dataclass(frozen=True, slots=True)
class Zone:
    """A place to write or draw in; with ``rule_pitch`` it has faint lines at that distance."""

    key: str
    drawing: bool
    place: PagePlace
    rule_pitch: float = 0.0
    line: float = 0.3


@dataclass(frozen=True, slots=True)
class FormPage:
    """One side of a form: its solid corner squares and codes, by which it is found, and what is read."""

    key: str
    """Tells this page from every other one that may be asked for at once."""
    width: float
    height: float
    marks: tuple[PagePlace, ...]
    codes: tuple[QrCode, ...]
    boxes: tuple[TickBox, ...] = ()
    rows: tuple[CharacterRow, ...] = ()
    zones: tuple[Zone, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a child process."""
        return asdict(self)

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> FormPage:
        """The page that ``as_json`` told."""
        return FormPage(
            key=told["key"],
            width=told["width"],
            height=told["height"],
            marks=tuple(PagePlace(**mark) for mark in told["marks"]),
            codes=tuple(QrCode(code["pattern"], PagePlace(**code["place"])) for code in told["codes"]),
            boxes=tuple(TickBox(box["key"], PagePlace(**box["place"]), box["line"]) for box in told["boxes"]),
            rows=tuple(
                CharacterRow(row["key"], row["digits"], tuple(PagePlace(**cell) for cell in row["cells"]), row["line"])
                for row in told["rows"]
            ),
            zones=tuple(
                Zone(zone["key"], zone["drawing"], PagePlace(**zone["place"]), zone["rule_pitch"], zone["line"])
                for zone in told["zones"]
            ),
        )

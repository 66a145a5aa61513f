"""What of a page is only looked at: lines of print and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from channels.paper.geometry import Rectangle


class FontFace(StrEnum):
    """The faces text is set in; ``channels.paper.fonts`` says from which files."""

    REGULAR = "regular"
    BOLD = "bold"
    PICTOGRAM = "pictogram"


@dataclass(frozen=True, slots=True)
class PrintedText:
    """One line of print: where its baseline starts, its size in points (1/72 inch), and its grey, 0 black.

    ``words`` are in reading order; right-to-left scripts are shaped when drawn. ``{reference}`` and
    ``{number}`` in them are filled in for each copy.
    """

    words: str
    x: float
    y: float
    size: float
    face: FontFace = FontFace.REGULAR
    grey: float = 0.0
    align: str = "left"
    """``left``, ``right`` or ``centre``: what of the line stands at ``x``."""
    right_to_left: bool = False

    def filled(self, values: Mapping[str, str]) -> PrintedText:
        """The same line with the names in it, each in its braces, replaced."""
        words = self.words
        for name, value in values.items():
            words = words.replace(name, value)
        return replace(self, words=words)


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle that is only looked at: filled, outlined or both; ``dash`` in millimetres, 0 for a whole line."""

    place: Rectangle
    fill: float | None = None
    line: float = 0.0
    grey: float = 0.0
    radius: float = 0.0
    dash: float = 0.0

"""Boxes for short numbers, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from channels.paper.form_kinds import Alphabet
from channels.paper.geometry import Rectangle
from channels.paper.laying.blocks import HeadingBlock
from channels.paper.laying.builder import PageBuilder
from channels.paper.read_places import CharacterRow

_APART = 6.0
"""Between two numbers on one line."""


@dataclass(frozen=True, slots=True)
class NumberBoxes:
    """A heading and, side by side, boxes for so many digits under each name; a further line where one is full."""

    heading: HeadingBlock
    names: Sequence[str]
    digits: int
    stretch: float = 0.0
    movable: bool = True

    def _step(self, page: PageBuilder) -> float:
        return self.digits * page.style.cell[0] + _APART

    def _on_a_line(self, page: PageBuilder) -> int:
        return max(1, int((page.room + _APART) // self._step(page)))

    def height(self, page: PageBuilder) -> float:
        """The heading and as many lines of boxes as the names take."""
        lines = ceil(len(self.names) / self._on_a_line(page))
        return self.heading.height(page) + lines * (page.style.cell[1] + 2.0) + 0.4

    def put(self, page: PageBuilder, top: float, height: float) -> None:  # noqa: ARG002  it does not stretch
        """Line by line, from left to right."""
        wide, high = page.style.cell
        start = self.heading.put(page, top) + 0.4
        for number, name in enumerate(self.names):
            line, place = divmod(number, self._on_a_line(page))
            x, y = page.left + place * self._step(page), start + line * (high + 2.0)
            cells = tuple(Rectangle(x + n * wide, y, wide, high) for n in range(self.digits))
            page.rows.append(CharacterRow(name, Alphabet.DIGITS, cells))

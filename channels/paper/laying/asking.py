"""Blocks that are filled in box by box: boxes to tick, with words or pictograms, and boxed characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from channels.paper import fonts
from channels.paper.form_kinds import Alphabet
from channels.paper.geometry import Rectangle
from channels.paper.laying.blocks import HeadingBlock
from channels.paper.laying.builder import PageBuilder
from channels.paper.pictograms import GLYPHS
from channels.paper.read_places import CharacterRow, TickBox

_BESIDE = 2.2
"""Between a box and its label."""
_MOST_COLUMNS = 4
_LONG_COLUMN = 6
"""More boxes than this do not stand in one column."""
_PAIRED = 1.8
"""Between the pairs of a telephone number's digits."""


@dataclass(frozen=True, slots=True)
class BoxOption:
    """One box: what ticking it means, its label, its pictogram's name or nothing."""

    value: str
    label: str
    pictogram: str = ""


@dataclass(frozen=True, slots=True)
class TickGrid:
    """A heading and boxes in columns, read downwards; with tiles, each box beside a pictogram."""

    group: str
    heading: HeadingBlock
    options: Sequence[BoxOption]
    stretch: float = 0.0
    movable: bool = True

    def _label_room(self, page: PageBuilder, columns: int) -> float:
        style = page.style
        return page.room / columns - style.box - _BESIDE - (style.tile + _BESIDE if style.tile else 0) - 2.0

    def _columns(self, page: PageBuilder) -> int:
        """As many as leave every label on one line; two, where a label is too long even for that."""
        style = page.style
        widest = max(
            fonts.text_width(option.label, style.label.size, right_to_left=page.wording.right_to_left)
            for option in self.options
        )
        if style.tile:
            return 3
        fitting = [n for n in range(1, _MOST_COLUMNS + 1) if widest <= self._label_room(page, n)]
        best = max(fitting, default=2)
        # Two columns of labels on two lines are shorter than one long column.
        return max(best, 2) if len(self.options) > _LONG_COLUMN else min(best, len(self.options))

    def _pitches(self, page: PageBuilder, columns: int) -> list[float]:
        """The height of each line of boxes, with the white below it."""
        style, room = page.style, self._label_room(page, columns)
        down = ceil(len(self.options) / columns)
        return [
            max(
                style.box,
                style.label.height(
                    max(len(page.lines(one.label, style.label, room)) for one in self.options[row::down])
                ),
                style.tile,
            )
            + style.box_gap
            for row in range(down)
        ]

    def height(self, page: PageBuilder) -> float:
        """The heading and all lines of boxes."""
        return self.heading.height(page) + sum(self._pitches(page, self._columns(page)))

    def put(self, page: PageBuilder, top: float, height: float) -> None:  # noqa: ARG002  it does not stretch
        """Column by column."""
        start = self.heading.put(page, top)
        columns = self._columns(page)
        pitches = self._pitches(page, columns)
        for number, option in enumerate(self.options):
            column, row = divmod(number, len(pitches))
            x, y = page.left + column * page.room / columns, start + sum(pitches[:row])
            self._put_one(page, option, x, y, pitches[row] - page.style.box_gap, self._label_room(page, columns))

    def _put_one(self, page: PageBuilder, option: BoxOption, x: float, y: float, high: float, room: float) -> None:
        style = page.style
        place = Rectangle(x, y + (high - style.box) / 2, style.box, style.box)
        page.boxes.append(TickBox(self.group, option.value, place, style.box_line))
        x += style.box + _BESIDE
        if style.tile:
            page.pictogram(
                GLYPHS[option.pictogram or "question"], x, y + (high - style.tile) / 2 + style.tile * 0.94, style.tile
            )
            x += style.tile + _BESIDE
        lines = page.lines(option.label, style.label, room)
        top = y + high / 2 - style.label.middle(len(lines))
        page.paragraph(option.label, x, top, style.label, room)


@dataclass(frozen=True, slots=True)
class CharacterBlock:
    """A heading and rows of boxed characters, each with its label above it."""

    heading: HeadingBlock
    rows: Sequence[tuple[str, str, Alphabet]]
    """Name, label, alphabet."""
    stretch: float = 0.0
    movable: bool = True

    def height(self, page: PageBuilder) -> float:
        """The heading and for each row its label and its cells."""
        style = page.style
        return self.heading.height(page) + len(self.rows) * (style.body.leading + style.cell[1] + 2.4)

    def put(self, page: PageBuilder, top: float, height: float) -> None:  # noqa: ARG002  it does not stretch
        """Row by row."""
        style = page.style
        y = self.heading.put(page, top)
        for name, label, alphabet in self.rows:
            y = page.paragraph(label, page.left, y, style.body, page.room) + 0.4
            page.rows.append(CharacterRow(name, alphabet, self._cells(page, y, alphabet)))
            y += style.cell[1] + 2.0

    def _cells(self, page: PageBuilder, y: float, alphabet: Alphabet) -> tuple[Rectangle, ...]:
        wide, high = page.style.cell
        if alphabet is Alphabet.DIGITS:
            return tuple(
                Rectangle(page.left + n * wide + n // 2 * _PAIRED, y, wide, high) for n in range(TELEPHONE_DIGITS)
            )
        return tuple(Rectangle(page.left + n * wide, y, wide, high) for n in range(int(page.room // wide)))


TELEPHONE_DIGITS = 10
"""As many as a French number has (plan of numbering of ARCEP)."""

"""One page while it is being laid out: what has been put onto it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from channels.paper.form_layout import LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.laying.mirror import mirror_page
from channels.paper.laying.style import FormStyle
from channels.paper.laying.typeset import TypeStyle, balance_lines, wrap_text
from channels.paper.laying.wording import FormWording
from channels.paper.printed_places import FontFace, Panel, PrintedText
from channels.paper.read_places import CharacterRow, CodePlace, CornerMark, TickBox, Zone

_NEAR = 1.5
"""Millimetres that a box keeps from a fold."""


@dataclass(slots=True)
class PageBuilder:
    """Gathers a page's items; ``right_to_left`` pages are laid out as if they ran the other way, then mirrored."""

    style: FormStyle
    wording: FormWording
    marks: list[CornerMark] = field(default_factory=list)
    codes: list[CodePlace] = field(default_factory=list)
    boxes: list[TickBox] = field(default_factory=list)
    rows: list[CharacterRow] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    texts: list[PrintedText] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Where what is asked begins."""
        return self.style.margin

    @property
    def room(self) -> float:
        """How wide what is asked may be."""
        return self.style.width - 2 * self.style.margin

    def lines(self, words: str, kind: TypeStyle, room: float) -> list[str]:
        """The lines that a text takes in so much room."""
        breaking = balance_lines if kind.face is FontFace.BOLD else wrap_text
        return breaking(words, kind.size, room, kind.face, right_to_left=self.wording.right_to_left)

    def line(self, words: str, x: float, baseline: float, kind: TypeStyle, align: str = "left") -> None:
        """Put one line of text."""
        self.texts.append(
            PrintedText(
                words,
                round(x, 3),
                round(baseline, 3),
                kind.size,
                kind.face,
                kind.grey,
                align,
                self.wording.right_to_left,
            )
        )

    def paragraph(self, words: str, x: float, top: float, kind: TypeStyle, room: float, align: str = "left") -> float:
        """Put a text from ``top`` on; the y below it. Centred text has its middle at ``x``."""
        lines = self.lines(words, kind, room)
        for number, line in enumerate(lines):
            self.line(line, x, top + kind.ascent + number * kind.leading, kind, align)
        return top + kind.height(len(lines))

    def pictogram(self, glyph: str, x: float, baseline: float, size: float) -> None:
        """Put a pictogram of so many millimetres with its left lower corner there."""
        points = size * 72 / 25.4
        self.texts.append(PrintedText(glyph, round(x, 3), round(baseline, 3), round(points, 2), FontFace.PICTOGRAM))

    def panel(self, place: Rectangle, fill: float | None = None, line: float = 0.0, radius: float = 0.0) -> None:
        """Put a panel behind what comes after it."""
        self.panels.append(Panel(place, fill=fill, line=line, radius=radius))

    def is_folded(self, places: Sequence[Rectangle], height: float) -> bool:
        """Whether one of these would lie on a fold of what is handed in, ``height`` high, or too near it."""
        folds = [height * part for part in self.style.folds]
        return any(place.y - _NEAR < fold < place.bottom + _NEAR for place in places for fold in folds)

    def finished(self, number: int, handed_in: Rectangle) -> LayoutPage:
        """The page, turned round where it runs from right to left."""
        page = LayoutPage(
            number=number,
            handed_in=handed_in,
            marks=tuple(self.marks),
            codes=tuple(self.codes),
            boxes=tuple(self.boxes),
            rows=tuple(self.rows),
            zones=tuple(self.zones),
            panels=tuple(self.panels),
            texts=tuple(self.texts),
        )
        return mirror_page(page, self.style.width) if self.wording.right_to_left else page

"""What a form is made of, from top to bottom: each block knows its least height and puts itself onto a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from channels.paper.form_kinds import ZoneKind
from channels.paper.geometry import Rectangle
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.typeset import TypeStyle
from channels.paper.pictograms import GLYPHS
from channels.paper.printed_places import Panel
from channels.paper.read_places import Zone

_DISC = 1.5
"""Diameter of a heading's disc in heights of its type."""


class Block(Protocol):
    """A stretch of the form over its whole width."""

    @property
    def stretch(self) -> float:
        """Its share of the room that is left on its page; 0 where it keeps its height."""

    @property
    def movable(self) -> bool:
        """Whether it may come before what does not fit on the page any more."""

    def height(self, page: PageBuilder) -> float:
        """The least it takes, in millimetres."""

    def put(self, page: PageBuilder, top: float, height: float) -> None:
        """Put it onto the page from ``top`` on, over so much height."""


@dataclass(frozen=True, slots=True)
class FormParagraphs:
    """Texts one below the other, each with how it is set."""

    texts: tuple[tuple[str, TypeStyle], ...]
    stretch: float = 0.0
    movable: bool = False
    between: float = 0.8

    def height(self, page: PageBuilder) -> float:
        """All lines, and the air between the texts."""
        heights = [kind.height(len(page.lines(words, kind, page.room))) for words, kind in self.texts]
        return sum(heights) + self.between * (len(heights) - 1)

    def put(self, page: PageBuilder, top: float, height: float) -> None:  # noqa: ARG002  it does not stretch
        """One after the other."""
        for words, kind in self.texts:
            top = page.paragraph(words, page.left, top, kind, page.room) + self.between


@dataclass(frozen=True, slots=True)
class HeadingBlock:
    """What a group or zone asks: a pictogram or number in a black disc, bold words, a hint."""

    words: str
    hint: str = ""
    glyph: str = ""
    """The name of a pictogram to its left."""

    def indent(self, page: PageBuilder) -> float:
        """How far its words stand from the margin."""
        size = page.style.heading.size * 25.4 / 72
        return size * _DISC + 2.2 if self.glyph else 0.0

    def height(self, page: PageBuilder) -> float:
        """Words, hint, and the air below them."""
        style, room = page.style, page.room - self.indent(page)
        lines = len(page.lines(self.words, style.heading, room))
        hints = len(page.lines(self.hint, style.body, room))
        return style.heading.height(lines) + style.body.height(hints) + 1.4

    def put(self, page: PageBuilder, top: float) -> float:
        """Put it; the y below it."""
        style, indent = page.style, self.indent(page)
        if self.glyph:
            size = indent - 2.2
            page.pictogram(GLYPHS[self.glyph], page.left, top + size * 0.86, size)
        y = page.paragraph(self.words, page.left + indent, top, style.heading, page.room - indent)
        y = page.paragraph(self.hint, page.left + indent, y, style.body, page.room - indent)
        return y + 1.4


@dataclass(frozen=True, slots=True)
class PanelPair:
    """Two outlined panels side by side: what can change, and what cannot."""

    first: tuple[str, str, str]
    """Pictogram, heading, text."""
    second: tuple[str, str, str]
    stretch: float = 0.0
    movable: bool = False

    def _inner(self, page: PageBuilder) -> float:
        return (page.room - 3.0) / 2 - 6.0

    def height(self, page: PageBuilder) -> float:
        """The higher of the two."""
        style, inner = page.style, self._inner(page)
        icon = style.strong.leading + 1.2
        return (
            max(
                style.strong.height(len(page.lines(heading, style.strong, inner - icon)))
                + style.body.height(len(page.lines(text, style.body, inner)))
                for _, heading, text in (self.first, self.second)
            )
            + 5.4
        )

    def put(self, page: PageBuilder, top: float, height: float) -> None:
        """Both, of the same height."""
        style, inner = page.style, self._inner(page)
        for number, (glyph, heading, text) in enumerate((self.first, self.second)):
            x = page.left + number * (inner + 9.0)
            page.panels.append(Panel(Rectangle(x, top, inner + 6.0, height), line=0.3, grey=0.0, radius=1.5))
            size = style.strong.leading
            page.pictogram(GLYPHS[glyph], x + 2.6, top + 2.2 + size * 0.92, size)
            y = page.paragraph(heading, x + 3.8 + size, top + 2.4, style.strong, inner - size - 1.2)
            page.paragraph(text, x + 3.0, y + 0.6, style.body, inner)


@dataclass(frozen=True, slots=True)
class ZoneBlock:
    """A heading, and a zone to write or draw in that takes the room that is left."""

    name: str
    kind: ZoneKind
    heading: HeadingBlock
    least: float
    stretch: float = 1.0
    movable: bool = False

    def height(self, page: PageBuilder) -> float:
        """The heading and the least zone."""
        return self.heading.height(page) + self.least

    def put(self, page: PageBuilder, top: float, height: float) -> None:
        """Zones to write in have faint lines; ones to draw in have none."""
        below = self.heading.put(page, top)
        place = Rectangle(page.left, below, page.room, top + height - below)
        pitch = page.style.rule_pitch if self.kind is ZoneKind.WRITING else 0.0
        page.zones.append(Zone(self.name, self.kind, place, pitch))

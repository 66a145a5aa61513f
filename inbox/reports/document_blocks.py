"""A report as blocks of words and numbers in one language: what the page shows and every document file is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class ParagraphManner(StrEnum):
    """How a paragraph is meant."""

    BODY = "body"
    LEAD = "lead"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of the report itself."""

    text: str
    manner: ParagraphManner = ParagraphManner.BODY
    url: str = ""
    """Where what it counts can be looked at."""


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """A resident's words, word for word."""

    text: str
    role: str
    """Why it is quoted, in words."""
    source: str
    """Channel, day and reference, in words."""
    url: str
    language: str | None
    quotation_id: int


@dataclass(frozen=True, slots=True)
class AuthorSentence:
    """A sentence of an official's, marked as theirs."""

    text: str
    author: str
    """Who wrote it and when, in words."""
    voices: str
    """In words: of how many contributions it speaks, or that it has none."""
    links: tuple[tuple[str, str], ...]
    """Reference and address of each of them."""
    number: int


@dataclass(frozen=True, slots=True)
class TableLine:
    """One row of a table: its cells in words, and the value that a bar stands for."""

    cells: tuple[str, ...]
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Figures, as a table, and as bars where they are worth seeing."""

    caption: str
    head: tuple[str, ...]
    lines: tuple[TableLine, ...]
    is_chart: bool = False

    @property
    def most(self) -> float:
        """The largest value; 1 where all are 0."""
        return max((line.value for line in self.lines), default=0.0) or 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """One quarter on a map: its rings as SVG path data, its name, and how dark it is, 0 to 1."""

    name: str
    path: str
    middle: tuple[float, float]
    """Where its name stands, in the picture's own units."""
    shade: float
    value: str
    """Its figure in words."""


@dataclass(frozen=True, slots=True)
class MapTile:
    """A picture of the ground from the town's own server: its address and place, in the map's own units."""

    url: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class AreaMap:
    """A picture of quarters; a table beside it says the same."""

    caption: str
    width: int
    height: int
    areas: tuple[Area, ...]
    tiles: tuple[MapTile, ...] = ()
    """Below the areas, on pages alone: documents hold nothing that is fetched."""


Block: TypeAlias = Paragraph | QuoteBlock | AuthorSentence | ReportTable | AreaMap


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A heading and what stands under it."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    sections: tuple[ReportSection, ...] = field(default=())
    is_hidden: bool = False
    """Left out of documents by whoever arranged the report."""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A whole report."""

    title: str
    subtitle: str
    language: str
    town: str
    sections: tuple[ReportSection, ...]
    closing: str
    """What stands at its end: when and from what it was made."""

    def printed(self) -> Iterator[tuple[int, ReportSection]]:
        """The sections that documents hold, each with its level: 1, or 2 within another."""
        for section in self.sections:
            if not section.is_hidden:
                yield 1, section
                yield from ((2, inner) for inner in section.sections if not inner.is_hidden)

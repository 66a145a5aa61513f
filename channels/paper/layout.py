"""A form's layout: the one definition that prints it and reads it back.

All places are millimetres on a page of the form (``channels.paper.geometry``), before any copier has
turned, shifted or scaled it. A layout holds for one consultation version, variant, size and language;
what differs between its printed copies, the reference, stands in the codes and in the text that has a
place for it. Stored layouts (``channels.paper.stored``) read forms that were printed years ago: never
work a place out again from the consultation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from channels.paper.geometry import Rectangle


class Variant(StrEnum):
    """What a form is like."""

    STANDARD = "standard"
    LARGE_PRINT = "large-print"
    PICTOGRAMS = "pictograms"
    REPLY = "reply"


class Size(StrEnum):
    """How large a sheet of the form is; A5 is printed two on an A4 sheet and cut."""

    A4 = "a4"
    A5 = "a5"


class Corner(StrEnum):
    """Which corner of the page a mark stands in, the page upright."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class ZoneKind(StrEnum):
    """What people are asked to put into a zone; they may do otherwise."""

    WRITING = "writing"
    DRAWING = "drawing"


class Alphabet(StrEnum):
    """What people are asked to put into boxed characters."""

    DIGITS = "digits"
    LETTERS = "letters"


class Face(StrEnum):
    """The faces text is set in; ``channels.paper.fonts`` says from which files."""

    REGULAR = "regular"
    BOLD = "bold"
    PICTOGRAM = "pictogram"


@dataclass(frozen=True, slots=True)
class Mark:
    """A solid black square by which the page is found. Nothing else stands within ``MARK_CLEARANCE`` of it."""

    corner: Corner
    place: Rectangle


MARK_CLEARANCE = 2.0
"""Millimetres around a mark that stay white."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code is printed, without its quiet zone. The code says its own ``number`` (``PageCode.place``)."""

    number: int
    place: Rectangle


CODE_QUIET_MODULES = 4
"""White modules around a code (ISO/IEC 18004 section 9.1)."""


@dataclass(frozen=True, slots=True)
class TickBox:
    """A box to tick: of which group, what it means, and the outline's outer edge."""

    group: str
    value: str
    place: Rectangle
    line: float = 0.3
    """The outline's width, in millimetres, inside ``place``."""


@dataclass(frozen=True, slots=True)
class TickGroup:
    """Boxes that answer one question: ``themes``, ``quarter``, ``age``."""

    name: str
    several: bool
    """Whether ticking more than one is right; otherwise it is shown to a person."""


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """A row of boxes for one character each: the outer edges of its cells, in reading order.

    Neighbouring cells may share an edge. ``cells`` run left to right for digits in every language.
    """

    name: str
    alphabet: Alphabet
    cells: tuple[Rectangle, ...]
    line: float = 0.3


@dataclass(frozen=True, slots=True)
class Zone:
    """A place to write or draw in; ``rule_pitch`` is the distance of its faint lines or dots, 0 where it has none.

    The faint lines are printed at ``RULE_GREY``, and end ``line`` inside the outline.
    """

    name: str
    kind: ZoneKind
    place: Rectangle
    rule_pitch: float = 0.0
    line: float = 0.3


RULE_GREY = 0.72
"""How light the lines to write on are: 0 is black, 1 white."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of print: where its baseline starts, its size in points (1/72 inch), and its grey, 0 black.

    ``words`` are in reading order; right-to-left scripts are shaped when drawn, and ``x`` is then the
    line's right end. ``{reference}`` in them is filled in for each copy, and the line is left out of
    copies without one.
    """

    words: str
    x: float
    y: float
    size: float
    face: Face = Face.REGULAR
    grey: float = 0.0
    align: str = "left"
    """``left``, ``right`` or ``centre``: what of the line stands at ``x``."""
    right_to_left: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle that is only looked at: filled, outlined or both; ``dash`` in millimetres, 0 for a whole line."""

    place: Rectangle
    fill: float | None = None
    line: float = 0.0
    grey: float = 0.0
    radius: float = 0.0
    dash: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """One side of a sheet of the form: page 1 is the first sheet's front, 2 its back.

    ``handed_in`` is what of the page comes back: all but the slip, which is torn off, and which holds
    nothing that is read.
    """

    number: int
    handed_in: Rectangle
    marks: tuple[Mark, ...]
    codes: tuple[CodePlace, ...]
    boxes: tuple[TickBox, ...]
    rows: tuple[CharacterRow, ...]
    zones: tuple[Zone, ...]
    panels: tuple[Panel, ...]
    texts: tuple[Text, ...]

    @property
    def front(self) -> bool:
        """Whether it is the front of its sheet."""
        return self.number % 2 == 1


@dataclass(frozen=True, slots=True)
class FormLayout:
    """All pages of a form, of one size, and which groups its boxes belong to."""

    town: str
    consultation: str
    version: int
    """The consultation's version it was laid out from."""
    variant: Variant
    size: Size
    language: str
    width: float
    height: float
    groups: tuple[TickGroup, ...]
    pages: tuple[Page, ...]

    def page(self, number: int) -> Page | None:
        """The page with this number, from 1, if the form has it."""
        return next((page for page in self.pages if page.number == number), None)

    def group(self, name: str) -> TickGroup | None:
        """The group of this name, if the form asks it."""
        return next((group for group in self.groups if group.name == name), None)


NUMBER_DIGITS = 11
"""Digits of a form's number, in its codes."""


def form_number(stored: bytes) -> str:
    """The number of a form, digits, from its stored layout: other geometry or other words, another number.

    Two towns or two versions share one with a chance of one in a hundred thousand million; whoever
    stores layouts keeps the number unique.
    """
    return f"{int.from_bytes(sha256(stored).digest()[:8]) % 10**NUMBER_DIGITS:0{NUMBER_DIGITS}}"

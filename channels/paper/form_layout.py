"""A form's layout: the one definition that prints it and reads it back.

All places are millimetres on a page of the form (``channels.paper.geometry``), before any copier has
turned, shifted or scaled it. A layout holds for one consultation version, variant, size and language;
what differs between its printed copies, the reference, stands in the codes and in the text that has a
place for it. Stored layouts (``channels.paper.stored_layout``) read forms that were printed years ago: never
work a place out again from the consultation.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.geometry import Rectangle
from channels.paper.printed_places import Panel, PrintedText
from channels.paper.read_places import CharacterRow, CodePlace, CornerMark, TickBox, TickGroup, Zone


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """One side of a sheet of the form: page 1 is the first sheet's front, 2 its back.

    ``handed_in`` is what of the page comes back: all but the slip, which is torn off, and which holds
    nothing that is read.
    """

    number: int
    handed_in: Rectangle
    marks: tuple[CornerMark, ...]
    codes: tuple[CodePlace, ...]
    boxes: tuple[TickBox, ...]
    rows: tuple[CharacterRow, ...]
    zones: tuple[Zone, ...]
    panels: tuple[Panel, ...]
    texts: tuple[PrintedText, ...]

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
    variant: FormVariant
    size: SheetSize
    language: str
    width: float
    height: float
    groups: tuple[TickGroup, ...]
    pages: tuple[LayoutPage, ...]

    def page(self, number: int) -> LayoutPage | None:
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

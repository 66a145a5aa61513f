"""The kinds a form and what stands on it can be of."""

from __future__ import annotations

from enum import StrEnum


class FormVariant(StrEnum):
    """What a form is like."""

    STANDARD = "standard"
    LARGE_PRINT = "large-print"
    PICTOGRAMS = "pictograms"
    REPLY = "reply"


class SheetSize(StrEnum):
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

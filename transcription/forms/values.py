"""What was read on a page of a form: each box, each row of characters, each zone, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Rectangle = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the page's picture."""


class BoxState(StrEnum):
    """What somebody did to a box; the doubtful ones a person looks at."""

    EMPTY = "empty"
    TICKED = "ticked"
    WITHDRAWN = "withdrawn"
    DOUBTFUL = "doubtful"


class BoxDoubt(StrEnum):
    """Why a box is shown to a person; the value is the sentence they see."""

    FAINT = "Something pale or small is in this box: a mark, or dirt."
    FILLED = "This box is filled: ticked, or withdrawn."
    BESIDE = "Something is drawn around this box, not in it."
    NOT_FOUND = "This box was not found where it must be."


class FormDoubt(StrEnum):
    """Why a person looks at a whole page of a form; the value is the sentence they see."""

    BADLY_PLACED = "The corners of this form were not found well enough: each box has to be looked at."
    CORNERS_MISSING = "Corners of this form are missing."


@dataclass(frozen=True, slots=True)
class BoxReading:
    """A box, the likelihood (0–1) that its state is right, why a person looks, and where it is in the picture."""

    key: str
    state: BoxState
    confidence: float
    place: Rectangle
    doubt: BoxDoubt | None = None
    ink: float = 0.0
    """Mean darkness inside, 0–1."""
    picture: str = ""
    """The path of a PNG of it and what is around it, upright, where a person has to look."""


class ZoneState(StrEnum):
    """What is in a zone, before anything is read in it."""

    EMPTY = "empty"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """A zone, where it is in the picture, and its own picture (upright, laid flat) where there is ink in it."""

    key: str
    state: ZoneState
    place: Rectangle
    ink: float
    """Share of its two-millimetre windows with ink."""
    drawing: bool = False
    picture: str = ""
    """The path of a PNG, empty where there is nothing."""


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row of boxed characters: which cells have ink, and the row's own picture, outlines taken out."""

    key: str
    digits: bool
    marked: tuple[bool, ...]
    place: Rectangle
    picture: str = ""


@dataclass(frozen=True, slots=True)
class ScanQuality:
    """``dpi``: pixels to an inch of the sheet. ``lost``: millimetres of the sheet outside of the picture, where most.

    ``two_levels``: whether the picture is black and white, without a grey between.
    """

    dpi: int
    lost: float
    two_levels: bool


@dataclass(frozen=True, slots=True)
class FormReading:
    """A page of a form. ``code``: the text of one of its codes. ``residual``: millimetres between codes and marks;
    ``off``: those between outlines and where the page's bend has them. ``turns``: quarter turns against the clock that
    make the picture upright. ``strokes``: of each box and zone with ink, what is drawn in it, coarsely, by which
    the sheet is told from others of the same number.
    """

    page: str
    code: str
    turns: int
    marks: int
    residual: float
    off: float
    boxes: tuple[BoxReading, ...]
    rows: tuple[RowReading, ...] = ()
    zones: tuple[ZoneReading, ...] = ()
    doubts: tuple[FormDoubt, ...] = ()
    strokes: Mapping[str, str] = field(default_factory=dict)
    quality: ScanQuality | None = None

    def as_json(self) -> dict[str, Any]:
        """For the way out of a child process."""
        parts = {name: [_plain(one) for one in getattr(self, name)] for name in ("boxes", "rows", "zones")}
        return _plain(self) | parts | {"quality": _plain(self.quality) if self.quality else None}

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> FormReading:
        """The reading that ``as_json`` told."""
        return FormReading(
            **{
                **told,
                "boxes": tuple(_box(box) for box in told["boxes"]),
                "rows": tuple(
                    RowReading(**{**row, "marked": tuple(row["marked"]), "place": _place(row["place"])})
                    for row in told["rows"]
                ),
                "zones": tuple(
                    ZoneReading(**{**zone, "state": ZoneState(zone["state"]), "place": _place(zone["place"])})
                    for zone in told["zones"]
                ),
                "doubts": tuple(FormDoubt(doubt) for doubt in told["doubts"]),
                "quality": ScanQuality(**told["quality"]) if told["quality"] else None,
            }
        )


def _plain(value: BoxReading | RowReading | ZoneReading | ScanQuality | FormReading) -> dict[str, Any]:
    """By the names of its fields. ``asdict`` copies all that it finds, which of a page takes longer than its boxes."""
    return {name: getattr(value, name) for name in value.__slots__}


def _place(told: list[int]) -> Rectangle:
    left, top, width, height = told
    return left, top, width, height


def _box(told: Mapping[str, Any]) -> BoxReading:
    doubt = BoxDoubt(told["doubt"]) if told["doubt"] else None
    return BoxReading(**{**told, "state": BoxState(told["state"]), "doubt": doubt, "place": _place(told["place"])})

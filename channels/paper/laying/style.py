"""The measures of each kind of form: sheet, marks, type sizes, boxes; millimetres, type in points."""

from __future__ import annotations

from dataclasses import dataclass, replace

from channels.paper.codes import MODULES
from channels.paper.form_kinds import Size, Variant
from channels.paper.geometry import A4, A5
from channels.paper.laying.typeset import Type
from channels.paper.printed_places import Face
from channels.paper.read_places import CODE_QUIET_MODULES, MARK_CLEARANCE


@dataclass(frozen=True, slots=True)
class Style:
    """Measures. Copiers leave 4 to 5 mm at each edge white: ``edge`` stays outside of that."""

    width: float
    height: float
    slip: float
    """Height of the slip at the foot of the first sheet; 0 where there is none."""
    question: Type
    title: Type
    heading: Type
    body: Type
    strong: Type
    label: Type
    small: Type
    reference: Type
    edge: float = 8.0
    """From the paper's edge to a mark."""
    mark: float = 6.0
    module: float = 0.75
    """Side of one module of a code: three dots of a scan at 100 dpi."""
    margin: float = 15.0
    """From the paper's edge to what is asked."""
    gap: float = 4.0
    """Between two blocks."""
    box: float = 4.6
    box_line: float = 0.35
    box_gap: float = 2.0
    """Least white between a box and the next one below."""
    cell: tuple[float, float] = (6.2, 8.0)
    rule_pitch: float = 8.5
    least_writing: float = 60.0
    least_drawing: float = 60.0
    tile: float = 0.0
    """Height of a pictogram beside a box; 0 where words stand alone."""
    folds: tuple[float, ...] = (1 / 2,)
    """Where the sheet is folded, in parts of the height of what is handed in."""
    one_zone: bool = False
    """Whether one zone is both to write and to draw in: there is no room for two."""

    @property
    def code(self) -> float:
        """Side of a code without its quiet zone."""
        return MODULES * self.module

    @property
    def quiet(self) -> float:
        """Width of a code's quiet zone."""
        return CODE_QUIET_MODULES * self.module

    @property
    def beside_mark(self) -> float:
        """From the paper's edge to the first ink beside a mark."""
        return self.edge + self.mark + MARK_CLEARANCE

    @property
    def head(self) -> float:
        """Height of the strip at the top of a page that holds two marks and a code."""
        return self.edge + 1 + self.code + self.quiet + self.small.leading + 2.0

    @property
    def foot(self) -> float:
        """Height of the strip at the bottom of what is handed in."""
        return self.edge + 1 + self.code + self.quiet


_A4 = Style(
    *A4,
    slip=32.0,
    question=Type(19, Face.BOLD),
    title=Type(12, Face.BOLD),
    heading=Type(12.5, Face.BOLD),
    body=Type(10),
    strong=Type(10, Face.BOLD),
    label=Type(10.5),
    small=Type(8.2),
    reference=Type(15, Face.BOLD),
)
_A5 = Style(
    *A5,
    slip=27.0,
    edge=7.0,
    mark=5.0,
    module=0.7,
    margin=11.0,
    gap=2.6,
    question=Type(13.5, Face.BOLD),
    title=Type(9.5, Face.BOLD),
    heading=Type(9.5, Face.BOLD),
    body=Type(8),
    strong=Type(8, Face.BOLD),
    label=Type(8.4),
    small=Type(7),
    reference=Type(13, Face.BOLD),
    box=4.0,
    box_line=0.3,
    box_gap=1.4,
    cell=(5.2, 6.6),
    rule_pitch=7.5,
    least_writing=75.0,
    one_zone=True,
)
_LARGE = replace(
    _A4,
    slip=42.0,
    gap=5.0,
    question=Type(24, Face.BOLD),
    title=Type(16, Face.BOLD),
    heading=Type(19, Face.BOLD),
    body=Type(15),
    strong=Type(15, Face.BOLD),
    label=Type(16),
    small=Type(12.5),
    reference=Type(22, Face.BOLD),
    box=7.0,
    box_line=0.5,
    box_gap=2.6,
    cell=(8.6, 11.0),
    rule_pitch=13.0,
    least_writing=75.0,
    one_zone=True,
)
_PICTOGRAMS = replace(
    _A4,
    least_writing=70.0,
    question=Type(22, Face.BOLD),
    label=Type(11),
    box=6.5,
    box_line=0.45,
    tile=13.0,
    rule_pitch=10.0,
)

STYLES = {
    (Variant.STANDARD, Size.A4): _A4,
    (Variant.STANDARD, Size.A5): _A5,
    (Variant.LARGE_PRINT, Size.A4): _LARGE,
    (Variant.PICTOGRAMS, Size.A4): _PICTOGRAMS,
    (Variant.REPLY, Size.A4): replace(_A4, slip=27.0, folds=(1 / 3, 2 / 3), least_writing=75.0, one_zone=True),
}
"""Which variants there are, in which sizes: large print and pictograms need the larger sheet."""

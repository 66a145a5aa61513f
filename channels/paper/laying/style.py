"""What a form is measured by: sheet, marks, type sizes, boxes; millimetres, type in points."""

from __future__ import annotations

from dataclasses import dataclass

from channels.paper.laying.typeset import TypeStyle
from channels.paper.page_codes import MODULES
from channels.paper.read_places import CODE_QUIET_MODULES, MARK_CLEARANCE


@dataclass(frozen=True, slots=True)
class FormStyle:
    """Measures. Copiers leave 4 to 5 mm at each edge white: ``edge`` stays outside of that."""

    width: float
    height: float
    slip: float
    """Height of the slip at the foot of the first sheet; 0 where there is none."""
    question: TypeStyle
    title: TypeStyle
    heading: TypeStyle
    body: TypeStyle
    strong: TypeStyle
    label: TypeStyle
    small: TypeStyle
    reference: TypeStyle
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
    one_page: bool = False
    """Whether all that is asked stands on one page, and what does not fit is not asked: the other is an envelope."""

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

"""``print_forms``: copies of a form as one PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from channels.paper.fonts import MM
from channels.paper.form_kinds import SheetSize
from channels.paper.form_layout import FormLayout, LayoutPage, form_number
from channels.paper.geometry import A4, A5
from channels.paper.laying.page_edges import NUMBER, REFERENCE
from channels.paper.page_codes import PageCode, encode_page_code, typed_number
from channels.paper.printing.ink_colours import Pen, new_canvas
from channels.paper.read_places import RULE_GREY
from channels.paper.stored_layout import layout_to_json
from config.wording.digit_groups import group_by_three

_RULE = 0.2
"""Width of the lines to write on, in millimetres."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What differs between the copies of a form: the form's number, and the copy's reference or none."""

    form: str
    reference: str | None = None
    test: bool = False


def print_forms(layout: FormLayout, references: Sequence[str | None], *, cut_marks: bool = True) -> bytes:
    """A PDF with one copy for each reference; None makes a copy without slip, to be photocopied.

    A5 copies stand two on an A4 sheet to be cut in the middle; copies of several pages are for
    printing on both sides, turned over the long edge for A4 and the short one for A5.
    """
    form = form_number(layout_to_json(layout))
    copies = [Copy(form, reference) for reference in references]
    out = BytesIO()
    title = f"{layout.consultation} {layout.variant} {layout.size} {layout.language}"
    canvas = new_canvas(out, title, layout.town, layout.language)
    for sheet in _sheets(layout, copies):
        canvas.setPageSize((sheet.width * MM, sheet.height * MM))
        for copy, page, x in sheet.placed:
            draw_page(Pen(canvas, sheet.height, x), page, copy)
        if cut_marks and layout.size is SheetSize.A5:
            _put_cut(Pen(canvas, sheet.height))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Sheet:
    width: float
    height: float
    placed: tuple[tuple[Copy, LayoutPage, float], ...]
    """Which page of which copy, and how far from the left, in millimetres."""


def _sheets(layout: FormLayout, copies: Sequence[Copy]) -> Iterator[_Sheet]:
    if layout.size is SheetSize.A4:
        for copy in copies:
            for page in layout.pages:
                yield _Sheet(*A4, ((copy, page, 0.0),))
        return
    half = A5[0] + (A4[1] - 2 * A5[0]) / 2
    for start in range(0, len(copies), 2):
        pair = copies[start : start + 2]
        for page in layout.pages:
            # The back of the left one lies at the right once the sheet has been turned.
            ordered = pair if page.front else pair[::-1] if len(pair) == 2 else [None, *pair]
            yield _Sheet(
                A4[1],
                A4[0],
                tuple((copy, page, number * half) for number, copy in enumerate(ordered) if copy is not None),
            )


def draw_page(pen: Pen, page: LayoutPage, copy: Copy) -> None:
    """One page of one copy. What stands on the slip is left out where there is no reference."""
    for panel in page.panels:
        if copy.reference or panel.place.y < page.handed_in.bottom:
            pen.panel(panel)
    for mark in page.marks:
        pen.filled(mark.place)
    number = PageCode(copy.form, page.number, 1, copy.reference, copy.test)
    for place in page.codes:
        pen.code(
            encode_page_code(PageCode(copy.form, page.number, place.number, copy.reference, copy.test)), place.place
        )
    _draw_what_is_filled_in(pen, page)
    spaced = group_by_three(copy.reference or "")
    for text in page.texts:
        if copy.reference or text.y < page.handed_in.bottom:
            pen.text(text.filled({NUMBER: typed_number(number), REFERENCE: spaced}))


def _draw_what_is_filled_in(pen: Pen, page: LayoutPage) -> None:
    for box in page.boxes:
        pen.outlined(box.place, box.line)
    for row in page.rows:
        for cell in row.cells:
            pen.outlined(cell, row.line)
    for zone in page.zones:
        for y in zone.rules():
            pen.stroke((zone.place.x + 2, y), (zone.place.right - 2, y), _RULE, RULE_GREY)
        pen.outlined(zone.place, zone.line)


def _put_cut(pen: Pen) -> None:
    """Two short lines at the upper and lower edge where the sheet is cut."""
    middle = A4[1] / 2
    pen.stroke((middle, 0), (middle, 5), 0.2)
    pen.stroke((middle, A4[0] - 5), (middle, A4[0]), 0.2)

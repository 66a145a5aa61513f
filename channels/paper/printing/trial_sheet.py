"""``print_trial_sheet``: the sheet by which a copier is tried, filled in with marks that are known."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from channels.paper.fonts import MM
from channels.paper.form_layout import FormLayout, LayoutPage, form_number
from channels.paper.geometry import A4, Rectangle
from channels.paper.laying.typeset import TypeStyle, balance_lines
from channels.paper.laying.wording import FormWording
from channels.paper.printed_places import FontFace, PrintedText
from channels.paper.printing.forms import Copy, draw_page
from channels.paper.printing.ink_colours import Pen, new_canvas
from channels.paper.sample_marks import GREYS, SampleInk, sample_boxes
from channels.paper.stored_layout import layout_to_json

_STROKE = 0.55
"""Millimetres: a ballpoint's line, and a pencil's."""
_TITLE, _HOW = TypeStyle(22, FontFace.BOLD), TypeStyle(13)
_INSET = 6.0
_SHADES = (0.3, 0.5, 0.65, 0.8)
"""Greys of the lines below the words, for whoever looks at the scan."""


def print_trial_sheet(layout: FormLayout, words: FormWording) -> bytes:
    """Every page of a form, on A4, with known marks, as a PDF that is the same to the byte each time."""
    copy = Copy(form_number(layout_to_json(layout)), test=True)
    out = BytesIO()
    canvas = new_canvas(out, f"{layout.consultation} test {layout.language}", layout.town, layout.language)
    for page in layout.pages:
        canvas.setPageSize((layout.width * MM, layout.height * MM))
        pen = Pen(canvas, layout.height)
        draw_page(pen, page, copy)
        _draw_samples(pen, page)
        _draw_words(pen, page, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_samples(pen: Pen, page: LayoutPage) -> None:
    for sample in sample_boxes(page):
        if sample.ink is not None:
            for start, end in _strokes(sample.box.place, sample.ink):
                pen.stroke(start, end, _STROKE, GREYS[sample.ink])


Point = tuple[float, float]


def _strokes(place: Rectangle, ink: SampleInk) -> Iterator[tuple[Point, Point]]:
    """A cross, or a tick."""

    def at(across: float, down: float) -> Point:
        return place.x + across * place.width, place.y + down * place.height

    if ink is SampleInk.DARK:
        yield at(0.15, 0.15), at(0.85, 0.85)
        yield at(0.85, 0.15), at(0.15, 0.85)
    else:
        yield at(0.18, 0.5), at(0.42, 0.82)
        yield at(0.42, 0.82), at(0.9, 0.12)


def _draw_words(pen: Pen, page: LayoutPage, words: FormWording) -> None:
    """What the sheet is, and what to do with it: in the first zone, or where the slip of other copies is."""
    slip = Rectangle(0, page.handed_in.bottom, A4[0], A4[1] - page.handed_in.bottom)
    place = page.zones[0].place if page.zones else slip
    if page.zones:  # lines to write on would run through the words
        pen.filled(place.grown(-1.0), 1.0)
    y = place.y + _INSET
    for said, kind in ((words.say("form_test"), _TITLE), (words.say("form_test_how"), _HOW)):
        room = place.width - 2 * _INSET
        for line in balance_lines(said, kind.size, room, kind.face, right_to_left=words.right_to_left):
            if y + kind.leading > place.bottom:
                return
            middle = place.x + place.width / 2
            pen.text(PrintedText(line, middle, y + kind.ascent, kind.size, kind.face, 0, "centre", words.right_to_left))
            y += kind.leading
        y += 2.0
    for shade in _SHADES:
        if y + 4.0 > place.bottom - _INSET:
            return
        pen.stroke((place.x + _INSET, y + 2.0), (place.x + place.width - _INSET, y + 2.0), _STROKE, shade)
        y += 4.0

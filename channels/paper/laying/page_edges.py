"""What every page has at its edges: marks, codes, the number beside them, the title, the slip."""

from __future__ import annotations

from channels.paper.form_kinds import Corner
from channels.paper.geometry import Rectangle
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.style import FormStyle
from channels.paper.pictograms import GLYPHS
from channels.paper.printed_places import Panel
from channels.paper.read_places import CodePlace, CornerMark

NUMBER = "{number}"
"""Filled in when a copy is drawn: ``channels.paper.page_codes.typed_number``."""
REFERENCE = "{reference}"
"""Filled in when a copy is drawn: its reference, in threes."""


def add_registration_marks(page: PageBuilder, place: Rectangle) -> None:
    """A mark in each corner of ``place``."""
    style = page.style
    left, right = place.x + style.edge, place.right - style.edge - style.mark
    top, bottom = place.y + style.edge, place.bottom - style.edge - style.mark
    for corner, x, y in (
        (Corner.TOP_LEFT, left, top),
        (Corner.TOP_RIGHT, right, top),
        (Corner.BOTTOM_LEFT, left, bottom),
        (Corner.BOTTOM_RIGHT, right, bottom),
    ):
        page.marks.append(CornerMark(corner, Rectangle(x, y, style.mark, style.mark)))


def add_page_codes(page: PageBuilder, place: Rectangle) -> None:
    """A code at the upper right and one at the lower left, each beside its mark, with its number in print."""
    style = page.style
    inset = style.beside_mark + style.quiet
    upper = Rectangle(place.right - inset - style.code, place.y + style.edge + 1, style.code, style.code)
    lower = Rectangle(place.x + inset, place.bottom - style.edge - 1 - style.code, style.code, style.code)
    page.codes += [CodePlace(1, upper), CodePlace(2, lower)]
    page.line(NUMBER, upper.centre[0], upper.bottom + style.quiet + style.small.ascent, style.small, "centre")
    page.line(NUMBER, lower.right + style.quiet, lower.bottom, style.small)


def add_header(page: PageBuilder, number: int, pages: int) -> None:
    """Whose form it is, of which consultation, and which page of how many."""
    style, consultation = page.style, page.wording.consultation
    x, room = style.beside_mark + 2, style.width - 2 * (style.beside_mark + style.quiet) - style.code - 4
    top = style.edge
    page.line(consultation.town_name, x, top + style.small.ascent, style.small)
    title = page.wording.own(consultation.title)
    below = page.paragraph(title, x, top + style.small.leading + 0.6, style.title, room)
    if pages > 1:
        page.line(
            page.wording.say("form_page", page=number, pages=pages),
            x,
            below + style.small.ascent,
            style.small,
        )


def add_footer(page: PageBuilder, place: Rectangle, words: str) -> None:
    """What to do with the sheet, between the lower code and the lower right mark."""
    style = page.style
    x = style.beside_mark + 2 * style.quiet + style.code
    room = style.width - style.beside_mark - 1 - x
    lines = page.lines(words, style.small, room)
    # The last line of the strip belongs to the number.
    top = place.bottom - style.edge - 1 - style.small.leading * (len(lines) + 1) - 0.8
    page.paragraph(words, x, top, style.small, room)


def add_tear_off_slip(page: PageBuilder, place: Rectangle) -> None:
    """The slip below the dashed line: the copy's own number, and what it is good for."""
    style, say = page.style, page.wording.say
    top = place.y
    page.panels.append(Panel(Rectangle(0, top, style.width, 0), line=0.25, dash=1.6))
    page.pictogram(GLYPHS["scissors"], style.edge, top + 2.0, 4.0)
    left, half = style.margin, (style.width - 2 * style.margin) * 0.36
    y = page.paragraph(say("form_slip"), left, top + 4.5, style.strong, half)
    y = page.paragraph(say("form_slip_number"), left, y + 0.6, style.small, half)
    page.line(REFERENCE, left, y + style.reference.ascent + 1.2, style.reference)
    x = left + half + 6
    room = style.width - style.margin - x
    y = page.paragraph(say("form_slip_how"), x, top + 4.5, style.small, room)
    page.paragraph(say("form_slip_title"), x, y + 0.8, style.small, room)


def returned_part_of_page(style: FormStyle, sheet: int) -> Rectangle:
    """What of a page comes back: the first sheet has the slip at its foot."""
    return Rectangle(0, 0, style.width, style.height - (style.slip if sheet == 1 else 0))

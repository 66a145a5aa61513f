"""The back of a prepaid reply sheet: outside once the sheet is folded in three, with the address in the middle.

The upper third is the letter's other side, the lower third lies inside and holds what is told and the
codes. La Poste (« enveloppe T »): the authorisation's number above the address, « ne pas affranchir » at the
upper right, the lower 20 mm of the address side white for its own codes. The proof goes to the post first.
"""

from __future__ import annotations

from channels.paper.form_layout import Page
from channels.paper.geometry import Rectangle
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.furniture import handed_in, put_codes, put_marks
from channels.paper.laying.page_contents import information
from channels.paper.laying.style import Style
from channels.paper.laying.typeset import Type
from channels.paper.laying.wording import Wording
from channels.paper.pictograms import GLYPHS
from channels.paper.printed_places import Face, Panel

_ADDRESS = Type(12)
_POSTAL = Type(10, Face.BOLD)
_FRANKING = (42.0, 24.0)
"""Width and height of the frame where a stamp would be, in millimetres."""
_CLEAR = 20.0
"""Millimetres at the foot of the address side that stay white."""
_FOLD_TICK = 6.0


def reply_back(style: Style, wording: Wording) -> Page:
    """The second page of a reply sheet."""
    whole = handed_in(style, 1)
    third = whole.height / 3
    page = PageBuilder(style, wording)
    inside = Rectangle(0, 2 * third, style.width, third)
    put_marks(page, inside)
    put_codes(page, inside)
    told = information(wording, style)
    told.put(page, inside.y + style.head - style.small.leading, told.height(page))
    _put_folds(page, third)
    _put_address(page, Rectangle(0, third, style.width, third))
    _put_other_side(page, third)
    return page.finished(2, whole)


def _put_folds(page: PageBuilder, third: float) -> None:
    for y in (third, 2 * third):
        for x in (0.0, page.style.width - _FOLD_TICK):
            page.panels.append(Panel(Rectangle(x, y, _FOLD_TICK, 0), line=0.2, dash=1.0))


def _put_address(page: PageBuilder, place: Rectangle) -> None:
    """The address side, as the post wants it: in French and from left to right whatever the form's language."""
    form = page.wording.consultation.form
    wide, high = _FRANKING
    frame = Rectangle(place.right - 10 - wide, place.y + 8, wide, high)
    page.panel(frame, line=0.4)
    page.line("T", frame.x + 4, frame.y + 15, Type(36, Face.BOLD))
    page.line("Ne pas", frame.x + 16, frame.y + 9, _POSTAL)
    page.line("affranchir", frame.x + 16, frame.y + 13.5, _POSTAL)
    page.line("Validité permanente", frame.x + 4, frame.bottom - 3, Type(7.5))
    page.line(page.wording.consultation.town_name, page.style.margin, place.y + 13, page.style.strong)
    x, lines = place.x + 95, ["LIBRE RÉPONSE", f"Autorisation {form.reply_authorisation}", *form.reply_address]
    y = place.bottom - _CLEAR - (len(lines) - 1) * _ADDRESS.leading
    for number, line in enumerate(lines):
        page.line(line, x, y + number * _ADDRESS.leading, _POSTAL if number < 2 else _ADDRESS)


def _put_other_side(page: PageBuilder, third: float) -> None:
    style = page.style
    size = 11.0
    page.pictogram(GLYPHS["envelope"], style.margin, third / 2 + 4, size)
    words = page.wording.say("form_reply_fold")
    page.paragraph(words, style.margin + size + 5, third / 2 - 6, style.heading, style.width / 2 + 20)

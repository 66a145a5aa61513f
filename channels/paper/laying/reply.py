"""The back of a prepaid reply sheet: outside once the sheet is folded in three, with the address in the middle.

The upper third is the letter's other side, the lower third lies inside and holds what is told and the
codes. La Poste (« enveloppe T »): the authorisation's number above the address, « ne pas affranchir » at the
upper right, the lower 20 mm of the address side white for its own codes. The proof goes to the post first.
"""

from __future__ import annotations

from dataclasses import replace

from channels.paper.form_layout import LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.page_contents import information_blocks
from channels.paper.laying.page_edges import add_page_codes, add_registration_marks, returned_part_of_page
from channels.paper.laying.style import FormStyle
from channels.paper.laying.typeset import TypeStyle
from channels.paper.laying.wording import FormWording
from channels.paper.pictograms import GLYPHS
from channels.paper.printed_places import FontFace, Panel

_ADDRESS = TypeStyle(12)
_POSTAL = TypeStyle(10, FontFace.BOLD)
_FRANKING = (42.0, 24.0)
"""Width and height of the frame where a stamp would be, in millimetres."""
_CLEAR = 20.0
"""Millimetres at the foot of the address side that stay white."""
_FOLD_TICK = 6.0
_POSTS_LANGUAGE = "fr"


def lay_out_reply_back(style: FormStyle, wording: FormWording) -> LayoutPage:
    """The second page of a reply sheet."""
    whole = returned_part_of_page(style, 1)
    third = whole.height / 3
    page = PageBuilder(style, wording)
    inside = Rectangle(0, 2 * third, style.width, third)
    add_registration_marks(page, inside)
    add_page_codes(page, inside)
    told = information_blocks(wording, style)
    told.put(page, inside.y + style.head - style.small.leading, told.height(page))
    _put_folds(page, third)
    _put_other_side(page, third)
    back = page.finished(2, whole)
    post = PageBuilder(style, replace(wording, language=_POSTS_LANGUAGE))
    _put_address(post, Rectangle(0, third, style.width, third))
    return replace(back, panels=(*back.panels, *post.panels), texts=(*back.texts, *post.texts))


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
    page.line("T", frame.x + 4, frame.y + 15, TypeStyle(36, FontFace.BOLD))
    page.line("Ne pas", frame.x + 16, frame.y + 9, _POSTAL)
    page.line("affranchir", frame.x + 16, frame.y + 13.5, _POSTAL)
    page.line("Validité permanente", frame.x + 4, frame.bottom - 3, TypeStyle(7.5))
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

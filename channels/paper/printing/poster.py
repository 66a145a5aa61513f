"""``print_poster``: an A4 poster with the question, the telephone number and a QR code."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import segno

from channels.paper.fonts import MM, text_width
from channels.paper.geometry import A4, Rectangle
from channels.paper.laying.typeset import balance_lines
from channels.paper.laying.wording import FormWording
from channels.paper.printed_places import FontFace, PrintedText
from channels.paper.printing.ink_colours import Pen, new_canvas
from config.wording.consultation import Consultation

_MARGIN = 18.0
_CODE = 62.0
"""Edge of the QR code in millimetres: read from two metres away by a usual telephone."""
_LARGEST_NUMBER = 64.0
_LEADING = 1.22 / MM
"""Millimetres from baseline to baseline for each point of size."""


def print_poster(consultation: Consultation, language: str) -> bytes:
    """A poster as a PDF, the same to the byte each time.

    The code opens ``poster_link`` of the consultation, or calls its number; without either there is
    none, and without a number the poster only tells of the box.
    """
    words = FormWording(consultation, language)
    out = BytesIO()
    canvas = new_canvas(out, f"{consultation.slug} poster {language}", consultation.town_name, language)
    _draw(Pen(canvas, A4[1]), words)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(pen: Pen, words: FormWording) -> None:
    consultation = words.consultation
    y = _lines(pen, words, [consultation.town_name], 15, FontFace.REGULAR, 26)
    y = _lines(pen, words, [words.say("form_poster_lead")], 30, FontFace.BOLD, y + 12)
    y = _paragraph(pen, words, words.own(consultation.question), 25, FontFace.BOLD, y + 7)
    if words.call_number:
        y = _lines(pen, words, [words.say("form_poster_call")], 20, FontFace.REGULAR, y + 13)
        size = min(
            _LARGEST_NUMBER, _LARGEST_NUMBER * _room() / text_width(words.call_number, _LARGEST_NUMBER, FontFace.BOLD)
        )
        y = _lines(pen, words, [words.call_number], size, FontFace.BOLD, y + size * 0.28)
        y = _lines(pen, words, [words.say("form_poster_text")], 20, FontFace.REGULAR, y + 3)
    y = _paragraph(pen, words, words.say("form_poster_paper"), 20, FontFace.REGULAR, y + 2)
    _code(pen, words)


def _code(pen: Pen, words: FormWording) -> None:
    link = words.consultation.form.poster_link or _call_link(words)
    if not link:
        return
    place = Rectangle((A4[0] - _CODE) / 2, A4[1] - _MARGIN - 14 - _CODE, _CODE, _CODE)
    pen.matrix(segno.make(link, error="m", micro=False), place)
    if not words.consultation.form.poster_link:
        _lines(pen, words, [words.say("form_poster_code")], 14, FontFace.REGULAR, place.bottom + 9)


def _call_link(words: FormWording) -> str:
    phones = words.consultation.addresses.phones
    return f"tel:{phones[0]}" if phones else ""


def _room() -> float:
    return A4[0] - 2 * _MARGIN


def _paragraph(pen: Pen, words: FormWording, text: str, size: float, face: FontFace, y: float) -> float:
    lines = balance_lines(text, size, _room(), face, right_to_left=words.right_to_left)
    return _lines(pen, words, lines, size, face, y)


def _lines(pen: Pen, words: FormWording, lines: Sequence[str], size: float, face: FontFace, y: float) -> float:
    """Centred lines of which the first stands on ``y``; where the next one would, in millimetres from above."""
    for line in lines:
        pen.text(PrintedText(line, A4[0] / 2, y, size, face, align="centre", right_to_left=words.right_to_left))
        y += size * _LEADING
    return y

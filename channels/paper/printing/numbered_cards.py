"""``print_cards``: pre-numbered cards, ten on an A4 sheet to be cut; who calls keys the card's number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import product

import segno

from channels.paper.fonts import text_width
from channels.paper.geometry import A4, Rectangle
from channels.paper.laying.typeset import TypeStyle, balance_lines
from channels.paper.laying.wording import FormWording
from channels.paper.printed_places import FontFace, PrintedText
from channels.paper.printing.ink_colours import Pen, new_canvas
from config.wording.digit_groups import group_by_three

_COLUMNS, _ROWS = 2, 5
ON_A_SHEET = _COLUMNS * _ROWS
"""Cards on one sheet."""
_CARD = (95.0, 54.0)
"""Width and height in millimetres: a little more than a bank card's, for large figures."""
_INSET, _CODE = 6.0, 15.0
_TOWN, _CALL, _SMALL = TypeStyle(8), TypeStyle(10, FontFace.BOLD), TypeStyle(8.4)
_LARGEST, _NUMBER = 21.0, TypeStyle(19, FontFace.BOLD)


def print_cards(words: FormWording, references: Sequence[str]) -> bytes:
    """A PDF, the same to the byte each time; ``words`` must be of a consultation with a telephone number."""
    out = BytesIO()
    canvas = new_canvas(
        out, f"{words.consultation.slug} cards {words.language}", words.consultation.town_name, words.language
    )
    for start in range(0, len(references), ON_A_SHEET):
        sheet = references[start : start + ON_A_SHEET]
        _put_cuts(Pen(canvas, A4[1]))
        for (row, column), reference in zip(product(range(_ROWS), range(_COLUMNS)), sheet, strict=False):
            _Card(Pen(canvas, A4[1], _left() + column * _CARD[0], _top() + row * _CARD[1]), words).draw(reference)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _left() -> float:
    return (A4[0] - _COLUMNS * _CARD[0]) / 2


def _top() -> float:
    return (A4[1] - _ROWS * _CARD[1]) / 2


def _put_cuts(pen: Pen) -> None:
    """Thin lines at which the sheet is cut."""
    for column in range(_COLUMNS + 1):
        x = _left() + column * _CARD[0]
        pen.stroke((x, _top() - 4), (x, _top() + _ROWS * _CARD[1] + 4), 0.1, 0.7)
    for row in range(_ROWS + 1):
        y = _top() + row * _CARD[1]
        pen.stroke((_left() - 4, y), (_left() + _COLUMNS * _CARD[0] + 4, y), 0.1, 0.7)


@dataclass(frozen=True, slots=True)
class _Card:
    """Draws one card from its upper left corner on; one from right to left with its sides exchanged."""

    pen: Pen
    words: FormWording

    def draw(self, reference: str) -> None:
        say, room = self.words.say, _CARD[0] - 2 * _INSET
        y = self._lines(self.words.consultation.town_name, _INSET - 1.5, _TOWN, room)
        y = self._lines(say("form_card_call"), y + 0.6, _CALL, room)
        size = min(
            _LARGEST, _LARGEST * (room - _CODE - 3) / text_width(self.words.call_number, _LARGEST, FontFace.BOLD)
        )
        y = self._lines(self.words.call_number, y + 0.4, TypeStyle(size, FontFace.BOLD), room)
        y = self._lines(say("form_card_key"), y + 0.6, _SMALL, room - _CODE - 3)
        y = self._lines(group_by_three(reference), y + 0.4, _NUMBER, room)
        self._lines(say("form_card_keep"), y + 0.4, _SMALL, room)
        x = _INSET if self.words.right_to_left else _CARD[0] - _INSET - _CODE
        link = f"tel:{self.words.consultation.addresses.phones[0]}"
        self.pen.matrix(segno.make(link, error="m", micro=False), Rectangle(x, _INSET, _CODE, _CODE))

    def _lines(self, said: str, y: float, kind: TypeStyle, room: float) -> float:
        right = self.words.right_to_left
        x = _CARD[0] - _INSET if right else _INSET
        for line in balance_lines(said, kind.size, room, kind.face, right_to_left=right):
            align = "right" if right else "left"
            self.pen.text(PrintedText(line, x, y + kind.ascent, kind.size, kind.face, kind.grey, align, right))
            y += kind.leading
        return y

"""What is printed beside a box, as its form has it: a form printed years ago is told in its own words."""

from __future__ import annotations

from channels.paper.form_layout import LayoutPage
from channels.paper.printed_places import FontFace, PrintedText
from channels.paper.read_places import TickBox

_FARTHEST = 30.0
"""Millimetres from a box to its label: a pictogram may stand between."""
_SAME_EDGE = 0.2
_POINT = 25.4 / 72


def box_label(page: LayoutPage, box: TickBox) -> str:
    """The lines beside a box, in one; its value where none are."""
    beside = [(_away(text, box), text) for text in page.texts if text.face is not FontFace.PICTOGRAM]
    near = [(away, text) for away, text in beside if 0 <= away <= _FARTHEST and _level(text, page, box)]
    if not near:
        return box.value
    edge = min(away for away, _ in near)
    lines = sorted((text for away, text in near if away - edge <= _SAME_EDGE), key=lambda text: text.y)
    return " ".join(text.words.strip() for text in lines)


def _away(text: PrintedText, box: TickBox) -> float:
    """From the box to where the line begins, in the direction in which it is read."""
    return box.place.x - text.x if text.right_to_left else text.x - box.place.right


def _level(text: PrintedText, page: LayoutPage, box: TickBox) -> bool:
    """Whether a line is as high as the box, or nearer to it than to any other of its column."""
    middle = text.y - text.size * _POINT * 0.35
    column = [other for other in page.boxes if abs(other.place.x - box.place.x) < 1]
    nearest = min(column, key=lambda other: abs(other.place.centre[1] - middle))
    return nearest is box and abs(box.place.centre[1] - middle) <= 1.5 * box.place.height + text.size * _POINT

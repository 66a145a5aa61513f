"""Turning a page that was laid out from left to right into one from right to left."""

from __future__ import annotations

from dataclasses import replace

from channels.paper.form_kinds import Alphabet, Corner
from channels.paper.form_layout import LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.printed_places import Panel, PrintedText
from channels.paper.read_places import CharacterRow

_OTHER_CORNER = {
    Corner.TOP_LEFT: Corner.TOP_RIGHT,
    Corner.TOP_RIGHT: Corner.TOP_LEFT,
    Corner.BOTTOM_LEFT: Corner.BOTTOM_RIGHT,
    Corner.BOTTOM_RIGHT: Corner.BOTTOM_LEFT,
}
_OTHER_SIDE = {"left": "right", "right": "left", "centre": "centre"}


def mirror_page(page: LayoutPage, width: float) -> LayoutPage:
    """The page with its left and right exchanged; numbers in boxes still run from left to right."""

    def turned(place: Rectangle) -> Rectangle:
        return Rectangle(width - place.right, place.y, place.width, place.height)

    def turned_row(row: CharacterRow) -> CharacterRow:
        cells = tuple(turned(cell) for cell in row.cells)
        return replace(row, cells=cells[::-1] if row.alphabet is Alphabet.DIGITS else cells)

    def turned_text(text: PrintedText) -> PrintedText:
        return replace(text, x=round(width - text.x, 3), align=_OTHER_SIDE[text.align])

    def turned_panel(panel: Panel) -> Panel:
        return replace(panel, place=turned(panel.place))

    marks = [replace(mark, corner=_OTHER_CORNER[mark.corner], place=turned(mark.place)) for mark in page.marks]
    return replace(
        page,
        handed_in=turned(page.handed_in),
        marks=tuple(sorted(marks, key=lambda mark: list(Corner).index(mark.corner))),
        codes=tuple(replace(code, place=turned(code.place)) for code in page.codes),
        boxes=tuple(replace(box, place=turned(box.place)) for box in page.boxes),
        rows=tuple(turned_row(row) for row in page.rows),
        zones=tuple(replace(zone, place=turned(zone.place)) for zone in page.zones),
        panels=tuple(turned_panel(panel) for panel in page.panels),
        texts=tuple(turned_text(text) for text in page.texts),
    )

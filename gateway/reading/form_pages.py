"""What of a form's layout is looked for and read on scanned pages: the layout's values as the reader's."""

from __future__ import annotations

from channels.paper.form_kinds import Alphabet, ZoneKind
from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.page_codes import CODE_DIGITS
from channels.paper.read_places import CharacterRow, TickBox, Zone
from transcription.forms import layout as reader

_REFERENCE_DIGITS, _CHECK_DIGITS = 9, 4


def form_pages(number: str, layout: FormLayout) -> list[reader.FormPage]:
    """The pages of the form with this number, as the reader is asked for them."""
    return [_page(number, layout, page) for page in layout.pages]


def page_key(number: str, page: int) -> str:
    """What the reader calls a page of a form."""
    return f"{number}/{page}"


def box_key(group: str, value: str) -> str:
    """What the reader calls a box."""
    return f"{group}={value}"


def _page(number: str, layout: FormLayout, page: LayoutPage) -> reader.FormPage:
    return reader.FormPage(
        key=page_key(number, page.number),
        width=layout.width,
        height=layout.height,
        marks=tuple(_place(mark.place) for mark in page.marks),
        codes=tuple(reader.QrCode(_says(number, page.number, code.number), _place(code.place)) for code in page.codes),
        boxes=tuple(_box(box) for box in page.boxes),
        rows=tuple(_row(row) for row in page.rows),
        zones=tuple(_zone(zone) for zone in page.zones),
    )


def _says(number: str, page: int, place: int) -> str:
    """What all copies of a page have in their code at a place; whose copy it is, and the check digits, are open."""
    assert 1 + len(number) + _REFERENCE_DIGITS + 2 + _CHECK_DIGITS == CODE_DIGITS
    return f"[12]{number}[0-9]{{{_REFERENCE_DIGITS}}}{page}{place}[0-9]{{{_CHECK_DIGITS}}}"


def _place(rectangle: Rectangle) -> reader.PagePlace:
    return reader.PagePlace(rectangle.x, rectangle.y, rectangle.width, rectangle.height)


def _box(box: TickBox) -> reader.TickBox:
    return reader.TickBox(box_key(box.group, box.value), _place(box.place), box.line)


def _row(row: CharacterRow) -> reader.CharacterRow:
    digits = row.alphabet is Alphabet.DIGITS
    return reader.CharacterRow(row.name, digits, tuple(_place(cell) for cell in row.cells), row.line)


def _zone(zone: Zone) -> reader.Zone:
    drawing = zone.kind is ZoneKind.DRAWING
    return reader.Zone(zone.name, drawing, _place(zone.place), zone.rule_pitch, zone.line)

"""A small form of two pages, laid out here, printed and filled in: boxes on the front, a zone on the back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from channels.paper.form_kinds import Alphabet, Corner, FormVariant, SheetSize, ZoneKind
from channels.paper.form_layout import FormLayout, LayoutPage, form_number
from channels.paper.geometry import Rectangle
from channels.paper.page_codes import PageCode, encode_page_code
from channels.paper.printed_places import PrintedText
from channels.paper.read_places import CharacterRow, CodePlace, CornerMark, TickBox, TickGroup, Zone
from channels.paper.stored_layout import layout_to_json
from gateway.reading.form_pages import form_pages
from tests.simulator.blank import FONT, print_page
from tests.simulator.hands import PENS, Hand, mark
from tests.simulator.machines import Paper, scan
from tests.transcription.photographed import pen

PER_MM = 6.0
THEMES = ("Transports", "Écoles", "Arbres", "Propreté", "Bruit", "Vélos", "Marché", "Sport")
AGES = ("moins de 18 ans", "de 18 à 60 ans", "plus de 60 ans")


NO_NUMBERS: Mapping[str, str] = {}


def small_form() -> FormLayout:
    """An A5 form, so that its pictures are small."""
    boxes = [TickBox("themes", theme, Rectangle(14, 45 + 11 * n, 4.5, 4.5)) for n, theme in enumerate(THEMES)]
    boxes += [TickBox("age", age, Rectangle(80, 45 + 11 * n, 4.5, 4.5)) for n, age in enumerate(AGES)]
    labels = tuple(PrintedText(box.value, box.place.right + 2.2, box.place.y + 3.5, 9.0) for box in boxes)
    front = _page(1, tuple(boxes), (), labels)
    cells = tuple(Rectangle(14 + 6.2 * n + n // 2 * 1.8, 152, 6.2, 8) for n in range(10))
    row = CharacterRow("telephone", Alphabet.DIGITS, cells)
    back = _page(2, (), (Zone("words", ZoneKind.WRITING, Rectangle(14, 45, 120, 100)),), (), (row,))
    groups = (TickGroup("themes", several=True), TickGroup("age", several=False))
    return FormLayout(
        "brest", "rues-et-places", 1, FormVariant.STANDARD, SheetSize.A5, "fr", 148, 210, groups, (front, back)
    )


def _page(
    number: int,
    boxes: tuple[TickBox, ...],
    zones: tuple[Zone, ...],
    texts: tuple[PrintedText, ...],
    rows: tuple[CharacterRow, ...] = (),
) -> LayoutPage:
    corners = zip(Corner, ((7, 7), (136, 7), (7, 198), (136, 198)), strict=True)
    return LayoutPage(
        number=number,
        handed_in=Rectangle(0, 0, 148, 210),
        marks=tuple(CornerMark(corner, Rectangle(x, y, 5, 5)) for corner, (x, y) in corners),
        codes=(CodePlace(1, Rectangle(112, 12, 14.7, 14.7)), CodePlace(2, Rectangle(16, 182, 14.7, 14.7))),
        boxes=boxes,
        rows=rows,
        zones=zones,
        panels=(),
        texts=texts,
    )


def number_of(layout: FormLayout) -> str:
    return form_number(layout_to_json(layout))


def sheet(
    layout: FormLayout,
    page: int,
    reference: str | None,
    ticked: Sequence[str] = (),
    *,
    lines: int = 0,
    digits: str = "",
    numbers: Mapping[str, str] = NO_NUMBERS,
    hand: int = 1,
    test: bool = False,
) -> Paper:
    """A page of one copy, the boxes of these values crossed by a hand, or lines written on it."""
    number = number_of(layout)
    codes = tuple(encode_page_code(PageCode(number, page, place, reference, test)) for place in (1, 2))
    read = form_pages(number, layout)[page - 1]
    paper = print_page(read, codes, PER_MM, labels=False)
    by = Hand("cross", PENS["ballpoint"][1], 0.8, 0.5, np.eye(2))
    for at, box in enumerate(read.boxes):
        if box.key.split("=")[1] in ticked:
            mark(paper, PER_MM, box.place, by, np.random.default_rng(100 * hand + at))
    if lines:
        drawn = Image.new("L", paper.shape[::-1], 255)
        for line in range(lines):
            at = (20 * PER_MM, (60 + 14 * line) * PER_MM)
            pen(ImageDraw.Draw(drawn), np.random.default_rng(hand + line), at, 100 * PER_MM, 3 * PER_MM)
        paper *= np.asarray(drawn, np.float32) / 255
    rows = {row.key: row for row in read.rows}
    for name, written in ({read.rows[0].key: digits} if digits else numbers).items():
        drawn = Image.fromarray((paper * 255).astype(np.uint8))
        face = ImageFont.truetype(str(FONT), round(5.5 * PER_MM))
        for digit, cell in zip(written, rows[name].cells, strict=False):
            x, y = cell.centre * PER_MM
            ImageDraw.Draw(drawn).text((x, y), digit, font=face, fill=60, anchor="mm")
        paper = np.asarray(drawn, np.float32) / 255
    return paper


def scanned(paper: Paper, seed: int = 1) -> bytes:
    """As a grey copier sends it: a JPEG of 150 dpi."""
    return scan(paper, PER_MM, "grey", 150, np.random.default_rng(seed)).encoded()


def as_tiff(pictures: Sequence[bytes]) -> bytes:
    """Several pages in one file."""
    pages = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_GRAYSCALE) for one in pictures]
    return cv2.imencodemulti(".tiff", pages)[1].tobytes()

"""Charts and maps of a report as pictures: SVG for pages and files, PNG for office documents and to be fetched."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO

from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from channels.paper.fonts import font_file
from inbox.reports.document_blocks import AreaMap, Block, ReportDocument, ReportTable

_INK, _SOFT, _ACCENT, _PAPER = "#24211c", "#5d574d", "#0b5a63", "#ffffff"
_PALE, _DARK = (227, 239, 240), (11, 90, 99)
_SCALE = 3
"""Pixels of a PNG for one unit of an SVG: sharp in print at 16 cm."""
_ROW = 22
_LABEL, _BARS, _WIDTH = 190, 300, 560
_LONGEST_LABEL = 30


def is_picture(block: Block) -> bool:
    """Whether a block is worth seeing as a picture."""
    return isinstance(block, AreaMap) or (isinstance(block, ReportTable) and block.is_chart and len(block.lines) > 1)


def pictures_of(document: ReportDocument) -> list[ReportTable | AreaMap]:
    """What of a report can be had as a picture, in its order."""
    return [
        block
        for _level, section in document.printed()
        for block in section.blocks
        if isinstance(block, (ReportTable, AreaMap)) and is_picture(block)
    ]


def svg_of(block: ReportTable | AreaMap) -> Markup:
    """A picture that says what it is; the table beside it says the same in words."""
    return _map_svg(block) if isinstance(block, AreaMap) else _chart_svg(block)


def png_of(block: ReportTable | AreaMap) -> bytes:
    """The same as PNG."""
    image = _map_image(block) if isinstance(block, AreaMap) else _chart_image(block)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def size_of(block: ReportTable | AreaMap) -> tuple[int, int]:
    """Width and height of a picture, in units of the SVG."""
    return (block.width, block.height) if isinstance(block, AreaMap) else (_WIDTH, len(block.lines) * _ROW + 4)


def shade(share: float) -> str:
    """From pale (nobody) to dark (most)."""
    return "#" + "".join(f"{round(p + (d - p) * share):02x}" for p, d in zip(_PALE, _DARK, strict=True))


def described(block: ReportTable | AreaMap) -> str:
    """What a picture shows, in words, for whoever cannot see it."""
    if isinstance(block, AreaMap):
        said = [f"{one.name} {one.value}" for one in block.areas]
    else:
        said = [f"{line.cells[0]} {line.value:g}" for line in block.lines]
    return f"{block.caption}: {', '.join(said)}"[:1000]


# --- SVG ------------------------------------------------------------------------------------------------

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img" aria-label="{2}"><title>{2}</title>'


def _chart_svg(table: ReportTable) -> Markup:
    bars = Markup("").join(
        Markup(
            '<text x="0" y="{0}" font-size="12" fill="{6}">{1}</text>'
            '<rect x="{7}" y="{2}" width="{3:.1f}" height="14" fill="{8}"/>'
            '<text x="{4:.1f}" y="{0}" font-size="12" fill="{9}">{5}</text>'
        ).format(
            at * _ROW + 16,
            _short(line.cells[0]),
            at * _ROW + 5,
            _BARS * line.value / table.most,
            _LABEL + 6 + _BARS * line.value / table.most,
            f"{line.value:g}",
            _INK,
            _LABEL,
            _ACCENT,
            _SOFT,
        )
        for at, line in enumerate(table.lines)
    )
    return Markup(_OPEN + "{3}</svg>\n").format(*size_of(table), table.caption, bars)  # noqa: S704 - a constant


def _map_svg(picture: AreaMap) -> Markup:
    areas = Markup("").join(
        Markup('<path d="{0}" fill="{1}" stroke="#ffffff" stroke-width="1.5"><title>{2}: {3}</title></path>').format(
            one.path, shade(one.shade), one.name, one.value
        )
        for one in picture.areas
    )
    names = Markup("").join(
        Markup('<text x="{0}" y="{1}" font-size="12" text-anchor="middle" fill="{2}">{3}: {4}</text>').format(
            *one.middle, _PAPER if one.shade > 0.55 else _INK, _short(one.name), one.value
        )
        for one in picture.areas
    )
    return Markup(_OPEN + "{3}{4}</svg>\n").format(*size_of(picture), picture.caption, areas, names)  # noqa: S704


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


# --- PNG ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file("NotoSans-Regular")), size * _SCALE)


def _blank(block: ReportTable | AreaMap) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    width, height = size_of(block)
    image = Image.new("RGB", (width * _SCALE, height * _SCALE), _PAPER)
    return image, ImageDraw.Draw(image)


def _chart_image(table: ReportTable) -> Image.Image:
    image, draw = _blank(table)
    for at, line in enumerate(table.lines):
        top, length = at * _ROW, _BARS * line.value / table.most
        middle = (top + 12) * _SCALE
        draw.text((0, middle), _short(line.cells[0]), fill=_INK, font=_font(12), anchor="lm")
        draw.rectangle(_times(_LABEL, top + 5, _LABEL + length, top + 19), fill=_ACCENT if length else _PAPER)
        value = ((_LABEL + 6 + length) * _SCALE, middle)
        draw.text(value, f"{line.value:g}", fill=_SOFT, font=_font(12), anchor="lm")
    return image


def _times(*places: float) -> list[float]:
    return [one * _SCALE for one in places]


def _map_image(picture: AreaMap) -> Image.Image:
    image, draw = _blank(picture)
    for one in picture.areas:
        for ring in one.path.split("M")[1:]:
            numbers = [int(n) * _SCALE for n in re.findall(r"-?\d+", ring)]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            draw.polygon(points, fill=shade(one.shade), outline=_PAPER, width=_SCALE)
    for one in picture.areas:
        fill = _PAPER if one.shade > 0.55 else _INK
        x, y = one.middle
        draw.text((x * _SCALE, y * _SCALE), f"{_short(one.name)}: {one.value}", fill=fill, font=_font(12), anchor="mm")
    return image

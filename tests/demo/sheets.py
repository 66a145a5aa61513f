"""Printed pages as they come back: askew and grainy from a copier, or bent and shaded from a telephone.

The same sample always gives the same picture.
"""

from __future__ import annotations

import io
import textwrap
import zlib

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from tests.demo.samples import Page, Photo

Picture = npt.NDArray[np.uint8]

DPI = 200
_WIDTH, _HEIGHT = round(210 / 25.4 * DPI), round(297 / 25.4 * DPI)
_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
_BOLD = "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf"


def scanned(page: Page) -> bytes:
    """The file a copier makes of a page: one image, turned by ``skew`` and with ``noise``."""
    picture = _turned(_printed(page.title, page.says), page.skew)
    return _file(_grainy(picture, page.noise, page.name), page.file)


def photographed(photo: Photo, name: str) -> bytes:
    """A JPEG of a page lying on a table: in perspective, lit from one side, a little out of focus."""
    picture = _printed(photo.title, photo.says)[: _HEIGHT * 5 // 8]
    height, width = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    edge = width * 0.06
    seen = np.array(
        [
            [edge, edge * 0.9],
            [width + edge * 0.7, edge * 0.6],
            [width + edge, height + edge],
            [edge * 0.7, height + edge],
        ],
        dtype=np.float32,
    )
    size = (int(width + 2 * edge), int(height + 2 * edge))
    table = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(corners, seen), size, flags=cv2.INTER_AREA, borderValue=(150,)
    )
    lit = table * np.linspace(1.0, 0.72, size[0])[np.newaxis, :]
    soft = cv2.GaussianBlur(lit.astype(np.uint8), (0, 0), 0.8)
    return _file(_grainy(soft.astype(np.uint8), 4, name), "jpeg")


def _printed(title: str, says: str) -> Picture:
    page = Image.new("L", (_WIDTH, _HEIGHT), 250)
    draw = ImageDraw.Draw(page)
    margin = round(25 / 25.4 * DPI)
    head = ImageFont.truetype(_BOLD, round(16 / 72 * DPI))
    body = ImageFont.truetype(_FONT, round(13 / 72 * DPI))
    draw.text((margin, margin), title, font=head, fill=20)
    line_height = round(13 / 72 * DPI * 1.5)
    y = margin + round(16 / 72 * DPI * 2.2)
    for line in _lines(says, body, _WIDTH - 2 * margin):
        draw.text((margin, y), line, font=body, fill=25)
        y += line_height
    return np.asarray(page, dtype=np.uint8)


def _lines(says: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    per_line = int(width / (font.getlength("abcdefghijklmnopqrstuvwxyz ") / 27))
    return [line for paragraph in says.split("\n\n") for line in textwrap.wrap(paragraph, per_line)]


def _turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=(245,)), dtype=np.uint8)


def _grainy(picture: Picture, deviation: float, name: str) -> Picture:
    grain = np.random.default_rng(zlib.crc32(name.encode())).normal(0, deviation, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def _file(picture: Picture, form: str) -> bytes:
    target = io.BytesIO()
    image = Image.fromarray(picture)
    match form:
        case "pdf":
            image.save(target, "PDF", resolution=DPI)
        case "tiff":
            image.save(target, "TIFF", compression="tiff_lzw", dpi=(DPI, DPI))
        case _:
            image.save(target, "JPEG", quality=75, dpi=(DPI, DPI))
    return target.getvalue()

"""A form's page as it comes out of the printer."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from tests.simulator.machines import Paper
from transcription.forms.layout import FormPage, PagePlace

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LABELS = (
    "Transports",
    "Écoles",
    "Arbres et parcs",
    "Propreté",
    "Bruit",
    "Vélos",
    "Marché",
    "Sécurité",
    "Sport",
    "Aînés",
)


def print_page(page: FormPage, codes: tuple[str, ...], per_mm: float, *, labels: bool = True) -> Paper:
    """The blank page: its marks, codes with these texts, outlines, and labels beside the boxes."""
    paper = np.ones((round(page.height * per_mm), round(page.width * per_mm)), np.float32)
    for mark in page.marks:
        fill(paper, per_mm, mark, 0.05)
    for code, text in zip(page.codes, codes, strict=True):
        _draw_code(paper, per_mm, code.place, text)
    outlines = [(box.place, box.line) for box in page.boxes]
    outlines += [(cell, row.line) for row in page.rows for cell in row.cells]
    outlines += [(zone.place, zone.line) for zone in page.zones]
    for place, line in outlines:
        outline(paper, per_mm, place, line)
    return _labelled(paper, page, per_mm) if labels else paper


def fill(paper: Paper, per_mm: float, place: PagePlace, light: float) -> None:
    """A rectangle, exact to a part of a pixel."""
    across = _cover(paper.shape[1], place.x * per_mm, (place.x + place.width) * per_mm)
    down = _cover(paper.shape[0], place.y * per_mm, (place.y + place.height) * per_mm)
    rows, columns = np.flatnonzero(down), np.flatnonzero(across)
    if len(rows) and len(columns):
        piece = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        paper[piece] *= 1 - (1 - light) * np.outer(down[piece[0]], across[piece[1]])


def _cover(length: int, start: float, end: float) -> np.ndarray:
    edges = np.arange(length + 1)
    return np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, 1).astype(np.float32)


def outline(paper: Paper, per_mm: float, place: PagePlace, line: float, light: float = 0.1) -> None:
    """Four lines inside the place's edges."""
    right, bottom = place.x + place.width - line, place.y + place.height - line
    for side in (
        PagePlace(place.x, place.y, place.width, line),
        PagePlace(place.x, bottom, place.width, line),
        PagePlace(place.x, place.y + line, line, place.height - 2 * line),
        PagePlace(right, place.y + line, line, place.height - 2 * line),
    ):
        fill(paper, per_mm, side, light)


def _draw_code(paper: Paper, per_mm: float, place: PagePlace, text: str) -> None:
    matrix = np.array([list(row) for row in segno.make_qr(text, error="q").matrix], np.float32)
    fine = np.kron(matrix, np.ones((16, 16), np.float32))
    side = round(place.width * per_mm)
    small = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    top, left = round(place.y * per_mm), round(place.x * per_mm)
    paper[top : top + side, left : left + side] = 1 - 0.95 * small


def _labelled(paper: Paper, page: FormPage, per_mm: float) -> Paper:
    drawn = Image.fromarray((paper * 255).astype(np.uint8))
    draw = ImageDraw.Draw(drawn)
    face = ImageFont.truetype(str(FONT), round(3.2 * per_mm))
    for number, box in enumerate(page.boxes):
        at = ((box.place.x + box.place.width + 2.5) * per_mm, (box.place.y + box.place.height / 2) * per_mm)
        draw.text(at, LABELS[number % len(LABELS)], font=face, fill=20, anchor="lm")
    return np.asarray(drawn, np.float32) / 255

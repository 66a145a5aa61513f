"""What is on a page before anybody tries to read it: nothing, specks, or marks of the size of letters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

_LOOK_DPI = 150
_A4_WIDTH_MM = 210.0
_INCH_MM = 25.4
_DARKER = 0.82
"""Ink is at least this much darker than the paper around it: pencil is, print shining through is not."""
_LETTER_MM = 1.2
_BORDER_MM = 4.0
"""Copiers leave shadows this wide at the edges of a page."""
_LEAST_LETTER, _LARGEST_LETTER = 8, 300
_PAGE_MM = 90.0
"""Anything smaller is a cutting, written on to its edges."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Connected marks on a page: how many of a letter's size, how many smaller.

    ``height`` is that of a usual letter in pixels, ``places`` where marks of about that height are (x, y).
    """

    letters: int
    specks: int
    height: float
    places: NDArray[np.int32]


def is_blank(grey: Grey, dpi: float | None) -> bool:
    """Whether no mark as large as a letter is on the page, edges apart."""
    shrunk, per_mm = _looked_at(grey, dpi)
    ink = find_ink(shrunk)
    height, width = ink.shape
    whole_page = min(height, width) >= _PAGE_MM * per_mm
    border = round(_BORDER_MM * per_mm) if whole_page else 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    for left, top, w, h, _ in stats[1:]:
        at_edge = left + w <= border or top + h <= border or left >= width - border or top >= height - border
        if max(w, h) >= _LETTER_MM * per_mm and not at_edge:
            return False
    return True


def count_marks(grey: Grey) -> Marks:
    """The marks on a page at its own resolution."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(find_ink(grey), connectivity=8)
    left, top, width, height = (stats[1:, column] for column in range(4))
    size = np.maximum(width, height)
    letters = (size >= _LEAST_LETTER) & (size <= _LARGEST_LETTER)
    usual = float(np.median(height[letters])) if letters.any() else 0.0
    alike = letters & (height > usual / 2) & (height < usual * 3) & (width < usual * 6)
    places = np.stack([left + width // 2, top + height // 2], axis=1)[alike]
    return Marks(int(letters.sum()), int((size < _LEAST_LETTER).sum()), usual, places)


def _looked_at(grey: Grey, dpi: float | None) -> tuple[Grey, float]:
    """The page at about 150 dpi, and how many of its pixels make a millimetre."""
    resolution = dpi or min(grey.shape) / (_A4_WIDTH_MM / _INCH_MM)
    scale = min(1.0, _LOOK_DPI / resolution)
    if scale < 1.0:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    return grey, resolution * scale / _INCH_MM


def find_ink(grey: Grey) -> Grey:
    """1 where the page is darker than the paper around."""
    paper = flat_paper(grey)
    return (grey < _DARKER * paper).astype(np.uint8)


def flat_paper(grey: Grey) -> NDArray[np.float32]:
    """How bright the paper is at each place, marks removed: a closing at an eighth of the size, smoothed."""
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), 4)
    return np.asarray(cv2.resize(closed, (grey.shape[1], grey.shape[0])), np.float32).clip(1)

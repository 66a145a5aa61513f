"""What is on a page before anybody tries to read it: nothing, specks, or marks of the size of letters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Picture = NDArray[np.uint8]
"""Grey, or with three channels."""

LookedAt = tuple[Picture, float]
"""A page in small, and how many of its pixels make a millimetre."""

_LOOK_DPI = 100
_LEAST_SIDE = 12
"""Pixels of the shorter side that are left at least."""
_A4_WIDTH_MM = 210.0
_INCH_MM = 25.4
_DARKER = 0.82
"""Ink that is to be read is at least this much darker than the paper around it."""
_FAINT = 0.035
"""The palest pencils and pens are at least this much darker than the paper, in one of its colours …"""
_ABOVE_GRAIN = 6.0
"""… and by this many times more than the paper's own grain, unless they are as dark as ink."""
_LETTER_MM = 1.2
_FOLD_MM, _FOLD_WIDTH_MM = 60.0, 1.5
"""Straight lines at least this long and at most this wide are folds."""
_BORDER_MM = 4.0
"""Copiers leave shadows this wide at the edges of a page."""
_LEAST_LETTER, _LARGEST_LETTER = 8, 300
_PAGE_MM = 90.0
"""Anything smaller is a cutting, written on to its edges."""


@dataclass(frozen=True, slots=True)
class MarkCounts:
    """Connected marks on a page: how many of a letter's size, how many smaller, how many larger.

    ``height`` is that of a usual letter in pixels, ``boxes`` are those of marks of about that height (rows of left,
    top, width, height), ``strength`` is how much darker than the paper the darkest tenth of the ink is, 0–1.
    """

    letters: int
    specks: int
    larger: int
    height: float
    boxes: NDArray[np.int32]
    strength: float
    denoised: bool = False

    @property
    def places(self) -> NDArray[np.int32]:
        """The middles (x, y) of the boxes."""
        return np.asarray(self.boxes[:, :2] + self.boxes[:, 2:] // 2, np.int32)


@dataclass(frozen=True, slots=True)
class PageGlance:
    """What is on a page at about 100 dpi: 1 where ``marks`` as large as a letter are, however pale; ``strong`` ink."""

    marks: Grey
    strong: Grey

    @property
    def blank(self) -> bool:
        """Whether there is no such mark."""
        return not self.marks.any()

    @property
    def faint(self) -> bool:
        """Whether there are marks, and no strong ink in any of them."""
        return not self.blank and not (self.marks & self.strong).any()


def glance_at(looked: LookedAt) -> PageGlance:
    """The marks on a page that was made small before, in whatever colour; edges and folds apart."""
    shrunk, per_mm = looked
    dark = darkness(shrunk)
    some = dark[::2, ::2]
    grain = float(np.median(np.abs(some - np.median(some)))) * 1.4826
    ink = (dark > min(1 - _DARKER, max(_FAINT, _ABOVE_GRAIN * grain))).astype(np.uint8)
    height, width = ink.shape
    whole_page = min(height, width) >= _PAGE_MM * per_mm
    border = round(_BORDER_MM * per_mm) if whole_page else 0
    _, label, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, w, h = (stats[:, column] for column in range(4))
    at_edge = (left + w <= border) | (top + h <= border) | (left >= width - border) | (top >= height - border)
    is_fold = (np.maximum(w, h) >= _FOLD_MM * per_mm) & (np.minimum(w, h) <= _FOLD_WIDTH_MM * per_mm)
    kept = (np.maximum(w, h) >= _LETTER_MM * per_mm) & ~at_edge & ~is_fold
    kept[0] = False
    return PageGlance(np.asarray(kept[label], np.uint8), (dark > 1 - _DARKER).astype(np.uint8))


def darkness(picture: Picture) -> NDArray[np.float32]:
    """How much darker than the paper each pixel is, 0–1, in the channel where it is most so; a little smoothed.

    Yellow and pink pens hardly darken a page, but they take nearly all of its blue or green.
    """
    channels = [picture] if picture.ndim == 2 else [picture[..., number] for number in range(picture.shape[2])]
    dark: NDArray[np.float32] | None = None
    for channel in channels:
        smooth = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(channel), (0, 0), 0.8), np.float32)
        one = (1 - smooth / flat_paper(np.ascontiguousarray(channel))).clip(0, 1)
        dark = one if dark is None else np.maximum(dark, one)
    assert dark is not None
    return dark


def measure_ink_marks(grey: Grey) -> MarkCounts:
    """The marks of ink on a page (connected dark spots), counted by size in pixels of the page as it is."""
    shade = grey / flat_paper(grey)
    ink = shade < _DARKER
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    width, height = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    size = np.maximum(width, height)
    letters = (size >= _LEAST_LETTER) & (size <= _LARGEST_LETTER)
    usual = float(np.median(height[letters])) if letters.any() else 0.0
    alike = letters & (height > usual / 2) & (height < usual * 3) & (width < usual * 6)
    return MarkCounts(
        letters=int(letters.sum()),
        specks=int((size < _LEAST_LETTER).sum()),
        larger=int((size > _LARGEST_LETTER).sum()),
        height=usual,
        boxes=np.asarray(stats[1:, :4][alike]),
        strength=1 - float(np.percentile(shade[ink], 10)) if ink.any() else 0.0,
    )


def looked_at(picture: Picture, dpi: float | None) -> LookedAt:
    """The page at about 100 dpi, and how many of its pixels make a millimetre."""
    resolution = dpi or min(picture.shape[:2]) / (_A4_WIDTH_MM / _INCH_MM)
    # By whole parts first: ten times faster than to any other size, and the mean of each part all the same.
    by = max(1, min(int(resolution / _LOOK_DPI), min(picture.shape[:2]) // _LEAST_SIDE))
    if by > 1:
        size = picture.shape[1] // by, picture.shape[0] // by
        cut = picture[: size[1] * by, : size[0] * by]
        picture = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
        resolution /= by
    scale = min(1.0, _LOOK_DPI / resolution)
    if scale < 1.0:
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return picture, resolution * scale / _INCH_MM


def find_ink(grey: Grey) -> Grey:
    """1 where the page is darker than the paper around."""
    paper = flat_paper(grey)
    return (grey < _DARKER * paper).astype(np.uint8)


def flat_paper(grey: Grey) -> NDArray[np.float32]:
    """How bright the paper is at each place, marks removed: a closing at an eighth of the size, smoothed."""
    return np.asarray(paper_light(grey), np.float32)


def paper_light(grey: Grey) -> Grey:
    """The same, 1 to 255, in a quarter of the memory."""
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), 4)
    return np.asarray(cv2.resize(np.maximum(closed, 1), (grey.shape[1], grey.shape[0])), np.uint8)

"""Zones and rows of characters: whether there is ink in them, and their pictures, upright and laid flat."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import CharacterRow, PagePlace, Points, Zone
from transcription.forms.placing.bending import PER_MM, Ink
from transcription.forms.placing.finding import FoundPage
from transcription.forms.values import Rectangle
from transcription.pages.ink import Picture

_WINDOW = 2.0
"""Millimetres of the windows in which ink is counted, and the share of one that ink takes (after SDAPS)."""
_INKED = 0.06
_RULES, _STRETCH = 0.7, 20.0
"""Millimetres around a line to write on that are left out, and of how long a piece of it the bend is one."""
_INSIDE = 0.7
"""Millimetres inside the outline that count as outline."""
_LEAST_WINDOWS = 2
"""Windows with ink from which something is in a zone: one alone is a speck."""
_PICTURE_PER_MM = 300 / 25.4


def inked_share(found: FoundPage, zone: Zone) -> tuple[float, int]:
    """The share of a zone's windows with ink, and how many: its outline and lines to write on are none."""
    piece = cut_place(found, zone.place, _INSIDE + zone.line)
    level = max(0.12, 6 * found.flat.grain)
    ink = (piece > level).astype(np.uint8)
    if zone.rule_pitch:
        ink = _without_rules(ink, found, zone, _INSIDE + zone.line)
    # Specks of a photocopy are smaller than anything that somebody wrote.
    _, label, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < 1.2 * PER_MM
    small[0] = True
    kept = (~small[label]).astype(np.float32)
    side = round(_WINDOW * PER_MM)
    rows, columns = kept.shape[0] // side, kept.shape[1] // side
    if not rows or not columns:
        return 0.0, 0
    windows = kept[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3)) > _INKED
    return float(windows.mean()), int(windows.sum())


def is_marked(windows: int) -> bool:
    """Whether so many windows with ink are more than a speck."""
    return windows >= _LEAST_WINDOWS


def _without_rules(ink: NDArray[np.uint8], found: FoundPage, zone: Zone, inset: float) -> NDArray[np.uint8]:
    """Less a strip around each line to write on, wherever curled paper puts it: most writing stands between them."""
    left = ink.copy()
    half = round(_RULES * PER_MM)
    wide = round(_STRETCH * PER_MM)
    middle = found.bending.shift(zone.place.centre.reshape(1, 2))[0][1]
    for y in np.arange(zone.place.y + zone.rule_pitch, zone.place.y + zone.place.height, zone.rule_pitch):
        for start in range(0, ink.shape[1], wide):
            at = np.array([[zone.place.x + inset + (start + wide / 2) / PER_MM, y]])
            row = round((y + found.bending.shift(at)[0][1] - middle - zone.place.y - inset) * PER_MM)
            left[max(0, row - half) : max(0, row + half + 1), start : start + wide] = 0
    return left


def cut_place(found: FoundPage, place: PagePlace, inset: float) -> Ink:
    """What is inside a place of the page laid flat, moved as its middle is."""
    shift = found.bending.shift(place.centre.reshape(1, 2))[0]
    size = (round((place.width - 2 * inset) * PER_MM), round((place.height - 2 * inset) * PER_MM))
    middle = (place.centre + shift) * PER_MM - 0.5
    return np.asarray(cv2.getRectSubPix(found.flat.ink, size, (float(middle[0]), float(middle[1]))), np.float32)


def marked_cells(found: FoundPage, row: CharacterRow) -> tuple[bool, ...]:
    """Which cells have something in them."""
    level = max(0.12, 6 * found.flat.grain)
    return tuple(bool((cut_place(found, cell, row.line + 0.5) > level).mean() > 0.015) for cell in row.cells)


def flattened_picture(picture: Picture, found: FoundPage, place: PagePlace, inset: float = 0.0) -> Picture:
    """A place of the page as its own picture at 300 dpi, upright and laid flat, the paper's bend taken out."""
    width, height = place.width - 2 * inset, place.height - 2 * inset
    size = (max(2, round(width * _PICTURE_PER_MM)), max(2, round(height * _PICTURE_PER_MM)))
    # The bend is smooth: worked out every few millimetres and interpolated.
    grid = np.stack(
        np.meshgrid(
            np.linspace(place.x + inset, place.x + inset + width, max(2, round(width / 4))),
            np.linspace(place.y + inset, place.y + inset + height, max(2, round(height / 4))),
        ),
        axis=-1,
    )
    coarse = (found.in_picture(grid.reshape(-1, 2)).reshape(grid.shape) - 0.5).astype(np.float32)
    reach = np.meshgrid(
        np.linspace(0, coarse.shape[1] - 1, size[0], dtype=np.float32),
        np.linspace(0, coarse.shape[0] - 1, size[1], dtype=np.float32),
    )
    where = cv2.remap(coarse, reach[0], reach[1], cv2.INTER_LINEAR)
    seen = cv2.remap(picture, where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.uint8)


def row_picture(picture: Picture, found: FoundPage, row: CharacterRow, marked: Sequence[bool]) -> Picture:
    """The marked cells of a row side by side without their outlines, as one line of writing."""
    cells = [
        flattened_picture(picture, found, cell, row.line + 0.25)
        for cell, has_ink in zip(row.cells, marked, strict=True)
        if has_ink
    ]
    low = min(cell.shape[0] for cell in cells)
    paper = int(np.percentile(cells[0], 90))
    gap = np.full((low, round(0.4 * _PICTURE_PER_MM), *cells[0].shape[2:]), paper, np.uint8)
    line = [piece for cell in cells for piece in (cell[:low], gap)]
    return np.asarray(np.hstack([gap, *line]), np.uint8)


def rectangle_in_picture(found: FoundPage, place: PagePlace, shape: tuple[int, ...]) -> Rectangle:
    """The upright rectangle of the picture around a place of the page."""
    return bounding_rectangle(found.in_picture(place.corners), shape)


def bounding_rectangle(points: Points, shape: tuple[int, ...]) -> Rectangle:
    """The upright rectangle around points, within a picture of this shape."""
    return around_each(points[None], shape)[0]


def around_each(points: NDArray[np.float64], shape: tuple[int, ...]) -> list[Rectangle]:
    """The same around each of several sets of points."""
    low = np.floor(points.min(axis=1)).clip(0, (shape[1] - 1, shape[0] - 1)).astype(int)
    high = np.ceil(points.max(axis=1)).clip(1, (shape[1], shape[0])).astype(int)
    return [(left, top, right - left, bottom - top) for left, top, right, bottom in np.hstack([low, high]).tolist()]

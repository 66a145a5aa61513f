"""The sheets of paper in a photograph: their four corners, found by their edges, and each laid flat."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.uint8]
Corners = NDArray[np.float64]
"""Four points (x, y): top left, top right, bottom right, bottom left."""

_LOOK_SIZE = 640
"""Longer side, in pixels, at which edges are looked for."""
_RING = 0.015
"""Share of a picture's shorter side along its borders that shows whether it goes beyond a sheet."""
_TABLE = 0.15
"""Share of that ring which is no paper, from which on there is a table to be seen."""
_DARKER = 0.84
_LEAST = 0.08
"""A sheet takes at least this share of the picture."""
_FILLS = 0.94
"""Share of its outline's box of four corners that a sheet fills."""
_BEYOND = 0.25
"""Share of the picture's longer side by which a sheet's corner may lie beyond the picture."""
_STEP = 14.0
"""Levels (of 255) by which a sheet is brighter than what is beyond each of its edges."""
_EDGES_SEEN = 2
"""Edges of a sheet, of its four, that lie within the picture at least."""
_INSIDE = 3.0
"""Pixels, of a picture of that size, by which sheets are taken smaller than their outlines."""
_LEFT_OUT = 0.05
"""Share of the picture that may look like paper and lie beyond every sheet that was found."""


def find_sheets(picture: Colour) -> list[Corners]:
    """The corners of every sheet in a picture (grey or BGR) that shows what is around them, left before right.

    Empty when the picture is all paper, and when something like paper would lie beyond the sheets.
    """
    scale = min(1.0, _LOOK_SIZE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Wood, skin and most cloths are darkest in blue; paper is bright in every colour.
    darkest = small if small.ndim == 2 else small.min(axis=2)
    bright = np.asarray(cv2.GaussianBlur(cv2.medianBlur(darkest, 5), (0, 0), 1.2), np.uint8)
    if not _shows_a_table(bright):
        return []
    found: list[Corners] = []
    for _, corners in sorted(_quads(bright), key=lambda quad: -quad[0]):
        whole = corners.astype(np.float32)
        if all(cv2.intersectConvexConvex(whole, other.astype(np.float32))[0] < 1 for other in found):
            found.append(corners)
    if not found or _paper_beyond(bright, found):
        return []
    return [_ordered(_within(corners) / scale) for corners in _left_to_right(found)]


def lay_flat(corners: Corners) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map (3 x 3) from the picture to the sheet laid flat, and its width and height, no detail lost."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), flat)), (width, height)


def _shows_a_table(bright: NDArray[np.uint8]) -> bool:
    edge = max(2, round(min(bright.shape) * _RING))
    ring = np.concatenate(
        [bright[:edge].ravel(), bright[-edge:].ravel(), bright[:, :edge].ravel(), bright[:, -edge:].ravel()]
    )
    return bool((ring < _DARKER * np.percentile(bright, 90)).mean() > _TABLE)


def _quads(bright: NDArray[np.uint8]) -> Iterator[tuple[float, Corners]]:
    """Outlines of four corners at any level of brightness, and by how much the inside is brighter along the edges."""
    low, high = np.percentile(bright, (5, 97))
    least = _LEAST * bright.size
    seen: list[Corners] = []
    for level in np.linspace(low, high, 14)[1:-1]:
        mask = (bright > level).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            if cv2.contourArea(contour) < least:
                continue
            corners = _four_corners(np.asarray(contour), bright.shape)
            if corners is None or any(np.abs(corners - other).max() < 4 for other in seen):
                continue
            seen.append(corners)
            step = _stands_out(bright, corners)
            if step >= _STEP:
                yield step, corners


def _four_corners(contour: NDArray[np.int32], picture: tuple[int, ...]) -> Corners | None:
    """The four sides around it, whose corners may lie beyond the picture; None when its shape is another."""
    hull = cv2.convexHull(contour)
    corners = np.asarray(cv2.approxPolyN(hull, 4, ensure_convex=True), np.float64).reshape(4, 2)
    height, width = picture[:2]
    frame = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    seen = cv2.intersectConvexConvex(corners.astype(np.float32), frame)[0]
    beyond = np.abs(corners - corners.clip(0, (width - 1, height - 1))).max()
    if cv2.contourArea(contour) < _FILLS * seen or beyond > _BEYOND * max(picture):
        return None
    return _ordered(corners)


def _stands_out(bright: NDArray[np.uint8], corners: Corners) -> float:
    """By how much the inside is brighter along most of every edge that is seen; 0 when hardly any edge is."""
    middle = corners.mean(axis=0)
    height, width = bright.shape
    steps: list[float] = []
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = one + (other - one) * np.linspace(0.06, 0.94, 60)[:, None]
        across = np.array([other[1] - one[1], one[0] - other[0]]) / max(1.0, float(np.linalg.norm(other - one)))
        if (middle - one) @ across < 0:
            across = -across
        beyond = along - 5 * across
        inside = (along + 5 * across).clip(0, (width - 1, height - 1)).round().astype(int)
        seen = (beyond >= 0).all(axis=1) & (beyond < (width, height)).all(axis=1)
        if seen.mean() < 0.5:
            continue  # the edge lies at the border of the picture
        outside = beyond.clip(0, (width - 1, height - 1)).round().astype(int)
        step = bright[inside[:, 1], inside[:, 0]].astype(float) - bright[outside[:, 1], outside[:, 0]]
        steps.append(float(np.percentile(step[seen], 20)))
    return min(steps) if len(steps) >= _EDGES_SEEN else 0.0


def _paper_beyond(bright: NDArray[np.uint8], sheets: list[Corners]) -> bool:
    """Whether one piece, as bright as the sheets, lies beyond them."""
    inside = np.zeros(bright.shape, np.uint8)
    for corners in sheets:
        cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 1)
    level = np.percentile(bright[inside > 0], 25)
    grown = cv2.dilate(inside, np.ones((9, 9), np.uint8))
    beyond = ((bright > 0.9 * level) & (grown == 0)).astype(np.uint8)
    beyond = np.asarray(cv2.morphologyEx(beyond, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(beyond, connectivity=4)
    return count > 1 and int(stats[1:, cv2.CC_STAT_AREA].max()) > _LEFT_OUT * bright.size


def _within(corners: Corners) -> Corners:
    """A little inside of the edges, whose shadows look like a frame around the print."""
    inwards = [np.roll(corners, way, axis=0) - corners for way in (1, -1)]
    along = [step / np.linalg.norm(step, axis=1, keepdims=True) for step in inwards]
    return np.asarray(corners + _INSIDE * (along[0] + along[1]), np.float64)


def _ordered(corners: Corners) -> Corners:
    """Clockwise from the top left."""
    around = corners - corners.mean(axis=0)
    clockwise = corners[np.argsort(np.arctan2(around[:, 1], around[:, 0]))]
    first = int(clockwise.sum(axis=1).argmin())
    return np.roll(clockwise, -first, axis=0)


def _left_to_right(sheets: list[Corners]) -> list[Corners]:
    """Rows of sheets from the top, each from the left; a sheet is in a row when its middle is beside the first's."""
    rest = sorted(sheets, key=lambda corners: float(corners[:, 1].min()))
    ordered: list[Corners] = []
    while rest:
        low, high = rest[0][:, 1].min(), rest[0][:, 1].max()
        row = [corners for corners in rest if low <= corners[:, 1].mean() <= high]
        row = row or rest[:1]
        ordered += sorted(row, key=lambda corners: float(corners[:, 0].mean()))
        rest = [corners for corners in rest if not any(corners is taken for taken in row)]
    return ordered

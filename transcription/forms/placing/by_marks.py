"""Pages of forms whose codes cannot be read: told from letters by their corner marks, and laid by these alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import cv2
import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.bending import Ink, find_bending
from transcription.forms.placing.flat import lay_flat
from transcription.forms.placing.marks import Squares, find_squares
from transcription.forms.placing.registration import Registration

_SHOWN = (1.0, 0.85, 0.7)
"""Shares of the picture's longer side that the page may take: scanned alone, or photographed with what it lies on."""
_TRIED = 3
"""Squares tried for each corner."""
_MOST_ASKEW = 0.12
"""Share by which opposite sides may differ, seen by a telephone from one side."""
_MOST_LONG = 0.08
"""Share by which the marks may stand farther apart one way than they were printed, against the other."""
_SIDE_OFF = 0.3
"""Share by which a mark may look larger or smaller than where it stands would have it."""
_LEAST_FOUND = 0.5
"""Share of the outlines that must be found where the page says."""


def shows_marks(ink: Ink, pages: Iterable[FormPage]) -> bool:
    """Whether four corner marks stand on a picture as one of these pages has them, whatever its codes."""
    geometries = {
        (page.width, page.height, tuple((mark.x, mark.y, mark.width) for mark in page.marks)): page for page in pages
    }
    return any(next(_fits(ink, page), None) is not None for page in geometries.values())


def register_by_marks(ink: Ink, page: FormPage) -> Registration | None:
    """Where a page lies whose number a person has typed in; None where too little of it is found.

    Marks look alike whichever way up: the way in which most of the page's outlines are found is the right one.
    """
    best: tuple[float, Registration] | None = None
    marks = np.array([mark.centre for mark in page.marks])
    for to_picture in _fits(ink, page):
        bending, _found = find_bending(lay_flat(ink, page, to_picture).ink, page, marks)
        if bending.share >= _LEAST_FOUND and (best is None or bending.share > best[0]):
            best = bending.share, Registration(to_picture, len(marks), 0, 0.0, marks)
    return best[1] if best is not None else None


def _fits(ink: Ink, page: FormPage) -> Iterator[Points]:
    """Every way in which four squares of a picture can be this page's marks."""
    if len(page.marks) != 4:
        return
    marks = _clockwise(np.array([mark.centre for mark in page.marks]))
    side = float(np.mean([mark.width for mark in page.marks]))
    for shown, hollow in product(_SHOWN, (False, True)):
        expected = side * shown * max(ink.shape) / max(page.width, page.height)
        squares = find_squares(ink, expected, hollow=hollow)
        found = False
        for places in _quadrilaterals(squares, ink.shape):
            for turn in range(4):
                turned = np.roll(marks, turn, axis=0)
                if _is_alike(turned, places[0], places[1], side):
                    found = True
                    yield np.asarray(
                        cv2.getPerspectiveTransform(turned.astype(np.float32), places[0].astype(np.float32)), np.float64
                    )
        if found:
            return


def _clockwise(points: Points) -> Points:
    """From the upper left one."""
    middle = points.mean(axis=0)
    around = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    return np.asarray(points[np.argsort(around)])


def _quadrilaterals(squares: Squares, shape: tuple[int, ...]) -> Iterator[tuple[Points, Points]]:
    """Squares that may be the four corners, the outermost first, with their sides; clockwise from the upper left."""
    if len(squares.places) < 4:
        return
    height, width = shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    nearest = [np.argsort(np.hypot(*(squares.places - corner).T))[:_TRIED] for corner in corners]
    for chosen in product(*nearest):
        if len(set(chosen)) == 4:
            order = list(chosen)
            yield squares.places[order], squares.sides[order]


def _is_alike(marks: Points, places: Points, sides: Points, side: float) -> bool:
    """Whether four squares stand to each other as marks do, and are as large."""
    on_page, seen = _lengths(marks), _lengths(places)
    if min(seen) <= 0:
        return False
    if any(abs(seen[at] / seen[at + 2] - 1) > _MOST_ASKEW for at in (0, 1)):
        return False
    across, down = ((seen[at] + seen[at + 2]) / (on_page[at] + on_page[at + 2]) for at in (0, 1))
    if abs(across / down - 1) > _MOST_LONG:
        return False
    per_mm = (across + down) / 2
    return bool((np.abs(sides / (side * per_mm) - 1) < _SIDE_OFF).all())


def _lengths(corners: Sequence[Points] | Points) -> list[float]:
    points = np.asarray(corners)
    return [float(np.hypot(*(points[(at + 1) % 4] - points[at]))) for at in range(4)]

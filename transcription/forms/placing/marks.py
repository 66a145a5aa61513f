"""Corner marks: solid squares on a page, found among its codes, letters and filled boxes by where they must stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import Points
from transcription.forms.placing.bending import Ink
from transcription.forms.placing.codes import project_points

_DARK = 0.38
"""Of the paper's light, what a mark takes at least, photocopied and in the shade too."""
_LEAST_SIDE, _MOST_SIDE = 0.6, 1.5
"""Of the side a mark must have where it stands, what a blurred, bleached or slanted one has."""
_LEAST_SOLID = 0.78
"""Share of its own slanted rectangle that a mark fills."""
_MOST_SLANT = 1.6
"""How much longer than wide a square seen from one side is at most."""


@dataclass(frozen=True, slots=True)
class Squares:
    """Solid squares seen in a picture: their middles, and their sides in pixels."""

    places: Points
    sides: Points

    def near(self, place: Points, side: float, reach: float, most: int) -> Points:
        """The middles of those of about this size within reach of a place, the nearest first; pixels."""
        if not len(self.places):
            return self.places
        away = np.hypot(*(self.places - place).T)
        fits = (self.sides > _LEAST_SIDE * side) & (self.sides < _MOST_SIDE * side) & (away < reach)
        return np.asarray(self.places[fits][np.argsort(away[fits])][:most])


def find_squares(ink: Ink, side: float, *, hollow: bool = False) -> Squares:
    """The solid squares of about this side (pixels) in the ink of a picture of a page, however it is turned.

    With ``hollow``, also those of which a scanner set to text left only the edges.
    """
    dark = (ink > _DARK).astype(np.uint8)
    if hollow:
        outer, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(dark, [one for one in outer if cv2.contourArea(one) < 4 * side * side], -1, 1, cv2.FILLED)
    # A bleached mark has holes, a dirty page threads that tie it to what stands beside it.
    grain = max(1, round(side * 0.12))
    dark = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((grain, grain), np.uint8)), np.uint8)
    opened = max(1, round(side * 0.3))
    solid = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((opened, opened), np.uint8)), np.uint8)
    # After that hardly anything is left of most pages: outlines are ten times faster to find than components.
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    places, sides = [], []
    for outline in outlines:
        left, top, across, down = cv2.boundingRect(outline)
        if max(across, down) >= 2.2 * side or min(across, down) <= 0.5 * side:
            continue
        around = slice(max(0, top - 2), top + down + 2), slice(max(0, left - 2), left + across + 2)
        corner = around[1].start, around[0].start
        shape = _within(outline, solid[around], corner)
        middle, own_side = _square(shape, ink[around]) if shape.sum() > 0.3 * side * side else (np.zeros(2), 0.0)
        if own_side:
            places.append(middle + np.array(corner))
            sides.append(own_side)
    return Squares(np.array(places, np.float64).reshape(-1, 2), np.array(sides, np.float64))


def _within(outline: NDArray[Any], solid: NDArray[np.uint8], corner: tuple[int, int]) -> NDArray[np.bool_]:
    """What is solid within an outline, of a piece whose corner lies there."""
    filled = np.zeros(solid.shape, np.uint8)
    cv2.drawContours(filled, [outline], -1, 1, cv2.FILLED, offset=(-corner[0], -corner[1]))
    return np.asarray((filled & solid) > 0, np.bool_)


def _square(shape: NDArray[np.bool_], ink: Ink) -> tuple[Points, float]:
    """The middle and side of a mark, weighted by its ink so that it is exact to a part of a pixel; 0: it is none."""
    rows, columns = np.nonzero(shape)
    (_, _), (one, other), _ = cv2.minAreaRect(np.column_stack([columns, rows]).astype(np.float32))
    one, other = one + 1, other + 1
    if len(rows) < _LEAST_SOLID * one * other or max(one, other) > _MOST_SLANT * min(one, other):
        return np.zeros(2), 0.0
    near = cv2.dilate(shape.astype(np.uint8), np.ones((3, 3), np.uint8))
    ink = np.clip(ink, 0, 1) * near
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    total = float(ink.sum()) or 1.0
    # A pixel's middle lies half a pixel from its corner, from where codes' corners are counted as well.
    return np.array([(x * ink).sum() / total + 0.5, (y * ink).sum() / total + 0.5]), float(np.sqrt(one * other))


def local_scale(places: Points, back: Points) -> Points:
    """How large a millimetre is around places of the page, in pixels of the picture that ``back`` maps it to."""
    return np.asarray(
        [
            np.hypot(*(project_points(place + np.array([[0.5, 0.5]]), back) - project_points(place - 0.5, back)).T)[0]
            / np.sqrt(2)
            for place in places.reshape(-1, 1, 2)
        ]
    )

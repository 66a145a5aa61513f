"""How paper that does not lie flat shifts what is printed on it: measured on the outlines of what is read."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import FormPage, PagePlace, Points

Ink = NDArray[np.float32]
"""How dark each pixel of the page laid flat is, 0 paper, 1 black."""

PER_MM = 6.0
"""Pixels of the page laid flat to a millimetre: 152 dpi."""
_AROUND = 0.8
"""Millimetres of white that an outline must have around it to be known by."""
_NEAR, _STEP = 0.9, 1.1
"""Millimetres searched around where an outline must stand, on flat paper, and on curled paper beside known ones."""
_ALIKE = 0.42
"""Correlation from which an outline counts as found: a thick tick leaves that much of it, chance does not."""
_FLAT_SHARE, _FLAT_SHIFT = 0.7, 0.45
"""Paper is flat when so many outlines are found, and shifted by no more than this (millimetres)."""
_OFF = 0.5
"""Millimetres beside the others' bend at which an outline was found wrongly."""
_CORNER = 4.0
"""Millimetres of a zone's outline that make a corner to be known by."""


@dataclass(frozen=True, slots=True)
class _Outline:
    middle: tuple[float, float]
    template: Ink


@dataclass(frozen=True, slots=True)
class FoundOutline:
    """An outline's shift from where flat paper has it (millimetres), and how alike it looked, 0–1."""

    middle: Points
    shift: Points
    alike: float


@dataclass(frozen=True, slots=True)
class Bending:
    """``found`` are the outlines by the place looked for; ``rest`` how far they lie from the bend, millimetres."""

    weights: Points
    degree: int
    size: tuple[float, float]
    share: float
    """Of the outlines looked for, how many were found."""
    rest: float

    def shift(self, places: Points) -> Points:
        """By how much what stands at these places of the page (rows of x and y) is shifted; millimetres."""
        return np.asarray(_powers(places, self.size, self.degree) @ self.weights, np.float64)


def find_bending(ink: Ink, page: FormPage, anchors: Points) -> tuple[Bending, list[FoundOutline]]:
    """The page's bend, and where the outline of each tick box, then of other things, was found.

    ``anchors`` are the middles of the corner marks that were found: nothing is shifted there.
    """
    outlines = _outlines(page)
    still = np.zeros(2)
    found = [_look(ink, one, still, _NEAR) for one in outlines]
    good = [one for one in found if one.alike >= _ALIKE]
    shifts = [float(np.hypot(*one.shift)) for one in good]
    is_flat = len(good) >= _FLAT_SHARE * len(found) and (not shifts or float(np.percentile(shifts, 90)) < _FLAT_SHIFT)
    if not is_flat and len(anchors):
        found = _followed(ink, outlines, anchors)
        good = [one for one in found if one.alike >= _ALIKE]
    share = len(good) / len(found) if found else 1.0
    return _fit(good, anchors, (page.width, page.height), share), found


def _outlines(page: FormPage) -> list[_Outline]:
    made = [_framed(box.place, box.line) for box in page.boxes]
    made += [_framed(cell, row.line) for row in page.rows for cell in row.cells[:: max(1, len(row.cells) - 1)]]
    for zone in page.zones:
        made += [_cornered(zone.place, zone.line, which) for which in range(4)]
    return made


def _framed(place: PagePlace, line: float) -> _Outline:
    return _Outline((float(place.centre[0]), float(place.centre[1])), _frame(place.width, place.height, line))


@functools.lru_cache(maxsize=64)
def _frame(width: float, height: float, line: float) -> Ink:
    """The outline of a box as it looks on the page laid flat, with the white around."""
    fine = 4
    scale = PER_MM * fine
    across, down = (round((side + 2 * _AROUND) * PER_MM) * fine for side in (width, height))
    drawn = np.zeros((down, across), np.float32)
    left, top = (across - width * scale) / 2, (down - height * scale) / 2
    outer = slice(round(top), round(top + height * scale)), slice(round(left), round(left + width * scale))
    drawn[outer] = 1
    thick = max(1, round(line * scale))
    drawn[outer[0].start + thick : outer[0].stop - thick, outer[1].start + thick : outer[1].stop - thick] = 0
    small = cv2.resize(drawn, (across // fine, down // fine), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.7), np.float32)


def _cornered(place: PagePlace, line: float, which: int) -> _Outline:
    """One corner of a zone's outline, clockwise from the upper left one."""
    x, y = place.corners[which]
    return _Outline((float(x), float(y)), _corner(line, which))


@functools.lru_cache(maxsize=64)
def _corner(line: float, which: int) -> Ink:
    side = round(_CORNER * PER_MM)
    drawn = np.zeros((side, side), np.float32)
    middle, thick = side // 2, max(1, round(line * PER_MM))
    drawn[middle : middle + thick, middle:] = 1
    drawn[middle:, middle : middle + thick] = 1
    turned = np.rot90(drawn, -which)
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(turned), (0, 0), 0.7), np.float32)


def _look(ink: Ink, outline: _Outline, expected: Points, reach: float) -> FoundOutline:
    """The most alike place within reach (millimetres) of where it is expected."""
    height, width = outline.template.shape
    around = round(reach * PER_MM)
    x, y = outline.middle
    left = round((x + float(expected[0])) * PER_MM - width / 2) - around
    top = round((y + float(expected[1])) * PER_MM - height / 2) - around
    piece = ink[max(0, top) : top + height + 2 * around, max(0, left) : left + width + 2 * around]
    if piece.shape != (height + 2 * around, width + 2 * around):
        return FoundOutline(np.array(outline.middle), expected, 0.0)
    alike = cv2.matchTemplate(piece, outline.template, cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(alike)
    seen_x = (left + column + _between(alike[row], column) + width / 2) / PER_MM
    seen_y = (top + row + _between(alike[:, column], row) + height / 2) / PER_MM
    return FoundOutline(np.array(outline.middle), np.array([seen_x - x, seen_y - y]), float(best))


def _between(values: NDArray[Any], at: int) -> float:
    """Where between pixels the peak of a parabola through three values lies."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return min(0.5, max(-0.5, (before - after) / (2 * bend))) if bend < 0 else 0.0


def _followed(ink: Ink, outlines: Sequence[_Outline], anchors: Points) -> list[FoundOutline]:
    """Each outline looked for from where its nearest known neighbours were found, from the corners inwards."""
    middles = np.array([one.middle for one in outlines])
    known, shifts = list(anchors), [np.zeros(2) for _ in anchors]
    found: list[FoundOutline | None] = [None] * len(outlines)
    waiting = set(range(len(outlines)))
    nearest = np.min(np.hypot(*(middles[:, None] - anchors[None]).transpose(2, 0, 1)), axis=1)
    while waiting:
        number = min(waiting, key=lambda one: nearest[one])
        waiting.remove(number)
        away = np.hypot(*(np.array(known) - middles[number]).T)
        beside = np.argsort(away)[:4]
        weights = 1 / (away[beside] + 2) ** 2
        expected = np.asarray((np.array(shifts)[beside] * weights[:, None]).sum(axis=0) / weights.sum())
        one = found[number] = _look(ink, outlines[number], expected, _STEP)
        if one.alike >= _ALIKE + 0.08:
            known.append(middles[number])
            shifts.append(one.shift)
            nearest = np.minimum(nearest, np.hypot(*(middles - middles[number]).T))
    return [one for one in found if one is not None]


def _fit(good: Sequence[FoundOutline], anchors: Points, size: tuple[float, float], share: float) -> Bending:
    """A bend of as many degrees as the outlines allow, those beside it left out."""
    places = np.array([*anchors, *(one.middle for one in good)]).reshape(-1, 2)
    shifts = np.array([*np.zeros_like(anchors), *(one.shift for one in good)]).reshape(-1, 2)
    degree = 3 if len(good) >= 24 else 2 if len(good) >= 9 else 1 if len(good) >= 3 else 0
    terms = _powers(places, size, degree)
    kept = np.ones(len(places), bool)
    weights = np.zeros((terms.shape[1], 2))
    for _ in range(4):
        if kept.sum() < terms.shape[1] + 1:
            break
        weights = np.asarray(np.linalg.lstsq(terms[kept], shifts[kept], rcond=None)[0])
        off = np.hypot(*(terms @ weights - shifts).T)
        kept = off < max(_OFF, 2.5 * float(np.median(off)))
    off = np.hypot(*(terms @ weights - shifts).T)[len(anchors) :]
    rest = float(np.sqrt(np.mean(np.minimum(off, 2 * _OFF) ** 2))) if len(off) else 0.0
    return Bending(weights, degree, size, share, rest)


def _powers(places: Points, size: tuple[float, float], degree: int) -> Points:
    x, y = (2 * places[:, axis] / size[axis] - 1 for axis in (0, 1))
    terms = [x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)]
    return np.stack(terms, axis=1)

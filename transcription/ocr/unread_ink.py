"""Ink that no word accounts for: writing by hand, ticks, drawings, print that was not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.pages.deskew import Box

_LEAST_DARK = 0.1
"""How much darker than the paper ink is at least: pencil and light pens are, most print shining through is not."""
_ABOVE_NOISE = 5.0
_SIGNIFICANT = 0.85
"""Size of a mark that counts, in heights of a usual letter; dots, commas and dust are smaller."""
_LEAST_INK = 0.12
"""Ink of such a mark, in squares of that height."""
_THIN = 0.35
"""No mark lower than this, in such heights, is more than a dash or a rule."""
_RULE = 4.0
_EDGE = 0.02
"""Share of the picture's sides along which copiers and sheets' own edges leave shadows."""
_AROUND = 1.5
"""How far marks of one place stand apart, in such heights."""
_MOST_PLACES = 40
_STRUCK, _BEYOND = 0.75, 0.2
"""Share of a word's width that a line through it covers at least, and how far it goes on beyond, in such heights."""
_COVERED = 0.85
"""Share of a word's place, and of what is above and below it, that is inked when a felt pen went over it."""
_STRONG = 0.5
"""Darkness of such a line, as a share of the darkest ink's: paler ones hide no word."""
_LONGER = 7.0
"""Heights of a word after which a line through it is none of its letters', touching as they may."""


@dataclass(frozen=True, slots=True)
class AccountedWord:
    """A word that is trusted: where, and how many letters it has."""

    box: Box
    letters: int


def unread_places(dark: NDArray[np.float32], words: Iterable[AccountedWord], usual: float) -> list[Box]:
    """The places (left, top, width, height) with ink that is in none of the words' boxes.

    ``dark``: 0–1, how much darker than the paper each pixel is; lines must be level. ``usual``: the
    height of a usual letter, in pixels.
    """
    ink = _ink(dark)
    trusted = list(words)
    long = max(9, round(_RULE * usual))
    level, upright = _rules(ink, long=long, across=True), _rules(ink, long=long, across=False)
    left_over = ink.copy()
    left_over[cv2.dilate(level | upright, np.ones((3, 3), np.uint8)) > 0] = 0
    for word in trusted:
        left, top, width, height = word.box
        beside, above = round(0.5 * usual), round(0.4 * usual)
        left_over[max(0, top - above) : top + height + above, max(0, left - beside) : left + width + beside] = 0
    marks = _significant(left_over, usual)
    for left, top, width, height in (word.box for word in trusted):
        # Whoever runs a felt pen over a word chooses it.
        around = max(2, round(0.3 * usual))
        if ink[max(0, top - around) : top + height + around, left : left + width].mean() > _COVERED:
            marks[top : top + height, left : left + width] = 1
    strong = (dark > _STRONG * float(np.percentile(dark, 99.5))).astype(np.uint8)
    for left, top, width, height in _struck(_rules(strong, long=long, across=True), trusted, usual):
        marks[top : top + height, left : left + width] = 1
    return _places(marks, usual)


def _ink(dark: NDArray[np.float32]) -> NDArray[np.uint8]:
    grain = float(np.median(np.abs(dark - np.median(dark)))) * 1.4826
    return (dark > max(_LEAST_DARK, _ABOVE_NOISE * grain)).astype(np.uint8)


def _rules(ink: NDArray[np.uint8], *, long: int, across: bool) -> NDArray[np.uint8]:
    """Lines drawn across or straight down, of at least this length in pixels."""
    shape = (1, long) if across else (long, 1)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)), np.uint8)


def _significant(left_over: NDArray[np.uint8], usual: float) -> NDArray[np.uint8]:
    """Only the marks of a letter's size, edges apart."""
    # What a rule was taken out of is one mark still.
    joined = cv2.dilate(left_over, np.ones((3, 3), np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8), connectivity=8)
    left, top, width, height = (stats[:, column] - (2 if column > 1 else -1) for column in range(4))
    area = np.bincount(label[left_over > 0], minlength=count)
    rows, columns = left_over.shape
    across, down = _EDGE * columns, _EDGE * rows
    within_edge = (left + width < across) | (left > columns - across) | (top + height < down) | (top > rows - down)
    at_border = (left < 2) | (top < 2) | (left + width > columns - 2) | (top + height > rows - 2)
    along_edge = at_border & ((width < 2 * across) | (height < 2 * down))
    kept = (np.maximum(width, height) >= _SIGNIFICANT * usual) & (area >= _LEAST_INK * usual**2)
    kept &= (height > _THIN * usual) & ~within_edge & ~along_edge
    slivers = (np.minimum(width, height) < _THIN * usual) & (np.maximum(width, height) > 1.5 * usual)
    near_edge = (left < 2 * across) | (left + width > columns - 2 * across)
    near_edge |= (top < 2 * down) | (top + height > rows - 2 * down)
    kept &= ~(slivers & near_edge)
    kept[0] = False
    return np.asarray(kept[label].astype(np.uint8) & left_over, np.uint8)


def _struck(rules: NDArray[np.uint8], words: Sequence[AccountedWord], usual: float) -> list[Box]:
    """Words with a line through their middle that is longer than letters that touch could make it."""
    _, _, lines, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    starts, tops, widths, heights = (lines[1:, column] for column in range(4))
    struck = []
    for word in words:
        left, top, width, height = word.box
        middle = tops + heights / 2
        through = (middle > top + 0.38 * height) & (middle < top + 0.72 * height) & (heights < 0.4 * height)
        inside = np.minimum(starts + widths, left + width) - np.maximum(starts, left)
        longer = (starts < left - _BEYOND * usual) | (starts + widths > left + width + _BEYOND * usual)
        longer |= widths > _LONGER * height
        if word.letters > 1 and (through & longer & (inside > _STRUCK * width)).any():
            struck.append(word.box)
    return struck


def _places(marks: NDArray[np.uint8], usual: float) -> list[Box]:
    """Boxes around marks that stand close to each other, the largest first."""
    around = 2 * round(_AROUND * usual) + 1
    close = cv2.dilate(marks, np.ones((around // 2 + 1, around), np.uint8))
    _, label, stats, _ = cv2.connectedComponentsWithStats(np.asarray(close, np.uint8), connectivity=8)
    found = []
    for number in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_MOST_PLACES] + 1:
        left, top, width, height = (int(stats[number, column]) for column in range(4))
        rows, columns = np.nonzero(
            (label[top : top + height, left : left + width] == number)
            & (marks[top : top + height, left : left + width] > 0)
        )
        found.append(
            (
                left + int(columns.min()),
                top + int(rows.min()),
                int(np.ptp(columns)) + 1,
                int(np.ptp(rows)) + 1,
            )
        )
    return found

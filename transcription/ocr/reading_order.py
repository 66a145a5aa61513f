"""Whether the words of a sheet were read in the order in which they stand, told from their places alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_SPACE = 0.8
"""Widest space between two words of a line, in heights of a usual word; gaps between columns are wider."""
_BESIDE = 0.5
"""Share of the lower one's height that two words of a line stand beside each other."""
_GUTTER = 1.2
"""Least gap, in heights of a usual word, that may be one between columns."""
_ROWS = 4
"""Least lines read across the same gap before two columns may have been read as one."""
_PROSE = 2.5
"""Words on either side of it, on average, that make columns of prose and no table."""


class PlacedBox(Protocol):
    """A word in a picture."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width, height."""

    @property
    def line(self) -> tuple[int, int, int]:
        """The same for words of one line."""


@dataclass(frozen=True, slots=True)
class WordOrder:
    """``broken``: how often the order leaves what stands side by side. ``across``: lines read across two columns."""

    broken: int
    across: int
    words: int


def turns_to_upright(words: Sequence[PlacedBox]) -> int | None:
    """Quarter turns against the clock after which the words run from left to right; None with too few to tell."""
    ahead = np.zeros(2)
    for line in _lines(words):
        centres = [_centre(word) for word in (line[0], line[-1])]
        ahead += centres[1] - centres[0]
    if not ahead.any():
        return None
    right, down = ahead
    if abs(right) >= abs(down):
        return 0 if right > 0 else 2
    return 1 if down > 0 else 3


def check_word_order(words: Sequence[PlacedBox], turns: int = 0) -> WordOrder:
    """How well the order of the words fits their places; ``turns`` as ``turns_to_upright`` gives them."""
    named = [word for word in words if sum(map(str.isalnum, word.text)) > 1]
    if len(named) < 2:
        return WordOrder(0, 0, len(named))
    boxes = upright(np.array([word.box for word in named], np.float64), turns)
    usual = float(np.median(boxes[:, 3]))
    line = _numbered(named)
    broken = _jumps_within(boxes, line, usual) + _neighbours_parted(boxes, usual) + _steps_up(boxes, line, usual)
    return WordOrder(broken, _read_across(boxes, line, usual), len(named))


def upright(boxes: NDArray[np.float64], turns: int) -> NDArray[np.float64]:
    """The boxes (left, top, width, height) after quarter turns of the plane against the clock about its origin."""
    left, top, width, height = boxes.T
    placed = {
        0: (left, top, width, height),
        1: (top, -left - width, height, width),
        2: (-left - width, -top - height, width, height),
        3: (-top - height, left, height, width),
    }[turns % 4]
    return np.stack(placed, axis=1)


def _lines(words: Sequence[PlacedBox]) -> list[list[PlacedBox]]:
    lines: dict[tuple[int, int, int], list[PlacedBox]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _numbered(words: Sequence[PlacedBox]) -> NDArray[np.int64]:
    numbers = {line: number for number, line in enumerate(dict.fromkeys(word.line for word in words))}
    return np.array([numbers[word.line] for word in words])


def _centre(word: PlacedBox) -> NDArray[np.float64]:
    left, top, width, height = word.box
    return np.array([left + width / 2, top + height / 2])


def _jumps_within(boxes: NDArray[np.float64], line: NDArray[np.int64], usual: float) -> int:
    """Words said to follow each other in a line, but one stands lower than the other, or to its left."""
    same = line[1:] == line[:-1]
    middle = boxes[:, 1] + boxes[:, 3] / 2
    lower = np.abs(middle[1:] - middle[:-1]) > np.maximum(0.9 * usual, 0.6 * np.maximum(boxes[1:, 3], boxes[:-1, 3]))
    back = boxes[1:, 0] < boxes[:-1, 0] - usual / 2
    return int((same & (lower | back)).sum())


def _neighbours_parted(boxes: NDArray[np.float64], usual: float) -> int:
    """Words with no more than a space between them that were not read one after the other."""
    left, top, width, height = boxes.T
    gap = left[None, :] - (left + width)[:, None]
    shared = np.minimum((top + height)[:, None], (top + height)[None, :]) - np.maximum(top[:, None], top[None, :])
    beside = shared > _BESIDE * np.minimum(height[:, None], height[None, :])
    near = beside & (gap > -0.5 * usual) & (gap < _SPACE * usual)
    np.fill_diagonal(near, val=False)
    near &= left[None, :] > left[:, None]
    after = np.where(near, gap, np.inf).argmin(axis=1)
    has = near.any(axis=1)
    order = np.arange(len(boxes))
    return int((has & ((after - order < 1) | (after - order > 2))).sum())


def _steps_up(boxes: NDArray[np.float64], line: NDArray[np.int64], usual: float) -> int:
    """Lines that stand higher than the one read before, yet not in a column to the right of it."""
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    ends = np.append(starts[1:], len(boxes))
    wrong = 0
    for (first, last), (start, end) in zip(
        list(zip(starts, ends, strict=True))[:-1], list(zip(starts, ends, strict=True))[1:], strict=True
    ):
        above, now = boxes[first:last], boxes[start:end]
        higher = (now[:, 1] + now[:, 3]).max() < above[:, 1].min() + 0.3 * usual
        wrong += bool(higher and now[:, 0].min() < above[0, 0] + 2 * usual)
    return wrong


def _read_across(boxes: NDArray[np.float64], line: NDArray[np.int64], usual: float) -> int:
    """Most lines that were read across one gap as between columns of prose."""
    same = line[1:] == line[:-1]
    right = boxes[:-1, 0] + boxes[:-1, 2]
    wide = np.flatnonzero(same & (boxes[1:, 0] - right > _GUTTER * usual))
    most = 0
    for at in wide:
        middle = (right[at] + boxes[at + 1, 0]) / 2
        through = wide[(right[wide] < middle) & (boxes[wide + 1, 0] > middle)]
        if len(through) < _ROWS:
            continue
        sides = [
            (int((line[: one + 1] == line[one]).sum()), int((line[one + 1 :] == line[one]).sum())) for one in through
        ]
        if min(np.mean(sides, axis=0)) >= _PROSE:
            most = max(most, len(through))
    return most

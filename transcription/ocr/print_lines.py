"""Lines of print as they run over a sheet, and the bend that makes them level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transcription.pages.deskew import Bend

Boxes = NDArray[np.int32]
"""Rows of left, top, width and height, in pixels."""

_MOST_LETTERS = 6_000
_GAP = 2.2
"""Widest gap within a line, in heights of a usual letter."""
_STEP = 0.55
"""By how much, in such heights, a letter's foot may stand lower or higher than its neighbour's."""
_LEAST_LETTERS = 8
_LEAST_LINES = 3
_TRUSTED = 0.3
"""How far, in such heights, letters may stand from the lines that were found."""
_WORTH_IT = 0.3
"""Lines that rise and fall by less, in such heights, are level."""
_POWERS = (3, 3)
_EVEN = 1e-3
_ROUNDS = 6


def find_bend(boxes: Boxes, usual: float, size: tuple[int, int]) -> Bend | None:
    """What levels the lines that letters (of a ``usual`` height) stand on, in a picture of this width and height.

    None when they are level, or when no lines can be made out.
    """
    lines = _chains(boxes[:_MOST_LETTERS], usual)
    if len(lines) < _LEAST_LINES:
        return None
    weights, residual = _fitted(lines, size)
    bend = Bend(weights, size)
    points = np.concatenate(lines)
    if residual > _TRUSTED * usual or np.ptp(bend.shift(points)) < _WORTH_IT * usual:
        return None
    # Beyond the outermost letters, powers run away; more than the half of a page they never mean.
    return bend if np.abs(bend.shift(points)).max() < size[1] / 2 else None


def _chains(boxes: Boxes, usual: float) -> list[NDArray[np.float64]]:
    """The feet (x, y) of letters that stand side by side, from left to right, one array for each line."""
    order = np.argsort(boxes[:, 0])
    left, top, width, height = (boxes[order, column].astype(np.float64) for column in range(4))
    foot, right, middle = top + height, left + width, left + width / 2
    follower = np.full(len(order), -1)
    taken: dict[int, tuple[float, int]] = {}
    for one in range(len(order)):
        first, last = np.searchsorted(left, (left[one] + 1, right[one] + _GAP * usual))
        beside = np.arange(first, last)
        near = np.abs(foot[beside] - foot[one]) < _STEP * usual
        beside = beside[near & (middle[beside] > middle[one])]
        if len(beside):
            far = (left[beside] - right[one]).clip(0) + 2 * np.abs(foot[beside] - foot[one])
            best = int(beside[far.argmin()])
            if best not in taken or far.min() < taken[best][0]:
                if best in taken:
                    follower[taken[best][1]] = -1
                taken[best] = (float(far.min()), one)
                follower[one] = best
    lines = []
    for start in range(len(order)):
        if start in taken:
            continue
        chain = [start]
        while follower[chain[-1]] >= 0:
            chain.append(int(follower[chain[-1]]))
        if len(chain) >= _LEAST_LETTERS:
            lines.append(np.stack([middle[chain], foot[chain]], axis=1))
    return lines


def _fitted(lines: list[NDArray[np.float64]], size: tuple[int, int]) -> tuple[NDArray[np.float64], float]:
    """The bend's weights, and the usual distance of a letter from its line, in pixels."""
    number = np.concatenate([np.full(len(line), index) for index, line in enumerate(lines)])
    points = np.concatenate(lines)
    level = np.array([line[:, 1].mean() for line in lines])
    powers, held = _POWERS[0] * _POWERS[1], np.ones(len(points))
    weights, away = np.zeros(powers), np.zeros(len(points))
    for _ in range(_ROUNDS):
        terms = _terms(points[:, 0], level[number], size)
        # Each line's own level is taken out, so that only the weights are left to be found.
        mean = _per_line(terms * held[:, None], number, len(lines)) / _per_line(held[:, None], number, len(lines))
        mean_y = (
            _per_line((points[:, 1] * held)[:, None], number, len(lines))[:, 0]
            / _per_line(held[:, None], number, len(lines))[:, 0]
        )
        centred, target = terms - mean[number], points[:, 1] - mean_y[number]
        weighed = centred * held[:, None]
        even = _EVEN * len(points) * np.eye(powers)
        weights = np.linalg.solve(weighed.T @ centred + even, weighed.T @ target)
        level = mean_y - mean @ weights
        away = np.abs(target - centred @ weights)
        # Feet of p, q and commas stand lower than the line: they count for less, the farther they are.
        held = 1 / (1 + (away / max(1.0, float(np.median(away)))) ** 2)
    return weights.reshape(_POWERS), float(np.median(away))


def _terms(x: NDArray[np.float64], y: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    across, down = 2 * x / size[0] - 1, 2 * y / size[1] - 1
    return np.stack([across ** (i + 1) * down**j for i in range(_POWERS[0]) for j in range(_POWERS[1])], axis=1)


def _per_line(values: NDArray[np.float64], number: NDArray[np.int64], lines: int) -> NDArray[np.float64]:
    total = np.zeros((lines, values.shape[1]))
    np.add.at(total, number, values)
    return total

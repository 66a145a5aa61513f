"""Whether the faint marks on a page are only its other side shining through."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.pages.ink import PageGlance

_NEAR = 5
"""Pixels, at 100 dpi, around the other side's ink in which its shine lies."""
_MOSTLY = 0.5
"""Share of every faint mark that must lie where the other side's ink is."""
_SHIFTED = 60.0
"""Pixels, at 100 dpi, by which the two sides may lie apart in the scanner."""


def shines_through(page: PageGlance, other: PageGlance) -> bool:
    """Whether the marks of a faint page lie where the ink of the other one would be seen from behind.

    Pages are turned over along either edge. Pale writing of somebody's own lies elsewhere.
    """
    if not page.faint or not other.strong.any():
        return False
    marks = page.marks
    for flip in (1, 0):
        behind = np.asarray(cv2.flip(other.strong, flip), np.uint8)
        if behind.shape != marks.shape:
            behind = np.asarray(cv2.resize(behind, marks.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
        if _covered(marks, behind) >= _MOSTLY:
            return True
    return False


def _covered(marks: NDArray[np.uint8], behind: NDArray[np.uint8]) -> float:
    """The least share of any mark that lies on the other side's ink, once that is moved to where it fits best."""
    blurred = [cv2.GaussianBlur(side.astype(np.float32), (0, 0), 2) for side in (behind, marks)]
    (right, down), _ = cv2.phaseCorrelate(blurred[0], blurred[1])
    if max(abs(right), abs(down)) > _SHIFTED:
        return 0.0
    move = np.array([[1.0, 0, right], [0, 1, down]])
    there = cv2.warpAffine(behind, move, marks.shape[::-1], flags=cv2.INTER_NEAREST)
    near = cv2.dilate(there, np.ones((_NEAR, _NEAR), np.uint8))
    count, label = cv2.connectedComponents(marks, connectivity=8)
    each = np.bincount(label.ravel(), weights=near.ravel(), minlength=count) / np.bincount(
        label.ravel(), minlength=count
    )
    return float(each[1:].min()) if count > 1 else 0.0

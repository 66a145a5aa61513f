"""Where a form's page lies in a picture: by its codes first, then its corner marks, of which one may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.bending import Ink
from transcription.forms.placing.codes import SeenCode, project_points
from transcription.forms.placing.marks import Squares, find_squares, local_scale

_REACH_OF_ONE, _REACH_OF_TWO = 55.0, 16.0
"""Millimetres from where one code alone, or two in opposite corners, let a mark be expected to where it may be."""
_TRIED = 5
"""Squares tried for each mark."""
_MOST_RESIDUAL = 1.3
"""Millimetres by which codes may lie beside where the marks put them: curled paper, blurred corners."""
_LEAST_SCALE, _LEAST_SEEN = 1.5, 60.0
"""Pixels to a millimetre at least, and millimetres of the page that the picture's longer side shows at least."""
_MOST_ROUGH = 4.0
"""Millimetres by which codes may lie beside where they put each other: those of another page, or of a mirrored one."""
_MARKS_NEEDED = 3
_FLAT = 0.35
"""Millimetres of residual up to which a page counts as not seen from one side."""


@dataclass(frozen=True, slots=True)
class Registration:
    """``to_picture`` maps millimetres of the page to the picture's pixels (3 x 3).

    ``marks`` is how many corner marks were found where they must be; ``residual`` (millimetres) is how far the codes'
    corners lie from where the marks put them.
    """

    to_picture: Points
    marks: int
    codes: int
    residual: float
    anchors: Points
    """Places of the page (millimetres) that lie in the picture exactly where ``to_picture`` has them."""

    def place(self, places: Points) -> Points:
        """Where places of a flat page (rows of x and y, millimetres) lie in the picture, in pixels."""
        return project_points(places, self.to_picture)

    def larger(self, times: float) -> Registration:
        """The same in a picture so many times as large."""
        return replace(self, to_picture=np.diag([times, times, 1.0]) @ self.to_picture)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A choice of squares, by the numbers of the marks they are; the smaller its cost, the likelier."""

    cost: float
    to_picture: Points
    known: tuple[int, ...]
    residual: float


def register(ink: Ink, page: FormPage, seen: Sequence[SeenCode]) -> Registration | None:
    """Where the page lies; None when none of its codes was seen, or marks and codes cannot be brought together."""
    at = [(code.place.corners, one.corners) for one in seen for code in page.codes if code.says(one.text)]
    if not at:
        return None
    on_page = np.concatenate([corners for corners, _ in at])
    on_picture = np.concatenate([corners for _, corners in at])
    rough = _rough(on_page, on_picture)
    if not _is_plausible(rough, on_page, on_picture, ink.shape):
        return None
    marks = np.array([mark.centre for mark in page.marks])
    scale = local_scale(marks, rough)
    side = float(np.mean([mark.width for mark in page.marks]))
    reach = _REACH_OF_ONE if len(at) == 1 else _REACH_OF_TWO
    best: _Fitted | None = None
    for hollow in (False, True):
        squares = find_squares(ink, side * _scale_of(rough, on_page), hollow=hollow)
        best = best or _best(marks, _choices(squares, marks, rough, scale, side, reach), on_page, on_picture)
        if best is not None:
            break
    if best is None:
        # By two codes in opposite corners alone: near enough to look for outlines, for a person to confirm.
        middles = np.array([corners.mean(axis=0) for corners, _ in at])
        return Registration(rough, 0, len(at), _residual(rough, on_page, on_picture), middles) if len(at) > 1 else None
    return Registration(best.to_picture, len(best.known), len(at), best.residual, marks[list(best.known)])


def _is_plausible(rough: Points, on_page: Points, on_picture: Points, shape: tuple[int, ...]) -> bool:
    """Whether codes lie as on a page seen from its front, of which a good part is in the picture."""
    scale = _scale_of(rough, on_page)
    if not np.isfinite(scale) or not _LEAST_SCALE <= scale <= max(shape) / _LEAST_SEEN:
        return False
    return float(np.linalg.det(rough[:2, :2])) > 0 and _residual(rough, on_page, on_picture) < _MOST_ROUGH


def _scale_of(rough: Points, on_page: Points) -> float:
    return float(local_scale(on_page.mean(axis=0, keepdims=True), rough)[0])


def _rough(on_page: Points, on_picture: Points) -> Points:
    """From codes alone: a single one is too small to tell perspective from chance."""
    if len(on_page) > 4:
        fitted, _ = cv2.findHomography(on_page, on_picture)
        if fitted is not None:
            return np.asarray(fitted, np.float64)
    like, _ = cv2.estimateAffinePartial2D(on_page, on_picture, method=cv2.LMEDS)
    return np.vstack([like, [0, 0, 1]])


def _choices(
    squares: Squares, marks: Points, rough: Points, scale: Points, side: float, reach: float
) -> list[list[Points | None]]:
    """For each mark the squares it may be, and that it is missing."""
    expected = project_points(marks, rough)
    found: list[list[Points | None]] = []
    for place, per_mm in zip(expected, scale, strict=True):
        # How large a mark looks in its corner is known only as well as the perspective.
        near = squares.near(
            place, side * float(np.clip(per_mm, 0.75 * scale[0], 1.33 * scale[0])), reach * per_mm, _TRIED
        )
        found.append([*near, None])
    return found


def _best(
    marks: Points, choices: Sequence[Sequence[Points | None]], on_page: Points, on_picture: Points
) -> _Fitted | None:
    """The squares under which the codes lie best; four rather than three unless the fourth contradicts the codes."""
    best: _Fitted | None = None
    for chosen in product(*choices):
        known = [number for number, place in enumerate(chosen) if place is not None]
        if len(known) < _MARKS_NEEDED:
            continue
        places = np.array([chosen[number] for number in known])
        fitted = _fit(marks[known], places, on_page, on_picture)
        if fitted is None:
            continue
        residual = _residual(fitted, on_page, on_picture)
        if residual > _MOST_RESIDUAL:
            continue
        # A mark that is there is worth half a millimetre of the codes' agreement, and shapes seen from one side less.
        cost = residual + 0.5 * (len(marks) - len(known)) + _distortion(fitted, marks)
        if best is None or cost < best.cost:
            best = _Fitted(cost, fitted, tuple(known), residual)
    return best


def _fit(marks: Points, places: Points, on_page: Points, on_picture: Points) -> Points | None:
    if len(marks) > _MARKS_NEEDED:
        return np.asarray(cv2.getPerspectiveTransform(marks.astype(np.float32), places.astype(np.float32)), np.float64)
    flat = np.vstack([cv2.getAffineTransform(marks.astype(np.float32), places.astype(np.float32)), [0, 0, 1]])
    if _residual(flat, on_page, on_picture) < _FLAT:
        return flat
    # Marks are exact, corners of codes are not: they count less.
    source = np.concatenate([np.repeat(marks, 4, axis=0), on_page])
    target = np.concatenate([np.repeat(places, 4, axis=0), on_picture])
    fitted, _ = cv2.findHomography(source, target)
    return None if fitted is None else np.asarray(fitted, np.float64)


def _residual(fitted: Points, on_page: Points, on_picture: Points) -> float:
    """Root mean square, millimetres of the page."""
    try:
        back = project_points(on_picture, np.asarray(np.linalg.inv(fitted), np.float64))
    except np.linalg.LinAlgError:
        return float("inf")
    return float(np.sqrt(((back - on_page) ** 2).sum(axis=1).mean()))


def _distortion(fitted: Points, marks: Points) -> float:
    """How much larger a millimetre is in one corner than in another, beyond what a telephone held askew makes of it."""
    scale = local_scale(marks, fitted)
    if not np.isfinite(scale).all() or scale.min() <= 0:
        return float("inf")
    return max(0.0, float(scale.max() / scale.min()) - 1.3) * 5

"""Two sheets in one picture, an A4 sheet with two small forms that nobody cut: told, and where to cut it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.codes import SeenCode, project_points
from transcription.forms.placing.finding import PageSearch, find_form_page
from transcription.pages.ink import Picture

Piece = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels of the picture."""

_APART = 0.6
"""Of a page's shorter side, how far apart two sheets' middles are at least."""
_MOST_TAKEN = 0.65
"""Share of a picture that a form takes at most where there may be another beside it."""


def split_two_sheets(picture: Picture, looked: PageSearch, pages: Sequence[FormPage]) -> list[Piece]:
    """The two halves of a picture that shows two sheets of forms, in reading order; nothing where it shows one.

    Two copies tell of each other by where their codes put their middles. Where one has none that can be read, it
    looks like a form beside the other one.
    """
    middles = _middles(looked.codes, pages)
    if len(middles) > 1:
        first, second = _farthest(middles)
        return _halves(first[0], second[0], picture.shape)
    if looked.found is None or len(middles) != 1:
        return []
    return _beside(picture, middles[0], pages)


def _beside(picture: Picture, known: tuple[Points, float], pages: Sequence[FormPage]) -> list[Piece]:
    """The halves where a form whose codes cannot be read lies in the one that is left over."""
    middle, _side = known
    height, width = picture.shape[:2]
    halves = _halves(middle, np.array([width, height]) - middle, picture.shape)
    whole = np.array([width / 2, height / 2])
    if float(np.abs(middle - whole).max()) < (1 - _MOST_TAKEN) / 2 * max(width, height):
        return []
    left, top, right, bottom = next(one for one in halves if not _is_in(middle, one))
    rest = find_form_page(np.ascontiguousarray(picture[top:bottom, left:right]), pages)
    return halves if rest.shows_marks or rest.found is not None else []


def _middles(codes: Sequence[SeenCode], pages: Sequence[FormPage]) -> list[tuple[Points, float]]:
    """Where each sheet's middle lies, and how long the page's shorter side is there, in pixels."""
    found: list[tuple[Points, float]] = []
    for middle, side in _expected(codes, pages):
        if all(float(np.hypot(*(middle - other))) > _APART * side for other, _ in found):
            found.append((middle, side))
    return found


def _expected(codes: Sequence[SeenCode], pages: Sequence[FormPage]) -> Iterator[tuple[Points, float]]:
    for seen in codes:
        for page in pages:
            place = next((code.place for code in page.codes if code.says(seen.text)), None)
            if place is not None:
                like, _ = cv2.estimateAffinePartial2D(place.corners, seen.corners, method=cv2.LMEDS)
                if like is not None:
                    scale = float(np.hypot(like[0, 0], like[1, 0]))
                    middle = np.array([[page.width / 2, page.height / 2]])
                    yield project_points(middle, np.vstack([like, [0, 0, 1]]))[0], scale * min(page.width, page.height)


def _farthest(middles: Sequence[tuple[Points, float]]) -> tuple[tuple[Points, float], tuple[Points, float]]:
    pairs = [(one, other) for at, one in enumerate(middles) for other in middles[at + 1 :]]
    return max(pairs, key=lambda pair: float(np.hypot(*(pair[0][0] - pair[1][0]))))


def _halves(first: Points, second: Points, shape: tuple[int, ...]) -> list[Piece]:
    """The picture cut half-way between two middles, across the way that leads from one to the other."""
    height, width = shape[:2]
    across, down = np.abs(first - second)
    at_x, at_y = ((first + second) / 2).round().astype(int)
    if across >= down:
        return [(0, 0, int(at_x), height), (int(at_x), 0, width, height)]
    return [(0, 0, width, int(at_y)), (0, int(at_y), width, height)]


def _is_in(point: Points, piece: Piece) -> bool:
    left, top, right, bottom = piece
    return bool(left <= point[0] < right and top <= point[1] < bottom)

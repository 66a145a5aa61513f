"""Tick boxes: several measures of the ink in each, the printed outline taken out as the page itself shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import Points, TickBox
from transcription.forms.placing.bending import PER_MM, Bending, FoundOutline, Ink
from transcription.forms.placing.flat import FlatPage

Pieces = NDArray[np.float32]
"""Pieces of a page, one after the other."""

Shares = NDArray[np.float64]

REACH = 1.3
"""Millimetres around a box that are cut out with it."""
_RING = 0.45
"""Millimetres outside the outline from where paper is known, and circles are looked for."""
_MARGIN = 0.2
"""Millimetres beside the outline that are left out with it, or more where the page has too few boxes to know it by."""
_MARGIN_UNKNOWN = 0.45
_KNOWN_BY = 6
"""Boxes of one size by which their outline is known."""
_JAGGED = 2.2
"""How many times what an unmarked outline differs by is left out beside it."""
_SHADE = 0.3
"""How dark paper may be around a box."""
_STRIP = 0.9
"""Millimetres outside an outline that who scribbles a box out goes over."""
_MOST_OF_A_SIDE = 0.6
_OWN_REACH, _OWN_ALIKE = 0.6, 0.5
"""Millimetres by which a box may lie beside the page's bend and be believed where its outline looked so alike."""
_SOFT = 0.8
"""Pixels of blur: less than a stroke is wide, and much of the grain."""
_SOME = 0.02
"""Share of an edge of what is cut out that ink beyond a box takes at least."""
_PALE = 0.03
"""The palest ink that counts, above all grain; of the paper's light."""


@dataclass(frozen=True, slots=True)
class BoxMeasures:
    """What is seen in a box, its outline left out; shares are 0–1 of the inside.

    ``ink``: mean darkness, the page's usual box of this size subtracted. ``covered``: darker than grain and than a
    third of the box's own darkest. ``stroke``: the longest connected mark's diagonal, millimetres. ``open``: further
    than a third of a millimetre from every mark. ``strength``: how dark its darkest twentieth is. ``around``: along
    how many sides something is drawn outside. ``alike``: how much the outline looks like one. ``off``: millimetres
    between the place where it was found and where the page's bend has it. ``grain``: of the page's boxes.
    ``through``: whether ink runs from beyond one side to beyond the opposite one, as stains do.
    ``outside``: mean darkness close outside the outline.
    """

    ink: float
    covered: float
    stroke: float
    open: float
    strength: float
    around: int
    alike: float
    off: float
    grain: float
    through: bool
    outside: float


@dataclass(frozen=True, slots=True)
class BoxCuts:
    """Boxes of one size, cut out of the page laid flat with what surrounds them."""

    boxes: tuple[TickBox, ...]
    pieces: NDArray[np.float32]
    """One piece for each box, as high and wide as the others."""
    middles: Points
    """Where each was found, in millimetres of the page."""
    alike: NDArray[np.float64]
    off: NDArray[np.float64]


def cut_boxes(
    page: FlatPage, boxes: Sequence[TickBox], bending: Bending, found: Sequence[FoundOutline]
) -> list[BoxCuts]:
    """The boxes by their size; ``found`` begins with them, in their order."""
    if not boxes:
        return []
    middles = np.array([box.place.centre for box in boxes])
    shifts = bending.shift(middles)
    seen = np.array([one.shift for one in found[: len(boxes)]])
    alike = np.array([one.alike for one in found[: len(boxes)]])
    off = np.hypot(*(seen - shifts).T)
    own = (alike >= _OWN_ALIKE) & (off < _OWN_REACH)
    at = middles + np.where(own[:, None], seen, shifts)
    sizes = [(box.place.width, box.place.height, box.line) for box in boxes]
    cuts = []
    for size in dict.fromkeys(sizes):
        which = [number for number, one in enumerate(sizes) if one == size]
        pieces = np.stack([_cut(page.ink, at[number], size[0], size[1]) for number in which])
        cuts.append(
            BoxCuts(tuple(boxes[n] for n in which), pieces, at[which], np.where(own, alike, 0)[which], off[which])
        )
    return cuts


def _cut(ink: Ink, middle: Points, width: float, height: float) -> Ink:
    """A piece of the page around a place, all in millimetres, interpolated so that its middle is exact."""
    size = (round((width + 2 * REACH) * PER_MM), round((height + 2 * REACH) * PER_MM))
    centre = (float(middle[0] * PER_MM - 0.5), float(middle[1] * PER_MM - 0.5))
    return np.asarray(cv2.GaussianBlur(cv2.getRectSubPix(ink, size, centre), (0, 0), _SOFT), np.float32)


def measure_boxes(cuts: BoxCuts) -> list[BoxMeasures]:
    """What is seen in each of the boxes."""
    known = len(cuts.boxes) >= _KNOWN_BY
    deep = round((REACH - _RING) * PER_MM)
    paper = np.percentile(_rings(cuts.pieces, deep), 35, axis=1)
    # Where all around is dark, it is somebody's ink, and no shade of the paper.
    pieces = np.asarray(cuts.pieces - np.where(paper < _SHADE, paper, 0)[:, None, None], np.float32)
    if known:
        pieces = _without_print(pieces)
    line = cuts.boxes[0].line
    inset = round((REACH + line + (_MARGIN if known else _MARGIN_UNKNOWN)) * PER_MM)
    inside = pieces[:, inset:-inset, inset:-inset]
    ink = inside.mean(axis=(1, 2))
    strength = np.percentile(inside, 95, axis=(1, 2))
    calm = inside[ink <= np.median(ink)]
    grain = float(np.median(np.abs(calm - np.median(calm)))) * 1.4826
    level = np.maximum(np.maximum(_PALE, 4 * grain), 0.33 * strength)
    covered, stroke, far = _shapes(inside, level)
    seen = (ink, covered, stroke, far, strength, cuts.alike, cuts.off, _beside(pieces))
    rows = np.column_stack(seen).astype(float).tolist()
    around, through = _around(pieces, deep, grain).tolist(), _through(pieces, level).tolist()
    return [
        BoxMeasures(
            ink=row[0],
            covered=row[1],
            stroke=row[2],
            open=row[3],
            strength=row[4],
            alike=row[5],
            off=row[6],
            outside=row[7],
            grain=grain,
            around=sides,
            through=runs_through,
        )
        for row, sides, runs_through in zip(rows, around, through, strict=True)
    ]


def _rings(pieces: Pieces, deep: int) -> Pieces:
    """What is cut out outside the outlines, a row for each box."""
    sides = (pieces[:, :deep], pieces[:, -deep:], pieces[:, deep:-deep, :deep], pieces[:, deep:-deep, -deep:])
    return np.concatenate([side.reshape(len(pieces), -1) for side in sides], axis=1)


def _without_print(pieces: Pieces) -> Pieces:
    """Less what all boxes of the page show, and less by how much they differ there without being marked.

    Scanners of two levels, and coarse ones, make another jagged line of each outline.
    """
    ordered = np.sort(np.ascontiguousarray(pieces.reshape(len(pieces), -1).T), axis=1)  # in memory as it is sorted
    low, usual = (_at_share(ordered, share).reshape(pieces.shape[1:]) for share in (0.1, 0.45))
    jagged = _JAGGED * (usual - low)
    apart = pieces - usual
    return np.asarray(np.sign(apart) * np.maximum(np.abs(apart) - jagged, 0), np.float32)


def _at_share(ordered: Pieces, share: float) -> Pieces:
    """The percentile of each row, its values in their order, interpolated."""
    at = share * (ordered.shape[1] - 1)
    below = int(at)
    return np.asarray(ordered[:, below] + (at - below) * (ordered[:, below + 1] - ordered[:, below]), np.float32)


def _shapes(inside: Pieces, level: Shares) -> tuple[Shares, Shares, Shares]:
    """Of each inside: how much is marked, how long its longest mark is (mm), how much lies far from every mark."""
    marked = (inside > level[:, None, None]).astype(np.uint8)
    covered = marked.mean(axis=(1, 2))
    stroke = np.array([_longest(one) if has_ink else 0.0 for one, has_ink in zip(marked, covered > 0, strict=True)])
    side = round(PER_MM / 3)
    # All at once, one below the other, so far apart that none reaches the next.
    apart = np.pad(marked, ((0, 0), (0, side), (0, 0))).reshape(-1, marked.shape[2])
    near = cv2.dilate(apart, np.ones((2 * side + 1, 2 * side + 1), np.uint8)).reshape(len(marked), -1, marked.shape[2])
    return covered, stroke, np.asarray(1 - near[:, : marked.shape[1]].mean(axis=(1, 2)))


def _longest(marked: NDArray[np.uint8]) -> float:
    _, _, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    return float(np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]).max()) / PER_MM


def _beside(pieces: Pieces) -> NDArray[np.float32]:
    """Mean ink in a strip close outside each outline, where who fills a box with care leaves none."""
    outer, inner = round((REACH - _STRIP) * PER_MM), round((REACH - 0.15) * PER_MM)
    area = np.zeros(pieces.shape[1:], bool)
    area[outer:-outer, outer:-outer] = True
    area[inner:-inner, inner:-inner] = False
    return np.asarray(pieces[:, area].clip(0, 1).mean(axis=1), np.float32)


def _around(pieces: Pieces, deep: int, grain: float) -> NDArray[np.int64]:
    """Along how many sides of each something is drawn outside."""
    sides = (
        pieces[:, :deep].max(axis=1),
        pieces[:, -deep:].max(axis=1),
        pieces[:, :, :deep].max(axis=2),
        pieces[:, :, -deep:].max(axis=2),
    )
    drawn = [(side > max(0.1, 5 * grain)).mean(axis=1) > _MOST_OF_A_SIDE for side in sides]
    return np.asarray(np.sum(drawn, axis=0), np.int64)


def _through(pieces: Pieces, level: Shares) -> NDArray[np.bool_]:
    """Whether ink runs from beyond one side of each to beyond the opposite one."""
    edges = (pieces[:, :2], pieces[:, -2:], pieces[:, :, :2], pieces[:, :, -2:])
    above, below, left, right = ((edge > level[:, None, None]).mean(axis=(1, 2)) > _SOME for edge in edges)
    return np.asarray((above & below) | (left & right), np.bool_)

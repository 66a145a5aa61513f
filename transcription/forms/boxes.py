"""Tick boxes: several measures of the ink in each, the printed outline taken out as the page itself shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import Points, TickBox
from transcription.forms.placing.bending import PER_MM, Bending, Found, Ink
from transcription.forms.placing.flat import FlatPage

Pieces = NDArray[np.float32]
"""Pieces of a page, one after the other."""

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
class Measures:
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
class Cuts:
    """Boxes of one size, cut out of the page laid flat with what surrounds them."""

    boxes: tuple[TickBox, ...]
    pieces: NDArray[np.float32]
    """One piece for each box, as high and wide as the others."""
    middles: Points
    """Where each was found, in millimetres of the page."""
    alike: NDArray[np.float64]
    off: NDArray[np.float64]


def cut_boxes(page: FlatPage, boxes: Sequence[TickBox], bending: Bending, found: Sequence[Found]) -> list[Cuts]:
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
        cuts.append(Cuts(tuple(boxes[n] for n in which), pieces, at[which], np.where(own, alike, 0)[which], off[which]))
    return cuts


def _cut(ink: Ink, middle: Points, width: float, height: float) -> Ink:
    """A piece of the page around a place, all in millimetres, interpolated so that its middle is exact."""
    size = (round((width + 2 * REACH) * PER_MM), round((height + 2 * REACH) * PER_MM))
    centre = (float(middle[0] * PER_MM - 0.5), float(middle[1] * PER_MM - 0.5))
    return np.asarray(cv2.GaussianBlur(cv2.getRectSubPix(ink, size, centre), (0, 0), _SOFT), np.float32)


def measure_boxes(cuts: Cuts) -> list[Measures]:
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
    beside = _beside(pieces)
    return [
        Measures(
            ink=float(ink[n]),
            strength=float(strength[n]),
            grain=grain,
            outside=float(beside[n]),
            alike=float(cuts.alike[n]),
            off=float(cuts.off[n]),
            around=_around(pieces[n], deep, grain),
            through=_through(pieces[n], _level(float(strength[n]), grain)),
            **_shape(inside[n], _level(float(strength[n]), grain)),
        )
        for n in range(len(pieces))
    ]


def _rings(pieces: Pieces, deep: int) -> Pieces:
    """What is cut out outside the outlines, a row for each box."""
    sides = (pieces[:, :deep], pieces[:, -deep:], pieces[:, deep:-deep, :deep], pieces[:, deep:-deep, -deep:])
    return np.concatenate([side.reshape(len(pieces), -1) for side in sides], axis=1)


def _without_print(pieces: Pieces) -> Pieces:
    """Less what all boxes of the page show, and less by how much they differ there without being marked.

    Scanners of two levels, and coarse ones, make another jagged line of each outline.
    """
    low, usual = np.percentile(pieces, (10, 45), axis=0)
    jagged = _JAGGED * (usual - low)
    apart = pieces - usual
    return np.asarray(np.sign(apart) * np.maximum(np.abs(apart) - jagged, 0), np.float32)


def _level(strength: float, grain: float) -> float:
    return max(_PALE, 4 * grain, 0.33 * strength)


def _shape(inside: Ink, level: float) -> dict[str, float]:
    """How much of the inside is marked, how long its longest mark is, and how much lies far from every mark."""
    marked = (inside > level).astype(np.uint8)
    covered = float(marked.mean())
    if not covered:
        return {"covered": 0.0, "stroke": 0.0, "open": 1.0}
    _, _, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    stroke = float(np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]).max()) / PER_MM
    reach = 2 * round(PER_MM / 3) + 1
    near = cv2.dilate(marked, np.ones((reach, reach), np.uint8))
    return {"covered": covered, "stroke": stroke, "open": float(1 - near.mean())}


def _beside(pieces: Pieces) -> NDArray[np.float32]:
    """Mean ink in a strip close outside each outline, where who fills a box with care leaves none."""
    outer, inner = round((REACH - _STRIP) * PER_MM), round((REACH - 0.15) * PER_MM)
    area = np.zeros(pieces.shape[1:], bool)
    area[outer:-outer, outer:-outer] = True
    area[inner:-inner, inner:-inner] = False
    return np.asarray(pieces[:, area].clip(0, 1).mean(axis=1), np.float32)


def _around(piece: Ink, deep: int, grain: float) -> int:
    """Along how many sides something is drawn outside."""
    sides = (
        piece[:deep].max(axis=0),
        piece[-deep:].max(axis=0),
        piece[:, :deep].max(axis=1),
        piece[:, -deep:].max(axis=1),
    )
    return sum(bool((side > max(0.1, 5 * grain)).mean() > _MOST_OF_A_SIDE) for side in sides)


def _through(piece: Ink, level: float) -> bool:
    edges = [bool((side > level).mean() > _SOME) for side in (piece[:2], piece[-2:], piece[:, :2], piece[:, -2:])]
    return (edges[0] and edges[1]) or (edges[2] and edges[3])

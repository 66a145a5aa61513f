"""Tick boxes: several measures of the ink in each, the printed outline taken out as the page itself shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.bending import PER_MM, Bending, Found, Ink
from transcription.forms.flat import FlatPage
from transcription.forms.layout import Points, TickBox

REACH = 1.3
"""Millimetres around a box that are cut out with it."""
_RING = 0.45
"""Millimetres outside the outline from where paper is known, and circles are looked for."""
_MARGIN = 0.2
"""Millimetres beside the outline that are left out with it, or more where the page has too few boxes to know it by."""
_MARGIN_UNKNOWN = 0.45
_KNOWN_BY = 6
"""Boxes of one size by which their outline is known."""
_BLANK = 30
"""Per cent of the boxes of a page that are surely not all marked in the same place."""
_OWN_REACH, _OWN_ALIKE = 0.6, 0.5
"""Millimetres by which a box may lie beside the page's bend and be believed where its outline looked so alike."""
_SOFT = 0.8
"""Pixels of blur: less than a stroke is wide, and much of the grain."""
_PALE = 0.035
"""The palest ink that counts, above all grain; of the paper's light."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is seen in a box, its outline left out; shares are 0–1 of the inside.

    ``ink``: mean darkness, the page's usual box of this size subtracted. ``covered``: darker than grain and than a
    third of the box's own darkest. ``stroke``: the longest connected mark's diagonal, millimetres. ``open``: further
    than a third of a millimetre from every mark. ``strength``: how dark its darkest twentieth is. ``around``: along
    how many sides something is drawn outside. ``alike``: how much the outline looks like one. ``off``: millimetres
    between the place where it was found and where the page's bend has it. ``grain``: of the page's boxes.
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
    pieces = cuts.pieces
    deep = round((REACH - _RING) * PER_MM)
    rings = np.concatenate(
        [
            pieces[:, :deep].reshape(len(pieces), -1),
            pieces[:, -deep:].reshape(len(pieces), -1),
            pieces[:, deep:-deep, :deep].reshape(len(pieces), -1),
            pieces[:, deep:-deep, -deep:].reshape(len(pieces), -1),
        ],
        axis=1,
    )
    paper = np.median(rings, axis=1)
    # Where all around is dark, it is somebody's ink, and no shade of the paper.
    pieces = pieces - np.where(paper < 0.3, paper, 0)[:, None, None]
    if known:
        pieces = pieces - np.percentile(pieces, _BLANK, axis=0)
    inset = round((REACH + cuts.boxes[0].line + (_MARGIN if known else _MARGIN_UNKNOWN)) * PER_MM)
    inside = pieces[:, inset:-inset, inset:-inset]
    ink = inside.mean(axis=(1, 2))
    strength = np.percentile(inside, 95, axis=(1, 2))
    calm = inside[ink <= np.median(ink)]
    grain = float(np.median(np.abs(calm - np.median(calm)))) * 1.4826
    return [
        _measures(inside[n], pieces[n], deep, float(ink[n]), float(strength[n]), grain, cuts, n)
        for n in range(len(pieces))
    ]


def _measures(
    inside: Ink, piece: Ink, deep: int, ink: float, strength: float, grain: float, cuts: Cuts, number: int
) -> Measures:
    marked = (inside > max(_PALE, 4 * grain, 0.33 * strength)).astype(np.uint8)
    stroke, covered, opened = 0.0, float(marked.mean()), 1.0
    if covered:
        _, _, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
        stroke = float(np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]).max()) / PER_MM
        reach = 2 * round(PER_MM / 3) + 1
        opened = float(1 - cv2.dilate(marked, np.ones((reach, reach), np.uint8)).mean())
    sides = (
        piece[:deep].max(axis=0),
        piece[-deep:].max(axis=0),
        piece[:, :deep].max(axis=1),
        piece[:, -deep:].max(axis=1),
    )
    around = sum(bool((side > max(0.1, 5 * grain)).mean() > 0.6) for side in sides)
    return Measures(
        ink, covered, stroke, opened, strength, around, float(cuts.alike[number]), float(cuts.off[number]), grain
    )

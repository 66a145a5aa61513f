"""Whether two pictures show one sheet scanned twice, or two sheets that were copied from one and filled in apart."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from enum import Enum

import cv2
import numpy as np

from transcription.forms.placing.bending import PER_MM, Ink

_CELL = 0.6
"""Millimetres of a cell's side: a stroke's width."""
_MOST_CELLS = 96
"""Cells of the longer side of a zone."""
_ALIKE, _UNLIKE = 0.92, 0.8
"""Mean correlation of what stands in the same places, from which it is by the same hand's stroke, up to which not."""
_PALE = 0.35
"""Share of places with ink that may be without in another scan, faint ones."""


class Likeness(Enum):
    """What two pages of one form have in common."""

    SAME = "the same ink"
    OTHER = "other ink"
    UNSURE = "perhaps the same ink"


def stroke_sketch(piece: Ink) -> str:
    """What is drawn in a piece of the page laid flat, coarsely, in base64."""
    height, width = piece.shape
    scale = min(1 / (_CELL * PER_MM), _MOST_CELLS / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    cells = cv2.resize(np.asarray(piece.clip(0, 1), np.float32), size, interpolation=cv2.INTER_AREA)
    return b64encode((cells * 255).round().astype(np.uint8).tobytes()).decode()


def likeness(one: Mapping[str, str], other: Mapping[str, str]) -> Likeness:
    """Of two pages of one form, by the strokes in each box and zone with ink; nothing on both is no likeness."""
    both = one.keys() & other.keys()
    apart = len(one.keys() ^ other.keys())
    if not both:
        return Likeness.OTHER if apart else Likeness.UNSURE
    alike = float(np.mean([_correlation(one[key], other[key]) for key in both]))
    if alike >= _ALIKE and apart == 0:
        return Likeness.SAME
    if alike <= _UNLIKE or apart > _PALE * (len(both) + apart):
        return Likeness.OTHER
    return Likeness.UNSURE


def _correlation(one: str, other: str) -> float:
    first, second = (np.frombuffer(b64decode(told), np.uint8).astype(np.float64) for told in (one, other))
    if first.shape != second.shape:
        return 0.0
    first, second = first - first.mean(), second - second.mean()
    return float(first @ second / max(1e-6, np.sqrt((first @ first) * (second @ second))))

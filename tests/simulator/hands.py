"""Hands: how people mark boxes, and with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.forms.layout import PagePlace

Random = np.random.Generator
Stroke = NDArray[np.float64]
"""Points of a pen's way, in millimetres, relative to a box's middle where it is 2 wide and 2 high."""


@dataclass(frozen=True, slots=True)
class Pen:
    """``dark``: of the paper's light what it takes; ``wide`` in millimetres; ``grain``: how much paper shows through;
    ``skips``: share of a stroke that is missing."""

    name: str
    dark: tuple[float, float]
    wide: tuple[float, float]
    grain: float = 0.0
    skips: float = 0.0


PENS = {
    "ballpoint": (47, Pen("ballpoint", (0.55, 0.9), (0.35, 0.6))),
    "felt": (13, Pen("felt", (0.75, 0.95), (0.8, 1.6))),
    "pencil": (14, Pen("pencil", (0.32, 0.55), (0.4, 0.8), grain=0.35)),
    "faint": (18, Pen("faint", (0.14, 0.26), (0.4, 0.8), grain=0.2)),
    "worn": (8, Pen("worn", (0.45, 0.8), (0.35, 0.6), skips=0.3)),
}


def _wobbly(points: list[tuple[float, float]], rng: Random, shake: float = 0.05) -> Stroke:
    """A smooth line through points, as no ruler draws it."""
    way = np.array(points, np.float64)
    t = np.linspace(0, len(way) - 1, 24)
    line = np.column_stack([np.interp(t, np.arange(len(way)), way[:, axis]) for axis in (0, 1)])
    drift = np.cumsum(rng.normal(0, shake, line.shape), axis=0)
    drift -= np.linspace(0, 1, 24)[:, None] * drift[-1]
    return line + cv2.GaussianBlur(drift, (1, 9), 2) + rng.normal(0, 0.05, 2)


def _cross(rng: Random) -> list[Stroke]:
    r = rng.uniform(0.65, 1.25, 4)
    return [
        _wobbly([(-r[0], -r[0]), (r[1], r[1])], rng),
        _wobbly([(r[2], -r[2]), (-r[3], r[3])], rng),
    ]


def _tick(rng: Random) -> list[Stroke]:
    tall = rng.uniform(1.0, 2.0)
    return [
        _wobbly([(rng.uniform(-1.1, -0.5), rng.uniform(-0.3, 0.2)), (-0.15, rng.uniform(0.4, 0.9)), (tall, -tall)], rng)
    ]


def _line(rng: Random) -> list[Stroke]:
    angle, r = rng.uniform(0, np.pi), rng.uniform(0.75, 1.3)
    step = np.array([np.cos(angle), np.sin(angle)]) * r
    return [_wobbly([tuple(-step), tuple(step)], rng)]


def _dot(rng: Random) -> list[Stroke]:
    turns = np.linspace(0, rng.uniform(3, 5) * 2 * np.pi, 40)
    r = rng.uniform(0.1, 0.3) * (0.4 + 0.6 * turns / turns[-1])
    return [np.column_stack([r * np.cos(turns), r * np.sin(turns)]) + rng.uniform(-0.25, 0.25, 2)]


def _fill(rng: Random, reach: float = 0.9) -> list[Stroke]:
    rows = np.linspace(-reach, reach, int(rng.integers(11, 16)))
    zigzag = [(side * reach * rng.uniform(0.88, 1.05), y) for y in rows for side in (-1, 1)]
    return [np.array(zigzag) + rng.normal(0, 0.03, (len(zigzag), 2))]


def _loop(rng: Random) -> list[Stroke]:
    turns = np.linspace(0, rng.uniform(1.0, 1.3) * 2 * np.pi, 40) + rng.uniform(0, 6)
    return [np.column_stack([np.cos(turns), np.sin(turns)]) * rng.uniform(0.45, 0.75, 2) + rng.uniform(-0.15, 0.15, 2)]


def _scrawl(rng: Random) -> list[Stroke]:
    return [_wobbly([tuple(rng.uniform(-1, 1, 2)) for _ in range(3)], rng, 0.1) for _ in range(int(rng.integers(2, 5)))]


def _double(rng: Random) -> list[Stroke]:
    """Held out: two short strokes by a shaking hand."""
    x, tall = rng.uniform(-0.3, 0.1), rng.uniform(0.5, 0.9)
    return [_wobbly([(x + gap, -tall), (x + gap + 0.2, tall)], rng, 0.16) for gap in (0.0, rng.uniform(0.3, 0.6))]


WAYS: dict[str, tuple[int, Callable[[Random], list[Stroke]]]] = {
    "cross": (30, _cross),
    "tick": (28, _tick),
    "line": (8, _line),
    "dot": (7, _dot),
    "fill": (9, _fill),
    "loop": (6, _loop),
    "scrawl": (5, _scrawl),
    "double": (7, _double),
}
HELD_OUT_WAYS = {"double"}


@dataclass(frozen=True, slots=True)
class Hand:
    way: str
    pen: Pen
    dark: float
    wide: float
    slant: NDArray[np.float64] = field(repr=False)

    @property
    def held_out(self) -> bool:
        return self.way in HELD_OUT_WAYS


def some_hand(rng: Random, *, held_out: bool | None = None) -> Hand:
    """A hand of the mix; only those held out, or none of them, where that is asked."""
    ways = [way for way in WAYS if held_out is None or (way in HELD_OUT_WAYS) == held_out]
    shares = np.array([WAYS[way][0] for way in ways], np.float64)
    way = ways[int(rng.choice(len(ways), p=shares / shares.sum()))]
    pens = list(PENS.values())
    shares = np.array([share for share, _ in pens], np.float64)
    pen = pens[int(rng.choice(len(pens), p=shares / shares.sum()))][1]
    slant = np.eye(2) + rng.normal(0, 0.08, (2, 2))
    return Hand(way, pen, float(rng.uniform(*pen.dark)), float(rng.uniform(*pen.wide)), slant)


def mark(paper: NDArray[np.float32], per_mm: float, box: PagePlace, hand: Hand, rng: Random) -> None:
    """One box marked as this hand does."""
    strokes = WAYS[hand.way][1](rng)
    _draw(paper, per_mm, box, strokes, hand, rng)


def scribble_out(paper: NDArray[np.float32], per_mm: float, box: PagePlace, hand: Hand, rng: Random) -> None:
    """A box filled over, in passes that cross each other."""
    strokes = []
    for turn in range(int(rng.integers(2, 4))):
        angle = turn * rng.uniform(0.9, 1.7) + rng.uniform(-0.3, 0.3)
        spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        reach = rng.uniform(1.15, 1.4) if hand.way == "fill" else rng.uniform(0.85, 1.25)
        strokes += [one @ spin.T for one in _fill(rng, reach)]
    _draw(paper, per_mm, box, strokes, hand, rng)


def stray(paper: NDArray[np.float32], per_mm: float, near: PagePlace, hand: Hand, rng: Random) -> None:
    """A stroke that went astray beside a box, and not into it."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    x = side * rng.uniform(1.5, 2.2)
    way = _wobbly([(x, rng.uniform(-1, 1)), (x + side * rng.uniform(0.3, 1.2), rng.uniform(-1, 1))], rng)
    _draw(paper, per_mm, near, [way], hand, rng)


_FINE = 3
_AROUND = 2.6
"""Half boxes from the middle that a mark reaches at most."""


def _draw(
    paper: NDArray[np.float32], per_mm: float, box: PagePlace, strokes: list[Stroke], hand: Hand, rng: Random
) -> None:
    half = max(box.width, box.height) / 2
    reach = round(half * _AROUND * per_mm)
    centre = np.round(box.centre * per_mm).astype(int)
    top, left = max(0, centre[1] - reach), max(0, centre[0] - reach)
    piece = paper[top : centre[1] + reach, left : centre[0] + reach]
    fine = np.zeros((piece.shape[0] * _FINE, piece.shape[1] * _FINE), np.uint8)
    offset = box.centre * per_mm - (left, top) + rng.normal(0, 0.12, 2) * half * per_mm
    for stroke in strokes:
        points = (stroke @ hand.slant.T) * half * per_mm + offset
        wide = max(1, round(hand.wide * rng.uniform(0.85, 1.15) * per_mm * _FINE))
        for piece_of in _inked(points, hand.pen.skips, rng):
            whole = np.round(piece_of * _FINE * 16).astype(np.int32)
            cv2.polylines(fine, [whole.reshape(-1, 1, 2)], False, 255, wide, cv2.LINE_AA, 4)
    cover = cv2.resize(fine, piece.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if hand.pen.grain:
        texture = cv2.GaussianBlur(rng.normal(0, 1, piece.shape).astype(np.float32), (0, 0), max(0.5, per_mm * 0.06))
        cover = cover * np.clip(1 - hand.pen.grain * (1 + texture / (texture.std() + 1e-6)), 0.15, 1)
    piece *= 1 - cover * hand.dark * rng.uniform(0.9, 1.1)


def _inked(points: Stroke, skips: float, rng: Random) -> list[Stroke]:
    """The stretches of a stroke that a pen which skips leaves."""
    if not skips or len(points) < 8:
        return [points]
    t = np.linspace(0, len(points) - 1, 60)
    line = np.column_stack([np.interp(t, np.arange(len(points)), points[:, axis]) for axis in (0, 1)])
    stretches, start = [], 0
    while start < 60:
        long = int(rng.integers(8, 20))
        stretches.append(line[start : start + long])
        start += long + int(long * skips)
    return [one for one in stretches if len(one) > 1]

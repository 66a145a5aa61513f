"""What the measures of a page's boxes make of them: each judged alone, then filled ones by how the hand marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transcription.forms.boxes import Measures
from transcription.forms.values import BoxDoubt, BoxState

_FILLED_COVERED, _FILLED_OPEN = 0.72, 0.03
"""Share of the inside that is dark, and that no ink comes near, of a box that is filled."""
_OWN_WAY = 3
"""Filled boxes from which filling is this hand's way to tick, when it marks in no other."""
_EMPTY, _TICKED = 0.25, 0.75
"""Between these scores a person looks."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A box's state, the likelihood that it is right, and why a person looks."""

    state: BoxState
    confidence: float
    doubt: BoxDoubt | None = None


def judge(measures: Sequence[Measures]) -> list[Judged]:
    """All boxes of a page."""
    scores = [score(one) for one in measures]
    filled = [_is_filled(one) and value > _EMPTY for one, value in zip(measures, scores, strict=True)]
    others = sum(value >= _TICKED and not full for value, full in zip(scores, filled, strict=True))
    return [
        _judged(one, value, full, sum(filled), others)
        for one, value, full in zip(measures, scores, filled, strict=True)
    ]


def _is_filled(one: Measures) -> bool:
    return one.covered > _FILLED_COVERED and one.open < _FILLED_OPEN


def _judged(one: Measures, value: float, full: bool, filled: int, others: int) -> Judged:
    if full:
        return _filled(filled, others, value)
    if one.off > 1.5 or (one.alike == 0 and value < _TICKED):
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.NOT_FOUND)
    if value >= _TICKED:
        return Judged(BoxState.TICKED, value)
    if value > _EMPTY:
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT)
    if one.around >= 3:
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.BESIDE)
    return Judged(BoxState.EMPTY, 1 - value)


def _filled(filled: int, others: int, value: float) -> Judged:
    """A hand that marks otherwise withdraws by filling; one that only fills, ticks by it; of one or two, who knows."""
    if others >= 1 and others >= filled:
        return Judged(BoxState.WITHDRAWN, value)
    if not others and filled >= _OWN_WAY:
        return Judged(BoxState.TICKED, value)
    return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)


def score(one: Measures) -> float:
    """How likely there is a mark, 0–1: by its ink, how dark it is, and how long."""
    ink = _rise(one.ink, 0.008 + 1.0 * one.grain, 0.028 + 1.5 * one.grain)
    dark = _rise(one.strength, 0.04 + 3 * one.grain, 0.1 + 4 * one.grain)
    long = _rise(one.stroke, 0.7, 1.6)
    return (ink * dark * long) ** (1 / 3)


def _rise(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``."""
    return min(1.0, max(0.0, (value - low) / (high - low)))

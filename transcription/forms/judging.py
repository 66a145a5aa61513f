"""What the measures of a page's boxes make of them: each judged alone, then by how this hand marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transcription.forms.boxes import Measures
from transcription.forms.values import BoxDoubt, BoxState

_EMPTY, _TICKED = 0.05, 0.97
"""Between these scores a person looks."""
_FILLED, _OPEN = 0.97, 0.02
"""Share of the inside that is dark, at least, and that no ink comes near, at most, of a box that is filled."""
_PERHAPS, _MORE = 0.55, 0.12
"""The share from which it may be, and by how much more than what the hand's other marks cover."""
_PERHAPS_TWO, _MORE_TWO = 0.18, 0.02
"""The same in a picture of two levels."""
_BROAD = 0.66
_CARELESS = 0.07
"""Ink outside a filled box, as a share of that inside, from which it was scribbled out rather than filled in."""
_OWN_WAY, _MOSTLY = 4, 5
"""Filled boxes from which filling is this hand's way to tick, and how many times more often it does than not."""
_CIRCLED = 3
"""Sides of an empty box along which something is drawn when it is circled."""
_OTHER_PEN = 0.55
"""Of the darkness of the other marks, what a mark by the same pen has at least."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A box's state, the likelihood that it is right, and why a person looks."""

    state: BoxState
    confidence: float
    doubt: BoxDoubt | None = None


@dataclass(frozen=True, slots=True)
class _Hand:
    """How the marks of a page look: how dark, and how many boxes are filled and how many marked otherwise."""

    strength: float
    covers: float
    """Share of a box that its marks cover, those that fill it apart."""
    filled: int
    others: int
    spill: float
    """How much ink filled boxes have outside of them, as a share of how dark they are."""

    two_levels: bool

    @property
    def fills(self) -> bool:
        """Whether filling a box is its way to tick."""
        return self.filled >= _OWN_WAY and self.filled >= _MOSTLY * self.others

    @property
    def most_covered(self) -> float:
        """How much of a box its marks cover at most; where more is, the box may have been filled over."""
        least, more = (_PERHAPS_TWO, _MORE_TWO) if self.two_levels else (_PERHAPS, _MORE)
        return min(_FILLED, max(least, self.covers + more))

    @property
    def broad(self) -> bool:
        """Whether the pen is so broad that its marks nearly fill a box."""
        return self.covers > _BROAD


def judge(measures: Sequence[Measures], *, two_levels: bool = False) -> list[Judged]:
    """All boxes of a page; ``two_levels``: its picture is black and white, where pale fillings leave edges."""
    scores = [score(one) for one in measures]
    hand = _hand([one for one, value in zip(measures, scores, strict=True) if value >= _TICKED], two_levels)
    return [_judged(one, value, hand) for one, value in zip(measures, scores, strict=True)]


def _hand(marks: Sequence[Measures], two_levels: bool) -> _Hand:
    if not marks:
        return _Hand(0.0, 0.0, 0, 0, 0.0, two_levels)
    filled = [one for one in marks if _is_filled(one)]
    others = [one for one in marks if not _is_filled(one)]
    return _Hand(
        strength=float(np.median([one.strength for one in marks])),
        covers=float(np.median([one.covered for one in others])) if others else 0.0,
        filled=len(filled),
        others=len(others),
        spill=float(np.median([_spill(one) for one in filled])) if filled else 0.0,
        two_levels=two_levels,
    )


def _is_filled(one: Measures) -> bool:
    return one.covered >= _FILLED and one.open < _OPEN


def _spill(one: Measures) -> float:
    return one.outside / max(one.strength, 0.05)


def _judged(one: Measures, value: float, hand: _Hand) -> Judged:
    if value <= _EMPTY and one.around >= _CIRCLED:
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.BESIDE)
    if one.alike == 0 and value < _TICKED:
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.NOT_FOUND)
    if value <= _EMPTY:
        return Judged(BoxState.EMPTY, 1 - value)
    if value < _TICKED or one.strength < _OTHER_PEN * hand.strength:
        return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT)
    if _is_filled(one) or one.covered > hand.most_covered:
        return _filled(one, value, hand)
    return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT) if one.through else Judged(BoxState.TICKED, value)


def _filled(one: Measures, value: float, hand: _Hand) -> Judged:
    """A hand that marks otherwise withdraws by filling; one that only fills, ticks by it; of one or two, who knows."""
    if hand.fills:
        careful = _spill(one) <= max(_CARELESS, 1.5 * hand.spill)
        return Judged(BoxState.TICKED, value) if careful else Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)
    if hand.others > hand.filled and _is_filled(one) and not hand.broad:
        return Judged(BoxState.WITHDRAWN, value)
    return Judged(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)


def score(one: Measures) -> float:
    """How surely there is a mark, 0–1: by its ink, how dark it is, and how long."""
    ink = _rise(one.ink, 0.004 + 0.4 * one.grain, 0.018 + 0.6 * one.grain)
    dark = _rise(one.strength, 0.026 + 1.5 * one.grain, 0.09 + 1.5 * one.grain)
    long = _rise(one.stroke, 0.6, 1.6)
    return float((ink * dark * long) ** (1 / 3))


def _rise(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``."""
    return min(1.0, max(0.0, (value - low) / (high - low)))

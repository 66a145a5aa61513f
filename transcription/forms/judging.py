"""What the measures of a page's boxes make of them: each judged alone, then by how this hand marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transcription.forms.boxes import BoxMeasures
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
_MORE_SPILL = 1.75
"""How many times as much of it as the most careful one has a box that was filled to tick it."""
_OWN_WAY, _MOSTLY = 4, 5
"""Filled boxes from which filling is this hand's way to tick, and how many times more often it does than not."""
_CIRCLED = 3
"""Sides of an empty box along which something is drawn when it is circled."""
_OTHER_PEN = 0.55
"""Of the darkness of the other marks, what a mark by the same pen has at least."""
_DARK_PEN = 0.6
"""How dark marks are from which a picture of two levels keeps a filled box filled."""
_PALE_PEN, _PALER_PEN, _SPECKS = 0.35, 0.3, 0.02
"""How dark marks are at most of which a picture of two levels leaves specks, or nothing to be sure of; and the share of
a box that specks cover."""
_BESIDE_OFF, _BESIDE_ALIKE, _BESIDE_OPEN = 0.2, 0.75, 0.7
"""Millimetres from where the bend has it, likeness, and openness of a box whose own outline may be what is seen."""
_FEW, _NEARLY_FILLED = 4, 0.85
"""Marks from which on a hand is known; before, a box covered so far may have been filled over."""
_MUCH_OUTSIDE = 0.12
"""Ink outside a box beyond what the hand's marks have there, from which it may have been scribbled out."""
_STAIN, _STAIN_SPILL, _STAIN_OUTSIDE = 0.25, 0.2, 0.02
"""How dark at most, and how much darker at least beside the box than paper, what runs over its edge like coffee is."""
_PALE_INK, _PALE_STRENGTH = (0.0033, 3.0), (0.018, 4.0)
"""By how much an empty box has more ink, and darker ink, than the others, at least and in times of their spread."""


@dataclass(frozen=True, slots=True)
class JudgedBox:
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
    """How much ink the box filled with most care has outside of it, as a share of how dark it is: those that were
    scribbled out are among the filled ones."""
    outside: float
    """How much ink a usual mark has outside of its box."""

    two_levels: bool

    @property
    def fills(self) -> bool:
        """Whether filling a box is its way to tick."""
        return self.filled >= _OWN_WAY and self.filled >= _MOSTLY * self.others

    @property
    def most_covered(self) -> float:
        """How much of a box its marks cover at most; where more is, the box may have been filled over."""
        pale = self.two_levels and self.strength < _DARK_PEN
        least, more = (_PERHAPS_TWO, _MORE_TWO) if pale else (_PERHAPS, _MORE)
        return min(_FILLED, max(least, self.covers + more))

    @property
    def broad(self) -> bool:
        """Whether the pen is so broad that its marks nearly fill a box."""
        return self.covers > _BROAD


def judge_boxes(measures: Sequence[BoxMeasures], *, two_levels: bool = False) -> list[JudgedBox]:
    """All boxes of a page; ``two_levels``: its picture is black and white, where pale fillings leave edges."""
    scores = [mark_score(one) for one in measures]
    hand = _hand([one for one, value in zip(measures, scores, strict=True) if value >= _TICKED], two_levels)
    judged = [_judged(one, value, hand) for one, value in zip(measures, scores, strict=True)]
    return [
        _doubted(one, found) if _is_unsure(one, found, hand) else found
        for one, found in zip(measures, _without_pale(measures, judged, two_levels), strict=True)
    ]


def _is_unsure(one: BoxMeasures, found: JudgedBox, hand: _Hand) -> bool:
    """Whether a box that was judged alone may be something else by what is around it, or by how this hand marks."""
    if found.state is BoxState.EMPTY:
        return hand.two_levels and hand.strength < _PALE_PEN and one.covered >= _SPECKS
    if found.state is not BoxState.TICKED:
        return False
    return (
        _is_beside(one)
        or (hand.others < _FEW and not hand.fills and one.covered > _NEARLY_FILLED)
        or one.outside > hand.outside + _MUCH_OUTSIDE
        or (hand.two_levels and hand.strength < _PALER_PEN)
        or (one.strength < _STAIN and _spill(one) > _STAIN_SPILL and one.outside > _STAIN_OUTSIDE)
    )


def _is_beside(one: BoxMeasures) -> bool:
    """Whether its own outline may be taken for a mark: it was not quite found, and what is seen leaves it open."""
    return one.off > _BESIDE_OFF and one.alike < _BESIDE_ALIKE and one.open > _BESIDE_OPEN


def _doubted(one: BoxMeasures, found: JudgedBox) -> JudgedBox:
    if found.state is BoxState.TICKED and (one.covered > _NEARLY_FILLED or one.outside > _MUCH_OUTSIDE):
        return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)
    return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.NOT_FOUND if _is_beside(one) else BoxDoubt.FAINT)


def _without_pale(measures: Sequence[BoxMeasures], judged: Sequence[JudgedBox], two_levels: bool) -> list[JudgedBox]:
    """The same; empty boxes in which there is a little more than in all other empty ones of the page are shown."""
    empty = [one for one, found in zip(measures, judged, strict=True) if found.state is BoxState.EMPTY]
    if two_levels or not empty:
        return list(judged)
    most_ink = _most([one.ink for one in empty], *_PALE_INK)
    most_strength = _most([one.strength for one in empty], *_PALE_STRENGTH)
    return [
        JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT)
        if found.state is BoxState.EMPTY and one.ink > most_ink and one.strength > most_strength
        else found
        for one, found in zip(measures, judged, strict=True)
    ]


def _most(values: Sequence[float], least: float, times: float) -> float:
    """What is usual at most, told by the middle of the values and the upper tenth."""
    middle, high = np.percentile(values, (50, 90))
    return float(middle + max(least, times * (high - middle)))


def _hand(marks: Sequence[BoxMeasures], two_levels: bool) -> _Hand:
    if not marks:
        return _Hand(0.0, 0.0, 0, 0, 0.0, 0.0, two_levels)
    filled = [one for one in marks if _is_filled(one)]
    others = [one for one in marks if not _is_filled(one)]
    return _Hand(
        strength=float(np.median([one.strength for one in marks])),
        covers=float(np.median([one.covered for one in others])) if others else 0.0,
        filled=len(filled),
        others=len(others),
        spill=min(map(_spill, filled), default=0.0),
        outside=float(np.median([one.outside for one in marks])) if len(marks) >= _FEW else 0.0,
        two_levels=two_levels,
    )


def _is_filled(one: BoxMeasures) -> bool:
    return one.covered >= _FILLED and one.open < _OPEN


def _spill(one: BoxMeasures) -> float:
    return one.outside / max(one.strength, 0.05)


def _judged(one: BoxMeasures, value: float, hand: _Hand) -> JudgedBox:
    if value <= _EMPTY and one.around >= _CIRCLED:
        return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.BESIDE)
    if one.alike == 0 and value < _TICKED:
        return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.NOT_FOUND)
    if value <= _EMPTY:
        return JudgedBox(BoxState.EMPTY, 1 - value)
    if value < _TICKED or one.strength < _OTHER_PEN * hand.strength:
        return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT)
    if _is_filled(one) or one.covered > hand.most_covered:
        return _filled(one, value, hand)
    return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FAINT) if one.through else JudgedBox(BoxState.TICKED, value)


def _filled(one: BoxMeasures, value: float, hand: _Hand) -> JudgedBox:
    """A hand that marks otherwise withdraws by filling; one that only fills, ticks by it; of one or two, who knows."""
    if hand.fills:
        careful = _spill(one) <= max(_CARELESS, _MORE_SPILL * hand.spill)
        return JudgedBox(BoxState.TICKED, value) if careful else JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)
    if hand.others > hand.filled and _is_filled(one) and not hand.broad:
        return JudgedBox(BoxState.WITHDRAWN, value)
    return JudgedBox(BoxState.DOUBTFUL, 0.5, BoxDoubt.FILLED)


def mark_score(one: BoxMeasures) -> float:
    """How surely there is a mark, 0–1: by its ink, how dark it is, and how long."""
    ink = _rise(one.ink, 0.004 + 0.4 * one.grain, 0.018 + 0.6 * one.grain)
    dark = _rise(one.strength, 0.026 + 1.5 * one.grain, 0.09 + 1.5 * one.grain)
    long = _rise(one.stroke, 0.6, 1.6)
    return float((ink * dark * long) ** (1 / 3))


def _rise(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``."""
    return min(1.0, max(0.0, (value - low) / (high - low)))

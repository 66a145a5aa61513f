"""How well marks tell wrong words from right ones: counts with intervals, and the curve over every bound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from inbox.listings.filters import DOUBTFUL_BELOW
from tests.bench.speech import right_words
from tests.transcription.people import spoken_words
from transcription.base.values import Transcript

CERTAIN = 0.9
"""The confidence from which a word is shown as certain."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A word that was heard: how sure, 0-1, and whether it was said."""

    confidence: float
    right: bool


def judged(read: Transcript, says: str, language: str) -> Iterator[Judged]:
    """Each word that was heard, beside what was said."""
    heard = [spoken_words(word.text, language) for word in read.heard]
    right = right_words([piece for pieces in heard for piece in pieces], spoken_words(says, language))
    place = 0
    for word, pieces in zip(read.heard, heard, strict=True):
        yield Judged(word.confidence, all(place + number in right for number in range(len(pieces))))
        place += len(pieces)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with Wilson's interval of 95 %."""

    some: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0-1; nothing of nothing is all."""
        return self.some / self.of if self.of else 1.0

    def __str__(self) -> str:
        """As in a table: share, counts, interval."""
        if not self.of:
            return "none"
        z2, n, p = 1.96**2, self.of, self.value
        centre, half = p + z2 / (2 * n), 1.96 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        low, high = ((centre + sign * half) / (1 + z2 / n) for sign in (-1, 1))
        return f"{100 * p:.0f} % ({self.some} of {self.of}; {100 * low:.0f}-{100 * high:.0f} %)"


def wrong_marked(words: Sequence[Judged], below: float = DOUBTFUL_BELOW) -> Share:
    """How many of the wrong words are marked."""
    wrong = [word for word in words if not word.right]
    return Share(sum(word.confidence < below for word in wrong), len(wrong))


def marked(words: Sequence[Judged], below: float = DOUBTFUL_BELOW) -> Share:
    """How many of all words are marked."""
    return Share(sum(word.confidence < below for word in words), len(words))


def certain_right(words: Iterable[Judged]) -> Share:
    """How many of the words shown as certain were said."""
    certain = [word for word in words if word.confidence >= CERTAIN]
    return Share(sum(word.right for word in certain), len(certain))


def curve(words: Sequence[Judged]) -> Iterator[str]:
    """A row of a table for each bound under which words would be marked."""
    yield "| marked below | of the wrong words | of all words |"
    yield "| ---: | ---: | ---: |"
    for bound in (0.3, 0.5, 0.6, DOUBTFUL_BELOW, 0.8, 0.9, 0.95):
        yield f"| {bound:g} | {wrong_marked(words, bound)} | {marked(words, bound)} |"

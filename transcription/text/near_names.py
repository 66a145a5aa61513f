"""Names looked for word by word through mishearing and misreading.

Two words are compared as they sound and as they look in print; a name is there when its words, one after the other,
are near enough together. Rare words of the list count for more than what half of its names begin with.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from transcription.text.sounded_words import sound_key

NEAR_WORD = 0.55
"""How much of their letters two words must share to be one at all."""
SURE_WORD = 0.73
"""So near one of a name's own words must be, « rue » and the like not counted."""
NEAR_NAME = 0.7
"""Of a name's weight, what must be there."""
NEAR_WITHOUT_KIND = 0.8
"""Where nothing like « rue » stands before it, and the name has several words of its own."""
KIND_WORD = 0.68
"""So near must a word be to « rue » or the like to be it."""
CLEARLY = 0.04
"""By which the best name must be better than the next at the same place: between two alike, nobody guesses."""
SURE_SPELLED = 0.85
"""So near, as they are written, the words of a name must be that is short as it sounds, or that others interrupt."""
_GAP = 2
"""Short words that may stand between two of a name's: what was « de la » and is so no longer."""
_SHORT = 3
_KIND_WEIGHT = 0.35

# Print that is taken for another letter, as one sign: rn for m, cl for d, 5 for s.
_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SHAPES = str.maketrans(
    {letter: one for one, like in {"o": "0ceao", "l": "1ijl", "n": "unr", "b": "h6b8", "g": "q9g", "t": "ft", "s": "5s",
     "v": "vy", "z": "2z"}.items() for letter in like}
)  # fmt: skip
_VOICED = str.maketrans("bdgvzj", "ptkfsx")


def shape_of(word: str) -> str:
    """A folded word as it looks: letters that print confuses are one."""
    for old, new in _TOGETHER:
        word = word.replace(old, new)
    return word.translate(_SHAPES)


def spoken_of(word: str) -> str:
    """The consonants of a word as it sounds, those that differ by voice alone made one: vowels are misheard first."""
    sound = sound_key(word)
    return sound[:1].translate(_VOICED) + "".join(c for c in sound[1:] if c not in "aeiouwAIO").translate(_VOICED)


@dataclass(frozen=True, slots=True)
class Near:
    """A name of the list, from one word of a text to another."""

    number: int
    score: float
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[int, ...]
    weights: tuple[float, ...]
    own: tuple[bool, ...]
    """Whether a word is the name's own, not « rue » or the like."""
    gaps: tuple[int, ...]
    """How many small words the name has before each word: as many others may stand there."""
    is_short: bool


@dataclass(frozen=True, slots=True)
class SoughtName:
    """A name as folded words without small ones, and how many small ones stand before each."""

    words: tuple[str, ...]
    gaps: tuple[int, ...]
    is_short: bool = False
    """Near to too much, as it sounds, to be looked for as others are."""


class NearNames:
    """A list of names, prepared to be looked for."""

    def __init__(self, sought: Sequence[SoughtName], kinds: Collection[str]) -> None:
        names = [one.words for one in sought]
        self._words = sorted({word for name in names for word in name})
        at = {word: number for number, word in enumerate(self._words)}
        self._sounds, self._shapes = [sound_key(one) for one in self._words], [shape_of(one) for one in self._words]
        self._spoken = [spoken_of(one) for one in self._words]
        spread = Counter(word for name in names for word in set(name))
        self._names = []
        self._having: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, name in enumerate(names):
            own = tuple(word not in kinds for word in name)
            weights = tuple(
                (math.log(2 + len(names) / spread[word]) * math.sqrt(len(word))) * (1.0 if mine else _KIND_WEIGHT)
                for word, mine in zip(name, own, strict=True)
            )
            gaps, is_short = sought[number].gaps, sought[number].is_short
            self._names.append(_Name(tuple(at[word] for word in name), weights, own, gaps, is_short))
            for place, word in enumerate(name):
                if own[place]:
                    self._having[at[word]].append((number, place))
        self._like = lru_cache(maxsize=100_000)(self._compare)

    def _compare(self, word: str) -> dict[int, float]:
        """The list's words that a word may be, each with how near."""
        if not word or not self._words:
            return {}
        sound = self._ratios(sound_key(word), self._sounds)
        letters = self._ratios(word, self._words)
        near = np.maximum(sound, letters)
        if len(word) >= _SHORT:
            near = np.maximum(near, (letters + self._ratios(shape_of(word), self._shapes)) / 2)
        if len(word) > _SHORT:
            near = np.maximum(near, (letters + self._ratios(spoken_of(word), self._spoken)) / 2)
        return {int(at): float(near[at]) / 100 for at in np.flatnonzero(near >= 100 * NEAR_WORD)}

    def _is_spelled(self, word: str, wanted: int) -> bool:
        letters, shape = self._words[wanted], self._shapes[wanted]
        return max(fuzz.ratio(word, letters), fuzz.ratio(shape_of(word), shape)) >= 100 * SURE_SPELLED

    @staticmethod
    def _ratios(word: str, among: Sequence[str]) -> npt.NDArray[np.float32]:
        """Percent of letters shared with each of these; 0 for what is far from it."""
        found: npt.NDArray[np.float32] = process.cdist([word], among, scorer=fuzz.ratio, score_cutoff=35)[0]
        return found

    def find(self, words: Sequence[str]) -> list[Near]:
        """The names that stand in a text's folded words; at one place the best, and none of two alike."""
        like = [self._like(word) for word in words]
        tried: set[tuple[int, int]] = set()
        found: list[Near] = []
        for position, near in enumerate(like):
            for word, score in near.items():
                if score < SURE_WORD:
                    continue
                for number, place in self._having.get(word, ()):
                    if (number, position - place) not in tried:
                        tried.add((number, position - place))
                        found += self._aligned(number, place, position, like, words)
        return _best(found)

    def _aligned(
        self, number: int, place: int, position: int, like: Sequence[dict[int, float]], words: Sequence[str]
    ) -> list[Near]:
        """A name laid over a text with one of its words at a position; nothing where too little of it is there."""
        name = self._names[number]
        scores = [0.0] * len(name.words)
        scores[place] = like[position].get(name.words[place], 0.0)
        found = {place: position}
        begin = end = position
        for step, places in ((-1, range(place - 1, -1, -1)), (1, range(place + 1, len(name.words)))):
            edge = position
            for other in places:
                beside = _beside(edge, step, words, name.gaps[max(other, other - step)])
                near = [(like[at].get(name.words[other], 0.0), -abs(at - edge), at) for at in beside]
                score, _distance, at = max(near, default=(0.0, 0, edge))
                if score > 0:
                    scores[other], found[other], edge = score, at, at
            begin, end = min(begin, edge), max(end, edge)
        spelled = [at in found and self._is_spelled(words[found[at]], word) for at, word in enumerate(name.words)]
        is_named = all(near or not own for near, own in zip(spelled, name.own, strict=True))
        between = set(range(begin, end + 1)) - set(found.values())
        if name.is_short and not all(spelled):
            return []
        if any(len(words[at]) > _SHORT for at in between) and not is_named:
            return []
        score = sum(s * w for s, w in zip(scores, name.weights, strict=True)) / sum(name.weights)
        return [Near(number, score, begin, end)] if score >= self._least(name, scores, is_named=is_named) else []

    @staticmethod
    def _least(name: _Name, scores: Sequence[float], *, is_named: bool) -> float:
        """How near a name must be: « martyrs » alone is no rue des Martyrs, « gaston auguet » may be one.

        What stands for « rue » may be anything like it where the rest is spelled as the name is (``is_named``).
        """
        least = NEAR_WORD if is_named else KIND_WORD
        has_kind = any(score >= least for score, own in zip(scores, name.own, strict=True) if not own)
        if has_kind or (all(name.own) and not name.is_short):
            return NEAR_NAME
        own = sum(score > 0 for score, mine in zip(scores, name.own, strict=True) if mine)
        return NEAR_WITHOUT_KIND if own > 1 else math.inf


def _beside(edge: int, step: int, words: Sequence[str], gap: int) -> list[int]:
    """The next word, and those behind it as long as only short ones stand between, or what was ``gap`` small ones."""
    found = []
    for at in range(edge + step, edge + step * (_GAP + 2), step):
        if not 0 <= at < len(words):
            break
        found.append(at)
        if len(words[at]) > _SHORT:
            if not gap:
                break
            gap -= 1
    return found


def _best(found: Sequence[Near]) -> list[Near]:
    taken: list[Near] = []
    doubtful: set[int] = set()
    for one in sorted(found, key=lambda near: (-near.score, near.number)):
        same = [other for other in taken if other.begin <= one.end and one.begin <= other.end]
        doubtful |= {other.number for other in same if other.number != one.number and other.score - one.score < CLEARLY}
        if not same:
            taken.append(one)
    return sorted((one for one in taken if one.number not in doubtful), key=lambda near: near.begin)

"""What corrections teach: how sure a model's words may be called, and which words to offer where they sound alike.

Nothing is learnt of a text that somebody wrote anew, nor of what was masked in it. A word that was taught is offered as
the other reading of a doubtful one, a key away at the desk: it is never put into a text that a machine heard.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from config.wording.stems import fold
from transcription.base.values import Transcript, Word
from transcription.text.sounded_words import sound_key

LEAST_TIMES = 3
"""In how many recordings a word has to be typed for another before it is offered."""
LEAST_WORDS = 300
"""Words of a model that people have read before its confidences are weighed: fewer tell nothing of its sure ones."""
HINTED_BELOW = 0.7
"""The confidence under which a word that sounds like a taught one is shown with that beside it."""
DISPUTED = 0.5
"""The most confidence of a word beside which another reading stands."""

_REWRITTEN = 0.5
"""The share of words left as they were heard under which a text was written anew, not corrected."""
_LONGEST_SWAP = 3
_SHORTEST = 4
"""Letters of a word that is offered by its sound: shorter ones sound like too much."""
_ALIKE = 80.0
"""Percent of two words' sounds that have to be the same."""
_MASK = re.compile(r"\[[^\]]*\]")
_MASKED = "\N{FULL BLOCK}"
_EDGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
"""Where the levels of confidence begin; under the first a word is doubtful whatever people found."""
_PRIOR = 20
"""For how many words a model's own opinion counts at each level."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A recording as a model heard it, with the confidence of each word, 0-1, and what a person made of it."""

    model: str
    words: tuple[tuple[str, float], ...]
    said: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of right words at each level of confidence, never falling, and of how many words it was counted."""

    shares: tuple[float, ...]
    words: int

    def weighed(self, confidence: float) -> float:
        """How likely a word of this confidence was said."""
        level = bisect_right(_EDGES, confidence) - 1
        return confidence if level < 0 else max(DISPUTED + 0.01, self.shares[level])


@dataclass(frozen=True, slots=True)
class Lessons:
    """What all corrections teach together."""

    hints: tuple[str, ...] = ()
    """Words that people typed often, in their spelling."""
    swaps: Mapping[str, str] = field(default_factory=dict)
    """What is mostly meant by a word that is heard."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """By model, or pair of models."""


NOTHING_TAUGHT = Lessons()


def learn(corrections: Iterable[Correction]) -> Lessons:
    """What these corrections teach."""
    points: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    typed: Counter[str] = Counter()
    swapped: Counter[tuple[str, str]] = Counter()
    heard: Counter[str] = Counter()
    for correction in corrections:
        compared = _Compared.of(correction)
        if compared is None:
            continue
        points[correction.model] += compared.points
        heard.update({_plain(text) for text, _ in correction.words})
        typed.update(compared.typed)
        swapped.update(compared.swaps)
    return Lessons(
        hints=tuple(sorted(_spellings(typed, LEAST_TIMES))),
        swaps={
            was: said
            for (was, said), times in swapped.items()
            if times >= LEAST_TIMES and 2 * times >= heard[was] and _plain(said) != was
        },
        curves={model: _curve(found) for model, found in points.items() if len(found) >= LEAST_WORDS},
    )


def taught(read: Transcript, lessons: Lessons) -> Transcript:
    """What was heard, each word as sure as words of its kind turned out to be, with what it may have been beside it."""
    words = read.heard
    if not words:
        return read
    curve = lessons.curves.get(read.model)
    if curve is not None:
        words = tuple(_weighed(word, curve) for word in words)
    return replace(read, words=tuple(_hinted(words, lessons)))


def _weighed(word: Word, curve: Curve) -> Word:
    if word.confidence <= DISPUTED:
        return word
    return replace(word, confidence=round(curve.weighed(word.confidence), 3), engine_confidence=word.confidence)


def _hinted(words: Sequence[Word], lessons: Lessons) -> Iterator[Word]:
    sounds = {_sound(hint): hint for hint in lessons.hints if len(_plain(hint)) >= _SHORTEST}
    at = 0
    while at < len(words):
        word = words[at]
        pair = words[at : at + 2]
        if word.other:
            yield word
        elif swap := lessons.swaps.get(_plain(word.text)):
            yield _offered(word, swap)
        elif word.confidence < HINTED_BELOW and (hint := _alike([word], sounds)):
            yield _offered(word, hint)
        elif _both_doubtful(pair) and (hint := _alike(pair, sounds)):
            yield _offered(word, hint)
            yield _offered(pair[1], "")
            at += 1
        else:
            yield word
        at += 1


def _both_doubtful(pair: Sequence[Word]) -> bool:
    return len(pair) == 2 and all(word.confidence < HINTED_BELOW and not word.other for word in pair)


def _offered(word: Word, reading: str) -> Word:
    before = word.confidence if word.engine_confidence is None else word.engine_confidence
    return replace(word, confidence=min(word.confidence, DISPUTED), other=reading, engine_confidence=before)


def _alike(words: Sequence[Word], sounds: Mapping[str, str]) -> str | None:
    """The taught word that these sound most like; None where none does, or it is what was heard."""
    plain = "".join(_plain(word.text) for word in words)
    if len(plain) < _SHORTEST or any(plain == _plain(hint) for hint in sounds.values()):
        return None
    key = _sound(plain)
    best = max(sounds, key=lambda sound: fuzz.ratio(key, sound), default="")
    return sounds[best] if best and fuzz.ratio(key, best) >= _ALIKE else None


@dataclass(frozen=True, slots=True)
class _Compared:
    """What one correction tells: of each word whether it was right, what was typed for others, and for which."""

    points: list[tuple[float, bool]]
    typed: set[str]
    swaps: set[tuple[str, str]]

    @classmethod
    def of(cls, correction: Correction) -> _Compared | None:
        """None of a text that was written anew."""
        said = _MASK.sub(f" {_MASKED} ", correction.said).split()
        heard = [_plain(text) for text, _ in correction.words]
        spoken = [one if one == _MASKED else _plain(one) for one in said]
        matcher = SequenceMatcher(None, heard, spoken, autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) < _REWRITTEN * len(heard):
            return None
        found = cls([], set(), set())
        for tag, start, end, first, last in matcher.get_opcodes():
            if _MASKED in spoken[first:last]:
                continue
            right = tag == "equal" or "".join(heard[start:end]) == "".join(spoken[first:last])
            found.points.extend((confidence, right) for _, confidence in correction.words[start:end])
            if tag == "replace" and not right and end - start <= _LONGEST_SWAP and last - first <= _LONGEST_SWAP:
                found.typed.update(map(_trimmed, said[first:last]))
                if end - start == 1:
                    found.swaps.add((heard[start], " ".join(map(_trimmed, said[first:last]))))
        return found


def _curve(points: Sequence[tuple[float, bool]]) -> Curve:
    """The share of right words at each level; what falls from one to the next is pooled (isotonic regression)."""
    ends = (*_EDGES[1:], 1.0)
    pools: list[list[float]] = []  # right, of all, levels
    for level, (begins, until) in enumerate(zip(_EDGES, ends, strict=True)):
        at = [right for confidence, right in points if bisect_right(_EDGES, confidence) - 1 == level]
        pools.append([sum(at) + _PRIOR * (begins + until) / 2, len(at) + _PRIOR, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    shares = [right / of for right, of, levels in pools for _ in range(int(levels))]
    return Curve(tuple(shares), len(points))


def _spellings(typed: Counter[str], least: int) -> Iterator[str]:
    """Each word that was typed often enough, in its commonest spelling."""
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for word, times in typed.items():
        together[_plain(word)][word] += times
    for spellings in together.values():
        if spellings.total() >= least:
            yield spellings.most_common(1)[0][0]


def _trimmed(word: str) -> str:
    return word.strip(' .,;:!?…«»"()\N{NO-BREAK SPACE}')


def _sound(text: str) -> str:
    return sound_key(fold(text))


def _plain(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return "".join(char for char in unicodedata.normalize("NFC", text.lower()) if char.isalnum())

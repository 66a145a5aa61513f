"""What themes are learned from: words as they sound and as they are written, and sequences of their letters.

A word that nobody knows is also taken for the known word that it looks most like: misread print is mostly that.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from config.wording.stems import words_of
from transcription.text.near_names import shape_of
from transcription.text.sounded_words import sound_key

SPELLED, SOUND_LETTERS, SHAPE_LETTERS = "=", "~", "^"
"""What a feature begins with that is a word as written, or a sequence of letters as they sound or look; a word's sound
stands as it is."""
NEAR_ENOUGH = 0.8
"""Of their letters, as written and as they look, an unknown word shares so much with the known one it is taken for."""

_WORTH = {SPELLED: 0.5, SOUND_LETTERS: 0.5, SHAPE_LETTERS: 0.4}
_GRAMS = (3, 4)
_SHORTEST = 4
_LEAST_PERCENT = 50


def feature_worth(feature: str) -> float:
    """How much a feature counts: a word's letters together about as much as the word."""
    return _WORTH.get(feature[0], 1.0)


def is_word(feature: str) -> bool:
    """Whether a feature is a whole word, and no letters of one."""
    return feature[0] not in (SOUND_LETTERS, SHAPE_LETTERS)


@lru_cache(maxsize=20_000)
def word_features(word: str) -> tuple[str, ...]:
    """The features of one folded word; none where hardly anything of it sounds."""
    sound = sound_key(word)
    if len(sound) < 2:
        return ()
    return (sound, f"{SPELLED}{word}", *_grams(sound, SOUND_LETTERS), *_grams(shape_of(word), SHAPE_LETTERS))


def _grams(letters: str, mark: str) -> list[str]:
    edged = f"<{letters}>"
    return [f"{mark}{edged[at : at + n]}" for n in _GRAMS for at in range(len(edged) - n + 1)]


def text_features(text: str) -> list[str]:
    """A text's features, each once."""
    return list(dict.fromkeys(one for word in words_of(text) for one in word_features(word)))


class KnownWords:
    """The words that models know, to be looked for in what was misread."""

    def __init__(self, features: Iterable[str]) -> None:
        self._known = {one[1:] for one in features if one.startswith(SPELLED)}
        self._words = sorted(word for word in self._known if len(word) >= _SHORTEST)
        self._shapes = [shape_of(word) for word in self._words]
        self._nearest = lru_cache(maxsize=50_000)(self._find)

    def features(self, word: str) -> tuple[str, ...]:
        """A folded word's features, with those of the known word that it is taken for."""
        nearest = self._nearest(word)
        return (*word_features(word), *(word_features(nearest) if nearest else ()))

    def _find(self, word: str) -> str | None:
        if word in self._known or len(word) < _SHORTEST or word.isdigit() or not self._words:
            return None
        near = (self._shared(word, self._words) + self._shared(shape_of(word), self._shapes)) / 2
        best = int(near.argmax())
        return self._words[best] if near[best] >= 100 * NEAR_ENOUGH else None

    @staticmethod
    def _shared(word: str, among: list[str]) -> npt.NDArray[np.float32]:
        """Percent of letters shared with each."""
        found: npt.NDArray[np.float32] = process.cdist([word], among, scorer=fuzz.ratio, score_cutoff=_LEAST_PERCENT)[0]
        return found

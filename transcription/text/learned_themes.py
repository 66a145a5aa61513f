"""Themes learned from what moderators kept and removed: one linear model a theme, its weights open to everybody.

Logistic regression over words and sequences of letters (``theme_features``), so that misheard and misread words still
count for a part. Trained by plain gradient descent on the processor in numpy; a model is a table of
features and weights (JSON), nothing else. Where a model's probability stays below its threshold it says nothing. The
threshold, and what it is worth, come from decisions the model had not learned from (five folds).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from config.wording.stems import words_of
from transcription.text.sounded_words import sound_key
from transcription.text.theme_features import KnownWords, feature_worth, is_word, text_features, word_features

FEWEST_KEPT = 5
"""A theme that people kept fewer times is not learned."""
FEWEST_TEXTS = 3
"""A feature that stands in fewer texts is not learned: it could be a name, and proves nothing."""
WANTED_PRECISION = 0.5
"""Suggestions are right at least so often on decisions that were not learned from; of all thresholds that keep to
that, the one with the best F1 is taken: a wrong suggestion costs a click, a missing one a look through the themes."""
ABOVE_CHANCE = 0.15
"""So much more often than by suggesting it always: what half of all texts have is right in half of them by itself."""
LEAST_PRECISION = 0.5
"""A theme that turns out to be right less often, measured with a threshold of other decisions, is not suggested."""
FOLDS = 5
MOST_FEATURES = 8000
"""Of all themes together: those in most texts; each has a weight in each theme's table."""

MOST_COMMON = 0.6
"""A feature that stands in a larger share of the texts is left out."""

_ROUNDS = 120
_L2 = 2e-3

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LearnedTheme:
    """One theme's model."""

    theme: str
    weights: Mapping[str, float]
    """Of each feature, as ``theme_features`` writes them."""
    bias: float
    threshold: float
    """The score from which it is suggested; infinite where it is never sure enough."""
    decisions: int
    kept: int
    precision: float | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class LearnedSuggestion:
    """A theme, how probable it is (0–1), and the text's words that count most for it."""

    theme_key: str
    probability: float
    words: tuple[str, ...]


# --- texts as numbers ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """Texts as sparse rows: text ``rows[i]`` has feature ``columns[i]``, which is worth ``values[i]`` there."""

    columns: Integers
    values: Floats
    rows: Integers
    width: int

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], places: Mapping[str, int], rarity: Floats) -> _Table:
        found = [[places[one] for one in text if one in places] for text in texts]
        columns = np.array([one for text in found for one in text], dtype=np.int64)
        rows = np.repeat(np.arange(len(found), dtype=np.int64), [len(one) for one in found])
        lengths = np.array([_length(text, places) for text in texts])
        return cls(columns, rarity[columns] / lengths[rows], rows, len(places))

    def scores(self, weights: Floats, bias: float, count: int) -> Floats:
        return np.bincount(self.rows, self.values * weights[self.columns], minlength=count).astype(np.float64) + bias


LEAST_KNOWN = 0.5
"""A text of which less is known counts as if so much were: a single known word proves little."""


def _length(features: Collection[str], known: Collection[str]) -> float:
    """Of a text by its known features: a long text counts no more than a short one, and what is misread beyond
    recognition does not weaken the rest."""
    squares = sum(feature_worth(one) ** 2 for one in features if one in known)
    every = sum(feature_worth(one) ** 2 for one in features)
    return max(math.sqrt(squares), LEAST_KNOWN * math.sqrt(every)) or 1.0


def _vocabulary(texts: Sequence[Sequence[str]]) -> tuple[dict[str, int], Floats]:
    """The features that stand in several texts, with how rare each is (inverse document frequency)."""
    spread = Counter(one for text in texts for one in text)
    often = (one for one, count in spread.most_common(MOST_FEATURES) if count >= FEWEST_TEXTS)
    # What nearly every text has tells nothing.
    kept = [one for one in often if spread[one] <= MOST_COMMON * len(texts)]
    rarity = np.array([1.0 + math.log((1 + len(texts)) / (1 + spread[one])) for one in kept])
    rarity *= np.array([feature_worth(one) for one in kept])
    return {one: at for at, one in enumerate(kept)}, rarity


def _fit(table: _Table, wanted: Floats, used: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and bias by accelerated gradient descent (Nesterov) on the weighted logistic loss with a penalty."""
    count = len(wanted)
    positive, negative = max(1.0, wanted[used].sum()), max(1.0, (1 - wanted[used]).sum())
    # Both sides count alike up to a point: a rare theme is not drowned.
    side = np.where(wanted > 0, math.sqrt(negative / positive), 1.0) * used
    side = side / side.sum()
    weights, ahead, bias, ahead_bias, momentum = np.zeros(table.width), np.zeros(table.width), 0.0, 0.0, 1.0
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(table.scores(ahead, ahead_bias, count), -30, 30)))
        off = (chance - wanted) * side
        slope = np.bincount(table.columns, table.values * off[table.rows], minlength=table.width) + _L2 * ahead
        # A row's length is one, so the loss bends by a quarter at most, and by the bias as much again.
        following, following_bias = ahead - slope / (0.5 + _L2), ahead_bias - off.sum() / 0.5
        grown = (1 + math.sqrt(1 + 4 * momentum * momentum)) / 2
        pull = (momentum - 1) / grown
        ahead, ahead_bias = following + pull * (following - weights), following_bias + pull * (following_bias - bias)
        weights, bias, momentum = following, following_bias, grown
    return weights, bias


# --- learning --------------------------------------------------------------------------------------


def learn_themes(texts: Sequence[str], decided: Mapping[str, Mapping[int, bool]]) -> list[LearnedTheme]:
    """A model of each theme that was kept often enough; ``decided``: theme -> place in ``texts`` -> whether kept."""
    said = [text_features(text) for text in texts]
    places, rarity = _vocabulary(said)
    if not places:
        return []
    table = _Table.of(said, places, rarity)
    names = list(places)
    return [
        _learn_one(theme, table, names, rarity, decisions, len(texts))
        for theme, decisions in decided.items()
        if sum(decisions.values()) >= FEWEST_KEPT and sum(not kept for kept in decisions.values()) >= FEWEST_KEPT
    ]


def _learn_one(
    theme: str, table: _Table, names: Sequence[str], rarity: Floats, decisions: Mapping[int, bool], count: int
) -> LearnedTheme:
    wanted, used = np.zeros(count), np.zeros(count, dtype=bool)
    for place, kept in decisions.items():
        wanted[place], used[place] = float(kept), True
    unseen, fold = _unseen_scores(table, wanted, used)
    threshold = _threshold(unseen[used], wanted[used] > 0)
    precision, coverage = _worth_of_thresholds(unseen[used], wanted[used] > 0, fold[used])
    by_chance = float((wanted[used] > 0).mean())
    if precision is None or precision < max(LEAST_PRECISION, by_chance + ABOVE_CHANCE / 2):
        threshold, precision = math.inf, None
    weights, bias = _fit(table, wanted, used)
    return LearnedTheme(
        theme=theme,
        weights={name: round(float(weights[at] * rarity[at]), 4) for at, name in enumerate(names)},
        bias=round(bias, 5),
        threshold=threshold,
        decisions=len(decisions),
        kept=int(wanted[used].sum()),
        precision=precision,
        coverage=coverage,
    )


def _unseen_scores(table: _Table, wanted: Floats, used: npt.NDArray[np.bool_]) -> tuple[Floats, Integers]:
    """Each text's score by a model that has not seen it, and its fold; folds hold kept and removed ones alike."""
    fold = np.zeros(len(wanted), dtype=np.int64)
    for side in (0.0, 1.0):
        rows = np.flatnonzero(used & (wanted == side))
        fold[rows] = np.arange(len(rows)) % FOLDS
    scores = np.zeros(len(wanted))
    for number in range(FOLDS):
        weights, bias = _fit(table, wanted, used & (fold != number))
        of_all = table.scores(weights, bias, len(wanted))
        scores[fold == number] = of_all[fold == number]
    return scores, fold


def _threshold(scores: Floats, kept: npt.NDArray[np.bool_]) -> float:
    """The score with the best F1 while being right as often as is wanted; never sure (infinite) where none is."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(kept[order])
    # One more counted as wrong: what a few happened to get right proves little.
    precision = right / (np.arange(1, len(order) + 1) + 1)
    least = max(WANTED_PRECISION, float(kept.mean()) + ABOVE_CHANCE)
    fits = np.flatnonzero((precision >= least) & (right >= 3))
    if not len(fits):
        return math.inf
    f1 = 2 * right / (np.arange(1, len(order) + 1) + int(kept.sum()))
    last = fits[np.argmax(f1[fits])]
    # Half-way to the next one, so that a text like the last one is suggested too.
    ordered = scores[order]
    threshold = ordered[last] if last + 1 == len(order) else (ordered[last] + ordered[last + 1]) / 2
    return round(float(threshold), 5)


def _worth_of_thresholds(scores: Floats, kept: npt.NDArray[np.bool_], fold: Integers) -> tuple[float | None, float]:
    """How often suggestions would be right, and how much of what was kept they would find.

    For each fold with the threshold that the others lead to: one that was chosen on the same decisions flatters itself.
    """
    made = right = 0
    for number in range(FOLDS):
        here = fold == number
        found = here & (scores >= _threshold(scores[~here], kept[~here]))
        made += int(found.sum())
        right += int((found & kept).sum())
    return (right / made if made else None), right / max(1, int(kept.sum()))


# --- suggesting ------------------------------------------------------------------------------------

REASONS = 4
"""Words that are named with a suggestion."""


class LearnedThemes:
    """The models of one consultation, prepared to suggest."""

    def __init__(self, models: Sequence[LearnedTheme]) -> None:
        self._models = [one for one in models if not math.isinf(one.threshold)]
        # All models of a consultation weigh the same features.
        self._known = KnownWords(self._models[0].weights if self._models else ())

    def suggest(self, text: str) -> list[LearnedSuggestion]:
        """The themes whose models are sure enough, the most probable first, with the words that count for each."""
        if not self._models:
            return []
        words = list(dict.fromkeys(words_of(text)))
        parts = {word: self._known.features(word) for word in words}
        present = {one for each in parts.values() for one in each}
        found = []
        for model in self._models:
            known = [one for one in present if one in model.weights]
            score = sum(model.weights[one] for one in known) / _length(present, model.weights) + model.bias
            # Letters alone, of words that nobody ever used for it, are no reason.
            if score >= model.threshold and any(model.weights[one] > 0 for one in known if is_word(one)):
                weight = {word: sum(model.weights.get(one, 0.0) for one in parts[word]) for word in words}
                best = sorted((word for word in words if weight[word] > 0), key=lambda word: -weight[word])[:REASONS]
                chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
                found.append(LearnedSuggestion(model.theme, chance, tuple(best)))
        return sorted(found, key=lambda one: -one.probability)


def telling_words(model: LearnedTheme, texts: Iterable[str], most: int = 12) -> list[str]:
    """The words that count most for a theme, as people write them; only those that stand in several texts."""
    spread = Counter(word for text in texts for word in set(words_of(text)))
    weight = {
        word: sum(model.weights.get(one, 0.0) for one in word_features(word))
        for word, count in spread.items()
        if count >= FEWEST_TEXTS
    }
    by_sound: dict[str, str] = {}
    for word in sorted(weight, key=lambda word: (-weight[word] * math.log(1 + spread[word]), word)):
        if weight[word] > 0:
            by_sound.setdefault(sound_key(word), word)
    return list(by_sound.values())[:most]

"""What the report's machinery is worth on real citizens' texts (``PORTEVOIX_CORPUS``): themes, likeness, places.

Learned from one half of the texts, measured on the other, with 10, 50 and all examples for each theme; beside TF-IDF
with logistic regression (where scikit-learn is installed) and always guessing the largest. Then the same with 30 % of
the words replaced by others that sound alike, and with 10 % of the letters misread. The figures stand in
docs/making-sense.md.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.soak.damaged_words import mishear, misread
from transcription.text import learned_themes, text_likeness
from transcription.text.place_names import PlaceIndex, TownPlace

CORPUS = Path(os.environ.get("PORTEVOIX_CORPUS", "/nowhere")) / "citizen_text"
EXAMPLES = (10, 50, 10_000)
KEPT_OF_CLEAN = 0.9
"""Of the clean figure, when 30 % of the words are misheard: asked for, and kept by themes and likeness."""
KEPT_AT_LEAST = 0.85
"""What is kept so far of places, and of themes when 10 % of the letters are misread: a little more is asked for."""

Texts = list[tuple[str, str]]
"""Text and label."""


@dataclass(frozen=True)
class Worth:
    """How good suggestions are: right ones among all that were made, and among all that were to be made."""

    precision: float
    coverage: float
    silent: float
    """Share of texts on which nothing was suggested."""

    @property
    def f1(self) -> float:
        both = self.precision + self.coverage
        return 2 * self.precision * self.coverage / both if both else 0.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.2f}  coverage {self.coverage:.2f}  F1 {self.f1:.2f}  silent {self.silent:.0%}"
        )


def sense() -> None:
    """Measure everything; fails where damage costs more than it does now."""
    if not CORPUS.is_dir():
        print("  PORTEVOIX_CORPUS is not set: nothing was measured")
        return
    problems: list[str] = []
    for name, texts in data_sets().items():
        themes(name, texts, problems)
    likeness(problems)
    places(problems)
    assert not problems, "\n".join(problems)


def rows(*path: str) -> list[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with CORPUS.joinpath(*path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def data_sets() -> dict[str, Texts]:
    """Texts with the label their authors or the town gave them; labels of fewer than twenty are left out."""
    proposals = rows("republique_numerique", "propositions.csv")
    projects = rows("budget_participatif_paris", "projets_laureats.csv")
    arguments = rows("republique_numerique", "arguments.csv")
    return {
        "République numérique, sections": often(
            [(f"{one['title']}. {one['body_text']}", one["section_subtitle"]) for one in proposals]
        ),
        "Paris, projects' themes (titles only)": often(
            [(one["titre_projet_gagnant"], one["thematique"]) for one in projects]
        ),
        "République numérique, for or against": often([(one["text"], one["side"]) for one in arguments]),
    }


def often(texts: Texts) -> Texts:
    count = Counter(label for _text, label in texts)
    return [(text, label) for text, label in texts if count[label] >= 20 and label and text.strip()]


def halves(texts: Texts, seed: int = 1) -> tuple[Texts, Texts]:
    mixed = sorted(texts)
    random.Random(seed).shuffle(mixed)
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def some_of(texts: Texts, most: int) -> Texts:
    """At most so many of each label."""
    taken: Counter[str] = Counter()
    found = []
    for text, label in texts:
        taken[label] += 1
        if taken[label] <= most:
            found.append((text, label))
    return found


# --- themes -----------------------------------------------------------------------------------------


def themes(name: str, texts: Texts, problems: list[str]) -> None:
    known, unknown = halves(texts)
    labels = sorted({label for _text, label in texts})
    print(f"  {name}: {len(texts)} texts, {len(labels)} labels", flush=True)
    print(f"    always the largest: {majority(known, unknown)}", flush=True)
    for most in EXAMPLES:
        taught = some_of(known, most)
        began = time.monotonic()
        models = learn(taught, labels)
        took = time.monotonic() - began
        print(f"    {len(taught):5} examples, ours:          {worth(models, unknown)}   ({took:.1f} s)", flush=True)
        if importlib.util.find_spec("sklearn"):
            print(f"    {len(taught):5} examples, TF-IDF + LR:   {regression(taught, unknown)}", flush=True)
    clean = worth(models, unknown)
    vocabulary = [text for text, _label in texts]
    for damage in (mishear(vocabulary, 0.3), misread(0.1)):
        hurt = worth(models, [(damage(text), label) for text, label in unknown])
        share = hurt.f1 / clean.f1 if clean.f1 else 0.0
        print(f"    all examples, {damage.__name__}: {hurt}  ({share:.0%} of clean)", flush=True)
        least = KEPT_AT_LEAST if damage.__name__ == "misread_" else KEPT_OF_CLEAN - 0.02
        if share < least:
            problems.append(f"{name}, {damage.__name__}: {share:.0%} of the clean F1")


def learn(taught: Texts, labels: Sequence[str]) -> learned_themes.LearnedThemes:
    decided = {label: {at: of == label for at, (_text, of) in enumerate(taught)} for label in labels}
    return learned_themes.LearnedThemes(learned_themes.learn_themes([text for text, _label in taught], decided))


def worth(models: learned_themes.LearnedThemes, unknown: Texts) -> Worth:
    right = made = silent = 0
    for text, label in unknown:
        found = [one.theme_key for one in models.suggest(text)]
        made += len(found)
        right += label in found
        silent += not found
    return Worth(right / made if made else 0.0, right / len(unknown), silent / len(unknown))


def majority(known: Texts, unknown: Texts) -> Worth:
    largest = Counter(label for _text, label in known).most_common(1)[0][0]
    share = sum(label == largest for _text, label in unknown) / len(unknown)
    return Worth(share, share, 0.0)


def regression(taught: Texts, unknown: Texts) -> Worth:
    """Without abstaining: the most probable label each time."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", ngram_range=(1, 2)),
        LogisticRegression(C=10, class_weight="balanced", max_iter=400),
    )
    model.fit([text for text, _label in taught], [label for _text, label in taught])
    guessed = model.predict([text for text, _label in unknown])
    share = float(np.mean([one == label for one, (_text, label) in zip(guessed, unknown, strict=True)]))
    return Worth(share, share, 0.0)


# --- likeness -----------------------------------------------------------------------------------------


def likeness(problems: list[str]) -> None:
    """Campaigns hidden among arguments: twenty texts, each sent by ten, some with words of their own."""
    arguments = [one["text"] for one in rows("republique_numerique", "arguments.csv")]
    arguments = list(dict.fromkeys(text for text in arguments if len(text) > 80))
    vocabulary = arguments
    dice = random.Random(4)
    originals = dice.sample(arguments, 20)
    left = [text for text in arguments if text not in originals]
    others, additions = left[:2000], left[2000:]
    duplicates = rows("en_talk_to_the_city", "test_very_duplicates.csv")
    repeated = count_same([one["comment"] for one in duplicates])
    print(f"  talk_to_the_city, file of duplicates: {repeated} of {len(duplicates)} found alike", flush=True)
    figures = {}
    for name, damage in {
        "clean": lambda text: text,
        "misheard": mishear(vocabulary, 0.3),
        "misread": misread(0.1),
    }.items():
        figures[name] = grouped(originals, others, additions, damage, dice)
        precision, recall = figures[name]
        print(
            f"  campaigns of ten among {len(others)}, {name}: precision {precision:.2f} recall {recall:.2f}", flush=True
        )
    for name, (precision, recall) in figures.items():
        if recall < KEPT_OF_CLEAN * figures["clean"][1] or precision < KEPT_OF_CLEAN:
            problems.append(f"likeness, {name}: precision {precision:.2f} recall {recall:.2f}")


def count_same(texts: Sequence[str]) -> int:
    return sum(
        any(text_likeness.same_wording(one, other) for place, other in enumerate(texts) if place != at)
        for at, one in enumerate(texts)
    )


def grouped(
    originals: Sequence[str],
    others: Sequence[str],
    additions: Sequence[str],
    damage: Callable[[str], str],
    dice: random.Random,
) -> tuple[float, float]:
    """Of pairs said to be the same, those that are; of those that are, those found."""
    texts, campaign = list(others), [-1] * len(others)
    for number, original in enumerate(originals):
        for copy in range(10):
            own = f" {dice.choice(additions)[:120]}" if copy >= 8 else ""
            texts.append(damage(original) + own)
            campaign.append(number)
    sketcher = text_likeness.Sketcher(b"soak")
    made = [sketcher.sketch(text) for text in texts]
    there = [at for at, one in enumerate(made) if one is not None]
    sketches = text_likeness.load_sketches([one for one in made if one is not None])
    pairs = text_likeness.likely_pairs(sketches, np.ones(len(there), dtype=bool))
    root = list(range(len(texts)))
    for one, other in ((there[a], there[b]) for a, b in pairs):
        low, high = sorted((_first(root, one), _first(root, other)))
        if low != high and text_likeness.same_wording(texts[low], texts[high]):
            root[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for at in range(len(texts)):
        groups[_first(root, at)].append(at)
    same = right = 0
    for members in groups.values():
        for place, one in enumerate(members):
            for other in members[place + 1 :]:
                same += campaign[one] >= 0 or campaign[other] >= 0
                right += campaign[one] == campaign[other] >= 0
    return right / max(1, same), right / (len(originals) * 45)


def _first(root: list[int], one: int) -> int:
    while root[one] != one:
        one = root[one]
    return one


# --- places ----------------------------------------------------------------------------------------------


def places(problems: list[str]) -> None:
    """Street names of the Paris projects' addresses, said within arguments of others."""
    addresses = {
        one["adresse_projet_gagnant"].split(",")[0].strip()
        for one in rows("budget_participatif_paris", "projets_laureats.csv")
    }
    addresses = set({one.casefold(): one for one in sorted(addresses)}.values())
    streets = sorted(
        one
        for one in addresses
        if one.casefold().split(" ")[0] in {"rue", "avenue", "boulevard", "place", "square"} and len(one.split()) > 2
    )
    arguments = [one["text"] for one in rows("republique_numerique", "arguments.csv")]
    dice, index = random.Random(5), PlaceIndex([TownPlace(one) for one in streets])
    said = [
        (f"{dice.choice(arguments)[:150]} {dice.choice(streets)} {dice.choice(arguments)[:60]}") for _ in range(600)
    ]
    wanted = [next(street for street in streets if street in text) for text in said]
    vocabulary = arguments + streets
    clean = 0.0
    for name, damage in {
        "clean": lambda text: text,
        "misheard": mishear(vocabulary, 0.3),
        "misread": misread(0.1),
    }.items():
        right = made = 0
        for text, street in zip(said, wanted, strict=True):
            found = [one.place.name for one in index.find(damage(text))]
            made += len(found)
            right += street in found
        print(
            f"  places ({len(streets)} streets), {name}: precision {right / max(1, made):.2f}",
            f"found {right / len(said):.2f}",
            flush=True,
        )
        clean = clean or right / len(said)
        if right / len(said) < KEPT_AT_LEAST * clean:
            problems.append(f"places, {name}: {right / len(said) / clean:.0%} of the clean figure")

"""What is read aloud in French: plain words by Kandel and Moles' formula, and how long it lasts.

Reading ease = 207 − 1.015 × words per sentence − 73.6 × syllables per word (Kandel and Moles 1958, Flesch's formula for
French): 60 and more is plain, as B1 is usually placed; 80 and more is easy. Syllables are groups of vowels but a silent
e at the end, which counts like a hyphenation dictionary within a few points.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

TEXTS = tomllib.loads((Path(__file__).parents[2] / "config/texts/fr.toml").read_text(encoding="utf-8"))
HEARD = {key: words for key, words in TEXTS.items() if key.startswith("voice_") and isinstance(words, str)}
PLAIN = 60.0
WORDS_A_MINUTE = 150
"""As a synthetic voice speaks French at its usual pace."""
LONGEST_SECONDS = {"voice_rights": 45}
"""Who asks for their rights hears all of them."""
USUAL_SECONDS = 20
SHORTEST = 8
"""Words; the formula says nothing of fewer."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+", re.IGNORECASE)


def as_heard(words: str) -> str:
    """With a word in the place of what is filled in, and what stands in brackets said."""
    return re.sub(r"\{[^}]*\}", "douze", words.replace("[", "").replace("]", ""))


def syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    silent = re.search(r"[^aeiouyàâäéèêëîïôöùûüœæ]e(?:s|nt)?$", word, re.IGNORECASE) is not None
    return max(1, groups - silent)


def reading_ease(words: str) -> float:
    said = _WORD.findall(words)
    sentences = max(1, len([one for one in re.split(r"[.!?]+\s", words + " ") if _WORD.search(one)]))
    return 207 - 1.015 * len(said) / sentences - 73.6 * sum(map(syllables, said)) / len(said)


def seconds(words: str) -> float:
    return len(_WORD.findall(words)) / WORDS_A_MINUTE * 60


SAMPLES = {
    "easy": ("Le chat dort. Il a faim.", 80.0, 150.0),
    "an office's": (
        "Conformément aux dispositions réglementaires susmentionnées, l'administration territoriale procédera "
        "ultérieurement à l'instruction individualisée de votre sollicitation.",
        -150.0,
        30.0,
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_formula_tells_plain_words_from_others(name: str) -> None:
    words, least, most = SAMPLES[name]
    assert least <= reading_ease(words) <= most


@pytest.mark.parametrize("key", sorted(HEARD))
def test_what_is_heard_is_plain_and_short(key: str) -> None:
    words = as_heard(HEARD[key])
    assert seconds(words) <= LONGEST_SECONDS.get(key, USUAL_SECONDS)
    if len(_WORD.findall(words)) >= SHORTEST:
        assert reading_ease(words) >= PLAIN

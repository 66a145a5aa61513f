"""Themes suggested by a consultation's own words: inspectable, and always with the words that caused them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from config.wording.stems import contains_sequence, stems


class ThemeWords(Protocol):
    """What a suggestion takes from a theme; ``config.wording.consultation.Theme`` fits."""

    @property
    def key(self) -> str:
        """The theme's name in rows and files."""

    @property
    def words(self) -> Mapping[str, Sequence[str]]:
        """The words and phrases by which it is suggested, language by language."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A theme, and the consultation's words that were found, in its order."""

    theme_key: str
    words: tuple[str, ...]


def suggest_themes(text: str, themes: Sequence[ThemeWords], language: str) -> list[Suggestion]:
    """The themes whose words, in any inflection, or whose phrases stand in a text; most words first."""
    said = stems(text, language)
    present = set(said)
    found = []
    for theme in themes:
        words = tuple(
            word
            for word in theme.words.get(language, ())
            # Looking for the stems one after the other takes long: first whether they are there at all.
            if present.issuperset(wanted := _wanted(word, language)) and contains_sequence(wanted, said)
        )
        if words:
            found.append(Suggestion(theme.key, words))
    return sorted(found, key=lambda suggestion: -len(suggestion.words))


@lru_cache(maxsize=20_000)
def _wanted(word: str, language: str) -> list[str]:
    """The stems of one of a consultation's words, which are looked for in every text."""
    return stems(word, language)

"""Themes suggested by a consultation's own words: inspectable, and always with the words that caused them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from config.stems import stems


class HasWords(Protocol):
    """What a suggestion takes from a theme; ``config.consultation.Theme`` fits."""

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


def suggest_themes(text: str, themes: Sequence[HasWords], language: str) -> list[Suggestion]:
    """The themes whose words, in any inflection, or whose phrases stand in a text; most words first."""
    said = stems(text, language)
    present = set(said)
    found = []
    for theme in themes:
        words = tuple(
            word for word in theme.words.get(language, ()) if _stands_in(stems(word, language), said, present)
        )
        if words:
            found.append(Suggestion(theme.key, words))
    return sorted(found, key=lambda suggestion: -len(suggestion.words))


def _stands_in(wanted: list[str], said: list[str], present: set[str]) -> bool:
    """Whether the stems follow one another somewhere in what was said."""
    if not wanted or not present.issuperset(wanted):
        return False
    length = len(wanted)
    return length == 1 or any(said[start : start + length] == wanted for start in range(len(said) - length + 1))

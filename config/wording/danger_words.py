"""Words that bring a contribution to a moderator sooner; nothing else follows from them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "danger_words" / "words.toml"


@cache
def danger_words() -> dict[str, tuple[str, ...]]:
    """The phrases by language; a text is found when it holds all the words of one of them."""
    return {language: tuple(phrases) for language, phrases in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}


@cache
def danger_phrases() -> tuple[str, ...]:
    """The phrases of all languages: people write in whichever they speak."""
    return tuple(dict.fromkeys(phrase for phrases in danger_words().values() for phrase in phrases))

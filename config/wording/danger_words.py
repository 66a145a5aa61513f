"""Words that bring a contribution to a moderator sooner; nothing else follows from them."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FILE = Path(__file__).parents[1] / "danger_words" / "words.toml"


# Read with the module, for a queue is gone through inside of a transaction, in which no file is touched.
DANGER_WORDS = {
    language: tuple(phrases) for language, phrases in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
}
"""The phrases by language; a text is found when it holds all the words of one of them."""

DANGER_PHRASES = tuple(dict.fromkeys(phrase for phrases in DANGER_WORDS.values() for phrase in phrases))
"""The phrases of all languages: people write in whichever they speak."""

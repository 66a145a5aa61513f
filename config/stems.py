"""Words as they are compared: folded and stemmed, so that « Bancs », « bancs » and « banc » are one.

The search index and the suggestions of themes must agree on this, and belong to two rooms.
"""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

STEMMERS = {"fr": "french", "en": "english"}
_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": " ", "'": " "})
ELIDED = frozenset({"l", "d", "j", "m", "t", "s", "n", "c", "qu"})
"""What stands before an apostrophe, and says nothing: « l'école » is « école »."""
_local = threading.local()


def fold(text: str) -> str:
    """Small letters and digits without accents, words apart by one space."""
    lowered = text.casefold().translate(_LIGATURES)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(bare.casefold()))


def words_of(text: str) -> list[str]:
    """A text's folded words, without what elisions leave."""
    return [word for word in fold(text).split() if word not in ELIDED]


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """The stem of a folded word in a language (fr, en); the word itself in any other."""
    # Folded before it is stemmed: people write without accents, and both sides must come to the same stem.
    name = STEMMERS.get(language)
    if name is None:
        return word
    # A stemmer keeps its state in itself, so that each thread needs its own.
    known = _local.__dict__.setdefault("stemmers", {})
    if name not in known:
        known[name] = snowballstemmer.stemmer(name)
    return str(known[name].stemWord(word)) or word


def every_form(word: str) -> list[str]:
    """What a folded word may be in a text of unknown language: itself, or its stem in each."""
    return sorted({stem(word, language) for language in ("", *STEMMERS)})


def stems(text: str, language: str | None) -> list[str]:
    """The stems of a text's words in a language; every form of each when it is unknown."""
    if language is None:
        return [form for word in words_of(text) for form in every_form(word)]
    return [stem(word, language) for word in words_of(text)]

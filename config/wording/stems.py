"""Words as they are compared: folded and stemmed, so that « Bancs », « bancs » and « banc » are one.

The search index and the suggestions of themes must agree on this, and belong to two rooms. Where a script
puts no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese …), or sticks endings to them
(Korean), nobody can tell words without a dictionary: there the words are pairs of neighbouring characters,
so that a word is found within a sentence by its own pairs.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

STEMMERS = {"fr": "french", "en": "english"}
_WORD = re.compile(r"[^\W_]+")

# Blocks of the Unicode Standard 14.0 (Blocks.txt). Compatibility forms are folded into these before.
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai Le, New Tai Lue, Tai Tham, Tai Viet
    "\u1b00-\u1b7f\ua980-\ua9df"  # Balinese, Javanese
    "\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo, iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\ua000-\ua4cf"  # Yi
    "\uac00-\ud7a3"  # Hangul
    "]+"
)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": " ", "'": " "})
ELIDED = frozenset({"l", "d", "j", "m", "t", "s", "n", "c", "qu"})
"""What stands before an apostrophe, and says nothing: « l'école » is « école »."""
_NO_LETTERS = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Accents, vowel signs, and invisible marks within words (soft hyphens, joiners): left out, so none splits a word."""
_local = threading.local()


class _Bare(dict[int, int | None]):
    """What becomes of each character; remembered of the alphabets."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code)) in _NO_LETTERS else code
        if code < _ALPHABETS:
            self[code] = kept
        return kept


_ALPHABETS = 0x3000
_bare = _Bare()


@lru_cache(maxsize=4)
def fold(text: str) -> str:
    """Small letters and digits without accents, words apart by one space."""
    lowered = text.casefold().translate(_LIGATURES)
    bare = unicodedata.normalize("NFKD", lowered).translate(_bare)
    # Hangul is put together again, so that its characters are syllables.
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", bare).casefold()))


def words_of(text: str) -> list[str]:
    """A text's folded words, without what elisions leave; pairs of characters where a script has no spaces."""
    return [word for run in fold(text).split() for word in _apart(run) if word not in ELIDED]


def characters_of(text: str) -> list[str]:
    """The single characters of scripts without spaces in a text: many a word is one."""
    return sorted({character for run in _UNSPACED.findall(fold(text)) for character in run})


def _apart(run: str) -> list[str]:
    if run.isascii():
        return [run]
    words, end = [], 0
    for found in _UNSPACED.finditer(run):
        words += [run[end : found.start()], *_pairs(found.group())]
        end = found.end()
    return [word for word in (*words, run[end:]) if word]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


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


def possible_stems(word: str) -> list[str]:
    """What a folded word may be in a text of unknown language: itself, or its stem in each."""
    return sorted({stem(word, language) for language in ("", *STEMMERS)})


def stems(text: str, language: str | None) -> list[str]:
    """The stems of a text's words in a language; every form of each when it is unknown."""
    if language is None:
        return [form for word in words_of(text) for form in possible_stems(word)]
    return [stem(word, language) for word in words_of(text)]


def contains_sequence(wanted: Sequence[str], said: Sequence[str]) -> bool:
    """Whether stems follow one another somewhere in what was said."""
    length = len(wanted)
    return length > 0 and any(said[at : at + length] == wanted for at in range(len(said) - length + 1))

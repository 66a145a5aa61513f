"""Words as they sound, so that what is misheard, misspelt or misread still compares as alike.

A key, not a transcription: letters that French or English speakers write for one sound become one, silent
endings go, and shapes that readers of print confuse (``0`` and ``o``, ``1`` and ``l``, ``rn`` and ``m``) are one.
Two words with the same key are homophones or near to it (« mer », « maire », « mère »).
"""

from __future__ import annotations

import re
from functools import lru_cache

from config.wording.stems import words_of

_DIGITS_IN_WORDS = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b"})

# In order: what is longer goes before what it contains. Folded text has no accents left.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"rn", "m"),
        (r"eaux?|aux?|ault|aud$", "o"),
        (r"ph", "f"),
        (r"qu|q|ck|c(?=[aoulrt]|$)|ch(?=r)", "k"),
        (r"sch|sh|ch", "x"),
        (r"c(?=[eiy])|ss|sc(?=[eiy])|t(?=ion)", "s"),
        (r"g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"gn", "n"),
        (r"ill|ll(?=e$)", "y"),
        (r"oeu|eu|oe", "e"),
        (r"(?<=..)(?:er|ez|et|ais|ait|aient|ee|ees|es|ai|ei|ai[sxt])$", "e"),
        (r"ai|ei|ay|ey", "e"),
        (r"(?:aim|ain|ein|eim|yn|ym|im|in|un|um)(?![aeiouyn])", "I"),
        (r"(?:em|en|am|an)(?![aeiouyn])", "A"),
        (r"(?:om|on)(?![aeiouyn])", "O"),
        (r"ou", "w"),
        (r"y", "i"),
        (r"h", ""),
        (r"z", "s"),
        (r"(?:ent|e|s|x|t|d|p)+$", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=200_000)
def sound_key(word: str) -> str:
    """The key of one folded word; a number, a word of another script, or one that is all silent keeps itself."""
    if word.isdigit() or not word.isascii():
        return word
    key = word.translate(_DIGITS_IN_WORDS)
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key or word


def sound_keys(text: str) -> list[str]:
    """The keys of a text's words, in their order."""
    return [sound_key(word) for word in words_of(text)]

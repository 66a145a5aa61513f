"""Texts as a machine mishears or misreads them, by rules that are none of ours.

A word is replaced by another word of a vocabulary with the same key of Soundex for French (« Soundex 2 »,
F. Brouard), or, where there is none, by the one whose spelling is nearest. Letters are replaced as print is misread.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable

from rapidfuzz import distance, process

_WORD = re.compile(r"[^\W\d_]+")
_SHAPES = {
    "a": "oe", "b": "h6", "c": "eo", "d": "cl", "e": "co", "f": "t", "g": "q9", "h": "bn", "i": "l1", "j": "i",
    "l": "1i", "m": "rn", "n": "u", "o": "0c", "q": "g", "r": "n", "s": "5", "t": "f", "u": "n", "v": "y", "w": "vv",
    "y": "v", "z": "2",
}  # fmt: skip


def soundex2(word: str) -> str:
    """Soundex for French."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if c.isascii() and c.isalpha()).upper()
    for old, new in (("GUI", "KI"), ("GUE", "KE"), ("GA", "KA"), ("GO", "KO"), ("GU", "K"), ("CA", "KA"), ("CO", "KO"),
                     ("CU", "KU"), ("Q", "K"), ("CC", "K"), ("CK", "K")):  # fmt: skip
        bare = bare.replace(old, new)
    first, rest = bare[:1], re.sub("[EIOU]", "A", bare[1:])
    for old, new in (("MAC", "MCC"), ("ASA", "AZA"), ("KN", "NN"), ("PF", "FF"), ("SCH", "SSS"), ("PH", "FF")):
        rest = rest.replace(old, new)
    rest = re.sub("(?<![CS])H|Y(?!A)", "", rest)
    rest = re.sub("[ADTS]$", "", rest).replace("A", "")
    return re.sub(r"(.)\1+", r"\1", first + rest)[:4]


def mishear(vocabulary: Iterable[str], share: float) -> Callable[[str], str]:
    """Replaces a share of the words by words that sound alike."""
    words = sorted({word.lower() for text in vocabulary for word in _WORD.findall(text)})
    by_key: dict[str, list[str]] = defaultdict(list)
    for word in words:
        by_key[soundex2(word)].append(word)
    dice, known = random.Random(8), {}

    def alike(word: str) -> str:
        key = word.lower()
        if key not in known:
            same = [one for one in by_key[soundex2(key)] if one != key]
            # What is heard is near in length, too.
            close = process.extract(key, same, scorer=distance.Levenshtein.distance, limit=4) if same else []
            if not close:
                close = process.extract(
                    key,
                    [w for w in words if w[:1] == key[:1] and w != key],
                    scorer=distance.Levenshtein.distance,
                    limit=2,
                )
            known[key] = [one for one, *_ in close] or [key]
        return dice.choice(known[key])

    def misheard(text: str) -> str:
        return _WORD.sub(lambda found: alike(found.group()) if dice.random() < share else found.group(), text)

    return misheard


def misread(share: float) -> Callable[[str], str]:
    """Replaces a share of the letters by what they look like."""
    dice = random.Random(9)

    def misread_(text: str) -> str:
        return "".join(
            dice.choice([*_SHAPES[one.lower()]]) if one.lower() in _SHAPES and dice.random() < share else one
            for one in text
        )

    return misread_

"""Numbers of several words in figures, « quatre vingt dix sept » as « 97 », where they can mean nothing else.

Only French: in English « twenty two bedroom flats » are twenty or twenty-two, and only the voice tells. A single
word is never touched (« neuf », « un », « cent »), nor anything that could be two numbers or a part of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from text_to_num import text2num

from transcription.base.values import Word

LANGUAGE = "fr"
LONGEST_PAUSE = 0.7
"""Seconds within one number; who dictates one digit or pair after the other pauses longer."""
LARGEST = 9_999
"""Longer ones need a separator and are as easy to read in words."""

# fmt: off
_ARTICLES = {"un", "une"}
_UNITS = {"zéro", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"}
_TEENS = {"dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"}
_TENS = {"vingt", "trente", "quarante", "cinquante", "soixante", "septante", "huitante", "octante", "nonante"}
_HUNDREDS = {"cent", "cents", "mille", "mil"}
_MORE = {"vingts", "million", "millions", "milliard", "milliards"}
_SAID_BY_NOBODY = re.compile(
    r"\b(septante|huitante|octante|nonante) (dix|onze|douze|treize|quatorze|quinze|seize)\b"
    r"|(?<!\bquatre )\bvingts|^cents|\b(dix|cent|mille|mil) cents?\b(?<!\bmille cent)(?<!\bmil cent)| mil\b"
)
"""The library takes « cent vingts » for 102 and « huitante douze » for 92; they are two numbers."""
_NUMBER_WORDS = _ARTICLES | _UNITS | _TEENS | _TENS | _HUNDREDS | _MORE

_NEAR = 2
"""Words between two numbers that may belong together: « deux ou trois cents », « deux heures vingt », « deux, peut
être trois cents »."""
_MONTHS = {
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
}
"""Between a day and a year, which are two numbers all the same."""
_LINKS = {"ou", "à", "et", "voire"}
"""« un ou deux cents »; elsewhere « un » and « une » are articles."""
_DAYS_AND_NUMBERS = {"le", "du", "au"}
"""« le deux cent personnes sont venues » has a date in it."""
_NOON = {"midi", "minuit"}
"""Minutes follow."""
# fmt: on


def numbers_in_figures(words: Sequence[Word], language: str | None) -> list[Word]:
    """The words of a recording, each safe number of several words as one, from the first's start to the last's end.

    It is as sure as its least sure word.
    """
    if language != LANGUAGE:
        return list(words)
    texts = [word.text.lower() for word in words]
    runs = list(_runs(texts))
    found: list[Word] = []
    done = 0
    for place, (first, end) in enumerate(runs):
        number = _number(texts[first:end])
        if number is None or not _stands_alone(texts, runs, place) or not _in_one_breath(words[first:end]):
            continue
        found += words[done:first]
        found.append(_merged(words[first:end], str(number)))
        done = end
    return [*found, *words[done:]]


def _runs(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where number words follow each other: the first, and the one after the last."""
    first = 0
    while first < len(texts):
        end = first
        while end < len(texts) and (_is_number(texts[end]) or (end > first and _is_and(texts, end))):
            end += 1
        if end > first:
            yield first, end
        first = max(end, first + 1)


def _is_number(text: str) -> bool:
    """Some models join with hyphens what others hear as several words, and some write figures of their own."""
    parts = text.split("-")
    return all(part in _NUMBER_WORDS or part.isdecimal() or (part == "et" and len(parts) > 1) for part in parts)


def _is_and(texts: Sequence[str], place: int) -> bool:
    """Whether this is the « et » of « vingt et un » or of « soixante et onze »; « quatre vingt un » has none."""
    if texts[place] != "et" or place + 1 == len(texts) or texts[place - 1] not in _TENS:
        return False
    before = texts[place - 2] if place > 1 else ""
    if texts[place + 1] in _ARTICLES:
        return not (texts[place - 1] == "vingt" and before == "quatre")
    return texts[place - 1] == "soixante" and texts[place + 1] == "onze"


def _number(run: Sequence[str]) -> int | None:
    """What the whole run says when it is one number and its words can be no others."""
    if len(run) < 2 or any(part.isdecimal() or part == "zéro" for text in run for part in text.split("-")):
        return None
    if run[-1] in _ARTICLES and run[-2] != "et":
        return None  # « il y en a cent un jour sur deux »
    if run[0] == "neuf":
        return None  # « un vélo neuf cent euros »
    text = " ".join(run)
    if _SAID_BY_NOBODY.search(text):
        return None
    try:
        number = text2num(text, LANGUAGE)
    except ValueError:
        return None
    return int(number) if number <= LARGEST else None


def _stands_alone(texts: Sequence[str], runs: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether nothing around it can belong to it."""
    first, end = runs[place]
    before = texts[first - 1] if first else ""
    after = texts[end + (texts[end : end + 1] == ["et"]) :][:1]
    if before in _NOON or (before in _DAYS_AND_NUMBERS and _begins_with_a_day(texts[first:end])):
        return False
    if before == "pour" and texts[first] in _HUNDREDS:
        return False  # « vingt pour cent vingt fois de suite »
    if any(text.endswith(("ième", "ièmes")) for text in after):
        return False  # « cent vingt troisième », « cent vingt et unième »
    neighbours = [(runs[place - 1], runs[place])] if place else []
    neighbours += [(runs[place], runs[place + 1])] if place + 1 < len(runs) else []
    return not any(_together(texts, one, other) for one, other in neighbours)


def _begins_with_a_day(run: Sequence[str]) -> bool:
    return any(text in _HUNDREDS for text in run) and run[0] not in _HUNDREDS


def _together(texts: Sequence[str], one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two numbers are so near each other that they may be parts of one thing."""
    between = texts[one[1] : other[0]]
    if len(between) > _NEAR or _MONTHS & set(between):
        return False
    if between == ["pour"] and texts[other[0] : other[1]] == ["cent"]:
        return False
    if any(end - first == 1 and texts[first] in _ARTICLES for first, end in (one, other)):
        return not between or bool(_LINKS & set(between))
    return True


def _in_one_breath(run: Sequence[Word]) -> bool:
    return all(later.start - earlier.end <= LONGEST_PAUSE for earlier, later in pairwise(run))


def _merged(run: Sequence[Word], text: str) -> Word:
    return Word(text, min(word.confidence for word in run), run[0].start, run[-1].end)

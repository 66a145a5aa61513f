"""Which voices are quoted of many on one theme: a typical one, a divergent one, one nobody else shares; three at most.

Chosen by counting, never written: a passage is whole sentences of one text, as they stand.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from config.wording.stems import stems

SHORT_TEXT = 120
"""Characters; a text of no more is quoted whole."""
SHORTEST, LONGEST = 25, 320
"""Characters of a passage that is quoted; a shorter text is quoted only when there is nothing else."""

_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+|\n|$)[»\"”)\]]*\s*")

# Words that turn a sentence: what they stand in differs from what most say.
_TURNING_WORDS = """
contre inutile inutiles supprimer refuse refusons opposé opposée opposons surtout ridicule gaspillage laissez
against useless remove refuse oppose opposed waste
"""
_TURNING = frozenset(form for language in ("fr", "en") for form in stems(_TURNING_WORDS, language))


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A place in a text: from one character to another."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class ChosenQuotations:
    """Whom to quote on a theme, as numbers of texts; None where nobody stands out."""

    typical: int | None
    divergent: int | None
    single: int | None


def passage_about(text: str, words: Collection[str], language: str) -> TextSpan:
    """The whole sentences of a text, one after the other, that speak of something; all of it where it is short.

    ``words``: stems of what it is about. A letter that speaks of several things is quoted by what it says of each.
    """
    if len(text.strip()) <= SHORT_TEXT:
        return passage_of(text)
    begin, end = None, 0
    for found in _SENTENCE.finditer(text):
        speaks = not set(words).isdisjoint(stems(found.group(), language))
        stop = found.start() + len(found.group().rstrip())
        if begin is None and speaks:
            begin, end = found.start() + len(found.group()) - len(found.group().lstrip()), stop
        elif begin is not None and speaks and stop - begin <= LONGEST:
            end = stop
        elif begin is not None:
            break
    return passage_of(text) if begin is None or end - begin > LONGEST else TextSpan(begin, end)


def passage_of(text: str) -> TextSpan:
    """The first whole sentences of a text that are long enough to say something, and short enough to be read."""
    begin, end, said_until = None, 0, len(text.rstrip())
    for found in _SENTENCE.finditer(text):
        if not found.group().strip() or (begin is None and _is_greeting(found.group()) and found.end() < said_until):
            continue
        stop = found.start() + len(found.group().rstrip())
        if begin is None:
            begin, end = found.start() + len(found.group()) - len(found.group().lstrip()), stop
        elif stop - begin <= LONGEST:
            end = stop
        else:
            break
    if begin is None:
        return TextSpan(0, 0)
    if end - begin > LONGEST:
        cut = text.rfind(" ", begin, begin + LONGEST)
        end = cut if cut > begin else begin + LONGEST
    return TextSpan(begin, end)


_GREETING_WORDS = """
bonjour bonsoir salut madame monsieur mesdames messieurs cher chère chers le la maire
hello hi good morning evening dear sir sirs madam
"""
_GREETINGS = frozenset(_GREETING_WORDS.split())


def _is_greeting(sentence: str) -> bool:
    """Whether nothing but a greeting stands there: it is no part of what is said."""
    words = re.findall(r"[^\W\d_]+", sentence.casefold())
    return len(words) <= 5 and all(word in _GREETINGS for word in words)


def choose_quotations(texts: Mapping[int, str], language: str) -> ChosenQuotations:
    """Whom to quote of these texts; nobody twice."""
    said = {number: set(stems(text, language)) for number, text in texts.items()}
    spread = Counter(word for words in said.values() for word in words)
    count = len(texts)
    # What everybody writes says nothing; what one writes alone is not typical.
    weight = {word: n * math.log(1 + count / n) if 1 < n <= 0.5 * count + 1 else 0.0 for word, n in spread.items()}

    def common(number: int) -> float:
        return sum(weight[word] for word in said[number]) / (8 + len(said[number]))

    def rank(numbers: list[int]) -> list[int]:
        return sorted(numbers, key=lambda number: (-common(number), number))

    readable = [number for number, text in texts.items() if SHORTEST <= len(text.strip()) <= 2 * LONGEST]
    ranked = rank(readable or list(texts))
    typical = ranked[0] if ranked else None
    turning = [number for number in ranked[1:] if not _TURNING.isdisjoint(said[number])]
    plain = typical is not None and _TURNING.isdisjoint(said[typical])
    divergent = turning[0] if turning and plain else None
    left = [number for number in ranked if number not in (typical, divergent)]
    single = min(left, key=lambda number: (_shared(said[number], spread), number), default=None) if count > 3 else None
    return ChosenQuotations(typical, divergent, single)


def _shared(words: set[str], spread: Counter[str]) -> float:
    """How much of what a text says others say, too."""
    return sum(spread[word] > 1 for word in words) / (len(words) + 1)


OWN_ENOUGH = 4
"""So many words of its own make a sentence worth quoting by itself."""


def passage_beyond(text: str, common: str) -> TextSpan:
    """The whole sentences of a text, one after the other, that say most beyond a text that others sent too."""
    shared = set(stems(common, "fr"))
    sentences = [(one.start(), one.start() + len(one.group().rstrip())) for one in _SENTENCE.finditer(text)]
    own = [sum(word not in shared for word in stems(text[begin:end], "fr")) for begin, end in sentences]
    if not own or max(own) < OWN_ENOUGH:
        return passage_of(text)
    best = own.index(max(own))
    begin, end = sentences[best]
    begin += len(text[begin:end]) - len(text[begin:end].lstrip())
    if end - begin > LONGEST:
        cut = text.rfind(" ", begin, begin + LONGEST)
        end = cut if cut > begin else begin + LONGEST
    return TextSpan(begin, end)

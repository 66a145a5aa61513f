"""Groups proposed among many texts: « 14 contributions parlent de passerelle, gare ».

Two words that stand together in several texts, much oftener than they would by chance, are a seed; seeds that share
most of their texts are one group. Nothing is learned and nothing hidden: a group is its words, and its texts are those
in which two of its words stand. A person names it, joins it, splits it or throws it away.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from config.wording.stems import fold, stems, words_of

FEWEST = 5
"""Texts of a group; fewer are a coincidence."""
OFTEN, OFTEN_AMONG_FEW = 0.1, 15
"""A word in a larger share of the texts tells nothing apart; among few texts, one in more than so many."""
LIFT = 5.0
"""How much oftener than by chance two words have to stand together."""
NEARLY_ALWAYS = 0.6
"""The share of the texts with the commoner word in which the other one stands, too."""
SAME = 0.5
"""Of the smaller of two groups, the share of texts that are also the other's, from which they are one."""
MOST_PROPOSED = 12
MOST_WORDS = 6
_RAREST = 25
"""Words of one text that are looked at: a letter of pages is known by its rarest."""
_SHORTEST = 4
_WRITTEN = re.compile(r"[^\W\d_]+")

_SMALL_WORDS = """
aussi autre autres avant avec avoir beaucoup bien celle celui cela cette ceux chaque chez comme comment contre dans
depuis deux devrait doit doivent donc elle elles encore entre etre faire fait faut font grand grande leur leurs lorsque
mais meme memes moins nous notre nos parce pendant peut peuvent plus plusieurs pour pourquoi pourrait quand quel quelle
quelque quelques quoi sans sera serait seulement sont sous souvent sur tous tout toute toutes tres trop vers voir votre
vous merci bonjour madame monsieur maire ville about also another because been before being could does each every from
have here into just like made many more most much need only other over people please should some such than thank that
their them then there these they this those through very want well were what when where which while will with would your
"""
_SMALL = frozenset(form for language in ("fr", "en") for form in stems(_SMALL_WORDS, language))


@dataclass(frozen=True, slots=True)
class Proposed:
    """A group: its words as people write them, the most telling first, and the numbers of its texts."""

    words: tuple[str, ...]
    members: tuple[int, ...]


def propose(
    texts: Mapping[int, tuple[str, str]], known: Collection[str] = (), most: int = MOST_PROPOSED
) -> list[Proposed]:
    """Groups among texts (number -> text, language), the largest first; ``known``: stems that themes cover already."""
    said, written = _telling(texts, frozenset(known))
    spread = Counter(stem for found in said.values() for stem in found)
    together: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, found in said.items():
        rarest = sorted((stem for stem in found if spread[stem] >= FEWEST), key=lambda stem: (spread[stem], stem))
        for pair in combinations(sorted(rarest[:_RAREST]), 2):
            together[pair].append(number)
    count = len(texts)
    seeds = [
        (pair, frozenset(members))
        for pair, members in together.items()
        if len(members) >= FEWEST and _belong(len(members), spread[pair[0]], spread[pair[1]], count)
    ]
    groups = _merged(sorted(seeds, key=lambda seed: (-len(seed[1]), seed[0])), most)
    return [_proposed(pairs, members, spread, written) for pairs, members in groups]


def _belong(together: int, one: int, other: int, count: int) -> bool:
    """Whether two words belong together: much oftener than by chance, or nearly always (where there are few texts)."""
    return together * count >= LIFT * one * other or together >= NEARLY_ALWAYS * max(one, other)


def _telling(
    texts: Mapping[int, tuple[str, str]], known: frozenset[str]
) -> tuple[dict[int, frozenset[str]], dict[str, Counter[str]]]:
    """The stems of each text that may tell it apart, and how each stem is written."""
    every: dict[int, frozenset[str]] = {}
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for number, (text, language) in texts.items():
        found = set()
        spelt = {fold(word): word for word in _WRITTEN.findall(text.casefold())}
        for word in set(words_of(text)):
            (stem, *_more) = stems(word, language) or [word]
            if len(word) >= _SHORTEST and not word.isdigit() and stem not in _SMALL and stem not in known:
                found.add(stem)
                written[stem][spelt.get(word, word)] += 1
        every[number] = frozenset(found)
    spread = Counter(stem for found in every.values() for stem in found)
    most = max(OFTEN_AMONG_FEW, OFTEN * len(texts))
    return {number: frozenset(s for s in found if spread[s] <= most) for number, found in every.items()}, written


Group = tuple[list[tuple[str, str]], frozenset[int]]


def _merged(seeds: Sequence[tuple[tuple[str, str], frozenset[int]]], most: int) -> list[Group]:
    """Seeds that share most of their texts made one, as long as their words overlap or their texts nearly agree."""
    groups: list[Group] = []
    for pair, members in seeds:
        for at, (pairs, held) in enumerate(groups):
            if len(members & held) >= SAME * min(len(members), len(held)):
                words = {word for one in pairs for word in one}
                # A group may grow by what belongs to it, not wander off by a chain of neighbours.
                if len(words | set(pair)) <= MOST_WORDS and len(members | held) <= 2 * len(held):
                    groups[at] = ([*pairs, pair], held | members)
                break
        else:
            if len(groups) < 3 * most:
                groups.append(([pair], members))
    return sorted(groups, key=lambda group: (-len(group[1]), group[0]))[:most]


def _proposed(
    pairs: Sequence[tuple[str, str]],
    members: frozenset[int],
    spread: Mapping[str, int],
    written: Mapping[str, Counter[str]],
) -> Proposed:
    ranked = sorted({stem for pair in pairs for stem in pair}, key=lambda stem: (-spread[stem], stem))
    return Proposed(tuple(written[stem].most_common(1)[0][0] for stem in ranked), tuple(sorted(members)))


def speaks_of(text: str, language: str, words: Collection[str]) -> bool:
    """Whether a text belongs to a group with these words: two of them stand in it, or the only one."""
    wanted = {stem for word in words for stem in stems(word, language)}
    return len(wanted & set(stems(text, language))) >= min(2, len(wanted)) and bool(wanted)

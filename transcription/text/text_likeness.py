"""Which texts say the same: found by sketches of a few hundred bytes, confirmed by comparing the wordings.

MinHash (A. Broder, "On the resemblance and containment of documents", 1997) over sequences of letters of the words
as they sound: a sketch tells how much two texts share without either being there. The permutations come from a
secret, so that nobody can look for a text in sketches. Candidates are the texts of which whole bands of the sketch
agree (locality-sensitive hashing); whether they say the same is decided by ``same_wording`` on the texts themselves.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from transcription.text.sounded_words import sound_keys

PLACES = 126
"""Minima of a sketch; a share estimated from them is off by 0.04 (standard deviation)."""
BAND = 3
"""Minima that have to agree together for two texts to be compared at all."""
FEWEST_WORDS = 5
"""A shorter text says the same as many others by chance: « Plus de bus »."""
LONG = 30
"""Words; in a text of fewer, other numbers are another matter."""
SHORT = 12
"""Words; a text of fewer has to agree nearly word for word."""
ALIKE, ALIKE_SHORT = 70.0, 90.0
"""Percent of the shorter text that the longer one contains, letter by letter as it sounds.

Measured on République numérique's arguments: of 20,000 pairs that have nothing to do with each other 999 in a thousand
stay below 59; of texts of which 30 % of the words are misheard twice, or 10 % of the letters misread twice, 98 in a
hundred reach 73.
"""
ANSWERED = 0.75
"""In a text that is not long, the share of its words that the other one must have, too, as nearly as it sounds."""
NEAR_WORD = 65.0
"""Percent of the letters in which two words agree that one may be misheard for the other."""
FULL_BAND = 100
"""Texts that agree in one band: with more, each is compared with the first of them only."""

_SHINGLE = 4
_PRIME = np.uint64((1 << 31) - 1)

Sketch = npt.NDArray[np.uint32]


class Sketcher:
    """Makes sketches with the permutations of one secret."""

    def __init__(self, secret: bytes) -> None:
        drawn = hashlib.shake_256(secret).digest(PLACES * 16)
        numbers = np.frombuffer(drawn, dtype=np.uint64).reshape(2, PLACES)
        self._times = (numbers[0] % (_PRIME - np.uint64(1)) + np.uint64(1))[:, None]
        self._plus = (numbers[1] % _PRIME)[:, None]

    def sketch(self, text: str) -> bytes | None:
        """The sketch of a text; None where it is too short to be compared."""
        words = sound_keys(text)
        if len(words) < FEWEST_WORDS:
            return None
        line = f" {' '.join(words)} "
        shingles = {line[at : at + _SHINGLE] for at in range(len(line) - _SHINGLE + 1)}
        hashed = np.fromiter((zlib.crc32(one.encode()) for one in shingles), np.uint64, len(shingles)) % _PRIME
        minima: Sketch = ((self._times * hashed[None, :] + self._plus) % _PRIME).min(axis=1).astype(np.uint32)
        return minima.tobytes()


def load_sketches(stored: Sequence[bytes]) -> Sketch:
    """Stored sketches as rows of one array."""
    return np.frombuffer(b"".join(stored), dtype=np.uint32).reshape(len(stored), PLACES)


def likely_pairs(sketches: Sketch, new: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pairs of rows worth comparing, the earlier first, of which one at least is new."""
    _unique, first, place = np.unique(_as_units(sketches), return_index=True, return_inverse=True)
    # The same sketch is the same text: each is compared with the first only, and the first with the others.
    twins = first[place.ravel()]
    pairs = {(int(twins[row]), int(row)) for row in np.flatnonzero(new & (twins != np.arange(len(twins))))}
    rows = np.sort(first)
    some, some_new = sketches[rows], new[rows]
    likely: set[tuple[int, int]] = set()
    for start in range(0, PLACES, BAND):
        band = _as_units(some[:, start : start + BAND])
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        ends = np.append(starts[1:], len(ordered))
        for begin, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
            likely.update(_within(sorted(int(row) for row in order[begin:end]), some_new))
    pairs |= {(int(rows[one]), int(rows[other])) for one, other in _worth_comparing(some, sorted(likely))}
    return sorted(pairs)


def _as_units(rows: Sketch) -> npt.NDArray[np.void]:
    """Each row as one value, to be sorted and compared as a whole."""
    whole = np.ascontiguousarray(rows)
    return whole.view(np.dtype((np.void, whole.shape[1] * 4))).ravel()


def _within(rows: list[int], new: npt.NDArray[np.bool_]) -> Iterable[tuple[int, int]]:
    if len(rows) > FULL_BAND:
        return ((rows[0], row) for row in rows[1:] if new[row] or new[rows[0]])
    return ((one, other) for at, one in enumerate(rows) for other in rows[at + 1 :] if new[one] or new[other])


_AT_ONCE = 200_000
LIKELY = 0.16
"""The share of common letter sequences from which two texts are opened and compared."""


def _worth_comparing(sketches: Sketch, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start in range(0, len(pairs), _AT_ONCE):
        some = np.array(pairs[start : start + _AT_ONCE])
        share = (sketches[some[:, 0]] == sketches[some[:, 1]]).mean(axis=1)
        found += [(int(one), int(other)) for one, other in some[share >= LIKELY]]
    return found


def same_wording(one: str, other: str) -> bool:
    """Whether the shorter text stands in the longer one, but for mishearing and misreading."""
    return same_sounded_wording(sound_keys(one), sound_keys(other))


def same_sounded_wording(one: list[str], other: list[str]) -> bool:
    """``same_wording`` of texts whose words were brought to their sound before."""
    words = sorted((one, other), key=len)
    if len(words[0]) < FEWEST_WORDS:
        return False
    numbers = _numbers(words[0]), _numbers(words[1])
    # Line 3 is not line 5, however alike the rest; in a long text one figure more or less is a slip.
    if len(words[0]) < LONG and numbers[0] - numbers[1] and numbers[1] - numbers[0]:
        return False
    shorter, longer = (" ".join(each) for each in words)
    is_short = len(words[0]) < SHORT
    if is_short and len(words[1]) > 2 * len(words[0]):
        return False
    compared = fuzz.ratio if is_short else fuzz.partial_ratio
    if compared(shorter, longer) < (ALIKE_SHORT if is_short else ALIKE):
        return False
    return len(words[0]) >= LONG or _answered(words[0], words[1]) >= ANSWERED


def _answered(shorter: Iterable[str], longer: Iterable[str]) -> float:
    """The share of the shorter text's longer words that a word of the other one sounds like.

    « Nous demandons que la piscine ouvre le dimanche » has nearly the letters of « … que le bus passe le dimanche ».
    """
    wanted = {word for word in shorter if len(word) > 3}
    there = {word for word in longer if len(word) > 2}
    found = sum(
        process.extractOne(word, there, scorer=fuzz.ratio, score_cutoff=NEAR_WORD) is not None for word in wanted
    )
    return found / len(wanted) if wanted else 1.0


def _numbers(words: Iterable[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


COMMON = 0.3
"""A word is the group's when this share of its members says it, and two of them at least."""


def own_words(texts: Mapping[int, str]) -> dict[int, int]:
    """How many words each of the texts that say the same says beyond what they have in common."""
    said = {number: sound_keys(text) for number, text in texts.items()}
    spread = Counter(word for words in said.values() for word in set(words))
    fewest = max(2, round(COMMON * len(texts)))
    return {number: sum(spread[word] < fewest for word in words) for number, words in said.items()}


def cluster_pairs(groups: Mapping[int, int]) -> dict[int, list[int]]:
    """The members of each group."""
    found: dict[int, list[int]] = defaultdict(list)
    for member, group in groups.items():
        found[group].append(member)
    return {group: sorted(members) for group, members in found.items()}

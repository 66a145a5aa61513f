"""What is to be covered of pages and recordings: the places of masked words, and those that a moderator shows by hand.

The latter are for what no machine read or heard: a signature, a face, a name that was misheard.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from config.enums import MediumKind
from config.wording.stems import fold
from inbox.contributions import masks, transcripts
from inbox.contributions.masks import Mask, MaskCoverage

Area = tuple[float, ...]
"""Of a page its left edge, top edge, width and height, in shares (0–1) of the picture as it is shown, upright;
of a recording from and to, in seconds."""

MOST = 40
"""Areas of one medium."""
_SMALLEST = 0.002
"""The share of a picture's width and height, or the seconds, below which an area is a slip of the hand."""


def numbers_of(kind: MediumKind) -> int:
    """How many numbers an area of such a medium has."""
    return 2 if kind is MediumKind.RECORDING else 4


def parse_areas(kind: MediumKind, typed: Sequence[str]) -> list[Area]:
    """The areas that a form's fields say, one number a field: percent of the picture, or seconds.

    A group of fields that is not filled in, or is no area, is left out.
    """
    size = numbers_of(kind)
    groups = (typed[at : at + size] for at in range(0, len(typed) - size + 1, size))
    found = (_area(kind, [_number(value) for value in group]) for group in groups)
    return list(dict.fromkeys(one for one in found if one is not None))[:MOST]


def _number(value: str) -> float | None:
    try:
        number = float(value.replace(",", ".").replace("\u202f", "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _area(kind: MediumKind, numbers: Sequence[float | None]) -> Area | None:
    known = [one for one in numbers if one is not None]
    if len(known) < len(numbers):
        return None
    if kind is MediumKind.RECORDING:
        start, end = sorted(known)
        return (start, end) if end - start >= _SMALLEST else None
    left, top = (min(1.0, one / 100) for one in known[:2])
    width, height = min(1 - left, known[2] / 100), min(1 - top, known[3] / 100)
    return (left, top, width, height) if min(width, height) >= _SMALLEST else None


def area_in_pixels(area: Area, turns: int, width: int, height: int) -> tuple[float, float, float, float]:
    """An area of a page in the pixels of its picture, which stands ``turns`` quarter turns (clockwise) from upright.

    ``width`` and ``height`` are the picture's own. Returned are left, top, width and height.
    """
    left, top, wide, high = area
    if turns % 4 == 1:
        left, top, wide, high = 1 - top - high, left, high, wide
    elif turns % 4 == 2:
        left, top = 1 - left - wide, 1 - top - high
    elif turns % 4 == 3:
        left, top, wide, high = top, 1 - left - wide, high, wide
    return left * width, top * height, wide * width, high * height


def is_heard_within(word: dict[str, Any], spans: Iterable[Area]) -> bool:
    """Whether the middle of a word that was heard lies within one of these spans."""
    if "start" not in word:
        return False
    middle = (float(word["start"]) + float(word["end"])) / 2
    return any(start <= middle <= end for start, end in spans)


@dataclass(frozen=True, slots=True)
class CoverOrder:
    """What is to be covered of one medium."""

    medium_id: int
    words: transcripts.Words
    sheet: transcripts.Sheet | None
    masks: tuple[Mask, ...]
    wordings: tuple[str, ...]
    elsewhere: frozenset[Mask]
    """The masks that are found in what was typed, or in another medium: they need not be found here."""
    areas: tuple[Area, ...] = ()
    """What a person covers by hand besides."""

    @property
    def coverage(self) -> MaskCoverage:
        """The words to be covered, and the masks they are all of."""
        return transcript_coverage(self.words, self.masks, self.wordings)

    @property
    def lost(self) -> tuple[Mask, ...]:
        """The masks that are found nowhere; none where a person has shown by hand what is to be covered."""
        if self.areas:
            return ()
        found = self.coverage.found | self.elsewhere
        return tuple(one for one in self.masks if one not in found)

    def still_in(self, again: Sequence[dict[str, Any]]) -> bool:
        """Whether something masked was heard or read when the copy was read again."""
        if transcript_coverage(again, self.masks, ()).places:
            return True
        by_hand = [word for word in self.words if is_heard_within(word, self.areas)]
        hidden = [*(self.words[place] for place in self.coverage.places), *by_hand]
        return any(_same(one, other) for one in hidden for other in again)


def transcript_coverage(
    words: Sequence[dict[str, Any]], wanted: Iterable[Mask], wordings: Sequence[str]
) -> MaskCoverage:
    """What masks cover of a transcript's words."""
    said = [str(word["text"]) for word in words]
    return masks.mask_coverage(said, [str(word.get("other", "")) for word in words], wanted, wordings)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a word of a recording is heard again at its place, as it was."""
    if "start" not in one or fold(str(one["text"])) != fold(str(other["text"])):
        return False
    middle = (float(other["start"]) + float(other["end"])) / 2
    return float(one["start"]) <= middle <= float(one["end"])

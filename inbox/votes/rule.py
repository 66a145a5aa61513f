"""The rule by which voices count: each voter's last ones, as many as the consultation allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CastVoice:
    """One voice as it was given."""

    voter: str
    projects: tuple[int, ...]
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class VoteTally:
    """What a count found."""

    voices: Counter[int]
    """By project."""
    voters: int
    """Those who support anything in the end."""


def tally_votes(in_order: Iterable[CastVoice], most: int) -> VoteTally:
    """Count voices given in this order: a further one takes the place of the oldest where there are too many."""
    supported: dict[str, tuple[int, ...]] = {}
    for voice in in_order:
        supported[voice.voter] = _after(supported.get(voice.voter, ()), voice, most)
    counted = Counter(project for projects in supported.values() for project in projects)
    return VoteTally(counted, sum(1 for projects in supported.values() if projects))


def _after(before: Sequence[int], voice: CastVoice, most: int) -> tuple[int, ...]:
    others = tuple(project for project in before if project not in voice.projects)
    return others if voice.takes_back else (*others, *voice.projects)[-most:]

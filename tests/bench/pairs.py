"""Two ways of doing one thing, timed in turn, so that a machine that slows down slows both; and single figures."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]
ROUNDS = 5


@dataclass(frozen=True)
class Pair:
    """Ours beside the bare thing; ``note`` says what each does.

    ``most`` is the ratio it may not exceed, ``most_more`` the seconds that ours may take longer; None where
    nothing is promised.
    """

    name: str
    ours: Work
    bare: Work
    note: str
    most: float | None = None
    most_more: float | None = None


@dataclass(frozen=True)
class Figure:
    """Something counted once instead of timed; ``most`` is what it may not exceed."""

    name: str
    count: Callable[[], float]
    most: float
    unit: str
    note: str


@dataclass(frozen=True)
class Measured:
    """Medians in seconds, and the median of the ratios pair by pair with its extremes."""

    ours: float
    bare: float
    ratio: float
    least: float
    most: float
    more: float
    """Median of the seconds that ours took longer."""

    def holds(self, pair: Pair) -> bool | None:
        """Whether what the pair promises was kept; None where it promises nothing."""
        if pair.most is not None:
            return self.ratio <= pair.most
        return self.more <= pair.most_more if pair.most_more is not None else None


def seconds(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(pair: Pair, rounds: int = ROUNDS) -> Measured:
    """Time both in turn, after one round that is not counted."""
    pair.ours()
    pair.bare()
    times = [(seconds(pair.ours), seconds(pair.bare)) for _ in range(rounds)]
    ratios = [ours / bare for ours, bare in times]
    return Measured(
        ours=statistics.median(ours for ours, _ in times),
        bare=statistics.median(bare for _, bare in times),
        ratio=statistics.median(ratios),
        least=min(ratios),
        most=max(ratios),
        more=statistics.median(ours - bare for ours, bare in times),
    )

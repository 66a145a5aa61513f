"""Sets of UIDs as IMAP writes them (RFC 9051, sequence-set), short also for a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class UidSet:
    """UIDs as ranges, both ends included, ascending and apart."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``1:3200,10001``; of nothing, no UIDs."""
        pairs = [one.partition(":") for one in text.split(",") if one]
        return cls(tuple((int(first), int(last or first)) for first, _, last in pairs))

    @classmethod
    def up_to(cls, highest: int, but: Collection[int]) -> Self:
        """Every UID up to ``highest``, except some.

        UIDs rise and are never given twice (RFC 9051, 2.3.1.1), so what is gone will not come back.
        """
        ranges, start = [], 1
        for hole in sorted({uid for uid in but if uid <= highest}):
            if start < hole:
                ranges.append((start, hole - 1))
            start = hole + 1
        if start <= highest:
            ranges.append((start, highest))
        return cls(tuple(ranges))

    @property
    def highest(self) -> int:
        """The highest UID; 0 when there is none."""
        return self.ranges[-1][1] if self.ranges else 0

    @property
    def first_missing(self) -> int:
        """The lowest UID that is not in the set."""
        return self.ranges[0][1] + 1 if self.ranges and self.ranges[0][0] == 1 else 1

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return ",".join(f"{first}:{last}" if first != last else str(first) for first, last in self.ranges)

"""Small numbers: joined with others until they tell of nobody, so that no difference gives them back.

A cell is never left out: its count goes into a joint one, so the sum stays what it is. Leaving a single cell out
would be undone by subtraction; a joint cell of fewer than ``SMALLEST_CELL`` takes the next smallest along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

SMALLEST_CELL = 5
"""So many people, at least, stand behind every number that is published (k-anonymity; CNIL and Eurostat practice)."""

Key = TypeVar("Key", bound=Hashable)


def join_small_cells(counts: Mapping[Key, int], k: int = SMALLEST_CELL) -> tuple[dict[Key, int], int]:
    """The cells that may be shown, and what the others come to together: 0, or ``k`` and more, or all there is."""
    shown = {key: count for key, count in counts.items() if count >= k}
    rest = sum(counts.values()) - sum(shown.values())
    while 0 < rest < k and shown:
        smallest = min(shown, key=lambda key: (shown[key], str(key)))
        rest += shown.pop(smallest)
    return shown, rest


def generalise_rows(
    rows: Sequence[tuple[str, ...]], order: Sequence[int], k: int = SMALLEST_CELL
) -> list[tuple[str, ...]]:
    """Rows of attributes in which every combination occurs ``k`` times at least; "" where one was generalised.

    What too few share loses its attributes one after another, in ``order``, until it is among enough of its like;
    rows that are too few even without any attribute lose all, and take along the smallest other combination when
    they are fewer than ``k`` together. Local recoding (L. Sweeney, "Achieving k-anonymity privacy protection using
    generalization and suppression", 2002): rows that are many keep what they say.
    """
    made = list(rows)
    for column in order:
        rare = _rare(made, k)
        if not rare:
            return made
        made = [_without(row, column) if row in rare else row for row in made]
    return _settled(made, k)


def _rare(rows: Iterable[tuple[str, ...]], k: int) -> set[tuple[str, ...]]:
    return {row for row, count in Counter(rows).items() if count < k}


def _without(row: tuple[str, ...], column: int) -> tuple[str, ...]:
    return (*row[:column], "", *row[column + 1 :])


def _settled(rows: list[tuple[str, ...]], k: int) -> list[tuple[str, ...]]:
    counts = Counter(rows)
    blank = tuple("" for _ in rows[0]) if rows else ()
    while 0 < counts[blank] < k and len(+counts) > 1:
        victim = min((row for row in counts if row != blank and counts[row]), key=lambda row: (counts[row], row))
        rows = [blank if row == victim else row for row in rows]
        counts = Counter(rows)
    return rows

"""Pages of a list by the place of their last row, not by how many rows come before: every page costs the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Place = TypeVar("Place")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageCut(Generic[Row]):
    """The rows of a page, in the list's order, and whether there are any on either side."""

    rows: list[Row]
    is_more_before: bool
    """Nearer to the beginning of the list, which is shown first."""
    is_more_behind: bool


def cut_page(
    onward: Callable[[Place | None, int], Sequence[Row]],
    back: Callable[[Place, int], Sequence[Row]],
    behind: Place | None,
    ahead_of: Place | None,
    limit: int,
) -> PageCut[Row]:
    """A page of at most ``limit`` rows: those behind a place, or those ahead of one, or the first ones.

    ``onward`` gives the next so many rows behind a place (from the beginning for None), ``back`` those right before
    one; both in the list's order. Going back to the beginning gives a whole first page.
    """
    if ahead_of is not None:
        found = back(ahead_of, limit + 1)
        if len(found) > limit:
            return PageCut(list(found[-limit:]), is_more_before=True, is_more_behind=True)
        behind = None
    found = onward(behind, limit + 1)
    return PageCut(list(found[:limit]), is_more_before=behind is not None, is_more_behind=len(found) > limit)

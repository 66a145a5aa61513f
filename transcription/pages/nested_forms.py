"""Whether a page of a PDF draws pieces within pieces without end; told before anything is drawn."""

from __future__ import annotations

from typing import Any

import pikepdf

MOST_NESTED = 8
"""Pieces (form XObjects, ISO 32000-1 section 8.10) within pieces: programs that write PDFs nest three or four."""
_MOST_LOOKED_AT = 2000
"""Of one page: whoever has more is drawn under the limits alone."""


def nests_without_end(page: pikepdf.Page) -> bool:
    """Whether a piece of the page draws itself, or lies deeper than any program nests them."""
    left = _MOST_LOOKED_AT
    heap: list[tuple[Any, int, frozenset[tuple[int, int]]]] = [(page.obj, 0, frozenset())]
    while heap and left:
        holder, depth, above = heap.pop()
        for piece in _pieces(holder):
            left -= 1
            name = piece.objgen
            if name in above or depth >= MOST_NESTED:
                return True
            heap.append((piece, depth + 1, above | {name}))
    return False


def _pieces(holder: Any) -> list[Any]:
    try:
        named = holder.get("/Resources", {}).get("/XObject", {})
        return [one for one in named.as_dict().values() if one.get("/Subtype") == "/Form"] if len(named) else []
    except (AttributeError, TypeError, ValueError, KeyError, pikepdf.PdfError):
        return []  # drawing says what is wrong with it

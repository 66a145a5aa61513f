"""The same mail as plain text and as a page: which of the two is what was written."""

from __future__ import annotations

import re
from collections import Counter

_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)\S+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
LEAST_MISSING = 3
"""Words that one of the two must say alone before it matters."""
_MISSING = 0.2
"""Share of the page's words that may not be in the plain text: programs write lists and tables differently."""


def words_of(text: str) -> Counter[str]:
    """How often each word stands in a text, addresses of pages left out."""
    return Counter(_WORD.findall(_ADDRESS.sub(" ", text).casefold()))


def is_stub(plain: str, page: str) -> bool:
    """Whether the plain text leaves out what the page says: it only points to it, or holds its beginning.

    What a resident saw while writing is the page; programs make the plain text from it, if at all.
    """
    said = words_of(page)
    missing = (said - words_of(plain)).total()
    return missing >= LEAST_MISSING and missing > _MISSING * said.total()

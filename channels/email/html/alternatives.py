"""The same mail as plain text and as a page: which of the two is what was written."""

from __future__ import annotations

import re
from collections import Counter

_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)\S+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
LEAST_MISSING = 3
"""Words that one of the two must say alone before it matters."""
_MOSTLY = 0.6
"""Share of a line's words: what programs write differently lacks fewer."""
_MISSING = 0.2
"""Share of the page's words that may not be in the plain text: programs write lists and tables differently."""


def word_counts(text: str) -> Counter[str]:
    """How often each word stands in a text, addresses of pages left out."""
    return Counter(_WORD.findall(_ADDRESS.sub(" ", text).casefold()))


def says_more(one: str, other: str) -> bool:
    """Whether one says some words, or one of a few, that the other does not."""
    said = word_counts(one)
    missing = (said - word_counts(other)).total()
    return missing >= LEAST_MISSING or 2 * missing >= said.total() > 0


def is_stub(plain: str, page: str) -> bool:
    """Whether the plain text leaves out what the page says: it only points to it, holds its beginning, or lacks a line.

    What a resident saw while writing is the page; programs make the plain text from it, if at all.
    """
    said, lacking = word_counts(page), word_counts(page) - word_counts(plain)
    missing = lacking.total()
    if missing > _MISSING * said.total() and says_more(page, plain):
        return True
    return missing >= LEAST_MISSING and any(_is_missing(word_counts(line), lacking) for line in page.splitlines())


def _is_missing(line: Counter[str], lacking: Counter[str]) -> bool:
    """Whether most of a line's words, and not only a few, are among those that are lacking."""
    missing = (line & lacking).total()
    return missing >= LEAST_MISSING and missing > _MOSTLY * line.total()

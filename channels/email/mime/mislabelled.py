"""Parts called text that are none: a PDF or a recording under ``text/plain``."""

from __future__ import annotations

import re
from collections.abc import Callable

IsFile = Callable[[bytes], bool]
"""Tells of a part's bytes, by their content, whether they are some program's file; the opener of mails brings it."""

_ODD = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_LIKE_WORDS = re.compile(r"[\w\s\"'«»“”‘’„(\[*#>\-–—•…¿¡@&]")
# How mail programs begin a page; libmagic takes each for a page or a text, and asking it costs a process.
_LIKE_A_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|style|div|p|span|font|table|br|center|blockquote|a|b)[\s/>]",
    re.IGNORECASE,
)
_FEW = 10
_BINARY = 0.03
"""Share of characters that no text has; of 256 random bytes, one in ten is such."""


def trust_declared_type(_raw: bytes) -> bool:
    """Take every part for what it says it is."""
    return False


def looks_mislabelled(text: str) -> bool:
    """Whether it is worth asking: the text begins, or goes on, as nobody writes."""
    begins_well = _LIKE_WORDS.match(text or " ") or _LIKE_A_PAGE.match(text)
    return not begins_well or bool(_ODD.search(text[:100_000]))


def is_binary(text: str) -> bool:
    """Whether these are no words at all, whatever else it is; NUL is left out, since it stands in UTF-16."""
    start = text[:100_000].replace("\x00", "")
    return len(_ODD.findall(start)) > max(_FEW, _BINARY * len(start))

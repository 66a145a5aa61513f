"""A delivery report that a person passes on."""

from __future__ import annotations

import re

_FEW_WORDS = 5
_LONGEST_REPORT = 100_000
_FAILED = re.compile(r"^[>\s]{0,8}Action: (?:failed|delayed)\s*$", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"^[>\s]{0,8}Final-Recipient: rfc822;", re.IGNORECASE | re.MULTILINE)


def forwards_bounce(own: str, text: str) -> bool:
    """Whether a person only passes a delivery report on, with at most a few words of their own (RFC 3464 §2.3)."""
    text = text[:_LONGEST_REPORT]
    return len(own.split()) <= _FEW_WORDS and bool(_FAILED.search(text) and _RECIPIENT.search(text))

"""A message that only forwards another: the other one's words."""

from __future__ import annotations

import re

from channels.email import marks
from channels.email.heads import AsideKind, head_at
from channels.email.quotes import Aside, split_reply

_FEW_WORDS = 5
_LONGEST_REPORT = 100_000
_FAILED = re.compile(r"^[>\s]{0,8}Action: (?:failed|delayed)\s*$", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"^[>\s]{0,8}Final-Recipient: rfc822;", re.IGNORECASE | re.MULTILINE)


def unwrap_forwarded(aside: tuple[Aside, ...]) -> tuple[str, tuple[Aside, ...]]:
    """The text of a message that only forwards another: what was forwarded, without the head put above it."""
    body: list[str] = []
    kept: list[Aside] = []
    for one in aside:
        if one.kind not in (AsideKind.FORWARD, AsideKind.QUOTE):
            kept.append(one)
            continue
        lines = one.text.split("\n")
        start = 0
        while start < len(lines) and (length := _head_length(lines, start)):
            start += length
        if head := "\n".join(lines[:start]).strip():
            kept.append(Aside(one.kind, head))
        within = split_reply("\n".join(line.removeprefix(">").removeprefix(" ") for line in lines[start:]))
        body.append(within.body)
        kept.extend(within.aside)
    return "\n\n".join(passage for passage in body if passage), tuple(kept)


def forwards_bounce(own: str, text: str) -> bool:
    """Whether a person only passes a delivery report on, with at most a few words of their own (RFC 3464 §2.3)."""
    text = text[:_LONGEST_REPORT]
    return len(own.split()) <= _FEW_WORDS and bool(_FAILED.search(text) and _RECIPIENT.search(text))


def _head_length(lines: list[str], index: int) -> int:
    """How many lines here belong to the head of a forwarded message."""
    if not lines[index].strip() or marks.HEADER_LINE.match(lines[index][: marks.LONGEST_LINE]):
        return 1
    return head_at(lines, index)[0]

"""What somebody newly wrote in a mail, set apart from quotes, signatures and footers; nothing is dropped.

Measured against the libraries that do this (mail-parser-reply, talon's rules): those try
nested patterns over the whole message, which fails on half of the fixtures we have and can
be made to run for hours. This walks the lines once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.email import marks
from channels.email.endings import mark_endings
from channels.email.heads import AsideKind, below, head_at, is_quoted


@dataclass(frozen=True)
class Aside:
    """A passage that is kept and shown, but is not what the person newly wrote."""

    kind: AsideKind
    text: str


@dataclass(frozen=True)
class Split:
    """The new text, and what was set apart, in the order of the message."""

    body: str
    aside: tuple[Aside, ...]


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_WRAPPED_AT = 60  # a quoted line this long may go on, unmarked, in the next: the sender's program wrapped it


def split_reply(text: str) -> Split:
    """What the person wrote, and what stands around it."""
    lines = [_INVISIBLE.sub("", line.replace("\xa0", " ")).rstrip() for line in text.splitlines()]
    kinds = _mark_quotes(lines)
    mark_endings(lines, kinds)
    return _gather(lines, kinds)


def _mark_quotes(lines: list[str]) -> list[AsideKind | None]:
    """For each line, whether it is quoted or forwarded; what follows an unmarked quotation's head is all quoted."""
    kinds: list[AsideKind | None] = [None] * len(lines)
    index = 0
    while index < len(lines):
        odd = marks.GROUPWISE.match(lines[index][: marks.LONGEST_LINE])
        if not odd and (is_quoted(lines[index]) or _is_wrapped_quote(lines, index)):
            kinds[index] = AsideKind.QUOTE
            index += 1
            continue
        length, kind = head_at(lines, index)
        if not length:
            index += 1
            continue
        end = index + length
        if not is_quoted(below(lines, end)):  # nothing marks where this quotation ends
            end = len(lines)
        while end < len(lines) and not lines[end].strip():
            end += 1
        kinds[index:end] = [kind] * (end - index)
        index = end
    return kinds


def _is_wrapped_quote(lines: list[str], index: int) -> bool:
    """Whether an unmarked line between quoted ones is the rest of the one above, wrapped on its way."""
    if not 0 < index < len(lines) - 1 or not lines[index].strip():
        return False
    above, after = lines[index - 1], lines[index + 1]
    return is_quoted(above) and len(above) >= _WRAPPED_AT and is_quoted(after) and len(lines[index]) < len(above)


def _gather(lines: list[str], kinds: list[AsideKind | None]) -> Split:
    """The unmarked lines as the body, each marked stretch as one aside."""
    body: list[str] = []
    aside: list[Aside] = []
    start = 0
    for i in range(1, len(lines) + 1):
        if i < len(lines) and kinds[i] is kinds[start]:
            continue
        text = "\n".join(lines[start:i]).strip("\n")
        kind = kinds[start] if lines else None
        if kind is None:
            body.append(text.strip())
        elif text.strip():
            aside.append(Aside(kind, text))
        start = i
    return Split("\n\n".join(passage for passage in body if passage).strip(), tuple(aside))

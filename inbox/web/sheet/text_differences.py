"""What changed from one version of a text to the next, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")

LONGEST = 20_000
"""Characters of two texts together that are compared; comparing longer ones would take seconds."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """A stretch of text: kept, removed or added."""

    kind: str
    """``same``, ``gone`` or ``new``."""
    text: str


def word_differences(before: str, after: str) -> tuple[TextChange, ...]:
    """The stretches in their order; a long text is shown as it is now, uncompared."""
    if len(before) + len(after) > LONGEST:
        return (TextChange("same", after),)
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    found: list[TextChange] = []
    for tag, begin, end, start, stop in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(TextChange("same", "".join(new[start:stop])))
            continue
        if begin < end:
            found.append(TextChange("gone", "".join(old[begin:end])))
        if start < stop:
            found.append(TextChange("new", "".join(new[start:stop])))
    return tuple(found)

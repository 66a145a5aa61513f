"""What a message that was forwarded says, and what it was."""

from __future__ import annotations

import re

from channels.email.patterns import attributions as marks
from channels.email.patterns.markers import is_quoted, strip_quote_level
from channels.email.reply.evidence import Relation

_ANSWERS = re.compile(r"^\W{0,4}(?:re|ré|aw|sv|antw|odp|rv|vs)\s{0,2}(?:[\[(]\d{1,3}[\])])?\s?:", re.IGNORECASE)
_FORWARDS = re.compile(r"^\W{0,4}(?:tr|fw|fwd|wg|i|enc)\s{0,2}:", re.IGNORECASE)


def relation_by_subject(subject: str) -> Relation:
    """What a subject says a mail has to do with another; of several prefixes the first one counts."""
    return Relation(answers=bool(_ANSWERS.match(subject)), forwards=bool(_FORWARDS.match(subject)))


def relation_of(head: list[str]) -> Relation:
    """What the head of a forwarded message says it has to do with another."""
    for line in head:
        found = marks.LABEL.match(line[: marks.LONGEST_LINE])
        if found and found["subject"]:
            return relation_by_subject(found["value"])
    return Relation()


def forwarded_text(lines: list[str]) -> str:
    """The words of a forwarded message, without the marks of quotation that its program put before all of them."""
    if all(is_quoted(line) for line in lines if line.strip()):
        return "\n".join(strip_quote_level(line) for line in lines)
    return "\n".join(lines)

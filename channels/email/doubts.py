"""When a person has to look at how a mail was taken apart."""

from __future__ import annotations

import re

from channels.email.apart.evidence import Evidence, PassageKind
from channels.email.parse import Mail
from channels.email.problems import Problem

_KNOWN = (Evidence.DEVICE, Evidence.FORWARD_HEAD, Evidence.OURS)
"""Nothing of a resident's can stand in what these prove, however long it is."""
_GREETING = re.compile(
    r"^(?:(?:re)?bonjour|bonsoir|salut|coucou|hello|hi|hey|dear|good (?:morning|afternoon|evening)|madame|monsieur|"
    r"mesdames|"
    r"messieurs|chère?s?|allo|allô|bonne année)\b(?:[\s,.!]+(?:à tou(?:s|tes)|madame|monsieur|mesdames|messieurs|"
    r"mademoiselle|sir|madam|all|et|ou|or|and|la|le|les|l['’]|mairie|ville|maire|équipe|service|town|team|mayor|"
    r"bonjour|"
    r"bonsoir|(?-i:M\.|Mme|Mr|Mrs|Ms|[A-ZÀ-Ý][\w'’-]{1,20})))*[\s,.!:]*$",
    re.IGNORECASE,
)
_LONGEST_GREETING = 120


def doubts_of(mail: Mail) -> tuple[Problem, ...]:
    """What of a mail may have been understood wrongly, as a person is told."""
    doubts = []
    apart = sum(_length(one.text) for one in mail.aside if one.evidence not in _KNOWN)
    if apart > _length(mail.body):
        doubts.append(Problem.MORE_APART)
    if is_greeting(mail.body) and all(one.inline for one in mail.attachments):
        doubts.append(Problem.ONLY_GREETING)
    if any(one.kind is PassageKind.STANDS_OUT for one in mail.passages):
        doubts.append(Problem.STANDS_OUT)
    return tuple(doubts)


def is_greeting(text: str) -> bool:
    """Whether a text greets and says nothing else."""
    return len(text) <= _LONGEST_GREETING and bool(_GREETING.match(text.strip()))


def _length(text: str) -> int:
    """Characters without the white space and marks of quotation."""
    return sum(not (c.isspace() or c == ">") for c in text)

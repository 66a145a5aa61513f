"""When a person has to look at how a mail was taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    if is_more_apart(mail.body, [(one.text, one.evidence) for one in mail.aside]):
        doubts.append(Problem.MORE_APART)
    if is_greeting(mail.body) and all(one.inline for one in mail.attachments):
        doubts.append(Problem.ONLY_GREETING)
    if any(one.kind is PassageKind.STANDS_OUT for one in mail.passages):
        doubts.append(Problem.STANDS_OUT)
    return tuple(doubts)


def is_more_apart(body: str, aside: Sequence[tuple[str, str]]) -> bool:
    """Whether more was set apart than stays; of each passage set apart its text and its evidence."""
    return sum(_length(text) for text, evidence in aside if evidence not in _KNOWN) > _length(body)


def is_greeting(text: str) -> bool:
    """Whether a text greets and says nothing else."""
    return len(text) <= _LONGEST_GREETING and bool(_GREETING.match(text.strip()))


def _length(text: str) -> int:
    """Characters without the white space and marks of quotation."""
    return sum(not (c.isspace() or c == ">") for c in text)

"""When a person has to look at how a mail was taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail
from channels.email.patterns.closings import CLOSING
from channels.email.patterns.contact_cards import is_name
from channels.email.patterns.pointers import answers_in_capitals, points_within
from channels.email.reply.evidence import AsideKind, Evidence, PassageKind
from channels.intent.courtesy import without_courtesy
from channels.intent.folding import emoji_matters

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
_SEE_SUBJECT = re.compile(
    r"^\W*(?:(?:tout|everything) )?(?:est |is )?(?:voir|cf\.?|comme|dans|see|in|as (?:in|per)) "
    r"(?:[\w'’]{1,12} ){0,3}(?:l['’])?(?:objet|sujet|titre|subject|title)(?: (?:du|de|of|line)\b.{0,30})?\W*$",
    re.IGNORECASE,
)


def parsing_doubts(mail: Mail) -> tuple[MailProblem, ...]:
    """What of a mail may have been understood wrongly, as a person is told."""
    doubts = []
    if is_mostly_set_apart(mail.body, [(one.text, one.evidence) for one in mail.aside]):
        doubts.append(MailProblem.MORE_APART)
    if is_only_courtesy(mail.body) and all(one.inline for one in mail.attachments):
        doubts.append(MailProblem.ONLY_GREETING)
    quoted = [one.text for one in mail.aside if one.kind is AsideKind.QUOTE]
    if quoted and (points_within(mail.body) or any(map(answers_in_capitals, quoted))):
        doubts.append(MailProblem.ANSWERS_WITHIN)
    if any(one.kind is PassageKind.STANDS_OUT for one in mail.passages):
        doubts.append(MailProblem.STANDS_OUT)
    return tuple(doubts)


def is_mostly_set_apart(body: str, aside: Sequence[tuple[str, str]]) -> bool:
    """Whether more was set apart than stays; of each passage set apart its text and its evidence."""
    return sum(_length(text) for text, evidence in aside if evidence not in _KNOWN) > _length(body)


def is_only_courtesy(text: str) -> bool:
    """Whether a text greets, thanks, points to its subject, is signed, and says nothing else."""
    if len(text) > _LONGEST_GREETING:
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    return any(map(_is_courtesy, lines)) and all(_is_courtesy(line) or is_name(line) for line in lines)


def _is_courtesy(line: str) -> bool:
    if is_greeting(line) or CLOSING.match(line) or _SEE_SUBJECT.match(line):
        return True
    return not without_courtesy(line) and not emoji_matters(line)


def is_greeting(text: str) -> bool:
    """Whether a text greets and says nothing else."""
    return len(text) <= _LONGEST_GREETING and bool(_GREETING.match(text.strip()))


def _length(text: str) -> int:
    """Characters without the white space and marks of quotation."""
    return sum(not (c.isspace() or c == ">") for c in text)

"""Whether two mails are the same words again: what a machine sends that does not say it is one."""

from __future__ import annotations

import re

from channels.email.parse import Mail

_ALIKE = 0.7
_LONGEST = 20_000
_WORD = re.compile(r"[^\W_]+")
_REPLY = re.compile(
    r"^\W*(?:(?:re|ré|réf|réponse|aw|sv|antw|antwort|tr|fwd?|wg|auto|automatic reply|autoreply|réponse automatique|"
    r"accusé de réception|reçu|received|ticket)\b[^\w:]*(?:\[?\d+\]?)?\W*:\W*)+",
    re.IGNORECASE,
)


def thread_subject(subject: str) -> str:
    """A subject without what programs put before it when they answer, case and white space folded; "" without any."""
    bare = re.sub(r"^\W*[\[(][^\])]{1,40}[\])]\s*", "", subject[:998])
    return " ".join(_REPLY.sub("", bare).casefold().split())


def all_words_of_mail(mail: Mail) -> str:
    """All the words of a mail, what was set apart included."""
    return "\n".join([mail.subject, mail.body, *(aside.text for aside in mail.aside)])[:_LONGEST]


def are_nearly_identical(one: str, other: str) -> bool:
    """Whether two texts are the same but for numbers, dates, tokens and a few words."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return not first and not second
    return len(first & second) / len(first | second) >= _ALIKE


def _words(text: str) -> set[str]:
    """The words of a text without those that contain a digit: numbers, tokens, dates."""
    return {word for word in _WORD.findall(text[:_LONGEST].casefold()) if not any(c.isdigit() for c in word)}

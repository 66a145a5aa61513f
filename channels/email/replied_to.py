"""Which receipt or answer of the town a mail replies to, or returns."""

from __future__ import annotations

import re

from channels.email.classify.automatic_patterns import ANSWERS, OURS
from channels.email.parse import Mail
from config.enums import NotContribution

_LONGEST_REPORT = 100_000
_COPIED = re.compile(rf"^[>\s]{{0,8}}Message-ID:\s*({OURS.pattern})", re.IGNORECASE | re.MULTILINE)
_COPIED_ANSWER = re.compile(rf"^[>\s]{{0,8}}Message-ID:\s*({ANSWERS.pattern})", re.IGNORECASE | re.MULTILINE)


def answer_replied_to(mail: Mail) -> tuple[str, int] | None:
    """The reference and the number of the town's answer that a mail replies to, or that a bounce returns."""
    text = "\n".join([mail.body, *(aside.text for aside in mail.aside)])[:_LONGEST_REPORT]
    copied = _COPIED_ANSWER.search(text) if mail.machine is NotContribution.BOUNCE else None
    said = (mail.in_reply_to, *reversed(mail.references), mail.about, copied[1] if copied else "")
    found = next((one for one in map(ANSWERS.fullmatch, said) if one), None)
    return (found[1], int(found[2])) if found else None


def receipt_answered(mail: Mail) -> str | None:
    """The reference of the receipt of ours that a mail replies to; that its sender is the same, gateway checks."""
    for identifier in (mail.in_reply_to, *reversed(mail.references), mail.about):
        if found := OURS.fullmatch(identifier):
            return found[1]
    return None


def returned_receipt(mail: Mail) -> tuple[str, int] | None:
    """The reference of the answer of ours that a bounce returns, and its number of its own (``again``) or 0.

    By what it says to be about, by its headers, or by the copy in its text.
    """
    text = "\n".join([mail.body, *(aside.text for aside in mail.aside)])[:_LONGEST_REPORT]
    copied = _COPIED.search(text) if mail.machine is NotContribution.BOUNCE else None
    said = (mail.about, mail.in_reply_to, *reversed(mail.references), copied[1] if copied else "")
    found = next((one for one in map(OURS.fullmatch, said) if one), None)
    return (found[1], int(found[2] or 0)) if found else None

"""Answers by mail: in the thread of what they answer, and marked so that no machine answers them (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from channels.base.values import Address, Outgoing
from channels.email.classify.forged_sender import is_called_forged
from channels.email.parse import Mail
from config.enums import Channel
from config.wording.consultation import Consultation
from config.wording.message_catalog import resident_text

RECEIPT_ENVELOPE_SENDER = ""
"""Receipts leave with an empty envelope sender (RFC 3834 §3.3): what cannot be delivered comes back to nobody."""
_ANSWERED_BEFORE = re.compile(r"^\s*(?:re|aw|sv|réf?|antw)\s*:", re.IGNORECASE)
_MOST_REFERENCES = 20
# An identifier an answer can cite: printable ASCII, nothing that ends the header.
_CITABLE = re.compile(r"<[!-;=?-~]{1,250}>")


@dataclass(frozen=True)
class AnsweredMail:
    """What an answer needs to know of the mail it answers."""

    to: Address
    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()


def find_answerable(mail: Mail, own: Collection[str] = (), servers: Collection[str] = ()) -> AnsweredMail | None:
    """What to answer; None to machines, lists, us (``own``), nobody, and whom one of ``servers`` calls forged."""
    to = mail.answer_to
    ours = {address.lower() for address in own}
    if mail.never_answer or mail.machine or is_called_forged(mail.authentication, servers):
        return None
    if to is None or mail.sender is None:
        return None
    if to.value in ours or mail.sender.value in ours or not to.value.isascii():
        return None
    return AnsweredMail(to, mail.subject, mail.message_id, mail.references or tuple(filter(None, (mail.in_reply_to,))))


def compose_receipt_mail(
    answered: AnsweredMail,
    language: str,
    consultation: Consultation | None,
    *,
    reference: str,
    sender: str,
    received: date | str = "",
    link: str = "",
    key: str = "email_receipt",
    again: int = 0,
    **facts: object,
) -> Outgoing:
    """The receipt for a mail. Its own Message-ID names the reference, so that a reply to it is known again.

    ``again`` is a number of its own for one that is no contribution's first: mail programs show each identifier once.
    """
    told = {"reference": reference, "received": received, "link": link, **facts}
    subject = resident_text("email_receipt_subject", language, consultation, **told)
    headers = [
        ("Auto-Submitted", "auto-replied"),
        ("X-Auto-Response-Suppress", "All"),
        ("Message-ID", f"<receipt.{reference}{f'.{again}' if again else ''}@{sender.rpartition('@')[2]}>"),
    ]
    # Not under the subject of what it answers: whoever forged a sender would have us carry their words.
    body = resident_text(key, language, consultation, **told)
    return _in_thread(replace(answered, subject=""), subject, headers, body)


def compose_answer_mail(
    answered: AnsweredMail,
    language: str,
    consultation: Consultation | None,
    *,
    reference: str,
    sender: str,
    number: int,
    link: str = "",
    key: str = "email_answer",
    **facts: object,
) -> Outgoing:
    """The town's answer to a mail, in its thread; ``number`` is the answer's own, so that a reply to it is known.

    A person wrote it, so that it is not marked as automatic; holiday notices are asked to keep silent all the same.
    """
    told = {"reference": reference, "link": link, **facts}
    subject = resident_text(f"{key}_subject", language, consultation, **told)
    headers = [
        ("X-Auto-Response-Suppress", "All"),
        ("Message-ID", f"<answer.{reference}.{number}@{sender.rpartition('@')[2]}>"),
    ]
    return _in_thread(answered, subject, headers, resident_text(key, language, consultation, **told))


def _in_thread(answered: AnsweredMail, subject: str, headers: list[tuple[str, str]], body: str) -> Outgoing:
    """A mail below the one it answers, under its subject where it had one."""
    if answered.subject:
        subject = answered.subject if _ANSWERED_BEFORE.match(answered.subject) else f"Re: {answered.subject}"
    cited = [one for one in (*answered.references, answered.message_id) if _CITABLE.fullmatch(one)]
    if _CITABLE.fullmatch(answered.message_id):
        headers.append(("In-Reply-To", answered.message_id))
    if cited:
        headers.append(("References", " ".join(cited[:1] + cited[1:][-_MOST_REFERENCES:])))
    return Outgoing(Channel.EMAIL, answered.to, body, subject, tuple(headers))


def to_bytes(outgoing: Outgoing, *, sender: str, at: datetime) -> bytes:
    """The message as it is handed to a mail server."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = outgoing.to.value
    message["Subject"] = " ".join(outgoing.subject.split())[:200]
    message["Date"] = format_datetime(at)
    for name, value in outgoing.headers:
        message[name] = " ".join(value.split())
    message.set_content(outgoing.body.strip() + "\n", charset="utf-8", cte="quoted-printable")
    return message.as_bytes()

"""Mail that no person wrote (RFC 3834 §2, RFC 3464, and what programs do instead), and mail never to be answered."""

from __future__ import annotations

import re
from email.message import Message

from channels.email.classify import automatic_patterns as marks
from channels.email.encoding.decode import addresses, header_text, message_ids, raw_header_values
from channels.email.mime.mail_files import child_parts, message_bytes
from channels.email.reply.forwarding import relation_by_subject
from config.enums import NotContribution

AUTOMATIC_SUBJECT = "subject of an automatic reply"


def recognise_automatic_mail(message: Message) -> NotContribution | None:
    """What a mail is that no person wrote to us, else None."""
    if _is_bounce(message):
        return NotContribution.BOUNCE
    if _is_automatic(message):
        return NotContribution.AUTOMATIC_REPLY
    if _is_list(message):
        return NotContribution.MAILING_LIST
    return None


def reason_not_to_answer(message: Message) -> str:
    """Why nothing may be sent in reply, or "" (RFC 3834 §2); what the mail is, is another question.

    A copier sends its scans from a no-reply address, a list forwards what a person wrote.
    """
    senders = [*addresses(message, "From"), *addresses(message, "Return-Path")]
    reasons = {
        "Auto-Submitted": header_text(message, "Auto-Submitted").lower().split(";")[0].strip() not in ("", "no"),
        "empty Return-Path": has_null_return_path(message),
        "list": _is_list(message),
        "Precedence": header_text(message, "Precedence").lower() == "auto_reply",
        "X-Auto-Response-Suppress": header_text(message, "X-Auto-Response-Suppress").lower() not in ("", "none"),
        "marked as automatic": any(
            message.get(name) is not None for name in (*marks.AUTOMATIC_MARKS, "X-Loop", "Feedback-ID")
        ),
        "system address": any(
            marks.SYSTEM.match(one) or marks.NOBODY.match(one) or marks.LIST_ADDRESS.match(one) for one in senders
        ),
        AUTOMATIC_SUBJECT: bool(marks.AUTOMATIC_SUBJECT.match(header_text(message, "Subject"))),
        "several senders": len(addresses(message, "From")) > 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def bounced_message_id(message: Message) -> str:
    """The Message-ID of the mail that a bounce returns, or ""."""
    for part in _parts(message):
        if part.get_content_type() not in marks.RETURNED:
            continue
        text = message_bytes(part)[:50_000].decode("latin-1")
        if found := re.search(r"^Message-ID:\s*(<[^<>\s]{1,900}>)", text, re.IGNORECASE | re.MULTILINE):
            return found[1]
    return ""


def _is_bounce(message: Message) -> bool:
    """Whether this is a delivery report, or one in all but form."""
    kind, report = message.get_content_type(), str(message.get_param("report-type") or "").lower()
    if kind == "multipart/report":
        return report != "disposition-notification"
    subject = header_text(message, "Subject")
    named_so = bool(marks.SYSTEM_NAME.search(header_text(message, "From")))
    by_system = named_so or any(
        marks.SYSTEM.match(one) or marks.NOBODY.match(one) for one in addresses(message, "From")
    )
    if message.get("X-Failed-Recipients") is not None or marks.COMPLAINT.match(subject):
        return True
    if any(
        part.get_content_type() in ("message/delivery-status", "message/feedback-report") for part in _parts(message)
    ):
        return True
    if by_system and marks.SYSTEMS_SUBJECT.search(subject):
        return True
    return (by_system or has_null_return_path(message)) and bool(marks.BOUNCE_SUBJECT.search(subject))


def _is_automatic(message: Message) -> bool:
    """Whether a program answered in somebody's name, or reports something."""
    submitted = header_text(message, "Auto-Submitted").lower().split(";")[0].strip()
    if submitted.startswith("auto-"):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    if any(message.get(name) is not None for name in marks.AUTOMATIC_MARKS):
        return True
    # A no-reply address alone may be a copier that sends its scans.
    by_nobody = any(marks.NOBODY.match(one) for one in addresses(message, "From"))
    if by_nobody and (has_null_return_path(message) or message.get("Feedback-ID") is not None):
        return True
    if header_text(message, "X-Apple-Action").lower() == "vacation":
        return True
    if (
        header_text(message, "Precedence").lower() == "auto_reply"
        or "vacation" in header_text(message, "X-Mailer").lower()
    ):
        return True
    subject = header_text(message, "Subject")
    if marks.ABSENT_SUBJECT.match(subject) and (_is_suspect(message) or _answers_ours_anew(message, subject)):
        return True
    return any(marks.SYSTEM.match(one) for one in addresses(message, "From"))


def has_null_return_path(message: Message) -> bool:
    """Whether a server noted that nothing may come back to who sent this."""
    return any(
        marks.NOBODYS_PATH.fullmatch(value.strip("<> \t\r\n")) for value in raw_header_values(message, "Return-Path")
    )


def _is_suspect(message: Message) -> bool:
    """Whether a header says that a program had a hand in it, without saying what it is."""
    suppressed = header_text(message, "X-Auto-Response-Suppress").lower() not in ("", "none")
    return suppressed or has_null_return_path(message) or message.get("X-Loop") is not None


def _answers_ours_anew(message: Message, subject: str) -> bool:
    """Whether it answers what we sent, known by its identifier, in words that are not the answered subject again.

    Our receipts carry the resident's own subject: « Re: Congés du gardien » is what a person's next answer has.
    """
    return not relation_by_subject(subject).answers and any(
        marks.OURS.fullmatch(one) or marks.ANSWERS.fullmatch(one)
        for name in ("In-Reply-To", "References")
        for one in message_ids(message, name)
    )


def _is_list(message: Message) -> bool:
    """Whether a list or a newsletter sent it (RFC 2369, RFC 2919)."""
    marked = any(message.get(f"List-{name}") is not None for name in ("Id", "Unsubscribe", "Post", "Help", "Subscribe"))
    return marked or header_text(message, "Precedence").lower() in ("bulk", "list", "junk")


def _parts(message: Message) -> list[Message]:
    """The message and its parts, at most 50."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < 50:
        part = waiting.pop(0)
        found.append(part)
        waiting.extend(child_parts(part))
    return found

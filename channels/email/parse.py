"""A mail taken apart. Whatever arrives becomes text or a stated reason; nothing here raises over what it contains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

from channels.email import machine
from channels.email.body import Contents, collect
from channels.email.decode import addresses, date_of, first_address, header, message_ids, to_text
from channels.email.endings import only_sent_from
from channels.email.files import Attachment
from channels.email.forwarded import forwards_bounce, unwrap_forwarded
from channels.email.heads import AsideKind
from channels.email.part_head import Lean, message_of
from channels.email.problems import Problem
from channels.email.quotes import Aside, split_reply
from channels.email.sender import authentication, disguises, envelope_sender, sender_name
from channels.values import Address
from config.names import NotContribution

__all__ = ["Aside", "Attachment", "Mail", "Problem", "parse_lean", "parse_mail"]

_MOST_SHOWN = 200_000  # characters of a message that could not be parsed at all


@dataclass(frozen=True)
class Mail:
    """A mail as a person would understand it. ``sender`` is None when no well-formed address stands there."""

    sender: Address | None = None
    answer_to: Address | None = None
    """Where an answer goes: the Return-Path our server noted, else the sender; never Reply-To (RFC 3834 §4)."""
    addressed_to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    body: str = ""
    aside: tuple[Aside, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    machine: NotContribution | None = None
    never_answer: str = ""
    """Why nothing may be sent in reply; "" when it may."""
    about: str = ""
    """The Message-ID of what a bounce returns."""
    problems: tuple[Problem, ...] = field(default=())
    sender_name: str = ""
    """The name beside the sender's address: a claim."""
    disguises: tuple[str, ...] = ()
    """What in the sender's name or address looks like something else, e.g. a word of Latin and Cyrillic letters."""
    authentication: tuple[str, ...] = ()
    """What mail servers found out about the sender, as they wrote it: to be shown, not judged."""
    outline: tuple[str, ...] = ()
    """The parts of a message too large to be taken apart: type, name, size."""

    @property
    def is_beginning(self) -> bool:
        """Whether the message was larger than the limit."""
        return Problem.TOO_LARGE in self.problems or Problem.LEFT_BEHIND in self.problems


def parse_mail(raw: bytes) -> Mail:
    """The mail in these bytes; nothing they contain makes this fail."""
    return parse_lean(Lean(raw))


def parse_lean(lean: Lean) -> Mail:
    """The mail left of one whose long files lie elsewhere."""
    try:
        return _parse(lean)
    except Exception:  # noqa: BLE001 (the email package raises at any access to a damaged part; every mail is an intake)
        _, _, rest = lean.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        text, _ = to_text((rest or lean.raw)[:_MOST_SHOWN], None)
        return Mail(body=text.strip(), never_answer="damaged", problems=(Problem.BROKEN,))


def _parse(lean: Lean) -> Mail:
    message = message_of(lean.raw)
    found = Contents(kept=lean.kept)
    collect(message, found)
    body, aside = _body_of(message, found)
    if not body and not found.attachments and not found.problems:
        found.note(Problem.NO_TEXT)
    if message.defects:
        found.note(Problem.BROKEN)
    kind = machine.recognise(message)
    own = "" if Problem.FORWARDED in found.problems else body
    if kind is None and forwards_bounce(own, "\n".join(found.texts)):
        kind = NotContribution.BOUNCE
    sender = first_address(message, "From", "Sender")
    in_reply_to = message_ids(message, "In-Reply-To")
    return Mail(
        sender=sender,
        answer_to=envelope_sender(message) or sender,
        addressed_to=_addressed_to(message),
        subject=header(message, "Subject")[:998],
        date=date_of(message),
        message_id=next(iter(message_ids(message, "Message-ID")), ""),
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=message_ids(message, "References"),
        body=body,
        aside=aside,
        attachments=tuple(found.attachments),
        machine=kind,
        never_answer=machine.never_answer(message) or (kind.value if kind else ""),
        about=machine.about(message) if kind is NotContribution.BOUNCE else "",
        problems=tuple(found.problems),
        sender_name=(name := sender_name(message)),
        disguises=disguises(name, sender.value if sender else ""),
        authentication=authentication(message),
    )


def _body_of(message: Message, found: Contents) -> tuple[str, tuple[Aside, ...]]:
    """What was newly written; a forwarded message speaks for itself when nothing was written above it."""
    split = split_reply("\n\n".join(text for text in found.texts if text.strip()))
    if only_sent_from(split.body) and (found.attachments or header(message, "Subject")):
        return "", (*split.aside, Aside(AsideKind.SIGNATURE, split.body))
    if split.body or not split.aside:
        return split.body, split.aside
    forwards = header(message, "Subject").lower().startswith(("tr:", "tr :", "fw:", "fw :", "fwd:", "fwd :", "wg:"))
    if forwards or any(one.kind is AsideKind.FORWARD for one in split.aside):
        body, aside = unwrap_forwarded(split.aside)
        found.note(Problem.FORWARDED)
        return body, aside
    if not found.attachments:
        found.note(Problem.ONLY_QUOTED)
    return "", split.aside


def _addressed_to(message: Message) -> tuple[str, ...]:
    """Every address it was sent to, the delivering server's word first."""
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return tuple(dict.fromkeys(one for name in names for one in addresses(message, name)))

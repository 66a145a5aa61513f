"""A mail taken apart. Whatever arrives becomes text or a stated reason; nothing here raises over what it contains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

from channels.base.values import Address
from channels.email.classify import automatic_mail
from channels.email.classify.forwarded_report import forwards_bounce
from channels.email.classify.sender import authentication_results, disguise_warnings, envelope_sender, sender_name
from channels.email.encoding.decode import addresses, date_of, first_address, header_text, message_ids, to_text
from channels.email.mail_text import mail_wording, without_forwarded
from channels.email.mime.body import collect_parts
from channels.email.mime.contents import MailContents
from channels.email.mime.mail_files import Attachment
from channels.email.mime.mislabelled import IsFile, trust_declared_type
from channels.email.mime.part_head import LeanMail, parse_message_bytes
from channels.email.mime.problems import MailProblem
from channels.email.reply.evidence import Aside, Passage
from config.enums import NotContribution

__all__ = ["Aside", "Attachment", "Mail", "MailProblem", "parse_lean", "parse_mail"]

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
    passages: tuple[Passage, ...] = ()
    """What of ``body`` is forwarded, or perhaps not meant; in order."""
    twins: tuple[str, ...] = ()
    """Plain texts instead of which the page beside them was taken."""
    attachments: tuple[Attachment, ...] = ()
    machine: NotContribution | None = None
    never_answer: str = ""
    """Why nothing may be sent in reply; "" when it may."""
    about: str = ""
    """The Message-ID of what a bounce returns."""
    problems: tuple[MailProblem, ...] = field(default=())
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
        return MailProblem.TOO_LARGE in self.problems or MailProblem.LEFT_BEHIND in self.problems


def parse_mail(raw: bytes) -> Mail:
    """The mail in these bytes; nothing they contain makes this fail."""
    return parse_lean(LeanMail(raw))


def parse_lean(lean: LeanMail, is_file: IsFile = trust_declared_type) -> Mail:
    """The mail left of one whose long files lie elsewhere; ``is_file`` tells files that are called text."""
    try:
        return _parse(lean, is_file)
    except Exception:  # noqa: BLE001 (the email package raises at any access to a damaged part; every mail is an intake)
        _, _, rest = lean.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        text, _ = to_text((rest or lean.raw)[:_MOST_SHOWN], None)
        return Mail(body=text.strip(), never_answer="damaged", problems=(MailProblem.BROKEN,))


def _parse(lean: LeanMail, is_file: IsFile) -> Mail:
    message = parse_message_bytes(lean.raw)
    found = MailContents(kept=lean.kept, is_file=is_file)
    collect_parts(message, found)
    kind = automatic_mail.recognise_automatic_mail(message)
    said = mail_wording(message, found, by_machine=kind is not None)
    if kind is None and forwards_bounce(without_forwarded(said), "\n".join([*found.texts, *dict(found.forwarded)])):
        kind = NotContribution.BOUNCE
    if not said.body and not found.attachments and not found.problems:
        found.note(MailProblem.NO_TEXT)
    if message.defects:
        found.note(MailProblem.BROKEN)
    sender = first_address(message, "From", "Sender")
    in_reply_to = message_ids(message, "In-Reply-To")
    return Mail(
        sender=sender,
        answer_to=envelope_sender(message) or sender,
        addressed_to=_addressed_to(message),
        subject=header_text(message, "Subject")[:998],
        date=date_of(message),
        message_id=next(iter(message_ids(message, "Message-ID")), ""),
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=message_ids(message, "References"),
        body=said.body,
        aside=said.aside,
        passages=said.passages,
        twins=tuple(found.plain_twins),
        attachments=tuple(found.attachments),
        machine=kind,
        never_answer=automatic_mail.reason_not_to_answer(message) or (kind.value if kind else ""),
        about=automatic_mail.bounced_message_id(message) if kind is NotContribution.BOUNCE else "",
        problems=tuple(found.problems),
        sender_name=(name := sender_name(message)),
        disguises=disguise_warnings(name, sender.value if sender else ""),
        authentication=authentication_results(message),
    )


def _addressed_to(message: Message) -> tuple[str, ...]:
    """Every address it was sent to, the delivering server's word first."""
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return tuple(dict.fromkeys(one for name in names for one in addresses(message, name)))

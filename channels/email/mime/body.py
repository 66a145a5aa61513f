"""A message's parts: what is text to be read, and what is a file; whatever its MIME structure."""

from __future__ import annotations

import re
from email.message import Message

from channels.email.encoding.decode import header_text, to_text
from channels.email.html.alternatives import LEAST_MISSING, is_stub, says_more, word_counts
from channels.email.mime.contents import MailContents
from channels.email.mime.encryption_markers import encryption_of_part
from channels.email.mime.mail_files import Attachment, attachment_name, child_parts, decoded_payload, message_bytes
from channels.email.mime.problems import MailProblem
from channels.email.mime.relation import relation_of_mail
from channels.email.mime.text_parts import collect_text_part
from channels.email.patterns.markers import strip_markers
from channels.email.reply.inline_answers import has_answers_by_style

_DEEPEST = 20
_MOST_PARTS = 500
_NOT_HERE = ("message/external-body", "message/partial")
_OF_PROGRAMS = re.compile(r"\bMIME\b|multi-?part|mail (?:reader|client|program)|mailer|attachment", re.IGNORECASE)
_TEXTS = ("text/plain", "text/html", "text/x-amp-html")


def collect_parts(message: Message, found: MailContents, depth: int = 0) -> None:
    """Gather texts and files, in the message's order."""
    found.parts += 1
    if depth > _DEEPEST or found.parts > _MOST_PARTS:
        found.note(MailProblem.MANY_PARTS)
        return
    try:
        _collect(message, found, depth)
    except Exception:  # noqa: BLE001 (the email package raises at any access to a damaged part; the others are read)
        found.note(MailProblem.BROKEN)
        if payload := decoded_payload(message):
            found.attachments.append(Attachment("", "application/octet-stream", payload))


def _collect(message: Message, found: MailContents, depth: int) -> None:
    kind = message.get_content_type()
    for problem in encryption_of_part(message, kind):
        found.note(problem)
    if kind in _NOT_HERE:
        found.note(MailProblem.ELSEWHERE)
    if kind == "message/rfc822":
        _take_forwarded(message, found, depth)
    elif kind == "multipart/alternative" and message.is_multipart():
        _choose(child_parts(message), found, depth)
    elif message.is_multipart():
        _take_stray(message.preamble, found)
        for child in child_parts(message):
            collect_parts(child, found, depth + 1)
        _take_stray(message.epilogue, found)
    elif kind.startswith("multipart/"):  # its boundary is missing: what stands there is text at best
        collect_text_part(message, "text/plain", found)
    elif kind not in _TEXTS or _is_file(message) or not collect_text_part(message, kind, found):
        _take_file(message, kind, found)


def _take_stray(text: str | None, found: MailContents) -> None:
    """What stands before the first part or behind the last, where readers do not look: unless programs speak there."""
    stray = to_text((text or "").encode("utf-8", "surrogateescape"), None)[0].strip()
    if len(stray.split()) >= LEAST_MISSING and not _OF_PROGRAMS.search(stray):
        found.texts.append(strip_markers(stray))


def _choose(children: list[Message], found: MailContents, depth: int) -> None:
    """Of alternatives the plain text, unless the page says more; their files in any case."""
    plains: list[MailContents] = []
    pages: list[MailContents] = []
    # What AMP shows is made anew whenever it is looked at, and the page says it too.
    lasting = [child for child in children if child.get_content_type() != "text/x-amp-html"]
    for child in lasting or children:
        version = found.within()
        collect_parts(child, version, depth + 1)
        found.add_files_of(version)
        if any(text.strip() for text in version.texts):
            (plains if child.get_content_type() == "text/plain" else pages).append(version)
    if not plains or not pages:
        taken = plains[0] if plains else pages[-1] if pages else MailContents()
        _take_version(taken, found)
    else:
        taken = _better(plains[0], pages[-1], found)
    # By the standard they say the same (RFC 2046 §5.1.4); where one more of its kind does not, it is no alternative.
    for other in (*plains[1:], *pages[:-1]):
        if says_more(_said_by(other), _said_by(taken)):
            _take_version(other, found)


def _better(plain: MailContents, page: MailContents, found: MailContents) -> MailContents:
    """Take the one of the two that says all; note what the other says besides."""
    as_plain, as_page = _said_by(plain), _said_by(page)
    if not is_stub(as_plain, as_page):
        # Only the page shows answers that stand out by their colour.
        better = page if has_answers_by_style(as_page) else plain
        _take_version(better, found)
        return better
    _take_version(page, found)
    found.plain_twins.append(as_plain.strip())
    if (word_counts(as_plain) - word_counts(as_page)).total() >= LEAST_MISSING:
        found.note(MailProblem.TWINS)
    return page


def _said_by(version: MailContents) -> str:
    return "\n\n".join(version.texts)


def _take_version(version: MailContents, found: MailContents) -> None:
    found.texts += version.texts
    found.forwarded += version.forwarded


def _take_forwarded(message: Message, found: MailContents, depth: int) -> None:
    """A message attached to this one: a file, and what it says."""
    inner = next(iter(child_parts(message)), None)
    path = found.file_of(message)
    payload = b"" if path else message_bytes(message)
    name = attachment_name(message) or "message.eml"
    is_taken = inner is not None and bool(inner.keys())
    found.attachments.append(Attachment(name, "message/rfc822", payload, path=path, is_taken=is_taken))
    if inner is None or not inner.keys():  # kept as a file that nobody opens
        if path is not None:
            found.note(MailProblem.MANY_PARTS)
        return
    within = found.within()
    collect_parts(inner, within, depth + 1)
    # Many people write all they have to say into the subject.
    if text := "\n\n".join(text for text in within.texts if text.strip()) or header_text(inner, "Subject"):
        found.forwarded.append((text, relation_of_mail(inner)))
    found.forwarded += within.forwarded
    found.add_files_of(within)


def _take_file(message: Message, kind: str, found: MailContents) -> None:
    """A part that is kept as a file."""
    if kind == "text/calendar":
        found.note(MailProblem.CALENDAR)
    path = found.file_of(message)
    payload = b"" if path else decoded_payload(message)
    if not payload and not path and not attachment_name(message):
        return
    inline = message.get("Content-ID") is not None and message.get_content_disposition() != "attachment"
    found.attachments.append(Attachment(attachment_name(message), kind, payload, inline, path))


def _is_file(message: Message) -> bool:
    """Whether a text part is meant as a file; Apple Mail names even the text it shows."""
    return message.get_content_disposition() == "attachment"

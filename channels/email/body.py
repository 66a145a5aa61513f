"""A message's parts: what is text to be read, and what is a file; whatever its MIME structure."""

from __future__ import annotations

from email.message import Message

from channels.email.apart.answers import has_answers_by_style
from channels.email.contents import Contents
from channels.email.files import Attachment, bytes_of, children_of, name_of, payload_of
from channels.email.problems import Problem
from channels.email.relation import relation_of_mail
from channels.email.seals import seals_of
from channels.email.text_parts import take_text
from channels.email.twins import LEAST_MISSING, is_stub, words_of

_DEEPEST = 20
_MOST_PARTS = 500
_NOT_HERE = ("message/external-body", "message/partial")
_TEXTS = ("text/plain", "text/html", "text/x-amp-html")


def collect(message: Message, found: Contents, depth: int = 0) -> None:
    """Gather texts and files, in the message's order."""
    found.parts += 1
    if depth > _DEEPEST or found.parts > _MOST_PARTS:
        found.note(Problem.MANY_PARTS)
        return
    try:
        _collect(message, found, depth)
    except Exception:  # noqa: BLE001 (the email package raises at any access to a damaged part; the others are read)
        found.note(Problem.BROKEN)
        if payload := payload_of(message):
            found.attachments.append(Attachment("", "application/octet-stream", payload))


def _collect(message: Message, found: Contents, depth: int) -> None:
    kind = message.get_content_type()
    for problem in seals_of(message, kind):
        found.note(problem)
    if kind in _NOT_HERE:
        found.note(Problem.ELSEWHERE)
    if kind == "message/rfc822":
        _take_forwarded(message, found, depth)
    elif kind == "multipart/alternative" and message.is_multipart():
        _choose(children_of(message), found, depth)
    elif message.is_multipart():
        for child in children_of(message):
            collect(child, found, depth + 1)
    elif kind.startswith("multipart/"):  # its boundary is missing: what stands there is text at best
        take_text(message, "text/plain", found)
    elif kind not in _TEXTS or _is_file(message) or not take_text(message, kind, found):
        _take_file(message, kind, found)


def _choose(children: list[Message], found: Contents, depth: int) -> None:
    """Of alternatives the plain text, unless the page says more; their files in any case."""
    plain: Contents | None = None
    page: Contents | None = None
    for child in children:
        version = found.within()
        collect(child, version, depth + 1)
        found.add_files_of(version)
        if not any(text.strip() for text in version.texts):
            continue
        if child.get_content_type() != "text/plain":
            page = version
        elif plain is None:
            plain = version
    if plain is None or page is None:
        _take_version(plain or page or Contents(), found)
        return
    as_plain, as_page = ("\n\n".join(version.texts) for version in (plain, page))
    if not is_stub(as_plain, as_page):
        # Only the page shows answers that stand out by their colour.
        _take_version(page if has_answers_by_style(as_page) else plain, found)
        return
    _take_version(page, found)
    found.plain_twins.append(as_plain.strip())
    if (words_of(as_plain) - words_of(as_page)).total() >= LEAST_MISSING:
        found.note(Problem.TWINS)


def _take_version(version: Contents, found: Contents) -> None:
    found.texts += version.texts
    found.forwarded += version.forwarded


def _take_forwarded(message: Message, found: Contents, depth: int) -> None:
    """A message attached to this one: a file, and what it says."""
    inner = next(iter(children_of(message)), None)
    path = found.file_of(message)
    payload = b"" if path else bytes_of(message)
    name = name_of(message) or "message.eml"
    is_taken = inner is not None and bool(inner.keys())
    found.attachments.append(Attachment(name, "message/rfc822", payload, path=path, is_taken=is_taken))
    if inner is None or not inner.keys():  # kept as a file that nobody opens
        if path is not None:
            found.note(Problem.MANY_PARTS)
        return
    within = found.within()
    collect(inner, within, depth + 1)
    text = "\n\n".join(text for text in within.texts if text.strip())
    if text:
        found.forwarded.append((text, relation_of_mail(inner)))
    found.forwarded += within.forwarded
    found.add_files_of(within)


def _take_file(message: Message, kind: str, found: Contents) -> None:
    """A part that is kept as a file."""
    if kind == "text/calendar":
        found.note(Problem.CALENDAR)
    path = found.file_of(message)
    payload = b"" if path else payload_of(message)
    if not payload and not path and not name_of(message):
        return
    inline = message.get("Content-ID") is not None and message.get_content_disposition() != "attachment"
    found.attachments.append(Attachment(name_of(message), kind, payload, inline, path))


def _is_file(message: Message) -> bool:
    """Whether a text part is meant as a file; Apple Mail names even the text it shows."""
    return message.get_content_disposition() == "attachment"

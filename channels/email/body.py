"""A message's parts: what is text to be read, and what is a file; whatever its MIME structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from channels.email.apart.evidence import Relation
from channels.email.apart.signs import without_signs
from channels.email.decode import to_text, unflow
from channels.email.files import Attachment, bytes_of, children_of, name_of, parameter_of, payload_of
from channels.email.html import html_to_text
from channels.email.part_head import KEPT_AS
from channels.email.problems import Problem
from channels.email.relation import relation_of_mail
from channels.email.seals import seals_of, unsealed

_DEEPEST = 20
_MOST_PARTS = 500
_LONGEST_TEXT = 1_000_000
_TEXTS = ("text/plain", "text/html", "text/x-amp-html")


@dataclass
class Contents:
    """What a message holds, as it is collected."""

    texts: list[str] = field(default_factory=list)
    forwarded: list[tuple[str, Relation]] = field(default_factory=list)
    """The texts of messages attached to this one, and what their headers say of them."""
    attachments: list[Attachment] = field(default_factory=list)
    problems: dict[Problem, None] = field(default_factory=dict)
    parts: int = 0
    kept: Mapping[str, Path] = field(default_factory=dict)
    """Where files too long to be held lie, by the mark in their part's head."""

    def file_of(self, message: Message) -> Path | None:
        """Where the body of a part lies; None where it is in the message."""
        return next((self.kept[str(mark)] for mark in message.get_all(KEPT_AS, ()) if str(mark) in self.kept), None)

    def note(self, problem: Problem) -> None:
        """Remember a problem, once."""
        self.problems[problem] = None


def collect(message: Message, found: Contents, depth: int = 0) -> None:
    """Gather texts and files, in the message's order."""
    found.parts += 1
    if depth > _DEEPEST or found.parts > _MOST_PARTS:
        found.note(Problem.MANY_PARTS)
        return
    kind = message.get_content_type()
    for problem in seals_of(message, kind):
        found.note(problem)
    if kind == "message/rfc822":
        _take_forwarded(message, found, depth)
    elif kind == "multipart/alternative" and message.is_multipart():
        _choose(children_of(message), found, depth)
    elif message.is_multipart():
        for child in children_of(message):
            collect(child, found, depth + 1)
    elif kind.startswith("multipart/"):  # its boundary is missing: what stands there is text at best
        _take_text(message, "text/plain", found)
    elif kind in _TEXTS and not _is_file(message):
        _take_text(message, kind, found)
    else:
        _take_file(message, kind, found)


def _choose(children: list[Message], found: Contents, depth: int) -> None:
    """Of alternatives the plain text if it says anything, else the richest; their files in any case."""
    versions = []
    for child in children:
        version = Contents(parts=found.parts, kept=found.kept)
        collect(child, version, depth + 1)
        found.parts = version.parts
        found.attachments += version.attachments
        found.problems |= version.problems
        is_plain = child.get_content_type() == "text/plain"
        if any(text.strip() for text in version.texts):
            versions.append((is_plain, version))
    best = next((version for is_plain, version in versions if is_plain), versions[-1][1] if versions else None)
    if best:
        found.texts += best.texts
        found.forwarded += best.forwarded


def _take_text(message: Message, kind: str, found: Contents) -> None:
    """A part to be read."""
    raw = payload_of(message)
    text, guessed = to_text(raw, parameter_of(message, "charset"))
    if guessed:
        found.note(Problem.CHARSET)
    if len(text) > _LONGEST_TEXT:
        found.note(Problem.CUT)
        text = text[:_LONGEST_TEXT]
    if kind != "text/plain":
        text, is_laid_out = html_to_text(text)
        if not is_laid_out:
            found.note(Problem.NOT_LAID_OUT)
    else:
        text = without_signs(text)
        if (parameter_of(message, "format") or "").lower() == "flowed":
            text = unflow(text, delete_space=(parameter_of(message, "delsp") or "").lower() == "yes")
    text, seals = unsealed(text)
    found.problems |= dict.fromkeys(seals)
    found.texts.append(text)


def _take_forwarded(message: Message, found: Contents, depth: int) -> None:
    """A message attached to this one: a file, and what it says."""
    inner = next(iter(children_of(message)), None)
    path = found.file_of(message)
    payload = b"" if path else bytes_of(message)
    found.attachments.append(Attachment(name_of(message) or "message.eml", "message/rfc822", payload, path=path))
    if inner is None:
        return
    within = Contents(parts=found.parts, kept=found.kept)
    collect(inner, within, depth + 1)
    found.parts = within.parts
    text = "\n\n".join(text for text in within.texts if text.strip())
    if text:
        found.forwarded.append((text, relation_of_mail(inner)))
    found.forwarded += within.forwarded
    found.attachments += within.attachments
    found.problems |= within.problems


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

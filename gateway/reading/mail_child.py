"""Takes hostile mail apart; runs only in a limited child of ``gateway.reading.opened_mail``.

What it starts (``file``, the readers of documents) stays within its limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from channels.email.copier import scans_in_copier_mail
from channels.email.encoding.decode import to_text
from channels.email.message_file import open_beginning, open_mail
from channels.email.mime.mail_files import Attachment
from channels.email.parse import Mail, MailProblem, parse_mail
from config.child_answers.plain_data import to_plain
from config.enums import Channel, MediumKind, NotContribution
from gateway.intake.new_parts import NewPart, Passage, SetApart
from gateway.reading.attachments import sort_files
from gateway.reading.mail_parts import mail_parts, scan_files
from transcription.base.file_types import is_file
from transcription.documents.document_text import DocumentLimits

_SAID = """Bonjour,

Il faudrait plus de bancs à l'ombre.

--\x20
Une habitante

Le lundi, la ville a écrit :
> Que faut-il ?
"""
_LETTER = (
    "Return-Path: <habitante@ville.example>\nReceived: from ville.example; Mon, 02 Nov 2026 10:00:00 +0100\n"
    "From: Une habitante <habitante@ville.example>\nTo: avis@ville.example\nSubject: =?utf-8?q?Id=C3=A9e?=\n"
    "Message-ID: <1@ville.example>\nDate: Mon, 02 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
    'Content-Type: multipart/alternative; boundary="b"\n\n'
    f"--b\nContent-Type: text/plain; charset=utf-8\n\n{_SAID}\n"
    f"--b\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>{_SAID}</p></body></html>\n--b--\n"
).encode()
_MOST_SHOWN = 200_000
"""Bytes shown of a mail that cannot be taken apart."""


@dataclass(frozen=True, slots=True)
class ChildMedium:
    """What a child may say of a file: no key, no place in the store."""

    kind: MediumKind
    content_type: str
    path: Path
    name: str | None


@dataclass(frozen=True, slots=True)
class ChildPart:
    """What a child may say of a part."""

    body: str | None
    aside: tuple[SetApart, ...]
    passages: tuple[Passage, ...]
    media: tuple[ChildMedium, ...]
    not_contribution: NotContribution | None
    needs_person: str | None
    continues: str | None


@dataclass(frozen=True, slots=True)
class ChildMail:
    """A mail taken apart: as a letter its parts, or the scans of a copier with their names."""

    mail: Mail
    parts: tuple[ChildPart, ...]
    scans: tuple[tuple[Path, str], ...]


def take_apart(asked: dict[str, Any]) -> Any:
    """The mail at ``path``, its files in ``folder``; of one that was cut, ``outline`` is what the rest holds."""
    folder = Path(asked["folder"])
    mail = open_mail(Path(asked["path"]), folder, asked["most_bytes"], is_file)
    if asked["outline"] is not None:
        mail = open_beginning(mail, MailProblem.LEFT_BEHIND, asked["outline"])
    scans = scan_files(mail, folder)
    limits = DocumentLimits(seconds=asked["seconds"], memory_mb=asked["memory_mb"])
    parts = [] if scans else mail_parts(mail, folder, limits)
    names = [scan.name for scan in scans_in_copier_mail(mail)] if scans else []
    return to_plain(
        ChildMail(
            replace(mail, attachments=_written_out(mail.attachments, folder)),
            tuple(_said(part, folder) for part in parts),
            tuple(zip(scans, names, strict=True)),
        )
    )


def warm_up() -> None:
    """Read a letter of our own, in the process whose forks read those of others."""
    mail = parse_mail(_LETTER)
    to_plain(ChildMail(mail, tuple(_said(part, Path()) for part in mail_parts(mail, Path())), ()))


def sort_file(asked: dict[str, Any]) -> Any:
    """A file that came by itself, at ``path``: its words, or what a person must be told of it, as a part."""
    path, folder = Path(asked["path"]), Path(asked["folder"])
    limits = DocumentLimits(seconds=asked["seconds"], memory_mb=asked["memory_mb"])
    found = sort_files([Attachment(asked["name"], asked["mime"], path=path)], folder, limits)
    part = NewPart(
        key="body",
        channel=Channel.PAPER,
        media=tuple(found.media),
        body="\n\n".join(found.typed) or None,
        aside=tuple(found.aside),
        needs_person=" ".join(found.problems) or None,
    )
    return to_plain(_said(part, folder))


def show_plainly(asked: dict[str, Any]) -> Any:
    """The mail at ``path`` as the words that stand there, for a person: when taking it apart failed."""
    with Path(asked["path"]).open("rb") as file:
        raw = file.read(_MOST_SHOWN)
    head, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    text, _ = to_text(rest or head, None)
    mail = Mail(body=text.strip(), never_answer="damaged", problems=(MailProblem.BROKEN,))
    part = NewPart("body", Channel.EMAIL, body=mail.body, needs_person=MailProblem.BROKEN.value)
    return to_plain(ChildMail(mail, (_said(part, Path()),), ()))


def _said(part: NewPart, folder: Path) -> ChildPart:
    media = []
    for number, medium in enumerate(part.media):
        path = medium.source
        if not isinstance(path, Path):
            path = folder / f"medium-{number}"
            path.write_bytes(medium.source if isinstance(medium.source, bytes) else b"")
        media.append(ChildMedium(medium.kind, medium.content_type, path, medium.name))
    return ChildPart(
        part.body,
        tuple(part.aside),
        tuple(part.passages),
        tuple(media),
        part.not_contribution,
        part.needs_person,
        part.continues,
    )


def _written_out(attachments: Sequence[Attachment], folder: Path) -> tuple[Attachment, ...]:
    """The same, without bytes in them: of what is told, little is held in memory."""
    for number, one in enumerate(attachments):
        if one.path is None:
            (folder / f"told-{number}").write_bytes(one.payload)
    return tuple(
        replace(one, payload=b"", path=one.path or folder / f"told-{number}") for number, one in enumerate(attachments)
    )

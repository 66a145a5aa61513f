"""A mail as parts: what was written, what was set apart, its files; or the scans that a copier sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import filetype

from channels.email.compose import receipt_answered
from channels.email.copier import scans_of
from channels.email.doubts import doubts_of
from channels.email.files import Attachment
from channels.email.parse import Mail, Problem
from config.names import Channel, MediumKind
from gateway.intake import NewPart, Passage, SetApart
from gateway.media import NewMedium
from transcription.documents import DocumentLimits, FileKind, Undocumented, read_document

WORTH_A_LOOK = {
    Problem.BROKEN,
    Problem.CHARSET,
    Problem.ENCRYPTED,
    Problem.PACKED,
    Problem.ONLY_QUOTED,
    Problem.CUT,
    Problem.NOT_LAID_OUT,
    Problem.MANY_PARTS,
    Problem.TOO_LARGE,
    Problem.LEFT_BEHIND,
    Problem.MORE_APART,
    Problem.ONLY_GREETING,
    Problem.STANDS_OUT,
}
"""What may have taken something of a mail away; the other problems only say what kind of mail it is."""
_INCOMPLETE = {Problem.CUT, Problem.MANY_PARTS}
EMPTY = "The mail is empty."
MANY_FILES = "The mail has very many files: the first ones are kept one by one, all of them in the original."
DOCUMENT_CUT = "A document is very long: its beginning was read."
_DRAWINGS = {"image/vnd.dwg", "image/x-xcf", "image/vnd.adobe.photoshop", "image/x-icon"}
"""Files of drawing programs, which are kept like any other."""
_AS_BROWSERS_SAY = {
    "video/mp4": "audio/mp4",  # a telephone's voice memo begins like a film
    "video/webm": "audio/webm",
    "video/ogg": "audio/ogg",
    "audio/x-flac": "audio/flac",
}
_MOST_FILES = 100
_MOST_DOCUMENTS = 10
_DECORATION = 10_000
"""Bytes: a picture within the text that is no larger is a logo, and not read."""


@dataclass
class _Files:
    """The files of a mail, sorted by what can be done with them."""

    media: list[NewMedium] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    documents: int = 0


def medium_kind(path: Path, content_type: str = "") -> MediumKind:
    """What kind of medium a file is, by its first bytes rather than by what its sender calls it."""
    guess = filetype.guess(str(path)) if path.stat().st_size else None
    mime: str = guess.mime if guess else ""
    if mime.startswith("audio/") or mime in ("video/mp4", "video/3gpp", "video/webm", "video/ogg"):
        return MediumKind.RECORDING
    if mime == "application/pdf":
        return MediumKind.PAGE
    if mime.startswith("image/") and mime not in _DRAWINGS:
        return MediumKind.PHOTO
    # A damaged recording or page is still one: it must fail where a person sees it, not pass as an attachment.
    if not mime and content_type.startswith("audio/"):
        return MediumKind.RECORDING
    if not mime and (content_type == "application/pdf" or content_type.startswith("image/")):
        return MediumKind.PAGE
    return MediumKind.ATTACHMENT


def shown_type(path: Path, claimed: str) -> str:
    """The content type of a recording or picture by its first bytes, as browsers call it; else what is claimed."""
    guess = filetype.guess(str(path)) if path.stat().st_size else None
    return _AS_BROWSERS_SAY.get(guess.mime, guess.mime) if guess else claimed


def scan_files(mail: Mail, workdir: Path) -> list[Path]:
    """The files of a copier's mail, which go the way of paper; none when it is any other mail, or some are missing."""
    if _INCOMPLETE.intersection(mail.problems):  # taken as a letter, it says so to a person; paper would not
        return []
    return [_written(scan, workdir, number) for number, scan in enumerate(scans_of(mail), start=1)]


def mail_parts(mail: Mail, workdir: Path, limits: DocumentLimits | None = None) -> list[NewPart]:
    """A mail as its parts: one, with what was written, what was set apart, and its attachments.

    What was typed into an office document is the resident's wording like the mail's own.
    """
    files = _sorted_files(mail, workdir, limits or DocumentLimits())
    # Many people write all they have to say into the subject; of a mail that only quotes, it is somebody else's.
    in_subject = not mail.body.strip() and not files.typed and Problem.ONLY_QUOTED not in mail.problems
    body = mail.subject.strip() if in_subject else "\n\n".join([*filter(str.strip, (mail.body,)), *files.typed])
    return [
        NewPart(
            key="body",
            channel=Channel.EMAIL,
            body=body,
            aside=(*_set_apart(mail, with_subject=not in_subject), *(SetApart(*one) for one in files.aside)),
            passages=() if in_subject else tuple(Passage(one.kind.value, one.start, one.end) for one in mail.passages),
            media=tuple(files.media),
            not_contribution=mail.machine,
            needs_person=_needs_person(mail, body, files.problems),
            continues=receipt_answered(mail),
        )
    ]


def _set_apart(mail: Mail, *, with_subject: bool) -> list[SetApart]:
    """What is shown beside the words: quotations and signatures, and what is known of the sender."""
    aside = [SetApart("subject", mail.subject.strip())] if with_subject and mail.subject.strip() else []
    aside += [SetApart(one.kind.value, one.text, one.evidence.value) for one in mail.aside]
    if mail.disguises:
        aside.append(SetApart("disguise", "\n".join([mail.sender_name, *mail.disguises]).strip()))
    if mail.authentication:
        aside.append(SetApart("authentication", "\n".join(mail.authentication)))
    if mail.outline:
        aside.append(SetApart("structure", "\n".join(mail.outline)))
    return aside


def _sorted_files(mail: Mail, workdir: Path, limits: DocumentLimits) -> _Files:
    files = _Files()
    for number, attachment in enumerate(mail.attachments[:_MOST_FILES], start=1):
        path = _written(attachment, workdir, number)
        kind = medium_kind(path, attachment.content_type)
        if kind is MediumKind.PHOTO and attachment.inline and attachment.size <= _DECORATION:
            kind = MediumKind.ATTACHMENT
        elif kind is MediumKind.ATTACHMENT:
            _look_into(attachment, path, files, limits)
        is_read = kind is not MediumKind.ATTACHMENT
        content_type = shown_type(path, attachment.content_type) if is_read else attachment.content_type
        files.media.append(NewMedium(kind, content_type, source=path, name=attachment.name))
    if more := mail.attachments[_MOST_FILES:]:
        files.problems[MANY_FILES] = None
        files.aside.append(("structure", _listed(more)))
    return files


def _look_into(attachment: Attachment, path: Path, files: _Files, limits: DocumentLimits) -> None:
    """The text of an office document, the list of an archive."""
    if attachment.content_type == "message/rfc822" or files.documents >= _MOST_DOCUMENTS:
        return
    found = read_document(path, limits)
    if found.kind is FileKind.OTHER and found.problem is None:
        return
    files.documents += 1
    if found.kind is FileKind.ARCHIVE:
        files.aside.append(("archive", "\n".join([attachment.name, *found.names]).strip()))
    elif found.text:
        files.typed.append(found.text)
    if found.cut:
        files.problems[DOCUMENT_CUT] = None
    # A damaged file of no kind we read is an attachment like any other.
    if found.problem and found.kind is FileKind.DOCUMENT:
        files.problems[found.problem.value] = None


def _listed(attachments: Sequence[Attachment]) -> str:
    return "\n".join(f"{one.content_type} {one.name} ({one.size} B)" for one in attachments)


def _written(attachment: Attachment, workdir: Path, number: int) -> Path:
    if attachment.path is not None:
        return attachment.path
    path = workdir / f"attachment-{number}"
    path.write_bytes(attachment.payload)
    return path


def _needs_person(mail: Mail, body: str, problems: dict[str, None]) -> str | None:
    """Why a person has to look at a mail; None for a machine's, and for one that says something plainly."""
    if mail.machine is not None:
        return None
    reasons = [problem.value for problem in mail.problems if problem in WORTH_A_LOOK]
    reasons += [problem.value for problem in doubts_of(mail)]
    reasons += problems
    if not body and not mail.attachments and Problem.ENCRYPTED not in mail.problems:
        reasons.append(EMPTY)
    return " ".join(reasons) or None


SAID = (*(problem.value for problem in sorted(WORTH_A_LOOK)), *Undocumented, EMPTY, MANY_FILES, DOCUMENT_CUT)
"""Every reason this can give."""

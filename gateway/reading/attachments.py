"""The files that came with something: what is done with each, by its content, and what a person is told of the rest.

No file is passed over in silence: it is a recording, a page or a photo that a step reads, or its words are taken here,
or a reason says that it was not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from channels.email.encoding.decode import to_raw_text, to_text
from channels.email.html.html_text import html_to_text
from channels.email.mime.mail_files import Attachment
from channels.email.mime.mislabelled import is_binary
from channels.email.mime.part_head import LeanMail
from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail, parse_lean
from channels.email.patterns.markers import plain_line
from config.enums import MediumKind
from gateway.intake.new_parts import NewMedium, SetApart
from transcription.base.file_types import UNKNOWN, Family, FileType, is_file, types_of
from transcription.base.values import Unread
from transcription.documents.document_text import Document, DocumentLimits, FileKind, UnreadDocument, read_document

UNREAD_FILE = "A file that came along was not read by any machine: a person opens it."
ARCHIVE_UNREAD = "An archive came along and was not opened: the files in it were not read."
SMALL_PICTURE = "A small picture that stands within the text was not read."
MANY_FILES = "The mail has very many files: the first ones are kept one by one, all of them in the original."
DOCUMENT_CUT = "A document is very long: its beginning was read."
DOCUMENT_HOLDS = "A document holds pictures or other files, which were not read."
SAID = (
    *(UNREAD_FILE, ARCHIVE_UNREAD, SMALL_PICTURE, MANY_FILES, DOCUMENT_CUT, DOCUMENT_HOLDS),
    *UnreadDocument,
    Unread.EMPTY.value,
)
"""Every reason this can give."""

_READ_BY_STEPS = {
    Family.RECORDING: MediumKind.RECORDING,
    Family.PDF: MediumKind.PAGE,
    Family.PICTURE: MediumKind.PHOTO,
}
_SHOWN_AS = {
    "application/ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-hx-aac-adif": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
    "video/mp4": "audio/mp4",  # a telephone's voice memo begins like a film
    "video/ogg": "audio/ogg",
    "video/webm": "audio/webm",
}
"""libmagic's names of what browsers play, as browsers call it."""
_SIGNATURES = frozenset(
    (
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    )
)
"""What a mail program adds by itself, and which holds no words of anybody's."""
_SIGNATURE_BYTES = 20_000
_MOST_FILES = 100
_MOST_DOCUMENTS = 10
_LARGEST_TEXT = 2_000_000
_LONGEST_TEXT = 200_000
_DECORATION = 10_000
"""Bytes: a picture within the text that is no larger is a logo, and not read."""
_MOST_WITHIN = 3
"""How deep messages within messages are opened."""


@dataclass
class SortedFiles:
    """The files of a mail or of a folder, sorted by what can be done with them."""

    media: list[NewMedium] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    """What was typed in them, and is a resident's wording like a mail's own."""
    aside: list[SetApart] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    """A line for each that no machine reads."""
    documents: int = 0

    def leave(self, attachment: Attachment, kind: FileType, why: str | None = UNREAD_FILE) -> None:
        """Note a file that is not read, and why; of what holds no words, without a reason to look."""
        told = kind.mime if kind.family is not Family.OTHER else attachment.content_type
        self.unread.append(f"{attachment.name or '?'} ({told}, {attachment.size} B)")
        if why:
            self.problems[why] = None


def sort_files(attachments: Sequence[Attachment], workdir: Path, limits: DocumentLimits) -> SortedFiles:
    """Each file as a medium, what its words are, and what a person must be told; raises ``EngineMissing``."""
    found = SortedFiles()
    _sort(attachments, workdir, limits, found, 0)
    if found.unread:
        found.aside.append(SetApart("unread", "\n".join(found.unread)))
    return found


def medium_kind(kind: FileType, claimed: str = "") -> MediumKind:
    """Which kind of medium a file is; ``claimed`` is what its sender calls it."""
    if kind.family in _READ_BY_STEPS:
        return _READ_BY_STEPS[kind.family]
    # A damaged recording or page is still one: it must fail where a person sees it, not pass as an attachment.
    if kind.family in (Family.OTHER, Family.TEXT):
        if claimed.startswith(("audio/", "video/")):
            return MediumKind.RECORDING
        if claimed == "application/pdf" or claimed.startswith("image/"):
            return MediumKind.PAGE
    return MediumKind.ATTACHMENT


def shown_type(kind: FileType, claimed: str) -> str:
    """The content type by which browsers show a file, where its content tells it; else what is claimed."""
    if kind.family is Family.OTHER or kind.mime.endswith("/x-unknown"):
        return claimed
    return _SHOWN_AS.get(kind.mime, kind.mime)


def write_attachment(attachment: Attachment, workdir: Path, number: int, prefix: str = "") -> Path:
    """Where an attachment's bytes are, put into ``workdir`` if they are nowhere yet."""
    if attachment.path is not None:
        return attachment.path
    path = workdir / f"{prefix}attachment-{number}"
    path.write_bytes(attachment.payload)
    return path


def file_list_lines(attachments: Sequence[Attachment]) -> str:
    """A line for each: what it is called, and its size."""
    return "\n".join(f"{one.content_type} {one.name} ({one.size} B)" for one in attachments)


def _sort(
    attachments: Sequence[Attachment], workdir: Path, limits: DocumentLimits, found: SortedFiles, depth: int
) -> None:
    left = max(0, _MOST_FILES - len(found.media))
    taken = attachments[:left]
    prefix = f"{len(found.media)}-" if depth else ""
    paths = [write_attachment(one, workdir, number, prefix) for number, one in enumerate(taken, start=1)]
    for attachment, path, kind in zip(taken, paths, types_of(paths), strict=True):
        _sort_one(attachment, path, kind, found, limits)
        if kind.family is Family.MESSAGE or attachment.content_type == "message/rfc822":
            _open_message(attachment, path, kind, workdir, limits, found, depth)
    if more := attachments[left:]:
        found.problems[MANY_FILES] = None
        found.aside.append(SetApart("structure", file_list_lines(more)))


def _sort_one(attachment: Attachment, path: Path, kind: FileType, found: SortedFiles, limits: DocumentLimits) -> None:
    medium = medium_kind(kind, attachment.content_type)
    if medium is MediumKind.PHOTO and attachment.inline and attachment.size <= _DECORATION:
        medium = MediumKind.ATTACHMENT
        found.leave(attachment, kind, SMALL_PICTURE)
    elif medium is MediumKind.ATTACHMENT:
        _take_words(attachment, path, kind, found, limits)
    is_read = medium is not MediumKind.ATTACHMENT
    content_type = shown_type(kind, attachment.content_type) if is_read else attachment.content_type
    found.media.append(NewMedium(medium, content_type, source=path, name=attachment.name))


def _take_words(attachment: Attachment, path: Path, kind: FileType, found: SortedFiles, limits: DocumentLimits) -> None:
    """The words of a file that is typed, the list of an archive, or why there are none."""
    if kind.family is Family.MESSAGE or attachment.content_type == "message/rfc822":
        return
    if attachment.content_type in _SIGNATURES and attachment.size <= _SIGNATURE_BYTES:
        found.leave(attachment, kind, why=None)
    elif kind.family is Family.EMPTY:
        found.leave(attachment, kind, Unread.EMPTY.value)
    elif kind.family is Family.PACKED:
        found.leave(attachment, kind, MailProblem.PACKED.value)
    elif kind.family in (Family.TEXT, Family.HTML):
        _take_text(attachment, path, kind, found)
    elif kind.family in (Family.DOCUMENT, Family.ARCHIVE) and found.documents < _MOST_DOCUMENTS:
        found.documents += 1
        _take_document(attachment, kind, read_document(path, limits), found)
    else:
        found.leave(attachment, kind)


def _take_text(attachment: Attachment, path: Path, kind: FileType, found: SortedFiles) -> None:
    """A file of words alone, as they stand there; a page as it is seen."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_TEXT + 1)
    if is_binary(to_raw_text(raw[:_LARGEST_TEXT], kind.charset)[0]):
        found.leave(attachment, UNKNOWN)
        return
    text, guessed = to_text(raw[:_LARGEST_TEXT], kind.charset)
    text = text.lstrip("\ufeff")
    if kind.family is Family.HTML or attachment.content_type == "text/html":
        page, _ = html_to_text(text)
        text = "\n".join(map(plain_line, page.splitlines()))
    if guessed or kind.charset is None:
        found.problems[MailProblem.CHARSET.value] = None
    if len(raw) > _LARGEST_TEXT or len(text) > _LONGEST_TEXT:
        found.problems[DOCUMENT_CUT] = None
    if text.strip():
        found.typed.append(text[:_LONGEST_TEXT].strip())
    else:
        found.problems[Unread.EMPTY.value] = None


def _take_document(attachment: Attachment, kind: FileType, document: Document, found: SortedFiles) -> None:
    if document.kind is FileKind.ARCHIVE:
        found.aside.append(SetApart("archive", "\n".join([attachment.name, *document.names]).strip()))
        found.leave(attachment, kind, document.problem.value if document.problem else ARCHIVE_UNREAD)
        return
    if document.text:
        found.typed.append(document.text)
    if "\ufffd" in document.text:
        found.problems[MailProblem.CHARSET.value] = None
    if document.cut:
        found.problems[DOCUMENT_CUT] = None
    if document.holds_files:
        found.leave(attachment, kind, DOCUMENT_HOLDS)
    if document.problem:
        found.leave(attachment, kind, document.problem.value)
    elif not document.text and not document.holds_files:
        found.leave(attachment, kind)


def _open_message(
    attachment: Attachment,
    path: Path,
    kind: FileType,
    workdir: Path,
    limits: DocumentLimits,
    found: SortedFiles,
    depth: int,
) -> None:
    """A message within the message, unless its words are taken already: its words and its files."""
    if attachment.is_taken:
        return
    if depth >= _MOST_WITHIN or not path.stat().st_size:
        found.leave(attachment, kind if path.stat().st_size else UNKNOWN)
        return
    inner = parse_lean(LeanMail(path.read_bytes()), is_file)
    words = _words_of(inner)
    if words:
        found.typed.append(words)
    elif not inner.attachments:
        found.leave(attachment, kind)
    _sort(inner.attachments, workdir, limits, found, depth + 1)


def _words_of(mail: Mail) -> str:
    """What a message within says, its subject above it; what it quotes stands in its file."""
    return "\n\n".join(filter(None, (mail.subject.strip(), mail.body.strip())))

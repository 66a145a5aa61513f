"""What a file is, told by its content: libmagic's word (the ``file`` program), and ffprobe's where that knows nothing.

The one place that decides it, for whatever way the file came. Names and types that senders write are claims, and are
no evidence here. Both programs read hostile bytes, so they run in limited child processes.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

from transcription.base.containers import opened_containers
from transcription.base.programs import run_program
from transcription.base.values import EngineMissing, TranscriptionError


class Family(StrEnum):
    """What can be done with a file."""

    RECORDING = "recording"
    """Sound or film: it is listened to."""
    PICTURE = "picture"
    PDF = "pdf"
    DOCUMENT = "document"
    """Of an office program, or a zip that may be one: its text is taken."""
    ARCHIVE = "archive"
    """Other files packed together."""
    TEXT = "text"
    """Words without any form."""
    HTML = "html"
    MESSAGE = "message"
    """A mail."""
    PACKED = "packed"
    """What a mail program packs up for itself alone (TNEF, winmail.dat)."""
    EMPTY = "empty"
    OTHER = "other"
    """Nothing that any reader here opens."""


@dataclass(frozen=True, slots=True)
class FileType:
    """What a file is: its media type (lower case), what can be done with it, and of text the charset, if told."""

    mime: str
    family: Family
    charset: str | None = None


UNKNOWN = FileType("application/octet-stream", Family.OTHER)

_SECONDS, _MEMORY_MB = 20.0, 500
_MOST_BEFORE = 200
"""Bytes that may stand before rich text."""
_MOST_AT_ONCE = 200
_UNSURE = 25
"""ffprobe's score (0–100) of what it merely does not rule out (AVPROBE_SCORE_RETRY)."""
_FAMILIES = {
    "application/pdf": Family.PDF,
    "application/vnd.ms-tnef": Family.PACKED,
    "message/rfc822": Family.MESSAGE,
    "inode/x-empty": Family.EMPTY,
    "text/html": Family.HTML,
    "application/xhtml+xml": Family.HTML,
    "text/rtf": Family.DOCUMENT,
    "application/rtf": Family.DOCUMENT,
    "application/zip": Family.DOCUMENT,
    "application/msword": Family.DOCUMENT,
    "application/cdfv2": Family.DOCUMENT,
    "application/x-ole-storage": Family.DOCUMENT,
    "application/cdfv2-encrypted": Family.DOCUMENT,
    "application/encrypted": Family.DOCUMENT,
    "application/gzip": Family.ARCHIVE,
    "application/x-tar": Family.ARCHIVE,
    "application/x-bzip2": Family.ARCHIVE,
    "application/x-xz": Family.ARCHIVE,
    "application/x-7z-compressed": Family.ARCHIVE,
    "application/x-rar": Family.ARCHIVE,
    "application/vnd.rar": Family.ARCHIVE,
    "application/zstd": Family.ARCHIVE,
    # Written for programs, not for readers: addresses, appointments, marked-up data, keys.
    "text/calendar": Family.OTHER,
    "text/vcard": Family.OTHER,
    "text/x-vcard": Family.OTHER,
    "text/xml": Family.OTHER,
    "text/pgp": Family.OTHER,
    "application/postscript": Family.OTHER,
}
_BEGINNINGS = {
    "audio/": Family.RECORDING,
    "video/": Family.RECORDING,
    "image/": Family.PICTURE,
    "text/": Family.TEXT,
    "application/vnd.openxmlformats-officedocument": Family.DOCUMENT,
    "application/vnd.oasis.opendocument": Family.DOCUMENT,
    "application/vnd.ms-": Family.DOCUMENT,
}
_TEXT_CHARSETS = ("us-ascii", "utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be", "iso-8859-1", "unknown-8bit")


_FOR_PROGRAMS = frozenset(
    (Family.RECORDING, Family.PICTURE, Family.PDF, Family.DOCUMENT, Family.ARCHIVE, Family.PACKED)
)


def is_file(raw: bytes) -> bool:
    """Whether bytes that are called text are a file of some program's; no, where the programs are missing."""
    with NamedTemporaryFile(prefix="portevoix-part-") as file:
        file.write(raw)
        file.flush()
        try:
            return type_of(Path(file.name)).family in _FOR_PROGRAMS
        except EngineMissing:
            return False


def type_of(path: Path) -> FileType:
    """What one file is; raises ``EngineMissing`` only."""
    return types_of([path])[0]


def types_of(paths: Sequence[Path]) -> list[FileType]:
    """What each file is, in their order; raises ``EngineMissing`` only.

    What the programs fail over, or take too long for, is of a type that nobody knows.
    """
    found: list[FileType] = []
    for start in range(0, len(paths), _MOST_AT_ONCE):
        found += _by_magic(paths[start : start + _MOST_AT_ONCE])
    return [_told_again(path, told) for path, told in zip(paths, found, strict=True)]


def _told_again(path: Path, told: FileType) -> FileType:
    """What libmagic does not know, and rich text that it does not find behind a mark or an empty line."""
    if told.family is Family.OTHER and told.charset is None:
        return _by_probe(path)
    if told.family is Family.TEXT:
        with path.open("rb") as file:
            if file.read(_MOST_BEFORE).removeprefix(BOM_UTF8).lstrip().startswith(b"{\\rtf"):
                return FileType("text/rtf", Family.DOCUMENT)
    return told


def _by_magic(paths: Sequence[Path]) -> list[FileType]:
    try:
        finished = run_program(
            ["file", "--brief", "--mime", "--no-dereference", "--", *(path.absolute() for path in paths)],
            seconds=_SECONDS,
            memory_mb=_MEMORY_MB,
            reads=paths,
        )
    except EngineMissing:
        raise
    except TranscriptionError:
        lines = []
    else:
        lines = finished.stdout.decode("utf-8", "replace").splitlines()
    if len(lines) == len(paths):
        return [_understood(line) for line in lines]
    # One of them is too much for it, or is told in several lines: each alone, so that the others are known.
    return [UNKNOWN] if len(paths) == 1 else [_by_magic([path])[0] for path in paths]


def _understood(line: str) -> FileType:
    """A line such as ``text/plain; charset=utf-8``."""
    mime, _, rest = line.strip().lower().partition(";")
    charset = rest.partition("charset=")[2].strip()
    family = _FAMILIES.get(mime) or next(
        (family for start, family in _BEGINNINGS.items() if mime.startswith(start)), Family.OTHER
    )
    is_text = charset in _TEXT_CHARSETS
    if mime == "text/plain" and charset == "binary":  # its word for letters among much that is none
        family = Family.OTHER
    if family is Family.OTHER and mime.startswith("application/") and is_text and mime not in _FAMILIES:
        family = Family.TEXT  # written for a program, perhaps; a person can read it all the same
    known = charset if is_text and charset != "unknown-8bit" else None
    if family is Family.TEXT or not is_text:
        return FileType(mime or UNKNOWN.mime, family, known)
    return FileType(mime, family, known or "us-ascii")


def _by_probe(path: Path) -> FileType:
    """Sound or film of a kind that libmagic does not know."""
    try:
        finished = run_program(
            [
                *("ffprobe", "-hide_banner", "-loglevel", "error", "-of", "json"),
                *("-protocol_whitelist", "file", "-format_whitelist", opened_containers()),
                *("-show_entries", "format=probe_score:stream=codec_type", f"file:{path.absolute()}"),
            ],
            seconds=_SECONDS,
            memory_mb=_MEMORY_MB,
            reads=[path],
        )
        told = json.loads(finished.stdout or b"{}")
    except EngineMissing:
        raise
    except (TranscriptionError, ValueError):
        return UNKNOWN
    streams = {stream.get("codec_type") for stream in told.get("streams", ())}
    if int(told.get("format", {}).get("probe_score", 0)) <= _UNSURE or not streams & {"audio", "video"}:
        return UNKNOWN
    return FileType("audio/x-unknown" if "audio" in streams else "video/x-unknown", Family.RECORDING)

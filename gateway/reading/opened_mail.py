"""Mail taken apart in a limited child process: nothing of it is looked into beside the keys."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from channels.email.parse import Mail
from config.child_answers.own_files import ForeignFile, own_output_file
from config.child_answers.plain_data import NotPlain, from_plain
from config.enums import Channel
from config.settings.sections.limits_section import Limits
from gateway.intake.contribute import NewPart
from gateway.intake.part_media import NewMedium
from gateway.reading.mail_child import ChildMail, ChildPart
from transcription.base.programs import parse_in_child
from transcription.base.values import EngineMissing, TranscriptionError, Unread, Unreadable

log = logging.getLogger(__name__)

_PLAIN_SECONDS, _PLAIN_MB = 30.0, 500


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A mail: a letter's parts, or the scans that a copier sent, with what they are called."""

    mail: Mail
    parts: list[NewPart]
    scans: list[Path]
    names: list[str]


def open_mail_in_child(path: Path, folder: Path, limits: Limits, outline: Sequence[str] | None = None) -> OpenedMail:
    """The mail in a file; its files are put into ``folder``. ``outline``: of one of which only the beginning is there.

    One that cannot be taken apart in its time and memory is shown as it stands, and a person looks at it. Raises
    ``EngineMissing``, and ``TranscriptionError`` when not even that can be done.
    """
    own = Path(mkdtemp(prefix="mail-", dir=folder.absolute()))
    asked = {
        "path": str(path.absolute()),
        "folder": str(own),
        "most_bytes": limits.mail_bytes,
        "outline": None if outline is None else list(outline),
        "seconds": limits.open_seconds,
        "memory_mb": limits.memory_mb,
    }
    try:
        return _asked("take_apart", asked, limits.open_seconds, 2 * limits.memory_mb)
    except EngineMissing:
        raise
    except (TranscriptionError, NotPlain, ForeignFile) as error:
        log.warning("a mail was not taken apart (%s), and is shown as it stands", type(error).__name__)
    try:
        return _asked("show_plainly", asked, _PLAIN_SECONDS, _PLAIN_MB)
    except (NotPlain, ForeignFile):
        raise TranscriptionError("The mail cannot be read.", "A person opens the original.") from None


def open_file_in_child(path: Path, name: str, mime: str, folder: Path, limits: Limits) -> NewPart:
    """A file that came by itself as a part: its words, or why a person opens it. Raises ``TranscriptionError``."""
    own = Path(mkdtemp(prefix="file-", dir=folder.absolute()))
    asked = {
        "path": str(path.absolute()),
        "folder": str(own),
        "name": name,
        "mime": mime,
        "seconds": limits.open_seconds,
        "memory_mb": limits.memory_mb,
    }
    try:
        told = _called("sort_file", asked, limits.open_seconds, 2 * limits.memory_mb)
        return _part(from_plain(ChildPart, told), own, path.absolute())
    except (NotPlain, ForeignFile):
        raise Unreadable(Unread.BROKEN) from None


def _called(function: str, asked: dict[str, Any], seconds: float, memory_mb: int) -> Any:
    return parse_in_child(
        f"gateway.reading.mail_child:{function}",
        asked,
        seconds=seconds,
        memory_mb=memory_mb,
        reads=[Path(asked["path"])],
        writes=[Path(asked["folder"])],
        starts=True,
    )


def _asked(function: str, asked: dict[str, Any], seconds: float, memory_mb: int) -> OpenedMail:
    own = Path(asked["folder"])
    said = from_plain(ChildMail, _called(function, asked, seconds, memory_mb))
    for attachment in said.mail.attachments:
        own_output_file(str(attachment.path), own)
    return OpenedMail(
        said.mail,
        [_part(part, own) for part in said.parts],
        [own_output_file(str(scan), own) for scan, _ in said.scans],
        [name for _, name in said.scans],
    )


def _part(said: ChildPart, own: Path, given: Path | None = None) -> NewPart:
    """A part as it was said; its files are the child's own, or the one it was given."""
    media = tuple(
        NewMedium(
            one.kind,
            one.content_type,
            source=given if one.path == given else own_output_file(str(one.path), own),
            name=one.name,
        )
        for one in said.media
    )
    return NewPart(
        key="body",
        channel=Channel.EMAIL,
        body=said.body,
        aside=said.aside,
        passages=said.passages,
        media=media,
        not_contribution=said.not_contribution,
        needs_person=said.needs_person,
        continues=said.continues,
    )

"""Office documents to the text that was typed in them, archives to a list of names, in a limited child process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from transcription.base.programs import parse_in_child
from transcription.base.values import EngineMissing, TranscriptionError, Unread, Unreadable


class FileKind(StrEnum):
    """What a file turned out to be by its first bytes."""

    DOCUMENT = "document"
    ARCHIVE = "archive"
    OTHER = "other"


class UnreadDocument(StrEnum):
    """Why a document was not read; the value is the sentence a person sees."""

    BROKEN = "A document is damaged and was not read."
    ENCRYPTED = "A document is locked with a password and was not read."
    TOO_LARGE = "A document is larger than the limits allow and was not read."
    OLD = "A document is of an old kind, or locked with a password, and was not read."


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What one file may cost: seconds and MB."""

    seconds: float = 30.0
    memory_mb: int = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a document, or the names and sizes of an archive's first files; ``cut``: there is more text.

    ``holds_files``: there are pictures, sounds or other files within it.
    """

    kind: FileKind
    text: str = ""
    names: tuple[str, ...] = ()
    cut: bool = False
    problem: UnreadDocument | None = None
    holds_files: bool = False


def read_document(path: Path, limits: DocumentLimits | None = None) -> Document:
    """What a file says if it is an office document, what it lists if it is an archive, whatever it holds.

    Raises ``EngineMissing`` only. An archive is listed and not opened; links and macros are never followed.
    """
    limits = limits or DocumentLimits()
    function = "transcription.documents.document_child:open_document"
    try:
        found = parse_in_child(
            function,
            {"path": str(path.absolute())},
            seconds=limits.seconds,
            memory_mb=limits.memory_mb,
            reads=[path],
        )
    except EngineMissing:
        raise
    except Unreadable as error:
        why = UnreadDocument.BROKEN if error.why is Unread.BROKEN else UnreadDocument.TOO_LARGE
        return Document(FileKind.DOCUMENT, problem=why)
    except TranscriptionError:
        return Document(FileKind.DOCUMENT, problem=UnreadDocument.TOO_LARGE)
    problem = UnreadDocument[found["problem"].upper()] if found["problem"] else None
    return Document(
        FileKind(found["kind"]), found["text"], tuple(found["names"]), found["cut"], problem, found["holds_files"]
    )

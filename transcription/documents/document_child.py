"""Runs in a limited child process: office documents to their text, archives to the names in them, never unpacked."""

from __future__ import annotations

import re
import tarfile
import zipfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from transcription.documents.office_open import OfficeFile
from transcription.documents.open_document import OpenDocument
from transcription.documents.rich_text import RichText
from transcription.documents.zipped_xml import Package, Refused

MOST_TEXT = 200_000
"""Characters taken of a document; a person is told that there is more."""
_MOST_ENTRIES = 10_000
_MOST_NAMED = 200
_LARGEST_RICH_TEXT = 64_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSAFE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def open_document(argument: dict[str, Any]) -> dict[str, Any]:
    """What the file at ``path`` is (``document``, ``archive``, ``other``), its ``text``, ``names`` and ``problem``."""
    path = Path(argument["path"])
    answer: dict[str, Any] = {"kind": "other", "text": "", "names": [], "cut": False, "problem": ""}
    answer["holds_files"] = False
    try:
        _look_into(path, answer)
    except Refused as refusal:
        answer["problem"] = str(refusal)
    except (NotImplementedError, RuntimeError) as error:
        # What zipfile says of a password, or of a method it does not know; and of XML nested without end.
        answer["problem"] = "broken" if isinstance(error, RecursionError) else "encrypted"
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, OSError, ValueError, tarfile.TarError):
        answer["problem"] = "broken"
    answer["cut"] = len(answer["text"]) > MOST_TEXT
    answer["text"] = answer["text"][:MOST_TEXT].strip()
    return answer


def _look_into(path: Path, answer: dict[str, Any]) -> None:
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(_OLE):  # a document of before 2007, or a newer one under a password
        answer.update(kind="document", problem="old")
    elif start.removeprefix(BOM_UTF8).lstrip().startswith(b"{\\rt"):
        with path.open("rb") as file:
            rich = RichText(file.read(_LARGEST_RICH_TEXT))
        answer.update(kind="document", text=rich.text(), holds_files=rich.holds_files)
    elif zipfile.is_zipfile(path) or start.startswith(b"PK\x03\x04"):
        _look_into_zip(path, answer)
    elif start[257:262] == b"ustar":
        with tarfile.open(path, "r:") as archive:
            answer.update(kind="archive", names=[_entry(member.name, member.size) for member in _first(archive)])
    else:
        answer.update(kind="archive")


def _first(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(archive):
        if number >= _MOST_NAMED:
            return
        yield member


def _entry(name: str, size: int) -> str:
    """An archive's file by its name and its size, as they are claimed."""
    return f"{_UNSAFE.sub('_', name)[-200:]} ({size} B)"


def _look_into_zip(path: Path, answer: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            answer["kind"] = "archive"
            raise Refused("too_large")
        package = Package(archive)
        document = OfficeFile.within(package) or OpenDocument.within(package)
        if document is None:
            answer.update(kind="archive", names=[_entry(one.filename, one.file_size) for one in entries[:_MOST_NAMED]])
            return
        answer["kind"] = "document"
        pieces: list[str] = []
        length = 0
        for piece in document.text():
            pieces.append(piece)
            length += len(piece)
            if length > MOST_TEXT:
                break
        answer["text"] = re.sub(r"\n{3,}", "\n\n", "\n".join(pieces))
        answer["holds_files"] = document.holds_files

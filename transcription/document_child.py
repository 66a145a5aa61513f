"""Runs in a limited child process: office documents to their text, archives to the names in them; nothing is unpacked.

A careful reader of zip and XML instead of office libraries: text is all that is wanted, and a
library that lays out, evaluates or follows links opens more than it must.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MOST_TEXT = 200_000
"""Characters taken of a document; a person is told that there is more."""
_MOST_ENTRIES = 10_000
_MOST_NAMED = 200
_LARGEST_XML = 64_000_000
_MOST_SHEETS = 50
_ZIP, _RICH_TEXT = (b"PK\x03\x04", b"PK\x05\x06"), b"{\\rtf"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_ODF = "application/vnd.oasis.opendocument."
_PARAGRAPHS = {"p", "h"}
_UNSAFE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Refused(Exception):
    """Why a document is not read: ``broken``, ``encrypted`` or ``too_large``."""


def open_document(argument: dict[str, Any]) -> dict[str, Any]:
    """What the file at ``path`` is (``document``, ``archive``, ``other``), its ``text``, ``names`` and ``problem``."""
    path = Path(argument["path"])
    answer: dict[str, Any] = {"kind": "other", "text": "", "names": [], "cut": False, "problem": ""}
    try:
        _look_into(path, answer)
    except Refused as refusal:
        answer["problem"] = str(refusal)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, OSError, ValueError, tarfile.TarError):
        answer["problem"] = "broken"
    except RecursionError:
        answer["problem"] = "broken"
    except (NotImplementedError, RuntimeError):  # what zipfile says of a password, or of a method it does not know
        answer["problem"] = "encrypted"
    answer["cut"] = len(answer["text"]) > MOST_TEXT
    answer["text"] = answer["text"][:MOST_TEXT].strip()
    return answer


def is_looked_into(start: bytes) -> bool:
    """Whether a file that begins so (512 bytes) is of a kind that is looked into."""
    return start.startswith((*_ZIP, _OLE, _RICH_TEXT, *_ARCHIVES)) or start[257:262] == b"ustar"


def _look_into(path: Path, answer: dict[str, Any]) -> None:
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(_ZIP):
        _look_into_zip(path, answer)
    elif start.startswith(_OLE):  # a document of before 2007, or a newer one under a password
        answer.update(kind="document", problem="old")
    elif start.startswith(_RICH_TEXT):
        answer.update(kind="document", text=_rtf(path.read_bytes()[:_LARGEST_XML]))
    elif start[257:262] == b"ustar":
        with tarfile.open(path, "r:") as archive:
            answer.update(kind="archive", names=[_entry(member.name, member.size) for member in _first(archive)])
    elif any(start.startswith(mark) for mark in _ARCHIVES):
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
        names = {entry.filename for entry in entries}
        reader = _reader_of(archive, names)
        if reader is None:
            answer.update(kind="archive", names=[_entry(one.filename, one.file_size) for one in entries[:_MOST_NAMED]])
            return
        answer["kind"] = "document"
        pieces: list[str] = []
        length = 0
        for piece in reader(archive, names):
            pieces.append(piece)
            length += len(piece)
            if length > MOST_TEXT:
                break
        answer["text"] = re.sub(r"\n{3,}", "\n\n", "\n".join(pieces))


def _reader_of(archive: zipfile.ZipFile, names: set[str]) -> Any:
    if "word/document.xml" in names:
        return _docx
    if "xl/workbook.xml" in names:
        return _xlsx
    if "ppt/presentation.xml" in names:
        return _pptx
    if "mimetype" in names and "content.xml" in names:
        kind = _read(archive, "mimetype", 200).decode("ascii", "replace")
        return _odf if kind.startswith(_ODF) else None
    return None


def _read(archive: zipfile.ZipFile, name: str, most: int = _LARGEST_XML) -> bytes:
    """An entry's bytes, never more than ``most``, whatever its header claims."""
    with archive.open(name) as entry:
        data = entry.read(most + 1)
    if len(data) > most:
        raise Refused("too_large")
    return data


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    data = _read(archive, name)
    if b"<!DOCTYPE" in data[:10_000] or b"<!ENTITY" in data:  # no office program writes one
        raise Refused("broken")
    return ElementTree.fromstring(data)  # noqa: S314 (no entities, in a child of limited time and memory)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _docx(archive: zipfile.ZipFile, _names: set[str]) -> Iterator[str]:
    """Word: paragraphs in order, those of tables and text boxes too; what was deleted under revision is left out."""
    for element in _xml(archive, "word/document.xml").iter():
        if _local(element) == "p":
            yield "".join(_runs(element))


def _runs(paragraph: ElementTree.Element) -> Iterator[str]:
    """A paragraph's own text, without the paragraphs within it, which come by themselves."""
    for child in paragraph:
        name = _local(child)
        if name == "t":
            yield child.text or ""
        elif name == "tab":
            yield "\t"
        elif name in ("br", "cr"):
            yield "\n"
        elif name not in ("p", "pPr", "rPr", "Fallback"):
            yield from _runs(child)


def _pptx(archive: zipfile.ZipFile, names: set[str]) -> Iterator[str]:
    """Slides in the order of their numbers."""
    slides = [found for name in names if (found := re.fullmatch(r"ppt/slides/slide(\d{1,4})\.xml", name))]
    for slide in sorted(slides, key=lambda found: int(found[1]))[:_MOST_SHEETS]:
        yield from ("".join(_runs(one)) for one in _xml(archive, slide[0]).iter() if _local(one) == "p")


def _xlsx(archive: zipfile.ZipFile, names: set[str]) -> Iterator[str]:
    """Excel: rows as lines, cells parted by tabs; of a formula its last value."""
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        strings = _xml(archive, "xl/sharedStrings.xml")
        shared = ["".join(t.text or "" for t in one.iter() if _local(t) == "t") for one in strings]
    sheets = [found for name in names if (found := re.fullmatch(r"xl/worksheets/sheet(\d{1,4})\.xml", name))]
    for sheet in sorted(sheets, key=lambda found: int(found[1]))[:_MOST_SHEETS]:
        for row in (one for one in _xml(archive, sheet[0]).iter() if _local(one) == "row"):
            cells = [_cell(cell, shared) for cell in row if _local(cell) == "c"]
            if any(cells):
                yield "\t".join(cells).rstrip()


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter() if _local(t) == "t")
    value = next((one.text or "" for one in cell if _local(one) == "v"), "")
    if cell.get("t") == "s" and value.isdigit() and int(value) < len(shared):
        return shared[int(value)]
    return value


def _odf(archive: zipfile.ZipFile, _names: set[str]) -> Iterator[str]:
    """OpenDocument: paragraphs, headings and rows in order."""
    yield from _odf_within(_xml(archive, "content.xml"))


def _odf_within(element: ElementTree.Element) -> Iterator[str]:
    for child in element:
        name = _local(child)
        if name in _PARAGRAPHS:
            yield "".join(_odf_text(child))
        elif name == "table-row":
            row = "\t".join(" ".join(_odf_within(cell)) for cell in child).rstrip()
            if row:
                yield row
        elif name not in ("tracked-changes", "annotation"):
            yield from _odf_within(child)


def _odf_text(element: ElementTree.Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = _local(child)
        if name == "s":
            count = next((value for key, value in child.attrib.items() if key.endswith("}c")), "1")
            yield " " * min(int(count), 100) if count.isdigit() else " "
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name not in ("annotation", "note"):
            yield from _odf_text(child)
        yield child.tail or ""


_RTF = re.compile(
    r"\\'([0-9a-f]{2})|\\u(-?\d{1,6}) ?\??|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_RTF_SILENT = frozenset(
    ("fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "generator", "themedata", "object")
)


def _rtf(raw: bytes) -> str:
    """Rich text: what is written, without fonts, styles and pictures."""
    out: list[str] = []
    silent: list[bool] = [False]
    for token in _RTF.finditer(raw.decode("latin-1")):
        hexadecimal, unicode_, word, _number, symbol, brace, plain = token.groups()
        if brace == "{":
            silent.append(silent[-1])
        elif brace == "}":
            silent = silent[:-1] or [False]
        elif symbol == "*" or word in _RTF_SILENT:
            silent[-1] = True
        elif not silent[-1]:
            out.append(_rtf_piece(hexadecimal, unicode_, word, symbol, plain))
    return "".join(out)


def _rtf_piece(hexadecimal: str, unicode_: str, word: str, symbol: str, plain: str) -> str:
    if hexadecimal:
        return bytes.fromhex(hexadecimal).decode("cp1252", "replace")
    if unicode_:
        code = int(unicode_) % 65536
        return "" if 0xD800 <= code < 0xE000 else chr(code)
    if word:
        return {"par": "\n", "line": "\n", "tab": "\t"}.get(word, "")
    if symbol:
        return "\xa0" if symbol == "~" else symbol if symbol in "\\{}" else ""
    return plain or ""

"""Office documents made by hand, as small as their programs' own would be large."""

from __future__ import annotations

import io
import tarfile
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)  # fmt: skip


def zipped(entries: dict[str, str | bytes]) -> bytes:
    """A zip archive of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(body: str) -> bytes:
    """A Word document with this body."""
    return zipped(
        {"[Content_Types].xml": "<x/>", "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    )


def typed_docx(*paragraphs: str) -> bytes:
    """A Word document of plain paragraphs."""
    return docx("".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs))


def odf(kind: str, body: str) -> bytes:
    """An OpenDocument file of a kind (``text``, ``spreadsheet``) with this body."""
    content = f"<office:document-content {ODF}><office:body>{body}</office:body></office:document-content>"
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def xlsx(strings: str, rows: str) -> bytes:
    """An Excel file of one sheet."""
    return zipped(
        {
            "xl/workbook.xml": "<workbook/>",
            "xl/sharedStrings.xml": f"<sst {S}>{strings}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pptx(*slides: str) -> bytes:
    """A PowerPoint file of slides with one line each."""
    entries = {
        f"ppt/slides/slide{n}.xml": f"<sld {A}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></sld>"
        for n, text in enumerate(slides, 1)
    }
    return zipped({"ppt/presentation.xml": "<presentation/>", **entries})


def tar(names: list[str]) -> bytes:
    """A tar archive of empty files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return file.getvalue()


R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(*related: tuple[str, str]) -> str:
    """A part's relations: kind and target of each, in order ``r1``, ``r2`` …"""
    entries = "".join(
        f'<Relationship Id="r{n}" Type="{R}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(related, 1)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{entries}</Relationships>'


def word_part(root: str, *paragraphs: str) -> str:
    """A part of a Word document with this root element, of plain paragraphs."""
    inner = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    return f"<w:{root} {W}>{inner}</w:{root}>"


def related_docx(main: str, body: str, parts: dict[str, tuple[str, str | bytes]]) -> bytes:
    """A Word document whose main part is called ``main``; ``parts``: target and content, by the kind of relation."""
    folder, _, name = main.rpartition("/")
    namespaces = f'{W} xmlns:mc="mc" xmlns:wps="wps" xmlns:v="v"'
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", main)),
            main: f"<w:document {namespaces}><w:body>{body}</w:body></w:document>",
            f"{folder}/_rels/{name}.rels": relations(*((kind, target) for kind, (target, _) in parts.items())),
            **{f"{folder}/{target}": content for target, content in parts.values()},
        }
    )

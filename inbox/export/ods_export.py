"""The list as an OpenDocument spreadsheet (ODS 1.2): every value is a text or a number, so none can be a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from inbox.export.spreadsheet_cells import shorten_cell
from inbox.export.zip_stream import escape_xml, zip_pieces

MOST_ROWS = 1_048_576
"""Of one sheet, as the programs that open it take; more go on in another."""

_NUMBER = re.compile(r"-?\d{1,15}")
_SPACES = re.compile(r" {2,}|^ | $|\t")
_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_OPEN = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content xmlns:office="{_NAMES}:office:1.0" '
    f'xmlns:table="{_NAMES}:table:1.0" xmlns:text="{_NAMES}:text:1.0" office:version="1.2"><office:body>'
    "<office:spreadsheet>"
)
_CLOSE = "</office:spreadsheet></office:body></office:document-content>"
_MIME = "application/vnd.oasis.opendocument.spreadsheet"


def ods_pieces(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str, cut: str) -> Iterator[bytes]:
    """A spreadsheet in pieces."""
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="{_NAMES}:manifest:1.0" '
        f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    yield from zip_pieces(
        [
            # First and uncompressed, so that it is found at a fixed place (ODF 1.2 part 3, 3.3).
            ("mimetype", _MIME.encode()),
            ("content.xml", _content(columns, iter(rows), title, cut)),
            ("META-INF/manifest.xml", [manifest]),
        ]
    )


def _content(columns: Sequence[str], rows: Iterator[Sequence[str]], title: str, cut: str) -> Iterator[str]:
    yield _OPEN
    following, number = next(rows, None), 0
    while number == 0 or following is not None:
        number += 1
        name = escape_xml(title.replace("'", "’")[:25] or "1").replace('"', "")
        yield f'<table:table table:name="{name}{f" {number}" if number > 1 else ""}">'
        yield f"<table:table-header-rows>{_row(columns, cut)}</table:table-header-rows>"
        written = 1
        while following is not None and written < MOST_ROWS:
            yield _row(following, cut)
            following = next(rows, None)
            written += 1
        yield "</table:table>"
    yield _CLOSE


def _row(values: Sequence[str], cut: str) -> str:
    return f"<table:table-row>{''.join(_cell(value, cut) for value in values)}</table:table-row>"


def _cell(value: str, cut: str) -> str:
    if not value:
        return "<table:table-cell/>"
    if _NUMBER.fullmatch(value) and not (len(value) > 1 and value[0] == "0"):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'
            "</table:table-cell>"
        )
    said = shorten_cell(value.replace("\r\n", "\n").replace("\r", "\n"), cut.format(length=len(value)))
    lines = "".join(f"<text:p>{_spaced(escape_xml(line))}</text:p>" for line in said.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def _spaced(line: str) -> str:
    """Spaces that would be taken for one are said to be several (ODF 1.2 part 1, 6.1.3)."""
    return _SPACES.sub(
        lambda found: "<text:tab/>" if found.group() == "\t" else f'<text:s text:c="{len(found.group())}"/>', line
    )

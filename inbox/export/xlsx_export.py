"""The list as an Excel workbook (XLSX, ECMA-376): every value is a text or a number, so none can be a formula.

Written row by row into the archive; a text keeps its line breaks. What is longer than a cell takes is cut with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from inbox.export.spreadsheet_cells import shorten_cell
from inbox.export.zip_stream import escape_xml, zip_pieces

MOST_ROWS = 1_048_576
"""Of one sheet (Excel specifications and limits); more go on in another."""

_NUMBER = re.compile(r"-?\d{1,15}")

# What Excel would take for an escaped character (ECMA-376 part 1, 22.4.2.4, bstr).
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def xlsx_pieces(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str, cut: str) -> Iterator[bytes]:
    """A workbook in pieces; columns named in ``numbers`` hold numbers."""
    sheets = _Sheets(columns, iter(rows), cut)
    yield from zip_pieces(_files(sheets, title))


class _Sheets:
    """Rows dealt out to sheets as they come."""

    def __init__(self, columns: Sequence[str], rows: Iterator[Sequence[str]], cut: str) -> None:
        self._columns, self._rows, self._cut = columns, rows, cut
        self._next: Sequence[str] | None = next(rows, None)
        self.count = 0

    def more(self) -> bool:
        return self.count == 0 or self._next is not None

    def pieces(self) -> Iterator[str]:
        self.count += 1
        yield (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
        )
        yield _row(self._columns, self._cut, style=1)
        written = 1
        while self._next is not None and written < MOST_ROWS:
            yield _row(self._next, self._cut)
            self._next = next(self._rows, None)
            written += 1
        yield "</sheetData></worksheet>"


def _row(values: Sequence[str], cut: str, style: int = 0) -> str:
    return f"<row>{''.join(_cell(value, cut, style) for value in values)}</row>"


def _cell(value: str, cut: str, style: int) -> str:
    if not value:
        return "<c/>"
    if _NUMBER.fullmatch(value) and not (len(value) > 1 and value[0] == "0"):
        return f"<c><v>{value}</v></c>"
    said = value.replace("\r\n", "\n").replace("\r", "\n")
    note = cut.format(length=len(value))
    text = _ESCAPED.sub("_x005F_", escape_xml(shorten_cell(said, note)))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'


def _files(sheets: _Sheets, title: str) -> Iterator[tuple[str, Iterable[str] | bytes]]:
    while sheets.more():
        yield f"xl/worksheets/sheet{sheets.count + 1}.xml", sheets.pieces()
    numbers = range(1, sheets.count + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        [
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/styles.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
            f"{overrides}</Types>"
        ],
    )
    yield (
        "_rels/.rels",
        [
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ],
    )
    name = escape_xml(re.sub(r"[\[\]:*?/\\']", " ", title)[:25].strip() or "1")
    named = "".join(f'<sheet name="{name}{f" {n}" if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        [f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>'],
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        [
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}<Relationship '
            f'Id="rId{sheets.count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ],
    )
    yield "xl/styles.xml", [_STYLES]


_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill '
    'patternType="none"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf fontId="0"/>'
    '<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)

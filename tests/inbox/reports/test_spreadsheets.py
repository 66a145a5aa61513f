"""Spreadsheets and JSON Lines say what was said, cell by cell, and nothing in them is a formula."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from inbox.export import parquet_export, xlsx_export
from inbox.export.json_lines_export import KEYS, NUMBERS, json_objects
from inbox.export.ods_export import ods_pieces
from inbox.export.parquet_export import parquet_pieces
from inbox.export.xlsx_export import xlsx_pieces

COLUMNS = ("said", "count")
NOTE = "[… cut; {length} characters]"

SAID = {
    "plain": "Un banc, s’il vous plaît.",
    "equals": "=1+1",
    "plus": "+33 6 12",
    "minus": "-2 degrés",
    "at": "@mairie",
    "tab": "\tun retrait",
    "lines": "première ligne\nseconde ligne\n\nquatrième",
    "returns": "une\r\nautre",
    "emoji": "👩‍👧 contente 🚲",
    "right to left": "نريد حديقة",
    "markup": '<b>& "non"</b>',
    "escape of Excel's": "_x000D_ et _x0041_",
    "spaces": "  deux   espaces ",
    "controls": "cloche\x07 et nul\x00",
    "surrogate": "seul \ud83d",
    "leading zero": "0298000000",
    "not a number": "12 rue de Siam",
    "long": "a" * 40_000,
    "semicolon": 'a;"b";=c',
}


def expected(value: str) -> str:
    said = value.replace("\r\n", "\n")
    for gone in ("\x07", "\x00", "\ud83d"):
        said = said.replace(gone, "")
    return said


def rows() -> Iterator[list[str]]:
    return ([said, "7"] for said in SAID.values())


def unzipped(pieces: Iterator[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def xlsx_cells(file: zipfile.ZipFile, sheet: int = 1) -> list[list[str]]:
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    tree = etree.fromstring(file.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert not tree.findall(f".//{main}f")

    def value(cell: etree._Element) -> str:
        found = cell.find(f"{main}is/{main}t")
        said = (found if found is not None else cell.find(f"{main}v")).text or ""
        return said.replace("_x005F_", "_")

    return [[value(cell) for cell in row] for row in tree.iter(f"{main}row")]


def ods_cells(file: zipfile.ZipFile) -> list[list[str]]:
    names = {
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    tree = etree.fromstring(file.read("content.xml"))
    assert b"table:formula" not in file.read("content.xml")

    def line(paragraph: etree._Element) -> str:
        said = paragraph.text or ""
        for part in paragraph:
            name = etree.QName(part).localname
            said += "\t" if name == "tab" else " " * int(part.get(f"{{{names['text']}}}c", "1"))
            said += part.tail or ""
        return said

    return [
        ["\n".join(map(line, cell.findall("text:p", names))) for cell in row.findall("table:table-cell", names)]
        for row in tree.iter(f"{{{names['table']}}}table-row")
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_every_cell_says_what_was_said(kind: str) -> None:
    make, cells = (xlsx_pieces, xlsx_cells) if kind == "xlsx" else (ods_pieces, ods_cells)
    file = unzipped(make(COLUMNS, rows(), "Nos rues : [nos places]", NOTE))
    assert file.testzip() is None
    head, *found = cells(file)
    assert tuple(head) == COLUMNS
    for (name, said), (cell, count) in zip(SAID.items(), found, strict=True):
        assert count == "7"
        if name == "long":
            assert cell.endswith("[… cut; 40000 characters]")
            assert len(cell) <= 32_767
        else:
            assert cell == expected(said), name


def test_the_type_of_an_ods_stands_first_and_bare() -> None:
    pieces = b"".join(ods_pieces(COLUMNS, rows(), "x", NOTE))
    assert zipfile.ZipFile(io.BytesIO(pieces)).infolist()[0].compress_type == zipfile.ZIP_STORED
    assert pieces[30:38] == b"mimetype"


def test_more_rows_than_a_sheet_takes_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_export, "MOST_ROWS", 10)
    file = unzipped(xlsx_pieces(COLUMNS, ([str(n), "1"] for n in range(25)), "x", NOTE))
    sheets = [xlsx_cells(file, number) for number in (1, 2, 3)]
    assert [len(sheet) for sheet in sheets] == [10, 10, 8]
    assert [row[0] for sheet in sheets for row in sheet[1:]] == [str(n) for n in range(25)]


def test_json_lines_keep_texts_whole() -> None:
    filled = [[*([""] * 4), said, *([""] * 5), "a | b", "2", "1", "fr"] for said in SAID.values()]
    lines = b"".join(json_objects(KEYS, [filled])).decode().splitlines()
    for line, said in zip(lines, SAID.values(), strict=True):
        one = json.loads(line)
        assert list(one) == list(KEYS)
        assert one["text"] == said.replace("\ud83d", "?")
        assert (one["themes"], one["theme_count"], one["voices"]) == (["a", "b"], 2, 1)


def parquet_rows(file: Path, pieces: Iterator[bytes]) -> list[tuple[object, ...]]:
    """As another program reads them."""
    file.write_bytes(b"".join(pieces))
    with duckdb.connect() as reader:
        return reader.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall()


def test_parquet_says_what_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_export, "GROUP_ROWS", 7)
    counts = ["3", "", "0", "999999999999999999"]
    filled = [[said, "" if at % 3 else said[:9], counts[at % 4]] for at, said in enumerate(SAID.values())]
    batches = [filled[start : start + 4] for start in range(0, len(filled), 4)]
    found = parquet_rows(tmp_path / "x.parquet", parquet_pieces(("said", "second", "voices"), batches, NUMBERS))
    expected = [
        (*(one.encode("utf-8", "replace").decode() or None for one in row[:2]), int(row[2]) if row[2] else None)
        for row in filled
    ]
    assert found == expected


def test_parquet_without_a_row_is_a_file(tmp_path: Path) -> None:
    assert parquet_rows(tmp_path / "x.parquet", parquet_pieces(KEYS, [], NUMBERS)) == []

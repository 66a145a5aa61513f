"""One cell of a spreadsheet: no formula under any separator, on one line, short enough."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.export.spreadsheet_cells import LONGEST, spreadsheet_cell

CUT = "[cut, {length}]"

CELLS = {
    "nothing to do": ("Un banc", "Un banc"),
    "equals within": ("a=1", "a=1"),
    "a formula": ("=1+1", "'=1+1"),
    "a number with its country": ("+33612345678", "'+33612345678"),
    "minus": ("-2", "'-2"),
    "at": ("@SUM(A1)", "'@SUM(A1)"),
    "behind a hard space": ("\u00a0=1+1", "'\u00a0=1+1"),
    "behind a space nobody sees": ("\u200b=1+1", "'\u200b=1+1"),
    "behind a quotation mark": ('"=1+1"', '\'"=1+1"'),
    "full width": ("＝1+1", "'＝1+1"),
    "behind a NUL": ("\0=1", "' =1"),
    "behind a tab": ("\t=1", "' =1"),
    "behind a line break": ("\r\n=1", "'=1"),
    "behind a comma": ("non,=1+1", "non,'=1+1"),
    "behind a semicolon and a space": ("non ; =1+1", "non ;' =1+1"),
    "behind a comma and a quotation mark": ('non,"=1+1"', 'non,\'"=1+1"'),
    "behind a comma on the next line": ("non,\n-2", "non,' -2"),
    "behind a tab within": ("non\t=1", "non =1"),
    "lines": ("Un banc,\r\navec dossier\n\n\nEt un arbre", "Un banc, avec dossier Et un arbre"),
    "other line breaks": ("un\u2028deux\x0btrois\x85quatre", "un deux trois quatre"),
    "control characters": ("un\x1b[31mbanc\x07", "un [31mbanc "),
    "a separator and words": ("rue A ; rue B, place C", "rue A ; rue B, place C"),
}


@pytest.mark.parametrize(("value", "written"), CELLS.values(), ids=CELLS)
def test_cells(value: str, written: str) -> None:
    assert spreadsheet_cell(value, CUT) == written


PIECES = st.lists(
    st.sampled_from([*"=+-@,;|\"'", "＝", "\t", "\r", "\n", "\r\n", " ", "\0", "\u00a0", "a", "1"]), max_size=9
)


@given(st.lists(PIECES.map("".join), min_size=2, max_size=3))
def test_no_formula_whichever_separator_the_file_is_read_with(values: list[str]) -> None:
    for written_with in ",;":
        out = io.StringIO()
        rows = csv.writer(out, delimiter=written_with, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        rows.writerow([spreadsheet_cell(value, CUT) for value in values])
        for read_with in ",;\t|":
            (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=read_with)
            for found in row:
                assert not found.lstrip(" \0\u00a0\"'" if found[:1] != "'" else "").startswith(tuple("=+-@＝"))


LONG = {
    "words": "banc " * 9_000,
    "no spaces": "公园里的长椅太少" * 5_000,
    "pictures of two units": "🚲" * 20_000,
    "pictures of several signs": "👩🏽\u200d🦽" * 9_000,
    "accents of their own": "e\u0301" * 20_000,
    "one word": "a" * 40_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_cell_is_cut_with_a_note_and_within_no_sign(text: str) -> None:
    written = spreadsheet_cell(text, CUT)
    assert LONGEST - 200 < len(written.encode("utf-16-le")) // 2 <= LONGEST
    beginning, _, note = written.rpartition(" [")
    assert note == f"cut, {len(text):,}]".replace(",", "\u202f").replace("cut\u202f", "cut,")
    assert text.startswith(beginning)
    whole = {"👩🏽\u200d🦽": "🦽", "e\u0301": "\u0301"}
    for sign, last in whole.items():
        assert not text.startswith(sign) or beginning.endswith(last)


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST])
def test_what_just_fits_is_left_whole(length: int) -> None:
    assert spreadsheet_cell("a" * length, CUT) == "a" * length
    assert spreadsheet_cell("a" * (LONGEST + 1), CUT).endswith("[cut, 32\u202f768]")

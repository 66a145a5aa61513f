"""The terminal: tables fit, nothing is lost, and only terminals get colour and movement."""

from __future__ import annotations

import io
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.screen import Column, Screen, Style, columns_of, padded, printable, table, wrapped

COLUMNS = [Column("Canal", 10), Column("Numéro", 11), Column("Compris", None), Column("Temps", 7, "right")]
ROWS = [
    ["SMS", "482 915 307", "Il faudrait plus de bancs rue de Siam, à l'ombre, et une fontaine.", "1,2 s"],
    ["Téléphone", "731 204 558", "la lumière est éteinte", "14,0 s"],
]
PLAIN = Style(coloured=False)


def test_a_table_as_it_looks() -> None:
    assert table(COLUMNS, ROWS, 72, PLAIN) == [
        "Canal      Numéro       Compris                                    Temps",
        "────────────────────────────────────────────────────────────────────────",
        "SMS        482 915 307  Il faudrait plus de bancs rue de Siam, à   1,2 s",
        "                        l'ombre, et une fontaine.",
        "────────────────────────────────────────────────────────────────────────",
        "Téléphone  731 204 558  la lumière est éteinte                    14,0 s",
        "────────────────────────────────────────────────────────────────────────",
    ]


def test_a_narrow_terminal_gets_a_list() -> None:
    assert table(COLUMNS, ROWS[:1], 40, PLAIN) == [
        "─" * 40,
        "SMS  482 915 307  1,2 s",
        "  Il faudrait plus de bancs rue de Siam,",
        "  à l'ombre, et une fontaine.",
        "─" * 40,
    ]


@given(
    st.lists(st.lists(st.text(max_size=60), min_size=4, max_size=4), max_size=4),
    st.integers(min_value=30, max_value=200),
)
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(rows: list[list[str]], width: int) -> None:
    lines = table(COLUMNS, rows, width, PLAIN)
    assert max(map(columns_of, lines)) <= width
    shown = Counter("".join(lines))
    for letter, count in Counter(printable("".join(map("".join, rows)))).items():
        assert letter.isspace() or shown[letter] >= count


def test_a_resident_cannot_steer_the_terminal() -> None:
    assert table(COLUMNS, [["SMS", "", "\x1b[2Jrouge\x07\u202e", ""]], 72, PLAIN)[2].split() == ["SMS", "[2Jrouge"]


def test_colours_take_no_room() -> None:
    coloured = table([Column("Canal", 10, colour="cyan"), *COLUMNS[1:]], ROWS, 72, Style(coloured=True))
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured] == table(COLUMNS, ROWS, 72, PLAIN)


WIDTHS = [
    pytest.param("éclairage", 9, id="accents"),
    pytest.param("e\u0301clairage", 9, id="accents of their own"),
    pytest.param("日本", 4, id="wide characters"),
]


@pytest.mark.parametrize(("text", "width"), WIDTHS)
def test_columns_of(text: str, width: int) -> None:
    assert columns_of(text) == width
    assert columns_of(padded(text, 12)) == 12


def test_a_long_word_is_broken() -> None:
    assert wrapped("anticonstitutionnellement", 10) == ["anticonsti", "tutionnell", "ement"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STREAMS = [
    pytest.param(io.StringIO, {"TERM": "xterm"}, False, False, id="a pipe: neither"),
    pytest.param(Terminal, {"TERM": "xterm"}, True, True, id="a terminal: both"),
    pytest.param(Terminal, {"TERM": "xterm", "NO_COLOR": "1"}, True, False, id="NO_COLOR"),
    pytest.param(Terminal, {"TERM": "dumb"}, False, False, id="a dumb terminal"),
]


@pytest.mark.parametrize(("stream", "environment", "moves", "coloured"), STREAMS)
def test_movement_and_colour(
    stream: type[io.StringIO], environment: dict[str, str], moves: bool, coloured: bool
) -> None:
    target = stream()
    screen = Screen(target, environment)
    with screen.board():
        screen.show("passerelle", "se prépare")
        screen.show("passerelle", "prêt", ended=True)
    said = target.getvalue()
    assert ("\x1b[1A" in said) == moves
    assert ("\x1b[32m" in said) == coloured
    assert "passerelle" in said
    assert "prêt" in said
    assert moves or "se prépare" not in said

"""The terminal: a table that fits its width, and lines that change in place while something is going on.

Colour and movement are for terminals only; a file or a pipe gets plain lines, in the order things happened.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TextIO

Align = Literal["left", "right"]
Colour = Literal["bold", "dim", "green", "red", "yellow", "cyan", "blue", "magenta"]

_CODES: dict[Colour, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_GUTTER = 2
_NARROWEST_TEXT = 26
"""Below this many columns for the text a table is harder to read than a list."""


def columns_of(text: str) -> int:
    """How many terminal columns a text takes: accents none of their own, wide characters two."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def padded(text: str, width: int, align: Align = "left") -> str:
    """A text filled up with spaces to ``width`` columns, never cut."""
    space = " " * max(0, width - columns_of(text))
    return text + space if align == "left" else space + text


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most ``width`` columns; a word that is too long is broken."""
    lines = [""]
    for word in printable(text).split():
        for number, piece in enumerate(_pieces(word, width)):
            grown = f"{lines[-1]} {piece}" if lines[-1] else piece
            if number == 0 and columns_of(grown) <= width:
                lines[-1] = grown
            else:
                lines.append(piece)
    return lines[1:] if len(lines) > 1 and not lines[0] else lines


def printable(text: str) -> str:
    """A text without control characters: what a resident wrote must not steer the terminal."""
    return "".join(one if one.isspace() or not unicodedata.category(one).startswith("C") else "" for one in text)


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces of at most ``width`` columns, a wide character in a column of its own being the exception."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and columns_of(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@dataclass(frozen=True)
class Column:
    """One column: its heading, where its text stands, its colour, and its widest width (None: what is left)."""

    heading: str
    widest: int | None
    align: Align = "left"
    colour: Colour | None = None


class Style:
    """Paints with ANSI colours, or not at all."""

    def __init__(self, coloured: bool) -> None:
        self.coloured = coloured

    def paint(self, text: str, *colours: Colour) -> str:
        """The text in these colours."""
        if not self.coloured or not colours or not text:
            return text
        return f"\x1b[{';'.join(_CODES[colour] for colour in colours)}m{text}\x1b[0m"


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, style: Style) -> list[str]:
    """The lines of a table ``width`` columns wide; where that leaves too little for its text, of a list instead.

    Line breaks within a cell are kept.
    """
    widths = _widths(columns, rows, width)
    if widths is None:
        return _as_list(columns, rows, width, style)
    rule = style.paint("─" * (sum(widths) + _GUTTER * (len(widths) - 1)), "dim")
    headings = [padded(column.heading, space, column.align) for column, space in zip(columns, widths, strict=True)]
    lines = [style.paint((" " * _GUTTER).join(headings).rstrip(), "bold"), rule]
    for row in rows:
        lines += _row(columns, row, widths, style)
        lines.append(rule)
    return lines


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column; None when nothing sensible is left for the widest."""
    widths = []
    for number, column in enumerate(columns):
        cells = [line for row in rows for line in row[number].split("\n")]
        needed = max(columns_of(line) for line in [column.heading, *cells])
        widths.append(needed if column.widest is None else min(needed, max(column.widest, columns_of(column.heading))))
    flexible = [number for number, column in enumerate(columns) if column.widest is None]
    spare = width - sum(widths) - _GUTTER * (len(columns) - 1)
    for number in flexible:
        if spare < 0:
            widths[number] += spare // len(flexible)
            if widths[number] < _NARROWEST_TEXT:
                return None
    return None if spare < 0 and not flexible else widths


def _row(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], style: Style) -> Iterator[str]:
    cells = [
        [line for paragraph in text.split("\n") for line in wrapped(paragraph, space)]
        for text, space in zip(row, widths, strict=True)
    ]
    for height in range(max(map(len, cells))):
        line = []
        for column, cell, space in zip(columns, cells, widths, strict=True):
            text = padded(cell[height] if height < len(cell) else "", space, column.align)
            line.append(style.paint(text, column.colour) if column.colour and text.strip() else text)
        yield (" " * _GUTTER).join(line).rstrip()


def _as_list(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, style: Style) -> list[str]:
    """Each row as a block: the short cells in its first lines, the long ones below, indented."""
    rule = style.paint("─" * width, "dim")
    lines = [rule]
    for row in rows:
        cells = list(zip(columns, row, strict=True))
        short = "  ".join(cell.replace("\n", ", ") for column, cell in cells if column.widest and cell.strip())
        heads = [printable(short)] if columns_of(short) <= width else wrapped(short, width)
        lines += [style.paint(line, "bold") for line in heads]
        for column, cell in cells:
            if column.widest is None:
                lines += ["  " + line for line in wrapped(cell, width - 2)]
        lines.append(rule)
    return lines


class Screen:
    """Where the demo speaks. ``lines`` may be changed from several threads at once."""

    def __init__(self, stream: TextIO | None = None, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._stream = stream or sys.stdout
        self.moves = self._stream.isatty() and environment.get("TERM", "") not in {"", "dumb"}
        # https://no-color.org : any value, even in a terminal.
        self.style = Style(self.moves and not environment.get("NO_COLOR"))
        self.width = shutil.get_terminal_size((100, 24)).columns
        self._lock = threading.Lock()
        self._board: dict[str, tuple[str, str, bool | None]] = {}
        self._drawn = 0
        self._turn = 0

    def say(self, text: str = "") -> None:
        """Print a line as it is."""
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()

    def tell(self, text: str, *colours: Colour, indent: str = "") -> None:
        """Print a paragraph, wrapped to the terminal."""
        for line in wrapped(text, self.width - len(indent)):
            self.say(indent + self.style.paint(line, *colours))

    def show(self, name: str, state: str, ended: bool | None = None) -> None:
        """Put a line of the board: ``ended`` is None while it goes on, else whether it went well."""
        with self._lock:
            if self._board.get(name, ("", "", None))[1:] == (state, ended):
                return
            self._board[name] = (name, state, ended)
            if self.moves:
                self._draw()
            elif ended is not None:
                self._stream.write(self._line(name, state, ended) + "\n")
                self._stream.flush()

    @contextmanager
    def board(self) -> Iterator[None]:
        """Keep lines that change in place until the end of the block."""
        self._board, self._drawn = {}, 0
        over = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(over,), daemon=True)
        if self.moves:
            ticker.start()
        try:
            yield
        finally:
            over.set()
            if self.moves:
                ticker.join()
            self._board, self._drawn = {}, 0

    def _tick(self, over: threading.Event) -> None:
        while not over.wait(0.1):
            with self._lock:
                self._turn += 1
                self._draw()

    def _draw(self) -> None:
        back = f"\x1b[{self._drawn}A" if self._drawn else ""
        lines = [f"\r\x1b[2K{self._line(*entry)}\n" for entry in self._board.values()]
        self._stream.write(back + "".join(lines))
        self._stream.flush()
        self._drawn = len(lines)

    def _line(self, name: str, state: str, ended: bool | None) -> str:
        mark, colour = self._mark(ended)
        named = padded(name, min(34, self.width // 2))
        state = wrapped(state, max(8, self.width - columns_of(named) - 6))[0]
        painted = self.style.paint(state, "dim") if ended is None else state
        return f" {self.style.paint(mark, colour)} {named}  {painted}".rstrip()

    def _mark(self, ended: bool | None) -> tuple[str, Colour]:
        if ended is None:
            return _SPINNER[self._turn % len(_SPINNER)], "cyan"
        return ("✓", "green") if ended else ("✗", "red")

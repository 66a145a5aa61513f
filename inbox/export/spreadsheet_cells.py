"""One cell of a spreadsheet file: on one line, short enough, and never a formula.

A formula is what begins with one of a few signs (OWASP, "CSV Injection"). Where a cell begins depends on
who opens the file: read with commas, a file of semicolons has a new cell behind every comma of a resident's
sentence. So such a sign is also made harmless behind anything that may be taken for a separator.
"""

import re

LONGEST = 32_767
"""UTF-16 units of one cell; Excel breaks what is longer over further rows (Excel specifications and limits)."""

_LINE_BREAKS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")

# Control characters, which no program shows and some end a cell at; tabs are a separator.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f]+")

# Some programs skip spaces and quotation marks before they look for a formula.
_FORMULA = re.compile(r"""(^|[,;|])([\s"'\ufeff\u200b-\u200f\u2060]*)(?=[=+\-@＝＋－＠])""")

_SIGNS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029=+\\-@＝＋－＠]")
"""One of these is in whatever the expressions above change."""

_SURELY_SHORT = LONGEST // 2
"""Characters: none takes more than two units."""

_PART_OF_BEFORE = re.compile(r"[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
"""What belongs to the sign before it: accents, joiners, variants and colours of pictures."""


def spreadsheet_cell(value: str, cut: str) -> str:
    """A value as a cell; where it is too long, ``cut`` says so, with ``{length}`` for how many characters it had."""
    if len(value) <= _SURELY_SHORT and _SIGNS.search(value) is None:
        return value  # as nearly all are, and there are millions of them
    line = _CONTROLS.sub(" ", _LINE_BREAKS.sub(" ", value.strip("\r\n")))
    return shorten_cell(
        escape_formula(line), cut.format(length=f"{len(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}"))
    )


def escape_formula(line: str) -> str:
    """A line, shown as text by every spreadsheet program whatever separator it reads the file with."""
    return _FORMULA.sub(r"\1'\2", line)


def shorten_cell(line: str, note: str) -> str:
    """The beginning of a line that is too long for one cell, cut between words, then the note."""
    if _units(line) <= LONGEST:
        return line
    room = LONGEST - _units(note) - 1
    beginning = line.encode("utf-16-le", "surrogatepass")[: 2 * room].decode("utf-16-le", "ignore")
    # Scripts without spaces are cut where it falls, but never within a sign.
    at = beginning.rfind(" ", len(beginning) - 200)
    if at < 0:
        at = len(beginning)
        while at > 0 and (_PART_OF_BEFORE.match(line[at : at + 1]) or line[at - 1] == "\u200d"):
            at -= 1
    return f"{beginning[:at].rstrip()} {note}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

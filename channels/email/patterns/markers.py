"""Signs that stand in a text for what a page showed without words: whose quotation a line is, a rule, a style."""

from __future__ import annotations

import re

CONTAINED = "\ue0fe"
"""Begins a line that a mail program wrapped as a quotation; once for each level."""
INDENTED = "\ue0fd"
"""Begins a line that is only moved in: a quotation, or the writer's own list."""
RULED = "\ue0fc"
"""A line of its own: a rule across the page."""
STYLED, UNSTYLED = "\ue0f1", "\ue0f2"
"""Around words that stand out by colour or style."""

SIGNS = CONTAINED + INDENTED + RULED + STYLED + UNSTYLED
_QUOTING = (CONTAINED, INDENTED)
_SIGNS = re.compile(f"[{SIGNS}]")
_LEADING = re.compile(f"^([{CONTAINED}{INDENTED}]+) ?")
_STYLES = re.compile(f"( ?)[{STYLED}{UNSTYLED}]+( ?)")
_NEAR = 30


def strip_markers(text: str) -> str:
    """A text that came from outside: what it has of these signs is none of ours."""
    return _SIGNS.sub("\ufffd", text)


def strip_style_markers(line: str) -> str:
    """A line without the signs of its styles, and without the doubled spaces they leave."""
    if STYLED not in line and UNSTYLED not in line:
        return line
    return _STYLES.sub(lambda found: " " if found[1] or found[2] else "", line).strip()


def plain_line(line: str) -> str:
    """A line as it stands in the text: without signs."""
    return _SIGNS.sub("", _LEADING.sub("", strip_style_markers(line)))


def quoted_display_line(line: str) -> str:
    """A line as it is shown where it is set apart: a mark of quotation for each level."""
    marked = _LEADING.sub(lambda found: "> " * len(found[1]), strip_style_markers(line))
    return _SIGNS.sub("", marked).rstrip()


def comparable_line(line: str) -> str:
    """A line as patterns see it: signs of quotation as ">", styles left out, a rule as a rule."""
    line = strip_style_markers(line)
    if line.strip() == RULED:
        return "_" * 32
    return _LEADING.sub(lambda found: ">" * len(found[1]) + " ", line).rstrip() if line[:1] in _QUOTING else line


def is_wrapped_quotation(line: str) -> bool:
    """Whether a mail program wrapped this line as a quotation."""
    return line.startswith(CONTAINED)


def is_quoted(line: str) -> bool:
    """Whether the line carries a quotation mark at its beginning, whoever put it there."""
    start = line.lstrip()
    if start[:1] in (">", CONTAINED, INDENTED):
        return True
    # Some programs quote with a bar; a line that ends with one too is a table's.
    return start[:2] == "| " and not start.rstrip().endswith("|")


def strip_quote_level(line: str) -> str:
    """A line without one level of quotation."""
    if line[:1] in (CONTAINED, INDENTED):
        return line[1:].removeprefix(" ")
    return line.removeprefix(">").removeprefix(" ")


def next_filled_line(lines: list[str], index: int) -> str:
    """The first filled line from here on, if it is near."""
    return next((line for line in lines[index : index + _NEAR] if line.strip()), "")

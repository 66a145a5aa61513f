"""Answers that somebody wrote into what is quoted, and that only their colour or style tells apart."""

from __future__ import annotations

import re

from channels.email.patterns import attributions as marks
from channels.email.patterns.markers import STYLED, UNSTYLED, comparable_line, plain_line

_RUNS = re.compile(f"([{STYLED}{UNSTYLED}])")
_LEADING = re.compile(r"^[>\ue0fd\ue0fe\s]*")


def separate_by_style(lines: list[str], head: int) -> tuple[list[str], list[str]]:
    """Of quoted lines, those words that stand out among them, and the rest; the ``head`` lines stand out for no one."""
    if not any(STYLED in line for line in lines):
        return [], lines
    kept: list[str] = []
    rest = lines[:head]
    depth = sum(line.count(STYLED) - line.count(UNSTYLED) for line in rest)
    has_plain = False
    for line in lines[head:]:
        lead = _LEADING.match(line)
        start = lead.end() if lead else 0
        styled, unstyled, depth = _runs_of(line[start:], depth)
        if marks.LABEL.match(comparable_line(line)[: marks.LONGEST_LINE]):
            styled, unstyled = "", plain_line(line[start:])
        has_plain |= any(c.isalnum() for c in unstyled)
        if styled:
            kept.append(styled)
        if unstyled or not styled:
            rest.append(line[:start] + unstyled)
    # Where all of it is written in one colour, nobody's words stand out.
    return (kept, rest) if has_plain else ([], lines)


def _runs_of(line: str, depth: int) -> tuple[str, str, int]:
    """The words of a line that stand out, the others, and whether the next line begins standing out."""
    styled: list[str] = []
    unstyled: list[str] = []
    for piece in _RUNS.split(line):
        if piece == STYLED:
            depth += 1
        elif piece == UNSTYLED:
            depth = max(0, depth - 1)
        else:
            (styled if depth > 0 else unstyled).append(piece)
    return _tidy(styled), _tidy(unstyled), depth


def _tidy(pieces: list[str]) -> str:
    return " ".join("".join(piece if piece.strip() else " " for piece in pieces).split())

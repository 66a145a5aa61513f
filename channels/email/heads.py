"""Where a quotation begins: « Le … a écrit : », the header of a quoted mail, a separating line."""

from __future__ import annotations

import re
from enum import StrEnum

from channels.email import marks

_MOST_ATTRIBUTION_LINES = 4
_NEAR = 30


class AsideKind(StrEnum):
    """Why a passage was set apart."""

    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"
    FOOTER = "footer"


def is_quoted(line: str) -> bool:
    """Whether the line carries a quotation mark at its beginning."""
    start = line.lstrip()
    # Some programs quote with a bar; a line that ends with one too is a table's.
    return start[:1] == ">" or (start[:2] == "| " and not start.rstrip().endswith("|"))


def below(lines: list[str], index: int) -> str:
    """The first filled line from here on, if it is near."""
    return next((line for line in lines[index : index + _NEAR] if line.strip()), "")


def head_at(lines: list[str], index: int) -> tuple[int, AsideKind]:
    """How many lines from here on head a quotation (0: none), and whether it is a forwarded message."""
    line = lines[index]
    if not line.strip() or len(line) > marks.LONGEST_LINE:
        return 0, AsideKind.QUOTE
    if marks.GROUPWISE.match(line):
        return 1, AsideKind.QUOTE
    if marks.FORWARD_BEGIN.match(line):
        return 1, AsideKind.FORWARD
    if (separator := marks.SEPARATOR.match(line)) and (separator["forward"] or separator["reply"]):
        return 1, AsideKind.FORWARD if separator["forward"] else AsideKind.QUOTE
    if marks.RULE.match(line):
        following = _next_filled(lines, index + 1)
        return (following - index if following and _header_block(lines, following) else 0), AsideKind.QUOTE
    if length := _header_block(lines, index):
        return length, AsideKind.QUOTE
    return _attribution(lines, index), AsideKind.QUOTE


def _next_filled(lines: list[str], index: int) -> int:
    """The next line with something in it, at most three further on; 0 when there is none."""
    return next((i for i in range(index, min(index + 3, len(lines))) if lines[i].strip()), 0)


def _header_block(lines: list[str], index: int) -> int:
    """How many lines of a quoted mail's header begin here; one label alone is prose (« De : la part de Jean »)."""
    if marks.MESSAGE_OF.match(lines[index]):
        return 1 if any(marks.HEADER_FIRST.match(line) for line in lines[index + 1 : index + 3]) else 0
    if not (marks.HEADER_FIRST.match(lines[index]) or marks.DATE_FIRST.match(lines[index])):
        return 0
    labels, end = 0, index
    unlabelled = 0
    for i in range(index, min(index + 14, len(lines))):
        if marks.HEADER_LINE.match(lines[i][: marks.LONGEST_LINE]):
            labels, end, unlabelled = labels + 1, i + 1, 0
        elif lines[i].strip() and unlabelled < 2:  # a long address goes on in the next line
            unlabelled += 1
        elif not (not lines[i].strip() and labels < 2 and unlabelled == 0):
            break
    has_address = any("@" in line or re.search(r"\d", line) for line in lines[index:end])
    return end - index if labels >= 3 or (labels == 2 and has_address) else 0


def _attribution(lines: list[str], index: int) -> int:
    """How many lines, from this one on, are « Le … a écrit : » or its like in another language."""
    if _undated_attribution(lines, index):
        return 1
    count = _attribution_at(lines, index)
    # The line above may be the person's own: an attribution begins as late as it can.
    if any(_attribution_at(lines, later) == index + count - later for later in range(index + 1, index + count)):
        return 0
    return count


def _undated_attribution(lines: list[str], index: int) -> bool:
    """Whether this line alone is one without a date (Horde): an address, the verb, and a quotation right below."""
    line = lines[index]
    if len(line) > marks.LONGEST_ATTRIBUTION or marks.DATE.search(line) or not line.endswith(":"):
        return False
    return bool(marks.CERTAIN.search(line) and marks.WROTE.match(line) and is_quoted(below(lines, index + 1)))


def _attribution_at(lines: list[str], index: int) -> int:
    """How many lines, from this one on, read as an attribution when joined."""
    if not marks.DATE.search(lines[index]):  # the date stands in the first line
        return 0
    joined = ""
    for count in range(1, _MOST_ATTRIBUTION_LINES + 1):
        if index + count > len(lines) or not (line := lines[index + count - 1].strip()):
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > marks.LONGEST_ATTRIBUTION:
            return 0
        if joined.endswith("wrote") and marks.WROTE_BARE.match(joined):
            return count
        if not joined.endswith(":"):
            continue
        if marks.DATED.match(joined):
            return count
        if marks.WROTE.match(joined):
            # « Le maire a écrit en 2019 : » is prose; a mail program names an address or a time of day.
            certain = marks.CERTAIN.search(joined) or is_quoted(below(lines, index + count))
            return count if certain else 0
    return 0

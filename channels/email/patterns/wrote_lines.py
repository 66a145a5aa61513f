"""« Le … a écrit : » or its like in another language, over as many lines as a mail program breaks it into."""

from __future__ import annotations

from channels.email.patterns import attributions as marks
from channels.email.patterns.markers import is_quoted, next_filled_line

_MOST_LINES = 4


def attribution_length(lines: list[str], index: int) -> int:
    """How many lines, from this one on, are an attribution (0: none)."""
    if length := _undated(lines, index):
        return length
    count = _dated(lines, index)
    if marks.BROKEN_OFF.match(lines[index]):
        return count
    # The line above may be the person's own: an attribution begins as late as it can.
    if any(_dated(lines, later) == index + count - later for later in range(index + 1, index + count)):
        return 0
    return count


def _undated(lines: list[str], index: int) -> int:
    """How many lines are one without a date: a name, the verb, and a quotation right below."""
    if marks.STARRED.match(lines[index]):
        return 1
    if marks.DATE.search(lines[index]) or is_quoted(lines[index]):
        return 0
    joined = ""
    for count in (1, 2):
        if index + count > len(lines) or not (line := lines[index + count - 1].strip()):
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > marks.LONGEST_ATTRIBUTION:
            return 0
        if count > 1 and index and lines[index - 1].strip():
            return 0
        if marks.UNDATED.match(joined) and not marks.TO_SOMEBODY.search(joined):
            if marks.TOLD.match(joined) and not marks.ADDRESS.search(joined):
                return 0
            return count if is_quoted(next_filled_line(lines, index + count)) else 0
    return 0


def _dated(lines: list[str], index: int) -> int:
    """How many lines, from this one on, read as an attribution when joined."""
    if not (marks.DATE.search(lines[index]) or marks.BROKEN_OFF.match(lines[index])):  # the date is in the first line
        return 0
    joined = ""
    for count in range(1, _MOST_LINES + 1):
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
        if marks.WROTE.match(joined) and not marks.TO_SOMEBODY.search(joined):
            # « Le maire a écrit en 2019 : » is prose; a mail program names an address or a time of day.
            certain = marks.CERTAIN.search(joined) or is_quoted(next_filled_line(lines, index + count))
            return count if certain else 0
    return 0

"""Where a message ends: its closing, its signature, the footer that a program puts below."""

from __future__ import annotations

from channels.email import marks
from channels.email.heads import AsideKind

_MOST_SIGNATURE_LINES = 12


def mark_endings(lines: list[str], kinds: list[AsideKind | None]) -> None:
    """Mark, at the end of each unquoted stretch, its signature and its footer."""
    start = 0
    while start < len(lines):
        if kinds[start] is not None:
            start += 1
            continue
        end = next((i for i in range(start, len(lines)) if kinds[i] is not None), len(lines))
        _mark_ending_of(lines, kinds, start, end)
        start = end


def _mark_ending_of(lines: list[str], kinds: list[AsideKind | None], start: int, end: int) -> None:
    """Find where the signature or the footer of one stretch begins; a message is never all signature."""
    written = False
    for i in range(start, end):
        line = lines[i]
        if not line.strip() or len(line) > marks.LONGEST_LINE:
            written = written or bool(line.strip())
            continue
        kind = _ending_at(lines, i, end)
        if kind and (written or kind is AsideKind.FOOTER or start > 0):
            stop = _end_of_ending(lines, i, end)
            kinds[i:stop] = [kind] * (stop - i)
            if stop < end:  # a footer, or an afterthought
                _mark_ending_of(lines, kinds, stop, end)
            return
        written = True


def _end_of_ending(lines: list[str], index: int, end: int) -> int:
    """Where a signature ends: at a footer or at an afterthought, else with its stretch."""
    for i in range(index + 1, min(end, index + 3 * _MOST_SIGNATURE_LINES)):
        if marks.POSTSCRIPT.match(lines[i][: marks.LONGEST_LINE]) or _is_footer(lines, i, end):
            return i
    return end


def _ending_at(lines: list[str], index: int, end: int) -> AsideKind | None:
    """Whether a signature or footer begins with this line."""
    line = lines[index]
    below_rule = marks.RULE.match(line) and index + 1 < end and _is_footer(lines, index + 1, end)
    if below_rule or _is_footer(lines, index, end):
        return AsideKind.FOOTER
    if marks.SIGNATURE.match(line) or _is_sent_from(line):
        return AsideKind.SIGNATURE
    # A name below an empty line may have nothing after it but an address.
    named = marks.TITLED_NAME.match(line) and not lines[index - 1].strip()
    closes = marks.CLOSING.match(line) or marks.FORMULA.match(line) or marks.CLOSED_BY_NAME.match(line)
    if (closes or named) and _is_short(lines, index + 1, _end_of_ending(lines, index, end), most=None if closes else 4):
        return AsideKind.SIGNATURE
    return None


def only_sent_from(text: str) -> bool:
    """Whether all a text says is which telephone sent it: what somebody has to say is then elsewhere."""
    lines = [line for line in text.splitlines() if line.strip()]
    return 0 < len(lines) <= 2 and all(len(line) <= marks.LONGEST_LINE and _is_sent_from(line) for line in lines)


def _is_sent_from(line: str) -> bool:
    return bool(marks.SENT_FROM.match(line)) and not marks.SENT_FROM_PROSE.search(line)


def _is_footer(lines: list[str], index: int, end: int) -> bool:
    """Whether a footer begins with this line: by its beginning and by the words that follow."""
    line = lines[index]
    if len(line) > marks.LONGEST_LINE or not marks.FOOTER.match(line):
        return False
    return bool(marks.FOOTER_WORDS.search(" ".join(lines[index : min(end, index + 4)])))


def _is_short(lines: list[str], start: int, end: int, most: int | None = None) -> bool:
    """Whether what follows is a name and an address rather than more of the message."""
    filled = [line for line in lines[start : min(end, start + 3 * _MOST_SIGNATURE_LINES)] if line.strip()]
    whole = end - start <= 3 * _MOST_SIGNATURE_LINES
    goes_on = any(line.endswith("?") for line in filled)
    return (
        whole
        and not goes_on
        and len(filled) <= (most or _MOST_SIGNATURE_LINES)
        and all(len(line) <= 80 for line in filled)
    )

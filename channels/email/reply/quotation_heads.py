"""Where a quotation begins: « Le … a écrit : », the head of a quoted mail, a separating line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.email.patterns import attributions as marks
from channels.email.patterns.wrote_lines import attribution_length

_MOST_HEAD_LINES = 16
_FOLDED_AT = 60  # a subject this long may go on in the next line


@dataclass(frozen=True)
class QuotationHead:
    """How many lines head a quotation; ``written_so`` is that no person writes a head like this."""

    length: int = 0
    forwards: bool = False
    written_so: bool = False
    is_attribution: bool = False


_NONE = QuotationHead()


def quotation_head_at(lines: list[str], index: int) -> QuotationHead:
    """What heads a quotation from this line on."""
    line = lines[index]
    if not line.strip() or len(line) > marks.LONGEST_LINE:
        return _NONE
    if marks.GROUPWISE.match(line) or marks.DASHED.match(line):
        return QuotationHead(1, written_so=bool(marks.ADDRESS.search(line)), is_attribution=True)
    if marks.RUN_ON.match(line):
        return QuotationHead(1, written_so=True)
    if marks.FORWARD_BEGIN.match(line):
        return _separated(lines, index, forwards=True)
    if (separator := marks.SEPARATOR.match(line)) and (separator["forward"] or separator["reply"]):
        return _separated(lines, index, forwards=bool(separator["forward"]))
    if marks.RULE.match(line):
        following = _next_filled(lines, index + 1)
        block = _block(lines, following) if following else _NONE
        return QuotationHead(following - index + block.length, written_so=block.written_so) if block.length else _NONE
    return _block(lines, index) if (block := _block(lines, index)).length else _attribution(lines, index)


def _separated(lines: list[str], index: int, *, forwards: bool) -> QuotationHead:
    """A separating line, with the head or the attribution that stands below it; every program forwards with one."""
    following = _next_filled(lines, index + 1)
    below_it = _block(lines, following, fewest=2) if following else _NONE
    if not below_it.length and following:
        below_it = _attribution(lines, following)
    if below_it.length:
        return QuotationHead(following - index + below_it.length, forwards=forwards, written_so=True)
    # People rule off what they write, too, with fewer strokes than any program draws.
    return QuotationHead(1, forwards=forwards, written_so=not forwards and bool(marks.DRAWN.match(lines[index])))


def _next_filled(lines: list[str], index: int) -> int:
    """The next line with something in it, at most three further on; 0 when there is none."""
    near = range(index, min(index + 3, len(lines)))
    return next((i for i in near if lines[i].strip("> \t")), 0)


def _block(lines: list[str], index: int, fewest: int = 3) -> QuotationHead:
    """The head of a quoted mail; few or unlikely labels are prose (« De : 12h / A : 20h »)."""
    if marks.MESSAGE_OF.match(lines[index]):
        near = (marks.LABEL.match(line[: marks.LONGEST_LINE]) for line in lines[index + 1 : index + 3])
        if not any(found and found["sender"] for found in near):
            return _NONE
        rest = _labels(lines, index + 1)
        return QuotationHead(1 + rest.end, written_so=True) if rest.said else QuotationHead(1, written_so=True)
    first = marks.LABEL.match(lines[index][: marks.LONGEST_LINE])
    if not first or not (first["value"].strip() and (first["sender"] or first["date"] or fewest < 3)):
        return _NONE
    found = _labels(lines, index)
    enough = len(found.said) >= fewest
    if not (enough or (found.certain and len(found.said) == 2)) or not found.said & {"sender", "date"}:
        return _NONE
    return QuotationHead(found.end, written_so=found.certain and enough)


@dataclass
class _Labels:
    """The labels of one block: which there are, how many lines they take, whether a program must have written them."""

    said: set[str]
    end: int
    certain: bool


def _labels(lines: list[str], index: int) -> _Labels:
    """The labelled lines from here on, with the lines that long ones go on in."""
    found = _Labels(set(), 0, certain=False)
    unlabelled = 0
    for i in range(index, min(index + _MOST_HEAD_LINES, len(lines))):
        line = lines[i][: marks.LONGEST_LINE]
        if labelled := marks.LABEL.match(line):
            _note(found, labelled, lines[i + 1 : i + 2])
            found.end, unlabelled = i + 1 - index, 0
        elif line.strip("> \t") and unlabelled < 2:  # a long address goes on in the next line
            unlabelled += 1
            if _is_folded(lines, i) and found.end == i - index:
                found.end, unlabelled = i + 1 - index, 0
        elif line.strip("> \t") or len(found.said) >= 2 or unlabelled:
            break
    return found


def _note(found: _Labels, labelled: re.Match[str], after: list[str]) -> None:
    for name in ("sender", "date", "to", "subject"):
        if labelled[name]:
            found.said.add(name)
    value = labelled["value"]
    if labelled["sender"] and not value[:1].isdigit():
        found.certain |= bool(marks.ADDRESS.search(" ".join([value, *after])[: marks.LONGEST_LINE]))
    if labelled["date"]:
        found.certain |= bool(marks.TIME.search(value) and len(value) >= 12)


def _is_folded(lines: list[str], index: int) -> bool:
    """Whether this line goes on with the labelled one above: moved in, or the only one before an empty line."""
    line, above = lines[index].lstrip(">").removeprefix(" "), lines[index - 1]
    ends = index + 1 >= len(lines) or not lines[index + 1].strip("> \t")
    subject = marks.LABEL.match(above[: marks.LONGEST_LINE])
    return line[:1] in (" ", "\t") or bool(ends and len(above) >= _FOLDED_AT and subject and subject["subject"])


def _attribution(lines: list[str], index: int) -> QuotationHead:
    """« Le … a écrit : » or its like in another language."""
    count = attribution_length(lines, index)
    if not count:
        return _NONE
    joined = " ".join(line.strip() for line in lines[index : index + count])
    written_so = bool(marks.BY_PROGRAM.match(joined) or marks.STARRED.match(joined))
    return QuotationHead(count, written_so=written_so, is_attribution=True)

"""The signature of a letter: a closing, or a program's mark, with nothing but names and addresses below it."""

from __future__ import annotations

from channels.email.patterns import closings
from channels.email.patterns.attributions import LONGEST_LINE
from channels.email.patterns.contact_cards import is_contact_card, is_contact_line, is_name, says_something
from channels.email.patterns.device_lines import is_device_line
from channels.email.patterns.pointers import POINTS_BELOW
from channels.email.reply.evidence import AsideKind, Evidence, RunTag

_MOST_LINES = 36
_MOST_FILLED = 12
_UNWRAPPED = 55
"""A line shorter than this was not broken off by a program, so the next one is no rest of its sentence."""
_MOST_NAMES = 2
"""On one card: somebody's, and a company's."""
_TITLES = ("M. ", "Mr ", "Mme ", "Mlle ", "Dr ", "Me ", "Madame ", "Monsieur ")


def tag_signature_lines(lines: list[str], tags: list[RunTag | None], start: int, first: int, end: int) -> None:
    """Tag a signature that ends the stretch from ``start`` to ``end``, and begins at ``first`` or below.

    Where what stands below its closing may be more than a card, it is tagged without evidence, or not at all.
    """
    last = next((i for i in range(end - 1, start - 1, -1) if lines[i].strip()), start)
    earliest = max(first, last + 1 - _MOST_LINES)
    after = next((i for i in range(earliest, end) if closings.POSTSCRIPT.match(lines[i][:80])), end)
    found = [
        (i, *_closing_at(lines, i, start, after))
        for i in range(earliest, after)
        if lines[i].strip() and len(lines[i]) <= LONGEST_LINE and tags[i] is None
    ]
    for i, evidence, length in found:
        is_signed = evidence is not None and _is_signed(lines[i], lines[i + length : after], evidence)
        if is_signed and not _is_announced(lines, start, i):
            _tag(tags, i, after, RunTag(AsideKind.SIGNATURE, evidence))
            _tag_closings_above(lines, tags, max(earliest, i - _MOST_FILLED), i)
            return
    for i, evidence, length in found:
        begins = evidence is not None or closings.MAY_CLOSE.match(lines[i]) or (i > start and _is_titled(lines, i))
        by_program = lines[i] == closings.SIGNATURE_FOLLOWS
        if begins and _may_be_card(lines[i + length : after], by_program=by_program):
            _tag(tags, i, after, RunTag(AsideKind.SIGNATURE))
            return


def _tag_closings_above(lines: list[str], tags: list[RunTag | None], first: int, end: int) -> None:
    """Two closings in a row: the first one may be meant."""
    begin = end
    for i in range(end - 1, first - 1, -1):
        if lines[i].strip():
            if not closings.CLOSING.match(lines[i]):
                break
            begin = i
    _tag(tags, begin, end, RunTag(AsideKind.SIGNATURE))


def _is_announced(lines: list[str], start: int, index: int) -> bool:
    """Whether the line above this one says that more follows: « Voici des noms pour la place : »."""
    above = next((line.rstrip() for line in reversed(lines[start:index]) if line.strip()), "")
    return above.endswith(":") or POINTS_BELOW.search(above[-LONGEST_LINE:]) is not None


def _closing_at(lines: list[str], index: int, start: int, end: int) -> tuple[Evidence | None, int]:
    """What proof of a signature begins with this line, and how many lines it takes."""
    if closings.DELIMITER.match(lines[index]):
        return Evidence.DELIMITER, 1
    goes_on = lines[index].lstrip()[:1].islower()  # where each line is a paragraph, so is the rest of a sentence
    near = lines[max(start, index - 3 if goes_on else index - 1) : index]
    above = next((line.rstrip() for line in reversed(near) if line.strip() or not goes_on), "")
    if len(above) >= _UNWRAPPED and not above.endswith((".", "!", "?", "…", ",", ")", "»")):
        return None, 1
    if length := closings.closing_length(lines, index, end):
        return Evidence.CLOSING, length
    named = closings.CLOSED_BY_NAME.match(lines[index])
    return (Evidence.CLOSING if named and is_contact_card([named["name"]]) else None), 1


def _is_signed(closing: str, below: list[str], evidence: Evidence) -> bool:
    """Whether nothing but a name and its card follow. Only a whole formula, and a name in its line, close alone."""
    rest = [line for line in below if line.strip() and not is_device_line(line)]
    if not rest:
        return bool(
            evidence is Evidence.CLOSING
            and (closings.FORMULA_BEGINS.match(closing) or closings.CLOSED_BY_NAME.match(closing))
        )
    # Of several closings in a row the last one closes: « Bon courage ! » is said to somebody.
    if any(closings.CLOSING.match(line) for line in rest) or not is_contact_card(rest):
        return False
    names = [name for line in rest if is_name(name := line.strip(" *").partition(", ")[0])]
    reached = next((i for i, line in enumerate(rest) if is_contact_line(line)), None)
    # Several names without an address may be what is proposed: « Rosa Parks / Louise Michel », for the school.
    if not 0 < len(names) <= (1 if reached is None else _MOST_NAMES):
        return False
    # Below an address stands no name any more: « Abri Couvert ».
    if reached is not None and any(is_name(line.strip(" *")) for line in rest[reached:]):
        return False
    # A word below dashes that somebody typed may be one more idea: « Fontaine ».
    typed = evidence is Evidence.DELIMITER and closing != closings.SIGNATURE_FOLLOWS
    return any(" " in name for name in names) if typed else True


def _is_titled(lines: list[str], index: int) -> bool:
    """Whether a titled name stands here below an empty line."""
    line = lines[index].strip()
    return line.startswith(_TITLES) and not lines[index - 1].strip() and is_name(line.partition(",")[0])


def _may_be_card(below: list[str], *, by_program: bool) -> bool:
    filled = [line for line in below if line.strip()]
    if len(filled) > _MOST_FILLED or any(len(line) > 80 for line in filled):
        return False
    return by_program or not any(says_something(line) for line in filled)


def _tag(tags: list[RunTag | None], start: int, end: int, tag: RunTag) -> None:
    for i in range(start, end):
        tags[i] = tags[i] or tag

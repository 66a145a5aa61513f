"""What somebody newly wrote in a mail, set apart from quotes, signatures and footers; nothing is dropped.

Measured against the libraries that do this (mail-parser-reply, talon's rules): those try
nested patterns over the whole message, which fails on half of the fixtures we have and can
be made to run for hours. This walks the lines once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby

from channels.email.apart.closings import SIGNATURE_FOLLOWS
from channels.email.apart.endings import tag_endings
from channels.email.apart.evidence import (
    ANSWER,
    PERHAPS,
    Aside,
    AsideKind,
    Passage,
    PassageKind,
    Relation,
    Split,
    Tag,
)
from channels.email.apart.forwarding import forwarded_text, relation_of
from channels.email.apart.quotations import tag_quotes
from channels.email.apart.signs import comparable, plain, shown_quoted
from channels.email.apart.styles import apart_by_style

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DEEPEST_FORWARDED = 5


@dataclass(frozen=True)
class _Line:
    """A line of the text: forwarded, perhaps something else, or plainly the writer's."""

    text: str
    perhaps: Tag | None = None
    forwarded: Tag | None = None


_GAP = _Line("")
"""Where something was taken out."""


def split_reply(text: str, relation: Relation = ANSWER) -> Split:
    """The text of a mail, and what stands around it."""
    lines, aside = _split(text, relation, 0)
    return _joined(lines, aside)


def _split(text: str, relation: Relation, depth: int) -> tuple[list[_Line], list[Aside]]:
    # Joiners stay: Persian words and families of emoji are made with them.
    shown = [_INVISIBLE.sub("", line.replace("\xa0", " ")) for line in text.splitlines()]
    # The blank at its end tells a program's mark from one that somebody typed.
    shown = [line if line == SIGNATURE_FOLLOWS else line.rstrip() for line in shown]
    seen = [comparable(line) for line in shown]
    tags = tag_quotes(shown, seen, relation)
    tag_endings(seen, tags, relation)
    return _gathered(shown, seen, tags, depth)


def _gathered(shown: list[str], seen: list[str], tags: list[Tag | None], depth: int) -> tuple[list[_Line], list[Aside]]:
    """The lines that stay, empty ones where something was taken out between them, and what was taken out."""
    body: list[_Line] = []
    aside: list[Aside] = []
    for tag, group in groupby(range(len(shown)), key=lambda i: tags[i]):
        run = list(group)
        if tag is None or tag.evidence is None:
            body += [_Line(plain(shown[i]), tag) for i in run]
            continue
        body.append(_GAP)
        if tag.kind is AsideKind.FORWARD:
            _take_forwarded(shown, seen, tag, run, body, aside, depth)
        elif tag.kind is AsideKind.QUOTE:
            kept, rest = apart_by_style([shown[i] for i in run], tag.head)
            body += [_Line(line, Tag(AsideKind.QUOTE)) for line in kept]
            _set_apart(tag, rest, aside)
        else:
            _set_apart(tag, [shown[i] for i in run], aside)
        body.append(_GAP)
    return body, aside


def _set_apart(tag: Tag, lines: list[str], aside: list[Aside]) -> None:
    assert tag.evidence is not None
    text = "\n".join(map(shown_quoted, lines)).strip("\n")
    if text:
        aside.append(Aside(tag.kind, text, tag.evidence))


def _take_forwarded(
    shown: list[str],
    seen: list[str],
    tag: Tag,
    run: list[int],
    body: list[_Line],
    aside: list[Aside],
    depth: int,
) -> None:
    """Of a forwarded message the head is set apart, and its words are the text."""
    head, rest = run[: tag.head], run[tag.head :]
    _set_apart(tag, [shown[i] for i in head], aside)
    text = forwarded_text([shown[i] for i in rest])
    if depth < _DEEPEST_FORWARDED:
        lines, within = _split(text, relation_of([seen[i] for i in head]), depth + 1)
    else:
        lines, within = [_Line(plain(line)) for line in text.split("\n")], []
    body += [line if line is _GAP else replace(line, forwarded=tag) for line in lines]
    aside += within


def _joined(lines: list[_Line], aside: list[Aside]) -> Split:
    """The lines as one text, one empty line where several things were taken out, and the places of its passages."""
    kept = _without_gaps(lines)
    if not kept:
        return Split("", tuple(aside))
    kept[0] = replace(kept[0], text=kept[0].text.lstrip())
    starts, at = [], 0
    for line in kept:
        starts.append(at)
        at += len(line.text) + 1
    passages = [
        *_passages(kept, starts, [line.forwarded for line in kept]),
        *_passages(kept, starts, [line.perhaps for line in kept]),
    ]
    passages.sort(key=lambda one: (one.start, -one.end))
    return Split("\n".join(line.text for line in kept), tuple(aside), tuple(passages))


def _without_gaps(lines: list[_Line]) -> list[_Line]:
    """The lines without empty ones at the edges, and with one where something was taken out."""
    kept: list[_Line] = []
    for is_gap, group in groupby(lines, key=lambda line: line is _GAP):
        chunk = [] if is_gap else list(group)
        while chunk and not chunk[-1].text.strip():
            chunk.pop()
        while chunk and not chunk[0].text.strip():
            chunk.pop(0)
        if chunk:
            kept += [_Line(""), *chunk] if kept else chunk
    return kept


def _passages(lines: list[_Line], starts: list[int], tags: list[Tag | None]) -> list[Passage]:
    found = []
    for tag, group in groupby(range(len(lines)), key=lambda i: tags[i]):
        run = [i for i in group if lines[i].text.strip()]
        if tag is not None and run:
            kind = PassageKind.FORWARDED if tag.kind is AsideKind.FORWARD else PERHAPS[tag.kind]
            found.append(Passage(kind, starts[run[0]], starts[run[-1]] + len(lines[run[-1]].text)))
    return found

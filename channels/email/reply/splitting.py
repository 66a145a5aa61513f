"""What somebody newly wrote in a mail, set apart from quotes, signatures and footers; nothing is dropped.

Measured against the libraries that do this (mail-parser-reply, talon's rules): those try nested patterns over the
whole message, which fails on half of the fixtures we have and can be made to run for hours. This walks the lines once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from channels.email.patterns.closings import SIGNATURE_FOLLOWS
from channels.email.patterns.markers import RULED, comparable_line, plain_line, quoted_display_line
from channels.email.reply.endings import tag_endings
from channels.email.reply.evidence import ANSWER, Aside, AsideKind, Relation, RunTag, SplitReply
from channels.email.reply.forwarding import forwarded_text, relation_of
from channels.email.reply.passages import GAP, MailLine, join_lines
from channels.email.reply.quotations import tag_quotes
from channels.email.reply.styled_answers import separate_by_style

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DEEPEST_FORWARDED = 5


def split_reply(text: str, relation: Relation = ANSWER) -> SplitReply:
    """The text of a mail, and what stands around it."""
    lines, aside = _split(text, relation, 0)
    return join_lines(lines, aside)


def _split(text: str, relation: Relation, depth: int) -> tuple[list[MailLine], list[Aside]]:
    # Joiners stay: Persian words and families of emoji are made with them.
    shown = [_INVISIBLE.sub("", line.replace("\xa0", " ")) for line in text.splitlines()]
    # The blank at its end tells a program's mark from one that somebody typed.
    shown = [line if line == SIGNATURE_FOLLOWS else line.rstrip() for line in shown]
    seen = [comparable_line(line) for line in shown]
    tags = tag_quotes(shown, seen, relation)
    tag_endings(seen, tags, relation)
    return _gathered(shown, seen, tags, depth)


def _gathered(
    shown: list[str], seen: list[str], tags: list[RunTag | None], depth: int
) -> tuple[list[MailLine], list[Aside]]:
    """The lines that stay, empty ones where something was taken out between them, and what was taken out."""
    body: list[MailLine] = []
    aside: list[Aside] = []
    for tag, group in groupby(range(len(shown)), key=lambda i: tags[i]):
        run = list(group)
        if tag is None or tag.evidence is None:
            body += [MailLine(plain_line(shown[i]), tag) for i in run if shown[i].strip() != RULED]
            continue
        body.append(GAP)
        if tag.kind is AsideKind.FORWARD:
            _take_forwarded(shown, seen, tag, run, body, aside, depth)
        elif tag.kind is AsideKind.QUOTE:
            kept, rest = separate_by_style([shown[i] for i in run], tag.head)
            body += [MailLine(line, RunTag(AsideKind.QUOTE, stands_out=True)) for line in kept]
            _set_apart(tag, rest, aside)
        else:
            _set_apart(tag, [shown[i] for i in run], aside)
        body.append(GAP)
    return body, aside


def _set_apart(tag: RunTag, lines: list[str], aside: list[Aside]) -> None:
    assert tag.evidence is not None
    text = "\n".join(map(quoted_display_line, lines)).strip("\n")
    if text:
        aside.append(Aside(tag.kind, text, tag.evidence))


def _take_forwarded(
    shown: list[str],
    seen: list[str],
    tag: RunTag,
    run: list[int],
    body: list[MailLine],
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
        lines, within = [MailLine(plain_line(line)) for line in text.split("\n")], []
    body += [line if line is GAP else replace(line, forwarded=tag) for line in lines]
    aside += within

"""The lines that stay, as one text with its passages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from channels.email.reply.evidence import Aside, Passage, RunTag, SplitReply


@dataclass(frozen=True)
class MailLine:
    """A line of a mail's text: forwarded, perhaps something else, or plainly the writer's."""

    text: str
    perhaps: RunTag | None = None
    forwarded: RunTag | None = None


GAP = MailLine("")
"""Where something was taken out."""


def join_lines(lines: list[MailLine], aside: list[Aside]) -> SplitReply:
    """The lines as one text, one empty line where several things were taken out, and the places of its passages."""
    kept = _without_gaps(lines)
    if not kept:
        return SplitReply("", tuple(aside))
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
    return SplitReply("\n".join(line.text for line in kept), tuple(aside), tuple(passages))


def _without_gaps(lines: list[MailLine]) -> list[MailLine]:
    """The lines without empty ones at the edges, and with one where something was taken out."""
    kept: list[MailLine] = []
    for is_gap, group in groupby(lines, key=lambda line: line is GAP):
        chunk = [] if is_gap else list(group)
        while chunk and not chunk[-1].text.strip():
            chunk.pop()
        while chunk and not chunk[0].text.strip():
            chunk.pop(0)
        if chunk:
            kept += [MailLine(""), *chunk] if kept else chunk
    return kept


def _passages(lines: list[MailLine], starts: list[int], tags: list[RunTag | None]) -> list[Passage]:
    found = []
    for tag, group in groupby(range(len(lines)), key=lambda i: tags[i]):
        run = [i for i in group if lines[i].text.strip()]
        if tag is not None and run:
            found.append(Passage(tag.passage, starts[run[0]], starts[run[-1]] + len(lines[run[-1]].text)))
    return found

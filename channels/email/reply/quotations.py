"""Which lines of a mail are quoted or forwarded: a quotation needs a mail that answers, and a sign of where it is."""

from __future__ import annotations

from channels.email.patterns import attributions as marks
from channels.email.patterns.markers import (
    INDENTED,
    is_quoted,
    is_wrapped_quotation,
    next_filled_line,
    strip_quote_level,
)
from channels.email.reply.evidence import AsideKind, Evidence, Relation, RunTag
from channels.email.reply.quotation_heads import QuotationHead, quotation_head_at

_WRAPPED_AT = 60  # a quoted line this long may go on, unmarked, in the next: the sender's program wrapped it

Tags = list[RunTag | None]


def tag_quotes(shown: list[str], seen: list[str], relation: Relation) -> Tags:
    """For each line, whether it is quoted or forwarded; ``seen`` are the lines as patterns see them."""
    walk = _Walk(shown, seen, relation)
    index = 0
    while index < len(shown):
        if is_quoted(shown[index]) and not marks.GROUPWISE.match(seen[index][: marks.LONGEST_LINE]):
            index = walk.take_quoted(index)
        elif (head := quotation_head_at(seen, index)).length:
            index = walk.take_headed(index, head)
        else:
            index += 1
    return walk.tags


class _Walk:
    """The lines of a mail, walked once; ``attributed`` is that a quotation was proven above."""

    def __init__(self, shown: list[str], seen: list[str], relation: Relation) -> None:
        self.shown, self.seen, self.relation = shown, seen, relation
        self.tags: Tags = [None] * len(shown)
        self.attributed = False

    def take_headed(self, index: int, head: QuotationHead) -> int:
        """What stands below an attribution or the head of a mail; where the walk goes on."""
        end = index + head.length
        is_marked = is_quoted(next_filled_line(self.shown, end))
        tag = self._headed(head, is_marked=is_marked)
        if tag is None:
            return end
        end = self._end_of_quoted(end) if is_marked else len(self.shown)
        self._tag(index, end, tag)
        return end

    def _headed(self, head: QuotationHead, *, is_marked: bool) -> RunTag | None:
        if head.forwards or self.relation.forwards:
            is_proven = head.written_so or is_marked
            return RunTag(AsideKind.FORWARD, Evidence.FORWARD_HEAD, head.length) if is_proven else None
        if not self.relation.answers:
            return RunTag(AsideKind.QUOTE) if head.written_so else None
        if head.is_attribution and is_marked:
            return RunTag(AsideKind.QUOTE, Evidence.ATTRIBUTION, head.length)
        return RunTag(AsideKind.QUOTE, Evidence.HEAD if head.written_so or is_marked else None, head.length)

    def take_quoted(self, index: int) -> int:
        """A run of lines that carry marks of quotation; where the walk goes on."""
        end = self._end_of_quoted(index)
        inner = [strip_quote_level(line) for line in self.seen[index : min(end, index + 20)]]
        head = next((quotation_head_at(inner, i) for i, line in enumerate(inner) if line.strip("> ")), QuotationHead())
        tag = self._quoted(index, head)
        self._tag(index, end, tag)
        return end

    def _quoted(self, index: int, head: QuotationHead) -> RunTag | None:
        contained, headed = is_wrapped_quotation(self.shown[index]), head.length > 0
        if self.relation.forwards and (contained or headed):
            return RunTag(AsideKind.FORWARD, Evidence.FORWARD_HEAD, head.length)
        if not self.relation.answers:
            return RunTag(AsideKind.QUOTE) if contained or (headed and head.written_so) else None
        moved_in = self.shown[index].startswith(INDENTED)
        if contained:
            return RunTag(AsideKind.QUOTE, Evidence.CONTAINER, head.length)
        if headed or (self.attributed and not moved_in):
            return RunTag(AsideKind.QUOTE, Evidence.ATTRIBUTION, head.length)
        return RunTag(AsideKind.QUOTE) if self.attributed or not moved_in else None

    def _tag(self, start: int, end: int, tag: RunTag | None) -> None:
        self.tags[start:end] = [tag] * (end - start)
        if tag is None or tag.kind is not AsideKind.QUOTE or tag.evidence is None:
            return
        self.attributed = True
        for i in range(start + tag.head, end):
            if self._is_wrapped(i):  # or somebody's answer
                self.tags[i] = RunTag(AsideKind.QUOTE)

    def _end_of_quoted(self, index: int) -> int:
        """Where a run of quoted lines, and the empty lines around it, end."""
        end = index
        while end < len(self.shown):
            if not (is_quoted(self.shown[end]) or not self.shown[end].strip() or self._is_wrapped(end)):
                break
            end += 1
        return end

    def _is_wrapped(self, index: int) -> bool:
        """Whether an unmarked line between quoted ones may be the rest of the one above, wrapped on its way."""
        if not 0 < index < len(self.shown) - 1:
            return False
        above, line, after = self.shown[index - 1], self.shown[index], self.shown[index + 1]
        is_between = is_quoted(above) and is_quoted(after) and bool(line.strip()) and not is_quoted(line)
        return is_between and _WRAPPED_AT <= len(above) > len(line)

"""Where a message ends: its closing, its signature, the footer that a program puts below."""

from __future__ import annotations

from channels.email.patterns import closings
from channels.email.patterns.attributions import LONGEST_LINE, RULE
from channels.email.patterns.device_lines import LINK, is_device_line, may_be_device_line
from channels.email.patterns.footers import is_boilerplate, may_be_boilerplate
from channels.email.reply.evidence import AsideKind, Evidence, Relation, RunTag
from channels.email.reply.signatures import tag_signature_lines

_MOST_LINES = 36
_MOST_FILLED = 12
_MOST_FOOTERS = 12
Tags = list[RunTag | None]


def tag_endings(lines: list[str], tags: Tags, relation: Relation) -> None:
    """Tag, in each stretch that is not quoted, what devices and companies put there, and its signature."""
    start = 0
    while start < len(lines):
        end = next((i for i in range(start, len(lines)) if tags[i] is not None), len(lines))
        if start < end:
            _Stretch(lines, tags, start).tag(end, relation)
        start = end + 1


class _Stretch:
    """The lines between two quotations."""

    def __init__(self, lines: list[str], tags: Tags, start: int) -> None:
        self.lines, self.tags, self.start = lines, tags, start

    def tag(self, end: int, relation: Relation) -> None:
        """Find, from the end, what was put below; then what closes the letter above it."""
        end = self._take_footers(end)
        end = self._take_perhaps_footers(end)
        end = self._take_devices(end, relation)
        first = next((i for i in range(self.start, end) if self.lines[i].strip()), end)
        # A message is never all signature; below a quotation something was said above.
        tag_signature_lines(self.lines, self.tags, self.start, first + (self.start == 0), end)

    def _take_footers(self, end: int) -> int:
        """Whole paragraphs at the end that a program put there; where the rest ends."""
        for _ in range(_MOST_FOOTERS):
            last = self._last_filled(end)
            if last is None:
                break
            begin = self._paragraph_of(last)
            tag, begin = self._footer(begin, last + 1)
            if tag is None:
                return end
            begin = self._with_rules(begin)
            self.tags[begin:end] = [tag] * (end - begin)
            end = begin
        return end

    def _footer(self, begin: int, end: int) -> tuple[RunTag | None, int]:
        """What the last paragraph is, and where it begins; of a device's the last line is enough."""
        if any(len(line) > LONGEST_LINE for line in self.lines[begin:end]):
            return None, begin
        for i in range(max(begin, end - _MOST_FILLED), end):  # it may stand below a closing, without an empty line
            text = " ".join(line.strip() for line in self.lines[i:end])
            if is_boilerplate(text):
                return RunTag(AsideKind.FOOTER, Evidence.BOILERPLATE), i
            if i == begin and may_be_boilerplate(text):
                return RunTag(AsideKind.FOOTER), i
        last = end - 1
        if last > begin and LINK.match(self.lines[last]) and is_device_line(self.lines[last - 1]):
            last -= 1
        if is_device_line(self.lines[last]):
            return RunTag(AsideKind.SIGNATURE, Evidence.DEVICE), last
        return (RunTag(AsideKind.SIGNATURE) if may_be_device_line(self.lines[last]) else None), last

    def _take_perhaps_footers(self, end: int) -> int:
        """Several paragraphs below a rule, of which the first reads like a footer."""
        for i in range(max(self.start + 1, end - _MOST_LINES), end):
            if not self.lines[i].strip() or self._with_rules(i) == i:
                continue
            after = next((j for j in range(i, end) if not self.lines[j].strip()), end)
            if may_be_boilerplate(" ".join(self.lines[i : min(after, i + _MOST_FILLED)])):
                begin = self._with_rules(i)
                self.tags[begin:end] = [RunTag(AsideKind.FOOTER)] * (end - begin)
                return begin
        return end

    def _take_devices(self, end: int, relation: Relation) -> int:
        """A device's line elsewhere has to be a paragraph of its own: a wrapped sentence may hold the same words."""
        for i in range(self.start, end):
            alone = not self.lines[i - 1].strip() if i > self.start else True
            if not alone or (i + 1 < end and self.lines[i + 1].strip()) or not is_device_line(self.lines[i]):
                continue
            below = next((line.strip() for line in self.lines[i + 1 : end] if line.strip()), "")
            if below[:1].islower():  # a sentence goes on
                continue
            self.tags[i] = RunTag(AsideKind.SIGNATURE, Evidence.DEVICE)
            if relation.answers:  # telephones put it between the answer and a mail that they quote without a mark
                self.tags[i + 1 : end] = [RunTag(AsideKind.QUOTE)] * (end - i - 1)
                return i
        return end

    def _with_rules(self, begin: int) -> int:
        """Where something begins that stands below a rule, or below the mark of a signature."""
        while (above := self._last_filled(begin)) is not None and (
            RULE.match(self.lines[above]) or closings.DELIMITER.match(self.lines[above])
        ):
            begin = above
        return begin

    def _paragraph_of(self, last: int) -> int:
        """Where the paragraph that ends with this line begins, not too far above."""
        earliest = max(self.start, last - _MOST_LINES)
        return next((i + 1 for i in range(last, earliest - 1, -1) if not self.lines[i].strip()), earliest)

    def _last_filled(self, end: int) -> int | None:
        earliest = max(self.start, end - _MOST_LINES) if end < len(self.lines) else self.start
        return next((i for i in range(end - 1, earliest - 1, -1) if self.lines[i].strip()), None)

"""What of a page is looked for and read: marks, codes, boxes, rows of characters, zones."""

from __future__ import annotations

from dataclasses import dataclass

from channels.paper.form_kinds import Alphabet, Corner, ZoneKind
from channels.paper.geometry import Rectangle


@dataclass(frozen=True, slots=True)
class CornerMark:
    """A solid black square by which the page is found. Nothing else stands within ``MARK_CLEARANCE`` of it."""

    corner: Corner
    place: Rectangle


MARK_CLEARANCE = 2.0
"""Millimetres around a mark that stay white."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code is printed, without its quiet zone. The code says its own ``number`` (``PageCode.place``)."""

    number: int
    place: Rectangle


CODE_QUIET_MODULES = 4
"""White modules around a code (ISO/IEC 18004 section 9.1)."""


@dataclass(frozen=True, slots=True)
class TickBox:
    """A box to tick: of which group, what it means, and the outline's outer edge."""

    group: str
    value: str
    place: Rectangle
    line: float = 0.3
    """The outline's width, in millimetres, inside ``place``."""


@dataclass(frozen=True, slots=True)
class TickGroup:
    """Boxes that answer one question: ``themes``, ``quarter``, ``age``."""

    name: str
    several: bool
    """Whether ticking more than one is right; otherwise it is shown to a person."""


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """A row of boxes for one character each: the outer edges of its cells, in reading order.

    Neighbouring cells may share an edge. ``cells`` run left to right for digits in every language.
    """

    name: str
    alphabet: Alphabet
    cells: tuple[Rectangle, ...]
    line: float = 0.3


@dataclass(frozen=True, slots=True)
class Zone:
    """A place to write or draw in; ``rule_pitch`` is the distance of its faint lines or dots, 0 where it has none.

    The faint lines are printed at ``RULE_GREY``, and end ``line`` inside the outline.
    """

    name: str
    kind: ZoneKind
    place: Rectangle
    rule_pitch: float = 0.0
    line: float = 0.3

    def rules(self) -> list[float]:
        """The y of each line to write on, none nearer than half a pitch to the lower edge."""
        if not self.rule_pitch:
            return []
        lines = int((self.place.height - self.rule_pitch / 2) // self.rule_pitch)
        return [round(self.place.y + (n + 1) * self.rule_pitch, 3) for n in range(lines)]


RULE_GREY = 0.72
"""How light the lines to write on are: 0 is black, 1 white."""

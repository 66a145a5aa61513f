"""The marks that are printed into the boxes of a test sheet, and by which a copier is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from channels.paper.form_layout import LayoutPage
from channels.paper.read_places import TickBox


class SampleInk(StrEnum):
    """How dark a sample is: like a ballpoint, or like a hard pencil pressed lightly."""

    DARK = "dark"
    PALE = "pale"


GREYS = {SampleInk.DARK: 0.15, SampleInk.PALE: 0.62}
"""0 is black, 1 white; whoever loses the pale ones loses people's pencils."""


@dataclass(frozen=True, slots=True)
class SampleBox:
    """A box and what is printed into it; None where it stays empty."""

    box: TickBox
    ink: SampleInk | None


def sample_boxes(page: LayoutPage) -> tuple[SampleBox, ...]:
    """Of three boxes one is crossed darkly, one ticked palely and one left empty, in the order of the page."""
    turns = (SampleInk.DARK, SampleInk.PALE, None)
    return tuple(SampleBox(box, turns[number % len(turns)]) for number, box in enumerate(page.boxes))

"""What a test sheet says of the copier that it went through: nothing where all is well, else what to set otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.sample_marks import SampleInk, sample_boxes
from gateway.reading.form_pages import box_key
from gateway.reading.form_sheets import FormSide
from transcription.forms.values import BoxState, FormDoubt, ScanQuality

TOO_COARSE = "The copier scans too coarsely: set it to 200 or 300 dpi."
CROPPED = "The copier cuts off the edges: scan the whole sheet, at 100 %."
TWO_LEVELS = "The copier makes everything black or white: set it to grey, or to photo."
TOO_PALE = "Pale marks get lost: set the copier darker, and its background removal off."
TOO_SMALL_FILES = "The copier compresses too much: set the file quality higher."
UNSTEADY = "The sheet was not read well: clean the glass, lay it flat, and try again."
ONE_SIDED = "Only one side was scanned: set the copier to both sides."

_LEAST_DPI = 140
"""Copiers that say 150 shrink a little."""
_MOST_LOST = 9.0
"""Millimetres of the sheet beyond the picture; the marks end 7 to 8 from its edge, and a skewed one loses corners."""
_LEAST_QUALITY = 35
"""Of JPEG: below, pencil dissolves into blocks."""
_MARKS = 4
_READ_AS = {SampleInk.DARK: BoxState.TICKED, None: BoxState.EMPTY}


def copier_trial_findings(sides: Sequence[FormSide], layout: FormLayout) -> list[str]:
    """What is wrong, each once, in the order in which a person mends it."""
    missing = len(sides) < sum(bool(page.boxes or page.rows or page.zones) for page in layout.pages)
    found = [one for side in sides for one in _found(side, layout.page(side.code.page))]
    return list(dict.fromkeys([*found, *([ONE_SIDED] if missing else [])]))


def _found(side: FormSide, page: LayoutPage | None) -> Iterator[str]:
    quality, compressed = side.reading.quality, side.page.image.quality
    if quality is not None:
        yield from _of_scan(quality)
    if side.reading.marks < _MARKS and not (quality and quality.lost > _MOST_LOST):
        yield CROPPED
    if compressed is not None and compressed < _LEAST_QUALITY:
        yield TOO_SMALL_FILES
    if page is not None:
        yield from _of_boxes(side, page)
    if FormDoubt.BADLY_PLACED in side.reading.doubts:
        yield UNSTEADY


def _of_scan(quality: ScanQuality) -> Iterator[str]:
    if quality.dpi < _LEAST_DPI:
        yield TOO_COARSE
    if quality.two_levels:
        yield TWO_LEVELS
    if quality.lost > _MOST_LOST:
        yield CROPPED


def _of_boxes(side: FormSide, page: LayoutPage) -> Iterator[str]:
    """Whether what is printed in the boxes was seen: one that a person is shown counts as seen."""
    states = {box.key: box.state for box in side.reading.boxes}
    for sample in sample_boxes(page):
        state = states.get(box_key(sample.box.group, sample.box.value))
        if sample.ink is SampleInk.PALE and state is BoxState.EMPTY:
            yield TOO_PALE
        elif sample.ink is not SampleInk.PALE and state is not _READ_AS[sample.ink]:
            yield UNSTEADY

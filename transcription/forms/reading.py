"""A page of a form read as a whole: found, laid flat, each box judged, pictures made of what has to be read on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from transcription.forms import zones
from transcription.forms.boxes import BoxMeasures, cut_boxes, measure_boxes
from transcription.forms.judging import judge_boxes
from transcription.forms.layout import FormPage, Points, TickBox
from transcription.forms.likeness import stroke_sketch
from transcription.forms.placing.finding import FoundPage, find_form_page
from transcription.forms.scan_quality import scan_quality
from transcription.forms.values import (
    BoxDoubt,
    BoxReading,
    BoxState,
    FormDoubt,
    FormReading,
    RowReading,
    ZoneReading,
    ZoneState,
)
from transcription.pages.ink import Picture

_MOST_RESIDUAL = 0.9
"""Millimetres between codes and marks above which the page was not found well; curled paper has up to 0.7."""
_MOST_OFF = 0.35
"""Millimetres between outlines and the page's bend above which they were not found well (root mean square)."""
_LEAST_SHARE = 0.4
"""Of the outlines, how many must be found: boxes filled over are not."""
_MARKS_NEEDED = 3
_AROUND = 6.0
"""Millimetres around a box that a person is shown with it."""
_MOST_SHOWN = 40
"""Doubtful boxes of a page from which on nobody is asked about them one by one."""


def read_form(picture: Picture, pages: Sequence[FormPage], workdir: Path, number: int = 1) -> FormReading | None:
    """What stands on a picture of one of these pages; None when it shows none of them.

    ``picture`` is grey or in OpenCV's order of colours. Pictures of zones and rows with ink in them are written into
    ``workdir``, their names beginning with the page's ``number`` in its file.
    """
    found = find_form_page(picture, pages).found
    return None if found is None else read_found(picture, found, workdir, number)


def read_found(picture: Picture, found: FoundPage, workdir: Path, number: int = 1) -> FormReading:
    """The same of a page that was found."""
    registration, page = found.registration, found.page
    doubts = _doubts(found)
    boxes = _read_boxes(picture, found)
    if FormDoubt.BADLY_PLACED in doubts:
        boxes = [_unsure(box) for box in boxes]
    boxes = _with_pictures(picture, found, boxes, workdir, number)
    read_zones = [_read_zone(picture, found, at, workdir, number) for at in range(len(page.zones))]
    codes = [code.text for code in found.codes if any(one.says(code.text) for one in page.codes)]
    return FormReading(
        page=page.key,
        code=codes[0],
        turns=_turns(registration.to_picture),
        marks=registration.marks,
        residual=round(registration.residual, 3),
        off=round(found.bending.rest, 3),
        boxes=tuple(boxes),
        rows=tuple(_read_row(picture, found, at, workdir, number) for at in range(len(page.rows))),
        zones=tuple(read_zones),
        doubts=tuple(doubts),
        strokes=_strokes(found, boxes, read_zones),
        quality=scan_quality(picture, found),
    )


def _doubts(found: FoundPage) -> list[FormDoubt]:
    registration, bending = found.registration, found.bending
    badly = registration.residual > _MOST_RESIDUAL or bending.rest > _MOST_OFF or bending.share < _LEAST_SHARE
    if registration.marks < _MARKS_NEEDED:
        return [FormDoubt.CORNERS_MISSING, *([FormDoubt.BADLY_PLACED] if badly else [])]
    return [FormDoubt.BADLY_PLACED] if badly else []


_INSIDE = 0.4
"""Millimetres inside an outline from where on strokes are taken."""


def _strokes(found: FoundPage, boxes: Sequence[BoxReading], read: Sequence[ZoneReading]) -> dict[str, str]:
    """By the key of each box and zone with ink in it, what is drawn there."""
    marked = {box.key for box in boxes if box.state is not BoxState.EMPTY}
    marked |= {zone.key for zone in read if zone.state is ZoneState.MARKED}
    places = [(box.key, box.place, box.line) for box in found.page.boxes]
    places += [(zone.key, zone.place, zone.line) for zone in found.page.zones]
    return {
        key: stroke_sketch(zones.cut_place(found, place, line + _INSIDE))
        for key, place, line in places
        if key in marked
    }


def _unsure(box: BoxReading) -> BoxReading:
    return BoxReading(box.key, BoxState.DOUBTFUL, 0.5, box.place, BoxDoubt.NOT_FOUND, box.ink)


def _read_boxes(picture: Picture, found: FoundPage) -> list[BoxReading]:
    """In the order of the page; judged together, whatever their size: one hand marked them all."""
    measured: dict[str, tuple[TickBox, Points, BoxMeasures]] = {}
    for cuts in cut_boxes(found.flat, found.page.boxes, found.bending, found.outlines):
        for box, middle, one in zip(cuts.boxes, cuts.middles, measure_boxes(cuts), strict=True):
            measured[box.key] = box, middle, one
    keys = [box.key for box in found.page.boxes]
    judged = judge_boxes([measured[key][2] for key in keys], two_levels=found.two_levels)
    places = _box_places(picture, found, [measured[key][:2] for key in keys])
    return [
        BoxReading(key, one.state, round(one.confidence, 4), place, one.doubt, round(measured[key][2].ink, 4))
        for key, one, place in zip(keys, judged, places, strict=True)
    ]


def _box_places(
    picture: Picture, found: FoundPage, boxes: Sequence[tuple[TickBox, Points]]
) -> Iterator[tuple[int, int, int, int]]:
    """The upright rectangles of the picture around boxes whose middles were found there."""
    corners = [box.place.corners - box.place.centre + middle for box, middle in boxes]
    if corners:
        seen = found.registration.place(np.concatenate(corners)).reshape(-1, 4, 2)
        yield from zones.around_each(seen, picture.shape)


def _with_pictures(
    picture: Picture, found: FoundPage, boxes: Sequence[BoxReading], workdir: Path, number: int
) -> list[BoxReading]:
    """Those that a person has to look at with their pictures; of a page with more, the page itself is looked at."""
    doubtful = [at for at, box in enumerate(boxes) if box.state is BoxState.DOUBTFUL]
    shown = list(boxes)
    for at in doubtful if len(doubtful) <= _MOST_SHOWN else ():
        seen = zones.flattened_picture(picture, found, found.page.boxes[at].place, -_AROUND)
        path = _write(seen, workdir / f"page-{number:04d}-box-{at}.png")
        shown[at] = replace(boxes[at], picture=path)
    return shown


def _read_row(picture: Picture, found: FoundPage, at: int, workdir: Path, number: int) -> RowReading:
    row = found.page.rows[at]
    marked = zones.marked_cells(found, row)
    name = ""
    if any(marked):
        name = _write(zones.row_picture(picture, found, row, marked), workdir / f"page-{number:04d}-row-{at}.png")
    ends = np.concatenate([cell.corners for cell in (row.cells[0], row.cells[-1])])
    place = zones.bounding_rectangle(found.in_picture(ends), picture.shape)
    return RowReading(row.key, row.digits, marked, place, name)


def _read_zone(picture: Picture, found: FoundPage, at: int, workdir: Path, number: int) -> ZoneReading:
    zone = found.page.zones[at]
    share, windows = zones.inked_share(found, zone)
    place = zones.rectangle_in_picture(found, zone.place, picture.shape)
    if not zones.is_marked(windows):
        return ZoneReading(zone.key, ZoneState.EMPTY, place, round(share, 4), zone.drawing)
    seen = zones.flattened_picture(picture, found, zone.place, zone.line + 0.3)
    name = _write(seen, workdir / f"page-{number:04d}-zone-{at}.png")
    return ZoneReading(zone.key, ZoneState.MARKED, place, round(share, 4), zone.drawing, name)


def _write(picture: Picture, path: Path) -> str:
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return str(path)


def _turns(to_picture: Points) -> int:
    """Quarter turns against the clock that make the picture upright."""
    right = to_picture[:2, 0] - to_picture[2, 0] * to_picture[:2, 2]
    return round(float(np.arctan2(right[1], right[0])) / (np.pi / 2)) % 4

"""Printed pages to words with places: each sheet in the picture laid flat, read, and judged.

Runs in a limited child of ``transcription.ocr.printed_text``: even the picture of a page is made by what looked into a
stranger's file.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from transcription.base.plain_answers import tell_result
from transcription.base.values import Doubt, PlacedWord, Transcript, Unread, Unreadable
from transcription.ocr.best_reading import EngineRun, read_sheet
from transcription.ocr.enhancements import dark_on_light, evenly_lit, without_specks
from transcription.ocr.flat_sheet import FlatSheet, sheets_of_picture
from transcription.ocr.ocr_confidence import judge_lines
from transcription.ocr.reading_order import turns_to_upright
from transcription.pages.deskew import Box
from transcription.pages.ink import Grey, MarkCounts, Picture, darkness, measure_ink_marks
from transcription.pages.page_images import PageImage
from transcription.pages.tesseract import SeenWord

_HARDLY_ANY = 20
"""Marks of a letter's size, with more specks than these, that are the letters of a small picture."""
_ENLARGED = 3.0
_SMALL_PIXELS = 1_000_000
_FAINT = 0.25
"""Ink that is nowhere darker than this is pale, however well it was read: a person looks for more of it."""


@dataclass(frozen=True, slots=True)
class PrintLimits:
    """What reading one page may cost: seconds in all, and MB per run of the engine."""

    page_seconds: float = 60.0
    memory_mb: int = 2000


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one sheet of a page says, its places those of the page."""

    lines: list[list[SeenWord]]
    doubt: Doubt | None
    unread: list[Box]


def read(asked: dict[str, Any]) -> dict[str, Any]:
    """``read_page`` of the page, languages, limits and version of the engine that were asked for, told as data."""
    page = PageImage(Path(asked["path"]), asked["number"], asked["width"], asked["height"], None, asked["blank"])
    limits = PrintLimits(asked["page_seconds"], asked["memory_mb"])
    return tell_result(
        lambda: read_page(page, asked["languages"], limits, asked["version"], laid_flat=asked["laid_flat"])
    )


def read_page(
    page: PageImage, languages: Sequence[str], limits: PrintLimits, version: str, *, laid_flat: bool = False
) -> Transcript:
    """What ``printed_text.read_print`` gives, here."""
    began = time.monotonic()
    sheets = _read(page, EngineRun(languages, limits.memory_mb, began + limits.page_seconds), laid_flat=laid_flat)
    lines = [line for sheet in sheets for line in sheet.lines]
    doubts = _doubts(sheets)
    return Transcript(
        engine="tesseract",
        model=f"{version} {'+'.join(languages)}",
        language=None,
        words=tuple(
            PlacedWord(word.text, round(word.confidence / 100, 4), word.box, number, page.number)
            for number, line in enumerate(lines, 1)
            for word in line
        ),
        took_seconds=round(time.monotonic() - began, 3),
        doubt=doubts[0] if doubts else None,
        also=tuple(doubts[1:]),
        turns=turns_to_upright([word for line in lines for word in line]) or 0,
        size=(page.width, page.height),
        unread=tuple(box for sheet in sheets for box in sheet.unread),
    )


def _read(page: PageImage, desk: EngineRun, *, laid_flat: bool) -> list[_Sheet]:
    if page.blank:
        return [_Sheet([], Doubt.BLANK_PAGE, [])]
    picture = cv2.imread(str(page.path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise Unreadable(Unread.BROKEN)
    pixels = np.asarray(picture, np.uint8)
    grounds = [FlatSheet(pixels, np.eye(3))] if laid_flat else sheets_of_picture(pixels)
    return [_read_ground(ground, page, desk, laid_flat=laid_flat) for ground in grounds]


def _read_ground(ground: FlatSheet, page: PageImage, desk: EngineRun, *, laid_flat: bool) -> _Sheet:
    """One sheet; lines get numbers of their own afterwards, places are those of the page."""
    lit = evenly_lit(ground.grey) if laid_flat else ground.grey
    grey, marks = without_specks(dark_on_light(lit))
    if marks.letters < _HARDLY_ANY and marks.specks > 2 * marks.letters and ground.grey.size < _SMALL_PIXELS:
        larger = ground.enlarged(_ENLARGED)
        grown, more = without_specks(dark_on_light(larger.grey))
        if grown is not None and more.letters > 2 * marks.letters:
            ground, grey, marks = larger, grown, more
    if grey is None:
        return _Sheet([], Doubt.NOISE_PAGE, [])
    nothing = not marks.letters and not marks.larger
    faint = nothing or marks.strength < _FAINT
    if nothing:
        grey, marks = _darkened(ground.picture)
    if not marks.letters:
        return _Sheet([], Doubt.FAINT_PAGE if faint else Doubt.NO_PRINT, [])
    reading = read_sheet(grey, marks, desk)
    judged = judge_lines(reading, ground, marks, desk)

    def on_page(box: Box) -> Box:
        return ground.on_page(box, reading.through, page.width, page.height)

    return _Sheet(
        [
            [SeenWord(word.text, word.confidence, on_page(word.box), word.line) for word in line]
            for line in judged.lines
        ],
        Doubt.FAINT_PAGE if faint else judged.doubt,
        [on_page(box) for box in judged.unread],
    )


def _darkened(picture: Picture) -> tuple[Grey, MarkCounts]:
    """The palest marks of a page made as dark as print."""
    dark = darkness(picture)
    # A word takes a few of ten thousand pixels.
    most = max(0.02, float(np.percentile(dark, 99.95)))
    grey = np.asarray(255 - (dark / most * 220).clip(0, 255), np.uint8)
    return grey, measure_ink_marks(grey)


def _doubts(sheets: Sequence[_Sheet]) -> list[Doubt]:
    """Everything a person is told, each once; where only some sheets could be read, that parts could not."""
    doubts = [sheet.doubt for sheet in sheets if sheet.doubt is not None]
    if any(sheet.unread for sheet in sheets):
        doubts.append(Doubt.PARTLY_READ)
    if any(sheet.lines for sheet in sheets) and not all(sheet.lines for sheet in sheets):
        doubts = [Doubt.PARTLY_READ if doubt is Doubt.NO_PRINT else doubt for doubt in (*doubts, Doubt.PARTLY_READ)]
    return list(dict.fromkeys(doubts))

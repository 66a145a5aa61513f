"""Pictures of a sheet for the engine to try: as it is, freed of shade or specks, turned, enlarged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from transcription.ocr.denoising import denoise
from transcription.pages.deskew import EngineView, engine_view, find_lean
from transcription.pages.ink import Grey, MarkCounts, find_ink, flat_paper, measure_ink_marks

_DARK_PAPER = 60
_SHADED = 0.7
"""The least light, in parts of the most, of a picture that lies in no shade: words at the edge of one would be lost."""
_MOST_SPECKS = 4_000
_SPECKS_PER_LETTER = 1.5
_MOST_MARKS = 25_000
"""Marks on a page that no print has: an A4 page of small type has about 6,000."""
_LETTER_HEIGHT = (18.0, 60.0)
"""Heights of letters in pixels between which scaling gains nothing."""
_SMALL_HEIGHT, _DENOISED_HEIGHT = 25.0, 30.0
"""What smaller letters are brought to; without grain, they read better the larger they are: 0.9 % wrong, not 1.2."""
_MOST_PIXELS = 10_000_000
"""A page is not enlarged beyond this: A4 at 300 dpi has 8.7 million."""
_SOFTEN = 1.2
_MOST_DENOISED_PIXELS = 2_300_000
"""Grain is taken out of a page up to this size, A4 at 150 dpi: a million pixels take 1.2 s."""
_SAME = 2.0
"""Mean difference in brightness (of 255) below which two pictures of a page are not both tried."""


def dark_on_light(grey: Grey) -> Grey:
    """The page, or its negative when it is printed light on dark."""
    return np.asarray(255 - grey, np.uint8) if np.median(grey[::4, ::4]) < _DARK_PAPER else grey


def evenly_lit(grey: Grey) -> Grey:
    """The picture without its shade where much of it lies in one; else itself, so that nothing clean is changed."""
    light = flat_paper(grey)
    dark, bright = np.percentile(light[::4, ::4], (2, 98))
    if dark >= _SHADED * bright:
        return grey
    return np.asarray((grey / light * bright).clip(0, 255), np.uint8)


def without_specks(grey: Grey) -> tuple[Grey | None, MarkCounts]:
    """The page with little noise, softened if it must be; None when it is nothing but noise.

    Counted before reading, because a page of noise costs Tesseract 20 s and gives a thousand words.
    """
    marks = measure_ink_marks(grey)
    if not _is_noise(marks):
        return grey, marks
    for soft in (cv2.GaussianBlur(grey, (0, 0), _SOFTEN), cv2.medianBlur(grey, 5)):
        marks = measure_ink_marks(np.asarray(soft, np.uint8))
        if not _is_noise(marks):
            return _clearer_of_specks(grey, np.asarray(soft, np.uint8), marks)
    return None, marks


def _clearer_of_specks(grey: Grey, soft: Grey, marks: MarkCounts) -> tuple[Grey, MarkCounts]:
    """A small noisy page without its grain, where that leaves letters: softening makes small ones run together."""
    if grey.size > _MOST_DENOISED_PIXELS:
        return soft, marks
    alike = denoise(grey)
    found = measure_ink_marks(alike)
    return (soft, marks) if _is_noise(found) or not found.letters else (alike, replace(found, denoised=True))


def _is_noise(marks: MarkCounts) -> bool:
    many = marks.letters + marks.specks > _MOST_MARKS
    return many or (marks.specks > _MOST_SPECKS and marks.specks > _SPECKS_PER_LETTER * marks.letters)


def plain_picture(grey: Grey, marks: MarkCounts) -> EngineView:
    """The sheet itself, its lines level and its letters of a size the engine knows."""
    lean = find_lean(find_ink(grey))
    return engine_view(grey, quarter_turns=1 if lean.sideways else 0, degrees=lean.degrees, scale=_scale(grey, marks))


def other_pictures(grey: Grey, plain: EngineView) -> Iterator[EngineView]:
    """More pictures of the sheet to try, the most faithful first."""
    flat = flat_picture(grey, plain)
    if flat is not None:
        yield flat
    # The engine finds out itself that a page is on its head, but not with few words.
    yield (flat or plain).on_its_head()


def flat_picture(grey: Grey, plain: EngineView) -> EngineView | None:
    """The sheet without its shade; None when it has none."""
    flat = np.asarray((grey / flat_paper(grey) * 255).clip(0, 255), np.uint8)
    return plain.alike(flat) if np.abs(flat.astype(np.int16) - grey).mean() >= _SAME else None


def soft_picture(grey: Grey, plain: EngineView) -> EngineView:
    """The sheet a little out of focus, which hides specks and hairlines."""
    return plain.alike(np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFTEN), np.uint8))


def _scale(grey: Grey, marks: MarkCounts) -> float:
    """What brings letters to a size the engine was trained on, within a size it reads in bearable time."""
    low, high = _LETTER_HEIGHT
    if marks.height > high:
        return max(0.25, high / marks.height)
    if marks.height >= low:
        return 1.0
    affordable = (_MOST_PIXELS / grey.size) ** 0.5
    wanted = _DENOISED_HEIGHT if marks.denoised else _SMALL_HEIGHT
    return float(max(1.0, min(3.0, wanted / max(4.0, marks.height), affordable)))

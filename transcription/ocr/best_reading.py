"""The best reading of one sheet: the plain picture first, others only when it reads badly or in no order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transcription.base.values import TooSlow
from transcription.ocr.enhancements import flat_picture, other_pictures, plain_picture, soft_picture
from transcription.ocr.print_lines import find_bend
from transcription.ocr.reading_order import WordOrder, check_word_order, turns_to_upright
from transcription.pages import tesseract
from transcription.pages.deskew import EngineView, project_points
from transcription.pages.ink import Grey, MarkCounts
from transcription.pages.tesseract import SeenWord

GOOD = 80.0
"""Mean confidence (0–100) at which no other picture of the sheet is tried."""
LEGIBLE = 60.0
"""Of words and lines with less, fewer than one in ten is right (measured)."""
_TRY_AGAIN = 0.05
"""Share of the marks that may stay unread before other pictures of the sheet are tried."""
_LOST = 0.2
"""Share of the marks after which print is lost in the shade, if there is any."""
_HOPELESS = 50.0
_CLEARLY_BETTER = 8.0
_CLEARLY_MORE = 1.15
"""Points of confidence, or share of letters, another picture must gain on a strip before all of it is read."""
_COARSE = 4
"""Pixels of the sheet to one of the map of what was read."""
_AS_MUCH = 0.8
"""Share of what was read out of order that must be read again for the better order to count."""


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What one picture of the sheet gave."""

    seen: list[SeenWord]
    through: EngineView

    @property
    def confidence(self) -> float:
        """The mean over the letters, 0–100."""
        return confidence_of(self.seen)

    @property
    def worth(self) -> float:
        """Letters in legible words: more of them is a better reading, garbage adds nothing."""
        return sum(letters_of(word) * word.confidence for word in self.seen if word.confidence >= LEGIBLE)

    @property
    def order(self) -> WordOrder:
        """How well the order of its legible words fits their places."""
        legible = [word for word in self.seen if word.confidence >= LEGIBLE]
        return check_word_order(legible, turns_to_upright(legible) or 0)

    def missed(self, shape: tuple[int, ...], places: NDArray[np.int32]) -> float:
        """The share of the sheet's marks of a letter's size that lie outside every word: print lost in the shade."""
        if not len(places):
            return 0.0
        height, width = shape[:2]
        covered = np.zeros((height // _COARSE + 1, width // _COARSE + 1), bool)
        for word in self.seen:
            left, top, across, down = self.through.on_page(word.box, width, height)
            rows = slice(top // _COARSE, (top + down) // _COARSE + 1)
            covered[rows, left // _COARSE : (left + across) // _COARSE + 1] = True
        return float(1 - covered[places[:, 1] // _COARSE, places[:, 0] // _COARSE].mean())


def letters_of(word: SeenWord) -> int:
    """Letters and digits; rows of dots and strokes count for nothing."""
    return sum(map(str.isalnum, word.text))


def confidence_of(words: Sequence[SeenWord]) -> float:
    """The mean over the letters, 0–100."""
    letters = sum(map(letters_of, words))
    return sum(word.confidence * letters_of(word) for word in words) / letters if letters else 0.0


@dataclass(frozen=True, slots=True)
class EngineRun:
    """Where the engine is run, until the page's time is over."""

    languages: Sequence[str]
    memory_mb: int
    deadline: float

    def read(self, through: EngineView, mode: int = tesseract.PAGE_WITH_ORIENTATION) -> SheetReading:
        """Raises ``TooSlow``, ``EngineMissing`` or ``EngineCrashed``."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow("The page was not read in its time.")
        seen = tesseract.recognise_words(
            through.image,
            self.languages,
            mode=mode,
            seconds=left,
            memory_mb=self.memory_mb,
        )
        return SheetReading(seen, through)

    def read_again(self, image: Grey, words: Sequence[SeenWord]) -> list[SeenWord]:
        """A second look at a few words of a picture, each by itself; those that read the same, with the new confidence.

        Raises as ``read`` does.
        """
        cuts = [_cut_out(image, word.box) for word in words]
        widest, paper = max(cut.shape[1] for cut in cuts), int(np.percentile(image[::8, ::8], 90))
        rows = [np.pad(cut, ((0, 0), (0, widest - cut.shape[1])), constant_values=paper) for cut in cuts]
        bottoms = np.cumsum([row.shape[0] for row in rows])
        seen = tesseract.recognise_words(
            np.vstack(rows),
            self.languages,
            mode=tesseract.SINGLE_BLOCK,
            seconds=max(1.0, self.deadline - time.monotonic()),
            memory_mb=self.memory_mb,
        )
        again = []
        for word, bottom, row in zip(words, bottoms, rows, strict=True):
            here = [other for other in seen if bottom - row.shape[0] <= other.box[1] + other.box[3] / 2 < bottom]
            if [other.text for other in here] == [word.text]:
                again.append(replace(word, confidence=here[0].confidence))
        return again


def _cut_out(image: Grey, box: tuple[int, int, int, int]) -> Grey:
    left, top, width, height = box
    around = max(4, height // 3)
    piece = image[max(0, top - around) : top + height + around, max(0, left - around) : left + width + around]
    return np.asarray(np.pad(piece, around, mode="edge"), np.uint8)


def read_sheet(grey: Grey, marks: MarkCounts, desk: EngineRun) -> SheetReading:
    """The best reading of a sheet on which there are marks of a letter's size."""
    plain = plain_picture(grey, marks)
    # Most pages come upright, and to find out which way up they are takes the engine a third of its time.
    best = desk.read(plain, tesseract.AUTOMATIC)
    if _is_good(best, grey, marks):
        return best
    try:
        best = _better_of(best, desk.read(plain))
        if _is_good(best, grey, marks):
            return best
        bend = find_bend(*_boxes_in(plain, marks), plain.image.shape[::-1])
        if bend is not None:
            best = _better_of(best, desk.read(EngineView(plain.image, plain.back, bend).alike(grey)))
        missed = best.missed(grey.shape, marks.places)
        if missed > _LOST and (flat := flat_picture(grey, best.through)) is not None:
            # A strip that lies in the shade as a whole reads well as it is, and would not tell.
            best = _better_of(best, desk.read(flat))
            missed = best.missed(grey.shape, marks.places)
        if best.confidence < GOOD or missed > _TRY_AGAIN:
            soft = soft_picture(grey, best.through)
            best = _clearer(best, [*other_pictures(grey, best.through), soft], soft, desk)
    except TooSlow:
        return best  # what was read is kept; only better pictures were not tried
    return best


def _is_good(reading: SheetReading, grey: Grey, marks: MarkCounts) -> bool:
    return (
        reading.confidence >= GOOD
        and reading.missed(grey.shape, marks.places) <= _TRY_AGAIN
        and not reading.order.broken
        and not reading.order.across
    )


def _boxes_in(through: EngineView, marks: MarkCounts) -> tuple[NDArray[np.int32], float]:
    """The marks' boxes as the view shows them, and the height of a usual letter there."""
    left, top, width, height = marks.boxes.astype(np.float64).T
    there = np.asarray(np.linalg.inv(through.back), np.float64)
    corners = np.stack([[left, top], [left + width, top], [left, top + height], [left + width, top + height]])
    seen = project_points(corners.transpose(0, 2, 1), there)
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = float(np.sqrt(abs(np.linalg.det(there[:2, :2]))))
    return np.concatenate([low, high - low], axis=1).round().astype(np.int32), marks.height * scale


def _better_of(one: SheetReading, other: SheetReading) -> SheetReading:
    """The one in better order, if it holds about as much; else the one that holds more."""
    disorder, less = (reading.order.broken + reading.order.across for reading in (one, other))
    if less < disorder and other.worth >= _AS_MUCH * one.worth:
        return other
    return other if less <= disorder and other.worth > one.worth else one


def _clearer(plain: SheetReading, others: Iterable[EngineView], soft: EngineView, desk: EngineRun) -> SheetReading:
    """The best reading of other pictures of the sheet; each must first read a strip of it clearly better.

    Handwriting, drawings and other scripts read badly in any picture, and slowly: a strip tells.
    """
    best, part = plain, plain.through.strip()
    try:
        if not plain.seen:
            # Lines drawn beside print make the engine take the page for a picture; which ones, differs from version to
            # version. Softened it is read, and a strip of it need not have any of the print.
            best = desk.read(soft)
            if best.confidence >= GOOD:
                return best
        tried = plain if part is plain.through else desk.read(part)
        for other in others:
            strip = desk.read(other.strip())
            if not _promises_more(strip, tried):
                continue
            whole = strip if strip.through is other else desk.read(other)
            if whole.worth > best.worth:
                best, tried = whole, strip
            if best is whole and best.confidence >= GOOD:
                break
    except TooSlow:
        return best
    return best


def _promises_more(strip: SheetReading, tried: SheetReading) -> bool:
    """Whether a strip reads clearly better in another picture: more surely, or as surely and more of it."""
    clearer = strip.confidence >= tried.confidence + _CLEARLY_BETTER and strip.worth > tried.worth
    more = strip.confidence >= tried.confidence - 1 and strip.worth > _CLEARLY_MORE * tried.worth
    return strip.confidence >= _HOPELESS and (clearer or more)

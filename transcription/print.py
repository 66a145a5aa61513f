"""Printed pages to words with places: the plain picture first, others only when it reads badly."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from transcription import tesseract
from transcription.ink import Grey, Marks, count_marks, find_ink, flat_paper
from transcription.pages import PageImage
from transcription.straighten import View, find_lean, view
from transcription.tesseract import Seen
from transcription.values import Doubt, PlacedWord, TooSlow, Transcript, Unread, Unreadable

LANGUAGES = ("fra", "eng")

_GOOD = 80.0
"""Mean confidence (0–100) at which no other picture of the page is tried."""
_LEGIBLE = 60.0
"""Of words and lines with less, fewer than one in ten is right (measured)."""
_MOSTLY = 0.5
"""Share of the letters that must be legible before a page counts as print at all."""
_UNREAD = 0.15
"""Share of the letters or marks that may stay unread before a person is asked to look."""
_MOST_SPECKS = 4_000
_SPECKS_PER_LETTER = 4
_MOST_MARKS = 25_000
"""Marks on a page that no print has: an A4 page of small type has about 6,000."""
_LETTER_HEIGHT = (18.0, 60.0)
"""Heights of letters in pixels between which scaling gains nothing."""
_SOFTEN = 1.2
_CLEARLY_BETTER = 8.0
"""Points of confidence another picture must gain on a strip before all of it is read."""


@dataclass(frozen=True, slots=True)
class PrintLimits:
    """What reading one page may cost: seconds in all, and MB per run of the engine."""

    page_seconds: float = 60.0
    memory_mb: int = 2000


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one picture of the page gave."""

    seen: list[Seen]
    through: View

    @property
    def confidence(self) -> float:
        letters = sum(len(word.text) for word in self.seen)
        return sum(word.confidence * len(word.text) for word in self.seen) / letters if letters else 0.0

    @property
    def worth(self) -> float:
        """Letters in legible words: more of them is a better reading, garbage adds nothing."""
        return sum(len(word.text) * word.confidence for word in self.seen if word.confidence >= _LEGIBLE)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the engine is run, until the page's time is over."""

    languages: Sequence[str]
    memory_mb: int
    deadline: float

    def read(self, through: View) -> _Reading:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow("The page was not read in its time.")
        seen = tesseract.recognise(
            through.image,
            self.languages,
            mode=tesseract.PAGE_WITH_ORIENTATION,
            seconds=left,
            memory_mb=self.memory_mb,
        )
        return _Reading(seen, through)


def read_print(page: PageImage, languages: Sequence[str] = LANGUAGES, limits: PrintLimits | None = None) -> Transcript:
    """The printed words of a page with their boxes in its picture, or the doubt that explains why there are none.

    ``languages`` are Tesseract's names. Raises ``EngineMissing``, ``EngineCrashed`` or ``TooSlow``.
    """
    began = time.monotonic()
    limits = limits or PrintLimits()
    words, doubt = _read(page, languages, limits, began + limits.page_seconds)
    return Transcript(
        engine="tesseract",
        model=f"{tesseract.version()} {'+'.join(languages)}",
        language=None,
        words=tuple(words),
        took_seconds=round(time.monotonic() - began, 3),
        doubt=doubt,
    )


def _read(
    page: PageImage, languages: Sequence[str], limits: PrintLimits, deadline: float
) -> tuple[list[PlacedWord], Doubt | None]:
    if page.blank:
        return [], Doubt.BLANK_PAGE
    grey = cv2.imread(str(page.path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise Unreadable(Unread.BROKEN)
    picture, marks = _without_specks(np.asarray(grey, np.uint8))
    if picture is None:
        return [], Doubt.NOISE_PAGE
    if not marks.letters:
        return [], Doubt.NO_PRINT
    desk = _Desk(languages, limits.memory_mb, deadline)
    first, *others = _candidates(picture, marks)
    best = desk.read(first)
    if best.confidence < _GOOD:
        best = _better(best, others, desk)
    return _judged(best, page)


def _better(plain: _Reading, others: list[View], desk: _Desk) -> _Reading:
    """The best reading of other pictures of the page; each must first read a strip of it clearly better.

    Handwriting, drawings and other scripts read badly in any picture, and slowly: a strip tells.
    """
    best, tried = plain, desk.read(plain.through.strip())
    try:
        for other in others:
            strip = desk.read(other.strip())
            if strip.confidence < tried.confidence + _CLEARLY_BETTER or strip.worth <= tried.worth:
                continue
            whole = desk.read(other)
            if whole.worth > best.worth:
                best, tried = whole, strip
            if best.confidence >= _GOOD:
                break
    except TooSlow:
        return best  # what was read is kept; only better pictures were not tried
    return best


def _without_specks(grey: Grey) -> tuple[Grey | None, Marks]:
    """The page with little noise, softened if it must be; None when it is nothing but noise.

    Counted before reading, because a page of noise costs Tesseract 20 s and gives a thousand words.
    """
    marks = count_marks(grey)
    if not _is_noise(marks):
        return grey, marks
    for soft in (cv2.GaussianBlur(grey, (0, 0), _SOFTEN), cv2.medianBlur(grey, 5)):
        marks = count_marks(np.asarray(soft, np.uint8))
        if not _is_noise(marks):
            return np.asarray(soft, np.uint8), marks
    return None, marks


def _is_noise(marks: Marks) -> bool:
    many = marks.letters + marks.specks > _MOST_MARKS
    return many or (marks.specks > _MOST_SPECKS and marks.specks > _SPECKS_PER_LETTER * marks.letters)


def _candidates(grey: Grey, marks: Marks) -> list[View]:
    """Pictures of the page to try, the most faithful first."""
    scale = _scale(marks)
    lean = find_lean(find_ink(grey))
    turns = 1 if lean.sideways else 0
    flat = np.asarray((grey / flat_paper(grey) * 255).clip(0, 255), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFTEN), np.uint8)
    return [
        view(grey, quarter_turns=turns, degrees=lean.degrees, scale=scale),
        view(flat, quarter_turns=turns, degrees=lean.degrees, scale=scale),
        # Orientation is found by the engine itself, but not with few words.
        view(flat, quarter_turns=turns + 2, degrees=lean.degrees, scale=scale),
        view(soft, quarter_turns=turns, degrees=lean.degrees, scale=scale),
    ]


def _scale(marks: Marks) -> float:
    """What brings letters to a size the engine was trained on."""
    low, high = _LETTER_HEIGHT
    if marks.height < low:
        return min(3.0, low * 1.4 / max(4.0, marks.height))
    return max(0.25, high / marks.height) if marks.height > high else 1.0


def _judged(reading: _Reading, page: PageImage) -> tuple[list[PlacedWord], Doubt | None]:
    """The lines that can be trusted; nothing at all when most of the page cannot."""
    lines: dict[tuple[int, int, int], list[Seen]] = {}
    for word in reading.seen:
        lines.setdefault(word.line, []).append(word)
    kept = [line for line in lines.values() if _is_legible(line)]
    letters = sum(len(word.text) for word in reading.seen)
    legible = sum(len(word.text) for line in kept for word in line)
    if not letters or legible < _MOSTLY * letters:
        return [], Doubt.NO_PRINT
    words = [
        PlacedWord(
            text=word.text,
            confidence=round(word.confidence / 100, 4),
            box=reading.through.on_page(word.box, page.width, page.height),
            line=number,
            page=page.number,
        )
        for number, line in enumerate(kept, 1)
        for word in line
    ]
    return words, Doubt.PARTLY_READ if legible < (1 - _UNREAD) * letters else None


def _is_legible(line: list[Seen]) -> bool:
    letters = sum(len(word.text) for word in line)
    return sum(word.confidence * len(word.text) for word in line) / letters >= _LEGIBLE

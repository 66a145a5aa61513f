"""Printed pages to words with places: the plain picture first, others only when it reads badly."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

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
"""Share of the marks that must be legible words before a page counts as print at all."""
_FEW, _SURE = 6, 85.0
"""Fewer letters than this on a whole page are believed only with this confidence."""
_UNREAD = 0.1
"""Share of the marks that may stay unread before a person is asked to look; full readings leave under 0.08."""
_TRY_AGAIN = 0.05
"""Share of the marks that may stay unread before other pictures of the page are tried."""
_DARK_PAPER = 60
_MOST_SPECKS = 4_000
_SPECKS_PER_LETTER = 1.5
_MOST_MARKS = 25_000
"""Marks on a page that no print has: an A4 page of small type has about 6,000."""
_LETTER_HEIGHT = (18.0, 60.0)
"""Heights of letters in pixels between which scaling gains nothing."""
_MOST_PIXELS = 10_000_000
"""A page is not enlarged beyond this: A4 at 300 dpi has 8.7 million."""
_SOFTEN = 1.2
_HOPELESS = 50.0
_CLEARLY_BETTER = 8.0
_CLEARLY_MORE = 1.15
"""Points of confidence, or share of letters, another picture must gain on a strip before all of it is read."""
_SAME = 2.0
"""Mean difference in brightness (of 255) below which two pictures of a page are not both tried."""
_COARSE = 4
"""Pixels of the page to one of the map of what was read."""


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
        return _confidence(self.seen)

    @property
    def worth(self) -> float:
        """Letters in legible words: more of them is a better reading, garbage adds nothing."""
        return sum(_letters(word) * word.confidence for word in self.seen if word.confidence >= _LEGIBLE)

    def missed(self, page: PageImage, places: NDArray[np.int32]) -> float:
        """The share of the page's marks of a letter's size that lie outside every word: print lost in the shade."""
        if not len(places):
            return 0.0
        covered = np.zeros((page.height // _COARSE + 1, page.width // _COARSE + 1), bool)
        for word in self.seen:
            left, top, width, height = self.through.on_page(word.box, page.width, page.height)
            rows = slice(top // _COARSE, (top + height) // _COARSE + 1)
            covered[rows, left // _COARSE : (left + width) // _COARSE + 1] = True
        return float(1 - covered[places[:, 1] // _COARSE, places[:, 0] // _COARSE].mean())


def _letters(word: Seen) -> int:
    """Letters and digits; rows of dots and strokes count for nothing."""
    return sum(map(str.isalnum, word.text))


def _confidence(words: Sequence[Seen]) -> float:
    """The mean over the letters, 0–100."""
    letters = sum(map(_letters, words))
    return sum(word.confidence * _letters(word) for word in words) / letters if letters else 0.0


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
    picture, marks = _without_specks(_dark_on_light(np.asarray(grey, np.uint8)))
    if picture is None:
        return [], Doubt.NOISE_PAGE
    if not marks.letters:
        return [], Doubt.NO_PRINT
    desk = _Desk(languages, limits.memory_mb, deadline)
    first, *others = _candidates(picture, marks)
    best = desk.read(first)
    if best.confidence < _GOOD or best.missed(page, marks.places) > _TRY_AGAIN:
        best = _better(best, others, desk)
    return _judged(best, page, marks)


def _better(plain: _Reading, others: list[View], desk: _Desk) -> _Reading:
    """The best reading of other pictures of the page; each must first read a strip of it clearly better.

    Handwriting, drawings and other scripts read badly in any picture, and slowly: a strip tells.
    """
    best, part = plain, plain.through.strip()
    try:
        if not plain.seen:
            # Lines drawn beside print make the engine take the page for a picture; which ones, differs from version to
            # version. Softened it is read, and a strip of it need not have any of the print.
            best = desk.read(others[-1])
            if best.confidence >= _GOOD:
                return best
        tried = plain if part is plain.through else desk.read(part)
        for other in others:
            strip = desk.read(other.strip())
            if not _promises_more(strip, tried):
                continue
            whole = strip if strip.through is other else desk.read(other)
            if whole.worth > best.worth:
                best, tried = whole, strip
            if best is whole and best.confidence >= _GOOD:
                break
    except TooSlow:
        return best  # what was read is kept; only better pictures were not tried
    return best


def _promises_more(strip: _Reading, tried: _Reading) -> bool:
    """Whether a strip reads clearly better in another picture: more surely, or as surely and more of it."""
    clearer = strip.confidence >= tried.confidence + _CLEARLY_BETTER and strip.worth > tried.worth
    more = strip.confidence >= tried.confidence - 1 and strip.worth > _CLEARLY_MORE * tried.worth
    return strip.confidence >= _HOPELESS and (clearer or more)


def _dark_on_light(grey: Grey) -> Grey:
    """The page, or its negative when it is printed light on dark."""
    return np.asarray(255 - grey, np.uint8) if np.median(grey[::4, ::4]) < _DARK_PAPER else grey


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
    scale = _scale(grey, marks)
    lean = find_lean(find_ink(grey))
    turns = 1 if lean.sideways else 0
    flat = np.asarray((grey / flat_paper(grey) * 255).clip(0, 255), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFTEN), np.uint8)
    plain = [grey] if np.abs(flat.astype(np.int16) - grey).mean() < _SAME else [grey, flat]
    # On its head last but one: the engine finds that out itself, but not with few words.
    tried = [*((picture, 0) for picture in plain), (plain[-1], 2), (soft, 0)]
    return [view(picture, quarter_turns=turns + more, degrees=lean.degrees, scale=scale) for picture, more in tried]


def _scale(grey: Grey, marks: Marks) -> float:
    """What brings letters to a size the engine was trained on, within a size it reads in bearable time."""
    low, high = _LETTER_HEIGHT
    if marks.height > high:
        return max(0.25, high / marks.height)
    if marks.height >= low:
        return 1.0
    affordable = (_MOST_PIXELS / grey.size) ** 0.5
    return float(max(1.0, min(3.0, low * 1.4 / max(4.0, marks.height), affordable)))


def _judged(reading: _Reading, page: PageImage, marks: Marks) -> tuple[list[PlacedWord], Doubt | None]:
    """The lines that can be trusted; nothing at all when most of the page cannot."""
    lines: dict[tuple[int, int, int], list[Seen]] = {}
    for word in reading.seen:
        lines.setdefault(word.line, []).append(word)
    kept = [line for line in lines.values() if _confidence(line) >= _LEGIBLE]
    legible = _Reading([word for line in kept for word in line], reading.through)
    missed = legible.missed(page, marks.places)
    few = sum(map(_letters, legible.seen)) < _FEW
    if not legible.seen or missed > 1 - _MOSTLY or (few and legible.confidence < _SURE):
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
        if _letters(word) or word.confidence >= _LEGIBLE
    ]
    return words, Doubt.PARTLY_READ if missed > _UNREAD else None

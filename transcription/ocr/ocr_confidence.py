"""What of a reading can be trusted, and why a person must look all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from transcription.base.values import Doubt
from transcription.ocr.best_reading import LEGIBLE, EngineRun, SheetReading, confidence_of, letters_of
from transcription.ocr.flat_sheet import FlatSheet
from transcription.ocr.unread_ink import AccountedWord
from transcription.pages.deskew import Box
from transcription.pages.ink import MarkCounts
from transcription.pages.tesseract import SeenWord

_MOSTLY = 0.5
"""Share of the marks that must be legible words before a sheet counts as print at all."""
_FEW, _SURE = 6, 85.0
"""Fewer letters than this on a whole sheet are believed only with this confidence."""
_BELIEVED, _IN_GOOD_COMPANY = 85.0, 85.0
"""Words are believed with this confidence; longer ones with less, in a line whose mean is as high."""
_BELIEVED_CURT, _CURT = 92.0, 2
"""The confidence that is asked of a word with no more letters than these that is not known."""
_NUMBER_OF_A_LIST = re.compile(r"\d{1,2}[.)°]")
_STANDING_ALONE = frozenset("?!:;«»–—-…%€")
"""Signs with a space before or after them in French."""
_LONG = 3
_SHORT = """
    a à ai as au aux ça ce ces ci da de des dès du elle en es est et eu eux ici il ils je la là le les leur lui
    ma me mes mi moi mon ne né ni nos nous nu on or ou où par pas peu pis plu pu qu que qui sa sans se ses si
    soi son sur ta te tes toi ton tu un une va vas vu y ii iii iv vi
    am an and are at be by do for go he i if in is it my no not of oh ok our she so the to up us we you"""
_SHORT_WORDS = frozenset(_SHORT.split())
"""What French and English words of one to three letters there are; a tick or a cross that is read as one is rare."""
_SECOND_LOOKS, _SURE_AGAIN = 8, 75.0
"""Words that are looked at again by themselves at most, and the confidence with which they must read the same."""
_MOST_WRONG = 0.06
"""Share of the letters that may be expected to stand in wrong words."""
_WRONG = ((0.0, 60.0, 70.0, 80.0, 90.0, 95.0, 100.0), (1.0, 0.9, 0.5, 0.2, 0.04, 0.01, 0.0))
"""How often a word of a confidence is wrong: at 95 one in a hundred, around 85 one in six, under 60 nine in ten."""
_BROKEN = 0.02
"""Share of the words after which the order may be broken, …"""
_BROKEN_ONCE = 2
"""… and how often it must be at least, before a person is told."""
_UNREADABLY_SMALL = 8.0
"""Letters lower than this many pixels, …"""
_SMALL_PICTURE = 1_000
"""… in a picture whose shorter side has fewer than these, are too small wherever they read badly."""


@dataclass(frozen=True, slots=True)
class JudgedLines:
    """The lines of a sheet that can be trusted; ``unread`` are places in the reading's picture."""

    lines: list[list[SeenWord]]
    doubt: Doubt | None
    unread: list[Box]


def judge_lines(reading: SheetReading, ground: FlatSheet, marks: MarkCounts, desk: EngineRun) -> JudgedLines:
    """The lines that can be trusted; nothing at all when most of the sheet cannot."""
    lines: dict[tuple[int, int, int], list[SeenWord]] = {}
    for word in reading.seen:
        lines.setdefault(word.line, []).append(word)
    kept = [line for line in lines.values() if confidence_of(line) >= LEGIBLE]
    legible = replace(reading, seen=[word for line in kept for word in line])
    few = sum(map(letters_of, legible.seen)) < _FEW
    missed = legible.missed(ground.picture.shape, marks.places)
    too_small = marks.height < _UNREADABLY_SMALL and min(ground.picture.shape[:2]) < _SMALL_PICTURE
    if not legible.seen or missed > 1 - _MOSTLY or (few and legible.confidence < _SURE):
        return JudgedLines([], Doubt.TOO_SMALL if too_small else Doubt.NO_PRINT, [])
    accounted, others = _accounted(kept)
    unread = ground.unread(reading.through, accounted, marks.height)
    if unread and 0 < len(others) <= _SECOND_LOOKS:
        sure = [word for word in desk.read_again(reading.through.image, others) if word.confidence >= _SURE_AGAIN]
        accounted += [AccountedWord(word.box, letters_of(word)) for word in sure]
        unread = ground.unread(reading.through, accounted, marks.height) if sure else unread
    return JudgedLines(_printed(kept), _doubt(legible, unread, too_small=too_small), unread)


def expected_wrong(words: Sequence[SeenWord]) -> float:
    """The share of the letters that stand in wrong words, as far as the confidences tell."""
    letters = np.array([letters_of(word) for word in words], np.float64)
    wrong = np.interp([word.confidence for word in words], *_WRONG)
    return float((letters * wrong).sum() / max(1.0, letters.sum()))


def _doubt(legible: SheetReading, unread: list[Box], *, too_small: bool) -> Doubt | None:
    order = legible.order
    if order.across or (order.broken >= _BROKEN_ONCE and order.broken > _BROKEN * order.words):
        return Doubt.DISORDER
    if expected_wrong(legible.seen) > _MOST_WRONG:
        return Doubt.TOO_SMALL if too_small else Doubt.PARTLY_READ
    return Doubt.PARTLY_READ if unread else None


def _accounted(lines: list[list[SeenWord]]) -> tuple[list[AccountedWord], list[SeenWord]]:
    """The words whose ink is theirs: sure ones, and what looks like words among sure ones; then what looks like more.

    No tick reads like a word of four letters, twice.
    """
    accounted: list[AccountedWord] = []
    others: list[SeenWord] = []
    for line in lines:
        in_good_company = confidence_of(line) >= _IN_GOOD_COMPANY
        for word in line:
            like_a_word = _looks_like_a_word(word.text)
            known = like_a_word or letters_of(word) > _CURT or word.text in _STANDING_ALONE
            least = _BELIEVED if known else _BELIEVED_CURT
            if word.confidence >= least or (in_good_company and word.confidence >= LEGIBLE and like_a_word):
                accounted.append(AccountedWord(word.box, letters_of(word)))
            elif like_a_word and letters_of(word) > _LONG:
                others.append(word)
    return accounted, others


def _looks_like_a_word(text: str) -> bool:
    """Whether it may be one, by its letters; ticks in boxes are read as « WW », « [] », « LJ » or « 7 »."""
    if _NUMBER_OF_A_LIST.fullmatch(text):
        return True
    letters = "".join(letter for letter in text if letter.isalpha())
    if any(letter.isdigit() for letter in text):
        return len(letters) == 0 and sum(map(str.isdigit, text)) >= _LONG
    return len(letters) > _LONG or letters.lower() in _SHORT_WORDS


def _printed(lines: list[list[SeenWord]]) -> list[list[SeenWord]]:
    """Without rows of strokes and dots that are hardly legible."""
    kept = ([word for word in line if letters_of(word) or word.confidence >= LEGIBLE] for line in lines)
    return [line for line in kept if line]

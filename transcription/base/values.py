"""What reading gives back: words with a confidence and a place, or a stated reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """A heard word; ``start`` and ``end`` are seconds in the recording, ``confidence`` is 0–1."""

    text: str
    confidence: float
    start: float
    end: float
    other: str = ""
    """What a second engine heard instead of this word, or of the passage that begins with it; or what it often is."""
    engine_confidence: float | None = None
    """How sure the engine was, where the town's corrections made it more or less."""

    def as_json(self) -> dict[str, Any]:
        """The word as a transcript row stores it."""
        said: dict[str, Any] = {
            "text": self.text,
            "confidence": self.confidence,
            "start": self.start,
            "end": self.end,
        }
        said |= {"other": self.other} if self.other else {}
        return said | ({"engine_confidence": self.engine_confidence} if self.engine_confidence is not None else {})


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word seen at ``box`` (left, top, width, height, in pixels of the page's picture), ``confidence`` is 0–1."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    line: int
    page: int

    def as_json(self) -> dict[str, Any]:
        """The word as a transcript row stores it."""
        return {
            "text": self.text,
            "confidence": self.confidence,
            "box": list(self.box),
            "line": self.line,
            "page": self.page,
        }


class Doubt(StrEnum):
    """Why a person must look, although an engine ran; the value is the sentence they see."""

    SILENCE = "Nobody speaks in this recording."
    NO_VOICE = "There is sound in this recording, but no voice was recognised in it: a person has to listen."
    NOT_UNDERSTOOD = "Somebody may be speaking, but no word could be made out."
    ONLY_DEMO_MODEL = "No word could be made out: the demo model understands synthetic voices, not people."
    OTHER_LANGUAGE = "Somebody speaks, but it does not sound like the language that was expected."
    PARTLY_UNDERSTOOD = "Parts of this recording could not be made out."
    DOUBTFUL_SPEECH = "Too few of these words were heard with confidence."
    PERHAPS_NOISE = "Some of these words may only be a noise: they are marked."
    END_MISSING = "The end of this recording is missing: only what is there was read."
    PARTLY_DAMAGED = "The recording is damaged: parts of it could not be read."
    CUT_SHORT = "The recording is longer than the limit; the rest was not read."
    BLANK_PAGE = "There is nothing on this page."
    NOISE_PAGE = "This page is covered with specks; no text was tried."
    BY_HAND = "Somebody wrote here by hand: a person types it in."
    NO_PRINT = "No print could be read here: handwriting, a drawing or a photograph."
    FAINT_PAGE = "There are only faint marks on this page: pale ink, pencil, or its other side shining through."
    TOO_SMALL = "The letters in this picture are too small to be read."
    DISORDER = "The lines of this page may stand here in a wrong order."
    PARTLY_READ = "Parts of this page are not print, or could not be read."
    TYPED_BESIDE = "Words that are in the file and not on its pages, as notes or in fields, were added to the text."
    OWN_PROGRAM = (
        "This form shows its answers in its own program only: they were taken from within it, if there are any."
    )
    FILES_WITHIN = "There are other files within this file, which were not read."
    MORE_PICTURES = "This picture has further pictures behind it, which were not read."


@dataclass(frozen=True, slots=True)
class Transcript:
    """What an engine read in one medium; with a ``doubt``, a person must look."""

    engine: str
    model: str
    language: str | None
    words: tuple[Word, ...] | tuple[PlacedWord, ...]
    took_seconds: float
    doubt: Doubt | None = None
    seconds: float | None = None
    """Length of the recording."""
    also: tuple[Doubt, ...] = ()
    """What else a person must look for."""
    turns: int = 0
    """By how many quarter turns against the clock the page's picture is upright."""
    size: tuple[int, int] | None = None
    """Width and height of the page's picture, in pixels."""
    unread: tuple[tuple[int, int, int, int], ...] = ()
    """Boxes in the page's picture with ink that no word accounts for."""
    guess: str = ""
    """What handwriting may say: a start for who types it in, and no text; empty where it is not likely to help."""

    @property
    def heard(self) -> tuple[Word, ...]:
        """The words of a recording; none of a page."""
        return tuple(word for word in self.words if isinstance(word, Word))

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Everything that a person must look for, each once."""
        return tuple(dict.fromkeys([*([self.doubt] if self.doubt else []), *self.also]))

    def sheet_as_json(self) -> dict[str, Any] | None:
        """How the page lies in its picture, as a transcript row stores it; None of a recording."""
        if self.size is None:
            return None
        sheet = {"turns": self.turns, "size": list(self.size), "unread": [list(box) for box in self.unread]}
        return sheet | ({"guess": self.guess} if self.guess else {})

    @property
    def text(self) -> str:
        """The words as one text: a page's lines kept, a recording in one line with its first letter capital."""
        lines: list[list[str]] = []
        place: tuple[int, int] | None = None
        for word in self.words:
            here = (word.page, word.line) if isinstance(word, PlacedWord) else (0, 0)
            if here != place:
                lines.append([])
                place = here
            lines[-1].append(word.text)
        text = "\n".join(" ".join(line) for line in lines)
        if self.words and isinstance(self.words[0], Word):
            # The only thing that can be added to speech without inventing anything.
            return text[:1].upper() + text[1:]
        return text

    @property
    def confidence(self) -> float | None:
        """The mean over all words, 0–1; None when there are none."""
        if not self.words:
            return None
        return sum(word.confidence for word in self.words) / len(self.words)


class Unread(StrEnum):
    """Why a file could not be opened at all; the value is the sentence a person sees."""

    EMPTY = "The file is empty."
    BROKEN = "The file is damaged."
    ENCRYPTED = "The file is locked with a password."
    TOO_LARGE = "The file is larger than the limits allow."
    TOO_MANY_PAGES = "The file has more pages than the limits allow."
    NOT_A_PAGE = "This is no picture or PDF of a kind that can be opened here."
    TOO_SMALL = "This picture is too small to hold any writing."
    NO_SOUND = "There is no sound in this file."
    END_MISSING = "The end of this recording is missing, and what is left of it cannot be played."
    NOT_A_RECORDING = "This is no recording."


class TranscriptionError(Exception):
    """Nothing could be read. ``retryable``: trying again later may succeed; ``remedy``: what to do about it."""

    retryable = False
    remedy = ""

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        self.problem = problem
        if remedy is not None:
            self.remedy = remedy
        super().__init__(problem)


class EngineMissing(TranscriptionError):
    """A program, a language or a model is not installed: wait for it, the attempt does not count."""

    retryable = True
    remedy = "Run “portevoix doctor” to see what to install."


class EngineInterrupted(TranscriptionError):
    """An engine was killed from outside: nothing is known about the file."""

    retryable = True
    remedy = "It is tried again; if it happens each time, see whether the machine has memory enough."


class EngineCrashed(TranscriptionError):
    """An engine ended in the middle of its work."""

    retryable = True
    remedy = "It is tried again; if it happens each time, a person reads the original."


class TooSlow(TranscriptionError):
    """An engine did not finish within its time."""

    retryable = True
    remedy = "It is tried again; raise the limit in the settings if the machine is slow."


class Unreadable(TranscriptionError):
    """The file itself is at fault: only a person can help."""

    remedy = "A person opens the original, or asks for it again."

    def __init__(self, why: Unread) -> None:
        super().__init__(why.value)
        self.why = why


class ModelError(TranscriptionError):
    """A speech model could not be installed."""

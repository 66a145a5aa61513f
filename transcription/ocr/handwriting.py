"""A machine's guess at handwriting: a start for who types it in, and never a text.

On lines of 14 real hands of 1898 to 1918 it gets 40 % of the characters wrong, the engine alone 52 %, Tesseract 80 %.
Hardly any of them is guessed with a confidence of 0.95 or more; from 0.90 to 0.95, 23 % are wrong, which takes longer
to put right than to type. So a guess is offered from 0.95 on only: of four handwriting fonts 2 % are wrong then.

Boxed digits put side by side it reads far better: of 32 telephone numbers in four handwriting fonts it gets 30 right,
all 20 of those with 0.95 and more, and Tesseract 1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from transcription.base.programs import call_in_child

OFFERED = 0.95
"""Confidence of each line from which a guess is likely to save time."""


@dataclass(frozen=True, slots=True)
class GuessedLine:
    """A line with its confidence, 0–1, and its box (left, top, width, height) in pixels of the picture."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class HandwritingGuess:
    """What may stand in a picture, from top to bottom."""

    lines: tuple[GuessedLine, ...]

    @property
    def text(self) -> str:
        """All lines; pieces as high as each other are one."""
        rows: list[list[GuessedLine]] = []
        for line in sorted(self.lines, key=lambda one: one.box[1] + one.box[3] / 2):
            middle = line.box[1] + line.box[3] / 2
            if rows and middle < rows[-1][0].box[1] + rows[-1][0].box[3]:
                rows[-1].append(line)
            else:
                rows.append([line])
        return "\n".join(" ".join(one.text for one in sorted(row, key=lambda one: one.box[0])) for row in rows)

    @property
    def offered(self) -> bool:
        """Whether it is worth to be shown to who types in what stands there."""
        return bool(self.lines) and min(line.confidence for line in self.lines) >= OFFERED


@dataclass(frozen=True, slots=True)
class HandwritingLimits:
    """What guessing at one heap of pictures may cost."""

    seconds: float = 120.0
    memory_mb: int = 4000


def guess_handwriting(
    pictures: Sequence[Path], limits: HandwritingLimits | None = None, *, one_line: Collection[Path] = ()
) -> list[HandwritingGuess]:
    """One guess for each picture, in one child process that ends with the last; those of ``one_line`` are one line.

    Raises ``TranscriptionError``.
    """
    if not pictures:
        return []
    limits = limits or HandwritingLimits()
    told = call_in_child(
        "transcription.ocr.handwriting_child:guess",
        {"pictures": [[str(picture.absolute()), picture in one_line] for picture in pictures]},
        seconds=limits.seconds,
        memory_mb=limits.memory_mb,
        reads=pictures,
    )
    return [
        HandwritingGuess(tuple(GuessedLine(one["text"], one["confidence"], tuple(one["box"])) for one in lines))
        for lines in told
    ]

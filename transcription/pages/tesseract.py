"""Tesseract in a limited child process: a picture in, words with boxes and confidences out."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.base.programs import run_program
from transcription.base.values import EngineCrashed, EngineMissing

PAGE_WITH_ORIENTATION = 1
"""Tesseract's page segmentation mode 1: automatic, turning blocks that lie on their side or head."""
AUTOMATIC = 3
SINGLE_BLOCK = 6
_WORD_LEVEL = "5"
_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word in the picture: ``confidence`` 0–100 as Tesseract gives it, ``line`` (block, paragraph, line)."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    line: tuple[int, int, int]


def recognise_words(
    image: NDArray[np.uint8], languages: Sequence[str], *, mode: int, seconds: float, memory_mb: int
) -> list[SeenWord]:
    """The words of a grey picture, in reading order."""
    with tempfile.TemporaryDirectory(prefix="portevoix-print-") as work:
        # Uncompressed: to pack a page and unpack it again takes longer than to write it whole.
        picture = Path(work) / "page.pgm"
        cv2.imwrite(str(picture), image)
        finished = run_program(
            # The resolution only tells how large letters may be; a stated one would be wrong after scaling.
            ["tesseract", picture, "-", "--dpi", "300", "-l", "+".join(languages), "--psm", str(mode), "tsv"],
            seconds=seconds,
            memory_mb=memory_mb,
            reads=[picture],
            # Two of them at once take 1.9 s for a page with one thread each, and 8.3 s without (measured).
            env={"OMP_THREAD_LIMIT": "1"},
        )
    if finished.code != 0:
        raise _problem(finished.stderr, languages)
    return _words(finished.stdout.decode("utf-8", "replace"))


@functools.lru_cache
def tesseract_version() -> str:
    """Tesseract's version, such as “5.3.0”."""
    finished = run_program(["tesseract", "--version"], seconds=10, memory_mb=1024)
    return (finished.stdout or finished.stderr).decode("utf-8", "replace").split()[1]


def languages_installed() -> set[str]:
    """The languages Tesseract has data for."""
    finished = run_program(["tesseract", "--list-langs"], seconds=10, memory_mb=1024)
    return set(finished.stdout.decode("utf-8", "replace").split("\n")[1:]) - {""}


def _words(tsv: str) -> list[SeenWord]:
    seen = []
    for row in tsv.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == _COLUMNS and cells[0] == _WORD_LEVEL and cells[11].strip():
            block, paragraph, line, _, left, top, width, height = map(int, cells[2:10])
            seen.append(
                SeenWord(cells[11].strip(), float(cells[10]), (left, top, width, height), (block, paragraph, line))
            )
    return seen


def _problem(stderr: bytes, languages: Sequence[str]) -> EngineCrashed | EngineMissing:
    told = stderr.decode("utf-8", "replace")
    missing = [language for language in languages if f"{language}.traineddata" in told]
    if missing or "load any languages" in told:
        packages = " ".join(f"tesseract-ocr-{language}" for language in missing or languages)
        return EngineMissing(f"Tesseract lacks the language {', '.join(missing)}.", f"Install {packages}.")
    return EngineCrashed("tesseract gave up on this page.")

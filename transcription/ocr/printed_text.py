"""Printed pages to words with places, read in a limited child process."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from transcription.base.plain_answers import understand_result
from transcription.base.programs import call_in_child
from transcription.base.values import Transcript
from transcription.ocr.print_child import PrintLimits
from transcription.pages import tesseract
from transcription.pages.page_images import PageImage

__all__ = ["LANGUAGES", "PrintLimits", "read_print"]

LANGUAGES = ("fra", "eng")
_BESIDE_MB = 2000
"""What laying a page flat takes beside the engine."""
_BESIDE_SECONDS = 30.0


def read_print(
    page: PageImage,
    languages: Sequence[str] = LANGUAGES,
    limits: PrintLimits | None = None,
    *,
    laid_flat: bool = False,
) -> Transcript:
    """The printed words of a page with their boxes in its picture, or the doubt that explains why there are none.

    ``languages`` are Tesseract's names. ``laid_flat``: a piece cut out of a sheet, where no sheet's edges are looked
    for: the edge of a shadow looks like one. Raises ``EngineMissing``, ``EngineCrashed`` or ``TooSlow``.
    """
    limits = limits or PrintLimits()
    asked = {
        "path": str(page.path.absolute()),
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "blank": page.blank,
        "laid_flat": laid_flat,
        "languages": list(languages),
        "page_seconds": limits.page_seconds,
        "memory_mb": limits.memory_mb,
        "version": tesseract.tesseract_version(),
    }
    with tempfile.TemporaryDirectory(prefix="portevoix-print-") as work:
        told = call_in_child(
            "transcription.ocr.print_child:read",
            asked,
            seconds=limits.page_seconds + _BESIDE_SECONDS,
            memory_mb=limits.memory_mb + _BESIDE_MB,
            reads=[page.path],
            writes=[Path(work)],
            starts=True,
        )
    return understand_result(told, Transcript)

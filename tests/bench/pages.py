"""Our whole reading of a page against Tesseract alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.pairs import Pair
from tests.demo.samples import Page
from tests.demo.sheets import scanned
from transcription.ocr.printed_text import read_print
from transcription.pages.page_images import open_pages


@contextlib.contextmanager
def page_pairs(folder: Path) -> Iterator[list[Pair]]:
    """One printed page."""
    yield [print_pair(folder)]


def print_pair(folder: Path) -> Pair:
    """Our whole reading of a page against Tesseract alone on the same picture."""
    sentence = "Les poubelles débordent tous les samedis après le marché. Il faudrait des bacs plus grands. "
    page = Page(name="bench", door="folder", file="tiff", title="Boîte à idées", says=sentence * 12, skew=1.2, noise=8)
    file = folder / "page.tiff"
    file.write_bytes(scanned(page))

    def ours() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            for image in open_pages(file, Path(work)):
                read_print(image)

    def bare() -> None:
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        command = ["tesseract", str(file), "-", "-l", "fra+eng", "tsv"]
        subprocess.run(command, env=environment, capture_output=True, check=True)

    return Pair("print, one page", ours, bare, "open, straighten, read ÷ tesseract on the scan as it is")

"""Real scans of which somebody wrote down what they say, found through ``PORTEVOIX_CORPUS``; and how to compare."""

from __future__ import annotations

import os
from pathlib import Path

CORPUS = Path(os.environ.get("PORTEVOIX_CORPUS", "/nonexistent"))

# Most characters wrong that are allowed; bare Tesseract's are 0.82 for a page on its head and 0.37 for a skewed one.
PRINT = {
    "tesseract_test/phototest.tif": ("tesseract_test/phototest.txt", 0.0),
    "tesseract_test/phototest-rotated-180.png": ("tesseract_test/phototest.txt", 0.0),
    "tesseract_test/phototest-rotated-L.png": ("tesseract_test/phototest.txt", 0.0),
    "tesseract_test/phototest-rotated-R.png": ("tesseract_test/phototest.txt", 0.0),
    "tesseract_test/phototestrot.tif": ("tesseract_test/phototest.txt", 0.0),
    "tesseract_test/eurotext.tif": ("tesseract_test/eurotext.txt", 0.03),
    "ocrmypdf/francais.pdf": ("ocrmypdf/francais.txt", 0.03),
    "ocrmypdf/rotated_skew.pdf": ("ocrmypdf/linn.txt", 0.04),
}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def errors(expected: str, read: str) -> float:
    """Characters to change, insert or remove, as a share of the expected; spacing and shapes of quotes are free."""
    wanted, got = (" ".join(text.translate(_QUOTES).split()) for text in (expected, read))
    row = list(range(len(got) + 1))
    for i, a in enumerate(wanted, 1):
        above, row[0] = row[:], i
        for j, b in enumerate(got, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
    return row[-1] / len(wanted)

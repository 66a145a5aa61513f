"""Draws page images in small; runs only in a limited child process, started by ``transcription.pages.thumbnails``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

WIDEST, HIGHEST = 320, 400
"""Pixels: enough to know a sheet by its shapes and its first lines, too few to read handwriting."""
_QUALITY = 60


def draw(asked: dict[str, Any]) -> dict[str, str]:
    """Answers the small picture of each page, upright where ``turns`` has its quarter turns against the clock.

    One that cannot be drawn is left out.
    """
    Image.MAX_IMAGE_PIXELS = None  # the pages are of our own making, and bounded
    drawn = {}
    for page in asked["pages"]:
        try:
            drawn[page] = str(_draw(Path(page), Path(asked["workdir"]), asked["turns"].get(page, 0)))
        except (OSError, ValueError):
            continue
    return drawn


def _draw(page: Path, workdir: Path, turns: int) -> Path:
    with Image.open(page) as picture:
        picture.draft(None, (2 * WIDEST, 2 * HIGHEST))  # a JPEG need not be decoded in full to be made small
        small = ImageOps.exif_transpose(picture).convert("RGB" if picture.mode == "RGB" else "L")
    if turns:
        small = small.rotate(90 * turns, expand=True)
    small.thumbnail((WIDEST, HIGHEST), Image.Resampling.BOX)
    path = workdir / f"small-{hashlib.sha256(str(page).encode()).hexdigest()[:16]}.jpg"
    small.save(path, quality=_QUALITY, optimize=True)
    return path

"""Draws boxes over parts of a picture; runs only in a limited child process, started by ``masked_page``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

_AROUND = 0.12
"""Of a word's height, covered on every side: accents and tails stand out of a word's box."""
_MASKED, _UNREAD = 0, 190


def draw(asked: dict[str, Any]) -> str:
    """Answers the file of the masked copy."""
    Image.MAX_IMAGE_PIXELS = None  # the pages are of our own making, and bounded
    source = Path(asked["picture"])
    with Image.open(source) as picture:
        copy = picture.convert("RGB" if picture.mode in ("RGB", "P", "RGBA", "CMYK", "YCbCr") else "L")
    pen = ImageDraw.Draw(copy)
    for boxes, shade in ((asked["unread"], _UNREAD), (asked["boxes"], _MASKED)):
        for left, top, width, height in boxes:
            around = max(2.0, _AROUND * height)
            corners = (left - around, top - around, left + width + around, top + height + around)
            pen.rectangle(corners, fill=(shade,) * 3 if copy.mode == "RGB" else shade)
    if asked["turns"] % 4:
        copy = copy.rotate(90 * (asked["turns"] % 4), expand=True)
    path = Path(asked["workdir"]) / f"{source.stem}-masked.png"
    copy.save(path, optimize=False)
    return str(path)

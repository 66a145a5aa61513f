"""Pictures as files have them, made into pages: not too large, upright, square pixels, on white, grey or coloured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

QUALITY = "jpeg quality"
"""Where it stands in a picture's ``info``."""
_MEAN = 57.625
"""Of the table for light at quality 50 (ITU-T T.81, table K.1)."""
_LEAST_QUALITY = 90
"""Of the JPEGs written here: compressed once more no harder than this, nor harder than they came."""
KEPT_PIXELS = 36_000_000
"""A page is stored no larger: A3 at 400 dpi, or the photos of most telephones."""
DECODED_BYTES = 300_000_000
"""A picture that takes more memory than this once it is decoded is too large: A3 at 600 dpi in colour takes 280 MB."""
_BYTES, _BYTES_ELSE = {"1": 2, "L": 1, "P": 5, "RGB": 4, "RGBA": 4, "CMYK": 4, "LA": 4}, 12
"""A pixel's, on its way to grey or colours."""
_PLAUSIBLE_DPI = (60, 2400)
_COLOUR = 30
"""Difference between the channels (of 255) that makes a page coloured, wherever a word's worth of it has that much."""
_A_WORD = 0.03
"""Per cent of a page that one word in colour takes."""


def with_quality(picture: Image.Image) -> Image.Image:
    """The picture; its ``info`` says at which quality, 1 to 100 as the Independent JPEG Group counts, it was saved."""
    tables: dict[int, list[int]] = getattr(picture, "quantization", None) or {}
    steps = tables.get(0)
    if steps:
        scale = 100 * sum(steps) / len(steps) / _MEAN
        quality = 5000 / scale if scale > 100 else (200 - scale) / 2
        picture.info[QUALITY] = round(min(100, max(1, quality)))
    return picture


def can_be_decoded(image: Image.Image, pixels: int) -> bool:
    """Whether a picture, not decoded yet, has no more than ``pixels`` and takes no more memory than is there for it.

    A JPEG larger than what is kept will be decoded at half its size.
    """
    size, width, dpi = image.width * image.height, image.width, image.info.get("dpi")
    if KEPT_PIXELS < size <= pixels and image.format in ("JPEG", "MPO"):
        image.draft(None, (image.width // 2, image.height // 2))
        if dpi:
            image.info["dpi"] = tuple(value * image.width / width for value in dpi)
    return size <= pixels and image.width * image.height * _BYTES.get(image.mode, _BYTES_ELSE) <= DECODED_BYTES


def no_larger(image: Image.Image) -> Image.Image:
    """Half as wide and high where it is much larger than what is kept, and nothing else would be done to it first."""
    if image.width * image.height <= 1.5 * KEPT_PIXELS or image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    small = image.reduce(2)
    small.info = dict(image.info)
    if dpi := image.info.get("dpi"):
        small.info["dpi"] = tuple(value / 2 for value in dpi)
    return small


def upright(image: Image.Image) -> Image.Image:
    """As its file says it is; the picture itself, instead of a copy, where that says nothing."""
    return ImageOps.exif_transpose(image) if image.getexif().get(ExifTags.Base.Orientation, 1) != 1 else image


def dpi_of(picture: Image.Image) -> tuple[float, float]:
    """Across and down; 0 when the file says nothing plausible."""
    stated = picture.info.get("dpi")
    try:
        across, down = (float(value) for value in stated or (0, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    least, most = _PLAUSIBLE_DPI
    return (across, down) if least <= across <= most and least <= down <= most else (0.0, 0.0)


def on_white(picture: Image.Image) -> Image.Image:
    """The picture in grey or RGB; what is transparent is white, as on paper."""
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    if picture.mode in ("1", "L", "RGB"):
        return picture.convert("L") if picture.mode == "1" else picture
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float64)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255 / max(1.0, high - low))).astype(np.uint8))
    return picture.convert("RGB")


def squared(page: Image.Image, across: float, down: float) -> Image.Image:
    """Faxes and some copiers scan twice as fine across as down."""
    if not across or not down or 0.9 < across / down < 1.1:
        return page
    finest = max(across, down)
    width, height = round(page.width * finest / across), round(page.height * finest / down)
    return page if width * height > KEPT_PIXELS else page.resize((width, height), Image.Resampling.BICUBIC)


def is_coloured(page: Image.Image) -> bool:
    """Whether as much as one word on it is in colour."""
    if page.mode != "RGB":
        return False
    small = page.copy()
    small.thumbnail((800, 800))
    values = np.asarray(small, np.int16)
    return bool(np.percentile(values.max(axis=2) - values.min(axis=2), 100 - _A_WORD) > _COLOUR)


def save_page(page: Image.Image, path: Path) -> Path:
    """As JPEG what was one, hardly worse than it came and in a tenth of the time, and colours; all else as PNG."""
    if page.mode == "RGB" or QUALITY in page.info:
        path = path.with_suffix(".jpg")
        page.save(path, quality=max(_LEAST_QUALITY, page.info.get(QUALITY, 0)))
    else:
        path = path.with_suffix(".png")
        page.save(path, compress_level=1)
    return path

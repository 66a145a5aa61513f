"""How hard a JPEG was compressed, told by its quantisation table."""

from __future__ import annotations

from PIL import Image

QUALITY = "jpeg quality"
"""Where it stands in a picture's ``info``."""
_MEAN = 57.625
"""Of the table for light at quality 50 (ITU-T T.81, table K.1)."""


def with_quality(picture: Image.Image) -> Image.Image:
    """The picture; its ``info`` says at which quality, 1 to 100 as the Independent JPEG Group counts, it was saved."""
    tables: dict[int, list[int]] = getattr(picture, "quantization", None) or {}
    steps = tables.get(0)
    if steps:
        scale = 100 * sum(steps) / len(steps) / _MEAN
        quality = 5000 / scale if scale > 100 else (200 - scale) / 2
        picture.info[QUALITY] = round(min(100, max(1, quality)))
    return picture

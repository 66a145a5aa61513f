"""The scanned picture inside a page of a PDF, when the page is nothing else; runs in a limited child process."""

from __future__ import annotations

from typing import Any

import pikepdf
from PIL import Image

from transcription.pages.nested_forms import own_streams, unpacks_within
from transcription.pages.pictures import with_quality

_PAINTING = frozenset(("S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"))
_SHOWING_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_INVISIBLE = 3
_MOST_CONTENT = 1 << 20
"""Bytes that place a picture, and the words read in it by whoever scanned it, at most."""
_LEAST_COVER = 0.9
_OVERHANG = 0.02
_SLANT = 1e-3

Matrix = tuple[float, float, float, float, float, float]


def embedded_scan(page: pikepdf.Page, pixels: int) -> Image.Image | None:
    """The page's one picture, upright and with its resolution; None when the page must be drawn instead.

    None as well whenever anything is unusual (masks, slants, annotations, more than ``pixels``):
    drawing is always right, only slower and resampled.
    """
    try:
        if not unpacks_within(own_streams(page), _MOST_CONTENT):
            return None
        placed = _only_picture(page)
        if placed is None:
            return None
        picture, matrix = placed
        turn = _quarter_turns(matrix)
        if turn is None or int(picture.Width) * int(picture.Height) > pixels or not _fills(page, matrix):
            return None
        image = with_quality(pikepdf.PdfImage(picture).as_pil_image())
        across = int(picture.Width) * 72 / (abs(matrix[0]) + abs(matrix[1]))
        down = int(picture.Height) * 72 / (abs(matrix[2]) + abs(matrix[3]))
        turn = (turn - round(int(page.obj.get("/Rotate", 0)) / 90)) % 4
        image = image.rotate(90 * turn, expand=True) if turn else image
        image.info["dpi"] = (down, across) if turn % 2 else (across, down)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the page can still be drawn
        return None
    return image


def _only_picture(page: pikepdf.Page) -> tuple[Any, Matrix] | None:
    """The one picture the page shows and its matrix; None when it shows anything else."""
    if page.obj.get("/Annots"):
        return None
    found: list[tuple[Any, Matrix]] = []
    stack: list[tuple[pikepdf.Matrix, int]] = []
    place, mode = pikepdf.Matrix(), 0
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name in _PAINTING or (name in _SHOWING_TEXT and mode != _INVISIBLE):
            return None
        if name == "q":
            stack.append((place, mode))
        elif name == "Q" and stack:
            place, mode = stack.pop()
        elif name == "cm":
            place = pikepdf.Matrix(*(float(value) for value in operands)) @ place
        elif name == "Tr":
            mode = int(operands[0])
        elif name == "Do":
            found.append((page.resources["/XObject"][str(operands[0])], place.shorthand))
    return found[0] if len(found) == 1 and _is_plain(found[0][0]) else None


def _is_plain(picture: Any) -> bool:
    unusual = ("/SMask", "/Mask", "/ImageMask", "/Decode", "/OC")
    return picture.get("/Subtype") == "/Image" and not any(name in picture for name in unusual)


def _quarter_turns(matrix: Matrix) -> int | None:
    """How often the picture is turned by 90° against the clock; None when it is slanted or mirrored."""
    a, b, c, d = matrix[:4]
    size = max(abs(a), abs(b), abs(c), abs(d))
    if max(abs(b), abs(c)) < _SLANT * size:
        straight = {(True, True): 0, (False, False): 2}
        return straight.get((a > 0, d > 0))
    if max(abs(a), abs(d)) < _SLANT * size:
        turned = {(True, False): 1, (False, True): 3}
        return turned.get((b > 0, c > 0))
    return None


def _fills(page: pikepdf.Page, matrix: Matrix) -> bool:
    """Whether the picture covers what is visible of the page, and no more of it is hidden by a crop."""
    left, bottom, right, top = (float(value) for value in page.cropbox)
    a, b, c, d, e, f = matrix
    xs, ys = sorted((e, e + a + c)), sorted((f, f + b + d))
    width, height = right - left, top - bottom
    inside = max(0.0, min(xs[1], right) - max(xs[0], left)) * max(0.0, min(ys[1], top) - max(ys[0], bottom))
    within_across = xs[0] >= left - _OVERHANG * width and xs[1] <= right + _OVERHANG * width
    within_down = ys[0] >= bottom - _OVERHANG * height and ys[1] <= top + _OVERHANG * height
    return within_across and within_down and inside >= _LEAST_COVER * width * height

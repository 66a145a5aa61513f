"""Codes on a page: what they say and where they stand, with several tries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from transcription.forms.layout import Points
from transcription.pages.ink import Grey, paper_light

_SOFTER = (1.0, 2.0)
"""Pixels of blur at which a noisy code is tried again."""
_KINDS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SLANT = 35.0
"""Degrees by which a page is turned for a last try: one engine's blind angles lie elsewhere then."""


@dataclass(frozen=True, slots=True)
class SeenCode:
    """The text of a QR code and its outer corners in the picture, in pixels: clockwise from what is its upper left."""

    text: str
    corners: Points


def read_codes(grey: Grey, enough: int = 2) -> list[SeenCode]:
    """The QR codes of a page, each text once; other pictures of it are tried until there are ``enough``.

    A page without any costs the tries: about a second at 150 dpi for each million pixels is the most measured.
    """
    found: dict[str, SeenCode] = {}
    for picture, back in _pictures(grey):
        for code in _read(picture, back):
            found.setdefault(code.text, code)
        if len(found) >= enough:
            break
    return list(found.values())


def _pictures(grey: Grey) -> Iterator[tuple[Grey, Points]]:
    """Pictures of the page, the likeliest to be read first, with the 3 x 3 way back to its pixels."""
    same = np.eye(3)
    yield grey, same
    flat = np.asarray(cv2.divide(grey, paper_light(grey), scale=235), np.uint8)
    yield flat, same
    for blur in _SOFTER:
        yield np.asarray(cv2.GaussianBlur(flat, (0, 0), blur), np.uint8), same
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), _SLANT, 0.9)
    turned = cv2.warpAffine(flat, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=235)
    yield np.asarray(turned, np.uint8), np.linalg.inv(np.vstack([turn, [0, 0, 1]]))


def _read(picture: Grey, back: Points) -> Iterator[SeenCode]:
    codes = zxingcpp.read_barcodes(picture, formats=_KINDS, try_invert=False)
    for code in codes:
        at = code.position
        corners = np.array(
            [[p.x, p.y] for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], np.float64
        )
        yield SeenCode(code.text, project_points(corners, back))


def project_points(points: Points, by: Points) -> Points:
    """Points (rows of x and y) through a 3 x 3 projective map."""
    seen = np.column_stack([points, np.ones(len(points))]) @ by.T
    return np.asarray(seen[:, :2] / seen[:, 2:], np.float64)

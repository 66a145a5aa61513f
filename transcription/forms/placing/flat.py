"""A form's page laid flat: its ink at 152 dpi, paper, shade and streaks taken out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.bending import PER_MM, Ink
from transcription.pages.ink import Grey, Picture, flat_paper

_LOOKED_AT = 1500
"""Pixels of the longer side at least, at which forms are read: 128 dpi of an A4 page."""
_LEAST_SIDE = 12
"""Pixels of the shorter side that are left at least: less can hold no form, but must not fail."""
_ROWS_TOLD = 4
"""Every so many rows tell of a streak."""
_LEAST_STREAK = 0.02
_ALL_BUT = 12
"""Per cent of a streak's length where nothing of it need be seen: outlines of zones are shorter."""


@dataclass(frozen=True)
class FlatPage:
    """``ink`` is how dark each place of the page is, by the channel in which it is darkest; PER_MM pixels to 1 mm."""

    ink: Ink

    @cached_property
    def grain(self) -> float:
        """Standard deviation of the paper's own noise in ``ink``."""
        piece = self.ink[::4, ::2]
        fine = piece[:, 1:] - piece[:, :-1]
        return float(np.median(np.abs(fine))) * 1.4826 / float(np.sqrt(2))


def shrink_picture(picture: Picture) -> tuple[Picture, float]:
    """The picture at a resolution at which forms are read, by whole parts; and how many times smaller it is."""
    by = max(1, min(max(picture.shape[:2]) // _LOOKED_AT, min(picture.shape[:2]) // _LEAST_SIDE))
    if by == 1:
        return picture, 1.0
    size = (picture.shape[1] // by, picture.shape[0] // by)
    cut = picture[: size[1] * by, : size[0] * by]
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8), float(by)


def as_grey(picture: Picture) -> Grey:
    """A picture in grey; colours in OpenCV's order."""
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def ink_map(picture: Picture) -> Ink:
    """How much darker than the paper around it each pixel of a picture is, streaks of a dirty scanner taken out.

    In colour by the channel in which it is darkest: yellow and pink pens hardly darken a page.
    """
    channels = [picture] if picture.ndim == 2 else list(cv2.split(picture))
    ink = _darker(np.asarray(channels[0], np.uint8))
    for channel in channels[1:]:
        np.maximum(ink, _darker(np.asarray(channel, np.uint8)), out=ink)
    return _without_streaks(ink)


def _darker(grey: Grey) -> Ink:
    lit = np.asarray(cv2.divide(grey, flat_paper(grey), scale=-1, dtype=cv2.CV_32F), np.float32)
    lit += 1
    return np.asarray(np.maximum(lit, -0.5, out=lit))


def lay_flat(ink: Ink, page: FormPage, to_picture: Points) -> FlatPage:
    """The ink of a picture as it lies on the page; ``to_picture`` maps millimetres to the picture's pixels."""
    size = (round(page.width * PER_MM), round(page.height * PER_MM))
    # A pixel's middle is half a pixel from its corner, from where millimetres are counted.
    half = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    back = np.linalg.inv(half) @ to_picture @ np.diag([1 / PER_MM, 1 / PER_MM, 1.0]) @ half
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = np.asarray(cv2.warpPerspective(ink, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return FlatPage(_without_streaks(flat))


def _without_streaks(ink: Ink) -> Ink:
    """Less what darkens a whole column or row: streaks, and folds. Ink by hand never does."""
    for axis in (0, 1):
        # In rows that lie in memory as they are, partition is ten times faster than a percentile down the columns.
        told = np.ascontiguousarray(ink[::_ROWS_TOLD].T if axis == 0 else ink[:, ::_ROWS_TOLD])
        at = round(_ALL_BUT / 100 * (told.shape[1] - 1))
        line = np.partition(told, at, axis=1)[:, at]
        line = line - np.median(line)
        streak = np.where(line > _LEAST_STREAK, line, 0).astype(np.float32)
        if streak.any():
            ink = ink - (streak[None, :] if axis == 0 else streak[:, None])
    return ink

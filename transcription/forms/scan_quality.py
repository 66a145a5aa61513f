"""What a scanner made of a page: how fine, and how much of the sheet's edges it lost."""

from __future__ import annotations

import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.finding import FoundPage
from transcription.forms.placing.marks import local_scale
from transcription.forms.values import ScanQuality
from transcription.pages.ink import Picture

_INCH = 25.4


def scan_quality(picture: Picture, found: FoundPage) -> ScanQuality:
    """What is to be said of a picture in which a page was found."""
    page = found.page
    middle = np.array([[page.width / 2, page.height / 2]])
    per_mm = float(local_scale(middle, found.registration.to_picture)[0])
    return ScanQuality(
        dpi=round(per_mm * _INCH),
        lost=round(_lost(found.registration.place(_corners(page)), per_mm, picture.shape), 1),
        two_levels=found.two_levels,
    )


def _corners(page: FormPage) -> Points:
    return np.array([[0, 0], [page.width, 0], [page.width, page.height], [0, page.height]], np.float64)


def _lost(corners: Points, per_mm: float, shape: tuple[int, ...]) -> float:
    """By how much the sheet is wider or higher than what is seen of it, whichever is more, in millimetres."""
    size = np.array([shape[1], shape[0]], np.float64)
    beyond = np.maximum(0, -corners.min(axis=0)) + np.maximum(0, corners.max(axis=0) - size)
    return float(beyond.max() / per_mm)

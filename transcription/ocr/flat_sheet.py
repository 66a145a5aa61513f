"""One sheet as it lies flat: its picture, and the way back from it to the page's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from transcription.ocr.sheet_outline import find_sheets, lay_flat
from transcription.ocr.unread_ink import AccountedWord, unread_places
from transcription.pages.deskew import Box, EngineView, box_around, project_points, warp_page
from transcription.pages.ink import Grey, Picture, darkness

_LETTER = 10.0
"""Height, in pixels, at which a usual letter is large enough to tell ink from dust."""


@dataclass(frozen=True, slots=True)
class FlatSheet:
    """``picture`` in colour where the page is; ``back`` maps its pixels to the page's (3 x 3)."""

    picture: Picture
    back: NDArray[np.float64]

    @property
    def grey(self) -> Grey:
        """The sheet without colour."""
        if self.picture.ndim == 2:
            return self.picture
        return np.asarray(cv2.cvtColor(self.picture, cv2.COLOR_BGR2GRAY), np.uint8)

    def enlarged(self, by: float) -> FlatSheet:
        """The same sheet with more pixels."""
        larger = cv2.resize(self.picture, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
        return FlatSheet(np.asarray(larger, np.uint8), self.back @ np.diag([1 / by, 1 / by, 1.0]))

    def on_page(self, box: Box, through: EngineView, width: int, height: int) -> Box:
        """The upright box on the page (of this width and height) around what ``through`` shows in ``box``."""
        left, top, across, down = box
        edge = np.array([0.0, 0.5, 1.0])
        around = np.stack(np.meshgrid(left + across * edge, top + down * edge), axis=-1).reshape(-1, 2)
        return box_around(project_points(through.points_on_page(around), self.back), width, height)

    def unread(self, through: EngineView, words: Sequence[AccountedWord], usual: float) -> list[Box]:
        """The boxes in ``through`` that hold ink of none of the words; ``usual``: a letter's height on the sheet."""
        here = min(1.0, _LETTER / max(1.0, usual))
        small = cv2.resize(self.picture, None, fx=here, fy=here, interpolation=cv2.INTER_AREA) if here < 1 else None
        sheet = np.asarray(self.picture if small is None else small, np.uint8)
        if np.median(sheet) < 60:
            sheet = np.asarray(255 - sheet, np.uint8)
        # Pixels of the view to one of the map of ink, whose letters are as large as those of the shrunk sheet.
        there = here * float(np.sqrt(abs(np.linalg.det(through.back[:2, :2]))))
        height, width = through.image.shape
        size = (max(1, round(width * there)), max(1, round(height * there)))
        back = np.diag([here, here, 1.0]) @ through.back @ np.diag([1 / there, 1 / there, 1.0])
        bend = through.bend.scaled(there) if through.bend is not None else None
        dark = darkness(sheet)
        if bend is not None or np.abs(back - np.eye(3)).max() > 0.02 or sheet.shape[:2] != size[::-1]:
            dark = warp_page(dark, back, size, bend, border=0.0)
        scaled = [AccountedWord(_scaled(word.box, there), word.letters) for word in words]
        return [_scaled(box, 1 / there) for box in unread_places(dark, scaled, usual * here)]


def sheets_of_picture(picture: Picture) -> list[FlatSheet]:
    """The sheets in a page's picture, each laid flat, in reading order; the whole picture when no outline is seen."""
    grounds = []
    for corners in find_sheets(picture):
        flat, size = lay_flat(corners)
        paper = np.percentile(picture[::8, ::8].reshape(-1, *picture.shape[2:]), 90, axis=0)
        laid = cv2.warpPerspective(
            picture, flat, size, flags=cv2.INTER_CUBIC, borderValue=np.atleast_1d(paper).tolist()
        )
        grounds.append(FlatSheet(np.asarray(laid, np.uint8), np.asarray(np.linalg.inv(flat), np.float64)))
    return grounds or [FlatSheet(picture, np.eye(3))]


def _scaled(box: Box, by: float) -> Box:
    left, top, width, height = box
    return round(left * by), round(top * by), max(1, round(width * by)), max(1, round(height * by))

"""Which way the lines of a page run, and the page turned so that they run level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Pixel = TypeVar("Pixel", np.uint8, np.float32)
Box = tuple[int, int, int, int]

_LOOK_SIZE = 1_200
"""Longer side, in pixels, at which lines are looked for."""
_STEEPEST = 15.0
_COARSE, _FINE = 0.5, 0.1
_LEVEL = 0.25
"""Degrees that need no turning: Tesseract levels them itself."""
_STRIP_ROWS = 400
_CLEARLY = 1.4
"""How much sharper the lines must look the other way before a page counts as lying on its side."""


@dataclass(frozen=True, slots=True)
class Bend:
    """How far lines rise and fall: what stands at (x, y) once they are level, stood ``shift(x, y)`` lower before.

    ``weights[i][j]`` belongs to the product of the powers i + 1 of x and j of y, both from -1 to 1 over ``size``.
    """

    weights: NDArray[np.float64]
    size: tuple[int, int]

    def scaled(self, by: float) -> Bend:
        """The same bend in a picture ``by`` times as large."""
        width, height = self.size
        return Bend(self.weights * by, (max(1, round(width * by)), max(1, round(height * by))))

    def shift(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels, for an array of points (x, y)."""
        x, y = (2 * points[..., axis] / self.size[axis] - 1 for axis in (0, 1))
        across = np.stack([x ** (power + 1) for power in range(self.weights.shape[0])], axis=-1)
        down = np.stack([y**power for power in range(self.weights.shape[1])], axis=-1)
        return np.asarray(np.einsum("...i,ij,...j->...", across, self.weights, down))


@dataclass(frozen=True, slots=True)
class EngineView:
    """A page as the engine is to see it; ``back`` maps its pixels, once bent again, to those of the page (3 x 3)."""

    image: Grey
    back: NDArray[np.float64]
    bend: Bend | None = None

    def alike(self, page: Grey) -> EngineView:
        """Another picture of the page (of the same size), or of the same lines made level, seen in the same way."""
        height, width = self.image.shape
        shrunk = float(np.sqrt(abs(np.linalg.det(self.back[:2, :2]))))
        # Taking pixels here and there out of a much larger page would lose its thin strokes.
        fine = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.4 * shrunk), np.uint8) if shrunk > 1.4 else page
        seen = warp_page(fine, self.back, (width, height), self.bend, border=_paper(page))
        return EngineView(np.asarray(seen, np.uint8), self.back, self.bend)

    def on_its_head(self) -> EngineView:
        """The same picture turned by half."""
        height, width = self.image.shape
        half = np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]])
        return EngineView(np.ascontiguousarray(np.rot90(self.image, 2)), self.back @ half, self.bend)

    def points_on_page(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (x, y) of this picture are on the page."""
        if self.bend is not None:
            points = points + np.stack([np.zeros(points.shape[:-1]), self.bend.shift(points)], axis=-1)
        return project_points(points, self.back)

    def on_page(self, box: Box, width: int, height: int) -> Box:
        """The upright box on the page (of this width and height) around what is in ``box`` here."""
        left, top, across, down = box
        edge = np.array([0.0, 0.5, 1.0])
        around = np.stack(np.meshgrid(left + across * edge, top + down * edge), axis=-1).reshape(-1, 2)
        return box_around(self.points_on_page(around), width, height)

    def strip(self) -> EngineView:
        """A level quarter of a large picture, where it is darkest; a small one whole."""
        height = self.image.shape[0]
        if height < 2 * _STRIP_ROWS or self.bend is not None:
            return self
        rows = max(_STRIP_ROWS, height // 4)
        darkness = np.concatenate([[0], np.cumsum(255.0 - self.image.mean(axis=1))])
        top = int((darkness[rows:] - darkness[:-rows]).argmax())
        lower = np.array([[1.0, 0, 0], [0, 1, top], [0, 0, 1]])
        return EngineView(self.image[top : top + rows], self.back @ lower)


def warp_page(
    page: NDArray[Pixel], back: NDArray[np.float64], size: tuple[int, int], bend: Bend | None, *, border: float
) -> NDArray[Pixel]:
    """What of ``page`` stands at each pixel of a picture of this width and height, which ``back`` maps to it."""
    width, height = size
    if bend is None:
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        seen = cv2.warpPerspective(page, back, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=border)
        return np.asarray(seen, page.dtype)
    # All of it is smooth: worked out for every eighth pixel and interpolated, it takes little time.
    grid = np.meshgrid(np.linspace(0, width - 1, width // 8 + 2), np.linspace(0, height - 1, height // 8 + 2))
    points = np.stack(grid, axis=-1)
    points[..., 1] += bend.shift(points)
    coarse = project_points(points, back).astype(np.float32)
    # Resizing means pixels by their middles, while the grid reaches from the first to the last one.
    reach = np.stack(
        np.meshgrid(
            np.linspace(0, coarse.shape[1] - 1, width, dtype=np.float32),
            np.linspace(0, coarse.shape[0] - 1, height, dtype=np.float32),
        ),
        axis=-1,
    )
    where = cv2.remap(coarse, reach[..., 0], reach[..., 1], cv2.INTER_LINEAR)
    seen = cv2.remap(
        page, where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=border
    )
    return np.asarray(seen, page.dtype)


def project_points(points: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (x, y) under a projective map (3 x 3)."""
    ahead = points @ by[:, :2].T + by[:, 2]
    return np.asarray(ahead[..., :2] / ahead[..., 2:])


def box_around(points: NDArray[np.float64], width: int, height: int) -> Box:
    """The upright box around points, within a picture of this width and height, at least a pixel wide and high."""
    low = np.floor(points.min(axis=0)).clip(0, (width - 1, height - 1))
    high = np.ceil(points.max(axis=0)).clip(low + 1, (width, height))
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


@dataclass(frozen=True, slots=True)
class LineLean:
    """``sideways``: the lines run up or down the page. ``degrees`` they rise to the right, once that is put right."""

    sideways: bool
    degrees: float


def engine_view(image: Grey, *, quarter_turns: int = 0, degrees: float = 0.0, scale: float = 1.0) -> EngineView:
    """The page turned against the clock by quarters, then with the clock by ``degrees``, and scaled."""
    height, width = image.shape
    turn = quarter_turns % 4
    # Where a point of the page goes: first the quarter turns, then the lean about the middle, then the scale.
    quarter = {
        0: np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
        1: np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]]),
        2: np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]]),
        3: np.array([[0.0, -1, height], [1, 0, 0], [0, 0, 1]]),
    }[turn]
    if turn % 2:
        width, height = height, width
    angle = np.deg2rad(degrees)
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    across, down = int(np.ceil(width * cos + height * sin)), int(np.ceil(height * cos + width * sin))
    lean = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), [0, 0, 1]])
    lean[:2, 2] += ((across - width) / 2, (down - height) / 2)
    whole = np.diag([scale, scale, 1.0]) @ lean @ quarter
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    if degrees:
        seen = cv2.warpAffine(
            image, whole[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=_paper(image)
        )
    else:
        seen = np.rot90(image, turn) if turn else image
        if scale != 1.0:
            seen = cv2.resize(seen, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    return EngineView(np.ascontiguousarray(seen, np.uint8), np.linalg.inv(whole))


def find_lean(ink: Grey) -> LineLean:
    """How the lines of a page run, from its ink (1 where there is any)."""
    scale = min(1.0, _LOOK_SIZE / max(ink.shape))
    small = cv2.resize(ink * np.uint8(255), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(small > 64)
    if len(rows) < 50:
        return LineLean(sideways=False, degrees=0.0)
    if len(rows) > 150_000:
        keep = np.random.default_rng(0).choice(len(rows), 150_000, replace=False)
        rows, columns = rows[keep], columns[keep]
    upright, level = _steepest(columns.astype(np.float32), rows.astype(np.float32))
    # Turned a quarter against the clock, what was a column from the right becomes a row from the top.
    sharp, lying = _steepest(rows.astype(np.float32), small.shape[1] - 1 - columns.astype(np.float32))
    if sharp > _CLEARLY * upright:
        return LineLean(sideways=True, degrees=lying)
    return LineLean(sideways=False, degrees=level)


def _steepest(across: NDArray[np.float32], down: NDArray[np.float32]) -> tuple[float, float]:
    """How sharply rows and gaps follow each other at the best angle, and that angle in degrees."""
    coarse = np.arange(-_STEEPEST, _STEEPEST + _COARSE, _COARSE)
    best = max(coarse, key=lambda degrees: _sharpness(across, down, degrees))
    fine = np.arange(best - _COARSE, best + _COARSE + _FINE, _FINE)
    best = max(fine, key=lambda degrees: _sharpness(across, down, degrees))
    return _sharpness(across, down, best), 0.0 if abs(best) < _LEVEL else float(best)


def _sharpness(across: NDArray[np.float32], down: NDArray[np.float32], degrees: float) -> float:
    """The sum of squared differences of the ink in neighbouring rows, per ink; lines that rise have ``degrees`` > 0."""
    angle = np.deg2rad(degrees)
    level = down * np.cos(angle) + across * np.sin(angle)
    rows = np.bincount((level - level.min()).astype(np.int32)).astype(np.float64)
    return float((np.diff(rows) ** 2).sum() / len(down))


def _paper(image: Grey) -> float:
    """The colour that fills the corners."""
    return float(np.percentile(image[:: max(1, image.shape[0] // 200), :: max(1, image.shape[1] // 200)], 90))

"""Machines: what copiers, scanners and telephones make of a sheet, and where each place of it then lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.simulator.hands import Random

Paper = NDArray[np.float32]
"""A sheet's light, 0 black to 1 white."""
Points = NDArray[np.float64]
Where = Callable[[Points], Points]
"""Millimetres of the sheet to pixels of the picture."""


@dataclass(frozen=True, slots=True)
class Scan:
    """``picture``: grey, or three channels in OpenCV's order. ``quality``: its JPEG's; None for one of two levels."""

    picture: NDArray[np.uint8]
    where: Where
    machine: str
    dpi: int
    quality: int | None
    turns: int = 0
    sheet: Paper | None = field(default=None, repr=False)
    """What lay on the glass: the copy, where it was copied before."""

    def encoded(self) -> bytes:
        """The file that arrives."""
        if self.quality is None:
            return cv2.imencode(".png", self.picture, [cv2.IMWRITE_PNG_BILEVEL, 1])[1].tobytes()
        return cv2.imencode(".jpg", self.picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])[1].tobytes()


MACHINES = {
    "grey": 26,
    "bilevel": 10,
    "fax": 6,
    "photocopy": 8,
    "second copy": 12,
    "photo": 20,
    "dirty": 11,
    "sharpened": 7,
}
HELD_OUT_MACHINES = {"sharpened"}
RESOLUTIONS = {100: 1, 150: 3, 200: 5, 300: 6}


def some_machine(rng: Random, *, held_out: bool | None = None) -> str:
    names = [name for name in MACHINES if held_out is None or (name in HELD_OUT_MACHINES) == held_out]
    shares = np.array([MACHINES[name] for name in names], np.float64)
    return names[int(rng.choice(len(names), p=shares / shares.sum()))]


def some_resolution(rng: Random) -> int:
    shares = np.array(list(RESOLUTIONS.values()), np.float64)
    return int(rng.choice(list(RESOLUTIONS), p=shares / shares.sum()))


def scan(paper: Paper, per_mm: float, machine: str, dpi: int, rng: Random) -> Scan:
    """The sheet through one machine."""
    if machine == "photo":
        return photograph(paper, per_mm, rng)
    for _ in range({"photocopy": 1, "second copy": 2}.get(machine, 0)):
        paper = _photocopied(paper, per_mm, rng)
    if machine == "dirty":
        paper = _mishandled(paper, per_mm, rng)
    seen, where = _laid_on_glass(paper, per_mm, dpi, rng)
    seen, quality = _DEVELOPED[machine](seen, rng)
    turns = int(rng.choice(4, p=[0.76, 0.08, 0.08, 0.08]))
    picture = np.ascontiguousarray(np.rot90(seen, turns))
    return Scan(picture, _turned(where, seen.shape[:2], turns), machine, dpi, quality, turns, paper)


def _turned(where: Where, shape: tuple[int, ...], turns: int) -> Where:
    height, width = shape

    def there(points: Points) -> Points:
        x, y = where(points).T
        for number in range(turns):
            x, y = y, (width if number % 2 == 0 else height) - x
        return np.column_stack([x, y])

    return there


def _laid_on_glass(paper: Paper, per_mm: float, dpi: int, rng: Random) -> tuple[Paper, Where]:
    """Askew, a little larger or smaller, shifted; the rest of the glass is as white as the lid."""
    scale = dpi / 25.4
    height, width = (round(side / per_mm * scale) for side in paper.shape)
    size = np.array(paper.shape[::-1]) / per_mm
    angle = np.deg2rad(np.clip(rng.normal(0, 0.9), -3, 3))
    grow = rng.uniform(0.96, 1.04, 2) if rng.random() < 0.5 else rng.normal(1, 0.004, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * grow
    shift = rng.uniform(-6, 6, 2) if rng.random() < 0.4 else rng.normal(0, 1.2, 2)

    def where(points: Points) -> Points:
        return np.asarray(((points - size / 2) @ turn.T + size / 2 + shift) * scale)

    corners = np.array([[0, 0], [size[0], 0], [0, size[1]]])
    lay = cv2.getAffineTransform((corners * per_mm).astype(np.float32), where(corners).astype(np.float32))
    ready = cv2.GaussianBlur(paper, (0, 0), 0.45 * per_mm / scale) if per_mm > 1.1 * scale else paper
    seen = cv2.warpAffine(ready, lay, (width, height), flags=cv2.INTER_LINEAR, borderValue=float(rng.uniform(0.93, 1)))
    return seen, where


def _noisy(paper: Paper, rng: Random, grain: float) -> NDArray[np.uint8]:
    noise = rng.standard_normal(paper.shape, np.float32) * grain
    return (paper * 255 + noise).clip(0, 255).astype(np.uint8)


def _grey(paper: Paper, rng: Random) -> tuple[NDArray[np.uint8], int | None]:
    white = rng.uniform(0.9, 1.0)
    return _noisy(
        0.03 + cv2.GaussianBlur(paper, (0, 0), rng.uniform(0.3, 0.8)) * (white - 0.03), rng, rng.uniform(0.5, 5)
    ), int(rng.integers(55, 93))


def _bilevel(paper: Paper, rng: Random) -> tuple[NDArray[np.uint8], int | None]:
    soft = cv2.GaussianBlur(paper, (0, 0), 0.5)
    around = cv2.blur(soft, (51, 51))
    level = around - rng.uniform(0.06, 0.1)  # as scanners set to text do
    seen = soft + rng.standard_normal(paper.shape, np.float32) * 0.012 > level
    return seen.astype(np.uint8) * 255, None


def _fax(paper: Paper, rng: Random) -> tuple[NDArray[np.uint8], int | None]:
    return _noisy(0.05 + paper * 0.9, rng, rng.uniform(2, 6)), int(rng.integers(35, 60))


def _sharpened(paper: Paper, rng: Random) -> tuple[NDArray[np.uint8], int | None]:
    """Held out: colour, sharpened, the other side showing through."""
    behind = cv2.GaussianBlur(np.ascontiguousarray(paper[:, ::-1]), (0, 0), 3)
    seen = paper * (1 - 0.09 * (1 - behind))
    seen = (seen + 1.2 * (seen - cv2.GaussianBlur(seen, (0, 0), 1.5))).clip(0, 1)
    tint = np.array([0.9, 0.96, 0.98], np.float32) * 0.97
    return _noisy(seen[..., None] * tint, rng, 3), int(rng.integers(70, 90))


_DEVELOPED: dict[str, Callable[[Paper, Random], tuple[NDArray[np.uint8], int | None]]] = {
    "grey": _grey,
    "bilevel": _bilevel,
    "fax": _fax,
    "photocopy": _grey,
    "second copy": _grey,
    "dirty": _grey,
    "sharpened": _sharpened,
}


def _photocopied(paper: Paper, per_mm: float, rng: Random) -> Paper:
    """Harder: pale tones bleach, dark ones clog, specks of toner. Its skew is part of the last machine's."""
    soft = cv2.GaussianBlur(paper, (0, 0), rng.uniform(0.05, 0.11) * per_mm)
    ink = 1 - soft
    ink = (ink * rng.uniform(1.05, 1.35) - rng.uniform(0.01, 0.035)).clip(0, 1)
    ink = ink ** rng.uniform(0.9, 1.1)
    specks = rng.random(paper.shape, np.float32) < rng.uniform(0, 2.5e-5)
    ink = np.maximum(ink, cv2.GaussianBlur(specks.astype(np.float32) * 6, (0, 0), 0.12 * per_mm).clip(0, 0.8))
    return (1 - ink).astype(np.float32)


def _mishandled(paper: Paper, per_mm: float, rng: Random) -> Paper:
    """Streaks, a fold, a staple, coffee, a smudged code: one to three of them."""
    seen = paper.copy()
    height, width = seen.shape
    for what in rng.choice(5, int(rng.integers(1, 4)), replace=False):
        if what == 0:
            for _ in range(int(rng.integers(1, 4))):
                x = int(rng.integers(width))
                seen[:, x : x + max(1, round(rng.uniform(0.1, 0.5) * per_mm))] *= rng.uniform(0.5, 0.95)
        elif what == 1:
            y = int(height * (rng.uniform(0.45, 0.55) if rng.random() < 0.7 else rng.uniform(0.28, 0.38)))
            profile = 1 - rng.uniform(0.05, 0.25) * np.exp(-(((np.arange(height) - y) / (0.35 * per_mm)) ** 2))
            seen *= profile[:, None].astype(np.float32)
        elif what == 2:
            at = np.array([rng.uniform(3, 12), rng.uniform(3, 12)]) * per_mm
            along = rng.uniform(-1, 1, 2) * 5 * per_mm + at
            cv2.line(seen, tuple(map(int, at)), tuple(map(int, along)), 0.35, max(1, round(0.5 * per_mm)), cv2.LINE_AA)
        elif what == 3:
            _coffee(seen, per_mm, rng)
        else:
            at = rng.uniform(0.05, 0.95, 2) * (width, height)
            smear = np.zeros_like(seen)
            cv2.ellipse(smear, (tuple(map(float, at)), (18 * per_mm, 4 * per_mm), float(rng.uniform(0, 180))), 1.0, -1)
            seen *= 1 - cv2.GaussianBlur(smear, (0, 0), per_mm) * rng.uniform(0.05, 0.2)
    return seen


def _coffee(seen: Paper, per_mm: float, rng: Random) -> None:
    centre = rng.uniform(0.1, 0.9, 2) * seen.shape[::-1]
    ring, pool = np.zeros_like(seen), np.zeros_like(seen)
    radius = rng.uniform(25, 40) * per_mm
    cv2.circle(ring, tuple(map(int, centre)), int(radius), 1.0, max(1, round(rng.uniform(1, 2.5) * per_mm)))
    cv2.circle(pool, tuple(map(int, centre)), int(radius), 1.0, -1)
    stain = 0.22 * cv2.GaussianBlur(ring, (0, 0), 0.5 * per_mm) + 0.07 * cv2.GaussianBlur(pool, (0, 0), per_mm)
    seen *= 1 - stain * rng.uniform(0.5, 1.2)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a telephone saw a sheet. Degrees, millimetres; ``shade``: share of the light missing where it is darkest."""

    tilt: float
    toward: float
    spin: float
    curl: float
    shade: float
    blur: float


def some_pose(rng: Random) -> Pose:
    return Pose(
        tilt=rng.uniform(0, 25),
        toward=rng.uniform(0, 360),
        spin=rng.normal(0, 4),
        curl=rng.uniform(0, 5),
        shade=rng.uniform(0, 0.7),
        blur=rng.uniform(0.3, 1.3),
    )


HARDEST = {"tilt": 25.0, "curl": 5.0, "shade": 0.7}


def photograph(paper: Paper, per_mm: float, rng: Random, pose: Pose | None = None) -> Scan:
    """A sheet on a table, seen by a telephone, with exact perspective."""
    pose = pose or some_pose(rng)
    size = np.array(paper.shape[::-1]) / per_mm
    long = int(rng.choice([2400, 3000, 3600]))
    width, height = round(long * 0.75), long
    curled = _curl(size, pose.curl, rng)
    cover = rng.uniform(0.82, 0.95)
    flat_where = _camera(size, pose, (width, height), cover)

    def where(points: Points) -> Points:
        return flat_where(points, curled(points))

    step = 12
    grid = np.stack(np.meshgrid(np.arange(0, width + step, step), np.arange(0, height + step, step)), axis=-1)
    on_sheet = _inverse(flat_where, curled, size, grid.reshape(-1, 2).astype(np.float64)).reshape(grid.shape)
    coarse = (on_sheet * per_mm).astype(np.float32)
    # Grid lines are step pixels apart: to that many pixels each, the first one at its own place.
    fine_x = np.arange(width, dtype=np.float32) / step
    fine_y = np.arange(height, dtype=np.float32) / step
    reach = np.meshgrid(fine_x, fine_y)
    maps = cv2.remap(coarse, reach[0], reach[1], cv2.INTER_LINEAR)
    ready = cv2.GaussianBlur(paper, (0, 0), max(0.3, 0.4 * per_mm * size[1] / (height * cover)))
    seen = cv2.remap(
        ready, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1.0
    )
    table = float(rng.uniform(0.15, 0.6)) + cv2.resize(
        rng.normal(0, 0.03, (height // 20, width // 20)).astype(np.float32), (width, height)
    )
    seen = np.where(seen < 0, table, seen * rng.uniform(0.8, 0.95))
    seen = seen * _light((width, height), pose.shade, rng)
    seen = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), pose.blur)
    return Scan(
        _noisy(seen, rng, rng.uniform(1, 5)),
        where,
        "photo",
        round(height * cover / size[1] * 25.4),
        int(rng.integers(60, 93)),
        sheet=paper,
    )


def _curl(size: Points, high: float, rng: Random) -> Callable[[Points], NDArray[np.float64]]:
    """Height of the paper above the table: one hump along a direction near one of its sides, as after rolling."""
    angle = rng.normal(0, 0.2) + (np.pi / 2 if rng.random() < 0.5 else 0)
    along = np.array([np.cos(angle), np.sin(angle)])
    length = float(np.abs(along) @ size)
    skew = rng.uniform(0.7, 1.4)

    def curled(points: Points) -> NDArray[np.float64]:
        t = (((points - size / 2) @ along) / length + 0.5).clip(0, 1)
        return np.asarray(high * np.sin(np.pi * t**skew) ** 1.3)

    return curled


def _camera(
    size: Points, pose: Pose, picture: tuple[int, int], cover: float
) -> Callable[[Points, NDArray[np.float64]], Points]:
    tilt, toward, spin = np.deg2rad([pose.tilt, pose.toward, pose.spin])
    about = np.array([-np.sin(toward), np.cos(toward), 0])
    turn = cv2.Rodrigues(about * tilt)[0] @ cv2.Rodrigues(np.array([0, 0, spin]))[0]
    away = 1.25 * float(size[1])
    """As far as one must hold a telephone to have the whole sheet in the picture."""

    def seen(points: Points, height: NDArray[np.float64]) -> Points:
        there = np.column_stack([points - size / 2, -height]) @ turn.T
        return np.asarray(there[:, :2] / (there[:, 2:] + away))

    corners = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float64)
    outline = seen(corners, np.zeros(4))
    span = outline.max(axis=0) - outline.min(axis=0)
    scale = cover * min(picture[0] / span[0], picture[1] / span[1])
    middle = (outline.max(axis=0) + outline.min(axis=0)) / 2

    def where(points: Points, height: NDArray[np.float64]) -> Points:
        return np.asarray((seen(points, height) - middle) * scale + np.array(picture) / 2)

    return where


def _inverse(
    where: Callable[[Points, NDArray[np.float64]], Points],
    curled: Callable[[Points], NDArray[np.float64]],
    size: Points,
    pixels: Points,
) -> Points:
    corners = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    flat = cv2.getPerspectiveTransform(where(corners.astype(np.float64), np.zeros(4)).astype(np.float32), corners)

    def back(points: Points) -> Points:
        there = np.column_stack([points, np.ones(len(points))]) @ flat.T
        return np.asarray(there[:, :2] / there[:, 2:])

    at = back(pixels)
    for _ in range(6):
        lifted = where(at, curled(at)) - where(at, np.zeros(len(at)))
        at = back(pixels - lifted)
    return at


def _light(size: tuple[int, int], shade: float, rng: Random) -> Paper:
    """From full light on one side to ``shade`` less on the other, with the soft edge of a shadow across."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0], dtype=np.float32), np.linspace(-1, 1, size[1], dtype=np.float32))
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 1.42
    edge = 1 / (1 + np.exp(-(x * np.sin(angle) - y * np.cos(angle) - rng.uniform(-0.5, 0.5)) * rng.uniform(8, 40)))
    share = rng.uniform(0.3, 0.7)
    dark = shade * (share * (slope + 1) / 2 + (1 - share) * edge)
    return (1 - dark).astype(np.float32)

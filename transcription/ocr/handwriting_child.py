"""Guesses at handwriting; runs only in a limited child process, started by ``transcription.ocr.handwriting``.

One child guesses at many pictures, because its models take a second to load and 600 MB of memory to run.
"""

from __future__ import annotations

import logging
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

_MOST_PIXELS = 4_000_000
"""Of a picture; a larger one is shrunk, for a zone at 300 dpi is smaller."""
_WIDER = 1.25
"""How much wider a picture is shown to the engine: of four handwriting fonts 6 % are wrong then, and 9 as they are."""
_STROKE, _SPREAD = np.ones((25, 25), np.uint8), 15.0
"""Pixels wider than any stroke, by which the paper's light is found, and of how far it is smoothed."""
_PAPER = 245.0
"""What counts as white, once the paper's own light is 255."""


def guess(asked: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Of each of ``pictures``, a path and whether it is one line, the lines: ``text``, ``confidence`` 0–1, ``box``."""
    logging.disable(logging.INFO)  # it tells where its models lie, for each of them
    engine = RapidOCR(
        params={"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
    )
    return [(_one_line if is_line else _lines)(engine, path) for path, is_line in asked["pictures"]]


def _one_line(engine: RapidOCR, path: str) -> list[dict[str, Any]]:
    """A picture that is one line as a whole: nothing of it is overlooked, as single figures are."""
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    if picture is None:
        return []
    found: Any = engine(picture, use_det=False, use_cls=False, use_rec=True)
    if not found.txts or not found.txts[0]:
        return []
    box = [0, 0, picture.shape[1], picture.shape[0]]
    return [{"text": found.txts[0], "confidence": round(float(found.scores[0]), 4), "box": box}]


def _lines(engine: RapidOCR, path: str) -> list[dict[str, Any]]:
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    if picture is None:
        return []
    wide, high = _size_for_reading(picture.shape[1], picture.shape[0])
    way = cv2.INTER_CUBIC if wide >= picture.shape[1] else cv2.INTER_AREA
    found: Any = engine(cv2.resize(_even(np.asarray(picture, np.uint8)), (wide, high), interpolation=way))
    if found.boxes is None:
        return []
    back = np.array([picture.shape[1] / wide, picture.shape[0] / high])
    lines = []
    for corners, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
        (left, top), (right, bottom) = corners.min(axis=0) * back, corners.max(axis=0) * back
        box = [round(float(side)) for side in (left, top, right - left, bottom - top)]
        lines.append({"text": text, "confidence": round(float(confidence), 4), "box": box})
    return lines


def _size_for_reading(width: int, height: int) -> tuple[int, int]:
    """Width and height of a picture as the engine is shown it, wider than it is: it knows hands that run less close."""
    shrink = min(1.0, (_MOST_PIXELS / (width * height * _WIDER)) ** 0.5)
    return max(1, int(width * _WIDER * shrink)), max(1, int(height * shrink))


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """White paper and black ink, however the sheet was lit and whatever it was written with."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)
    light = cv2.GaussianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _STROKE), (0, 0), _SPREAD)
    level = grey / np.maximum(light, 1) * 255
    darkest = float(np.percentile(level[::2, ::2], 2))
    spread = ((level - darkest) / max(20.0, _PAPER - darkest) * 255).clip(0, 255)
    return np.asarray(cv2.cvtColor(spread.astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)

"""Guesses at handwriting; runs only in a limited child process, started by ``transcription.ocr.handwriting``.

One child guesses at many pictures, because its models take a second to load and 600 MB of memory to run.
"""

from __future__ import annotations

import logging
from typing import Any

import cv2
from rapidocr import RapidOCR

_MOST_PIXELS = 4_000_000
"""Of a picture; a larger one is shrunk, for a zone at 300 dpi is smaller."""


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
    shrink = (picture.shape[0] * picture.shape[1] / _MOST_PIXELS) ** 0.5
    if shrink > 1:
        size = (max(1, int(picture.shape[1] / shrink)), max(1, int(picture.shape[0] / shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    found: Any = engine(picture)
    if found.boxes is None:
        return []
    lines = []
    for corners, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        box = [round(float(side) * max(1.0, shrink)) for side in (left, top, right - left, bottom - top)]
        lines.append({"text": text, "confidence": round(float(confidence), 4), "box": box})
    return lines

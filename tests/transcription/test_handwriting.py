"""Guesses at handwriting: offered only where the engine is as good as sure, never more than a start."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.simulator.blank import FONT
from tests.transcription.photographed import pen
from transcription.ocr.handwriting import guess_handwriting


def test_of_many_pictures_each_has_a_guess_of_its_own(tmp_path: Path) -> None:
    clear = Image.new("L", (1400, 300), 255)
    ImageDraw.Draw(clear).text((40, 60), "Plus de bancs au soleil", font=ImageFont.truetype(str(FONT), 80), fill=40)
    scribble = Image.new("L", (1400, 300), 255)
    pen(ImageDraw.Draw(scribble), np.random.default_rng(3), (40, 180), 1000, 40)
    for name, picture in (("clear", clear), ("scribble", scribble)):
        picture.save(tmp_path / f"{name}.png")
    cv2.imwrite(str(tmp_path / "white.png"), np.full((300, 1400), 255, np.uint8))
    paths = [tmp_path / f"{name}.png" for name in ("clear", "scribble", "white")] + [tmp_path / "missing.png"]
    clearly, scribbled, nothing, missing = guess_handwriting(paths)
    assert (clearly.text, clearly.offered) == ("Plus de bancs au soleil", True)
    assert not scribbled.offered
    assert nothing.lines == missing.lines == ()
    assert not nothing.offered

"""Printed pages for tests, drawn in a font everybody has, and what copiers and telephones do to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.Image import Resampling, Transpose

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LINES = (
    "Madame la Maire,",
    "Les trottoirs de la rue de Siam sont trop étroits",
    "pour passer avec une poussette ou un fauteuil.",
    "Il faudrait aussi des bancs à l'ombre, près de l'école,",
    "et réparer l'éclairage : le soir, on ne voit rien.",
    "Merci de votre réponse.",
)
TEXT = "\n".join(LINES)
A4_200 = (1654, 2339)
"""A4 at 200 dpi."""
TURNS = {90: Transpose.ROTATE_90, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_270}


def sheet(text: str = TEXT, *, size: tuple[int, int] = A4_200, points: int = 38, ink: int = 20) -> Image.Image:
    """A white page with a text on it, its upper left corner at (150, 200)."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).multiline_text((150, 200), text, fill=ink, font=ImageFont.truetype(FONT, points), spacing=24)
    return page


def skewed(page: Image.Image, degrees: float) -> Image.Image:
    return page.rotate(degrees, resample=Resampling.BICUBIC, fillcolor=255)


def turned(page: Image.Image, degrees: int) -> Image.Image:
    """Turned against the clock by quarters."""
    return page.transpose(TURNS[degrees])


def shaded(page: Image.Image) -> Image.Image:
    """As photographed under a lamp: one corner in the light, the other in the shade."""
    values = np.asarray(page, np.float32)
    light = np.linspace(1.0, 0.25, values.shape[1])[None, :] * np.linspace(1.0, 0.7, values.shape[0])[:, None]
    return Image.fromarray((values * light).astype(np.uint8))


def noisy(page: Image.Image, level: float) -> Image.Image:
    values = np.asarray(page, np.float32)
    return Image.fromarray((values + np.random.default_rng(3).normal(0, level, values.shape)).clip(0, 255).astype("u1"))


def noise(size: tuple[int, int] = A4_200) -> Image.Image:
    """Nothing but black and white specks."""
    return Image.fromarray((np.random.default_rng(5).random(size[::-1]) > 0.5).astype(np.uint8) * 255)


def drawing() -> Image.Image:
    """Shapes and strokes, and not one letter."""
    page = Image.new("L", A4_200, 255)
    draw = ImageDraw.Draw(page)
    rng = np.random.default_rng(11)
    for _ in range(25):
        points = [tuple(map(float, point)) for point in rng.uniform((200, 200), (1450, 2100), (4, 2))]
        draw.line(points, fill=40, width=5, joint="curve")
    draw.ellipse((400, 600, 1200, 1500), outline=30, width=6)
    return page

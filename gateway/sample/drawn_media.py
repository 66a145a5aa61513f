"""Recordings and pages to go with what was said: tones as long as the words, and letters drawn on paper."""

from __future__ import annotations

import io
import random
import wave
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from channels.paper.fonts import font_file
from transcription.base.values import PlacedWord, Word

_RATE = 8000
"""Samples per second, as a telephone brings them."""

_SECONDS_A_WORD = 0.36
_DOUBTFUL_SHARE = 0.08
_PAGE_WIDTH, _MARGIN, _SIZE, _LINE = 900, 70, 30, 52
"""Of a drawn page, in pixels."""


@dataclass(frozen=True, slots=True)
class SampleRecording:
    """A recording, and the words an engine would hear in it."""

    wave: bytes
    seconds: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A page, and the words an engine would read on it."""

    png: bytes
    words: tuple[PlacedWord, ...]


def draw_recording(said: str, dice: random.Random, *, unsure: bool) -> SampleRecording:
    """Somebody says this: one murmur a word, with breaths between sentences."""
    words, at = [], 0.6
    for word in said.split():
        length = max(0.2, _SECONDS_A_WORD * min(len(word), 9) / 6)
        heard = word.strip('.,;:!?«»"()').lower()
        if heard:
            words.append(Word(heard, _confidence(dice, unsure=unsure), round(at, 2), round(at + length, 2)))
        at += length + (0.7 if word[-1] in ".!?" else 0.06)
    return SampleRecording(_murmur(words, at + 0.6), round(at + 0.6, 2), tuple(words))


def _confidence(dice: random.Random, *, unsure: bool) -> float:
    if dice.random() < (0.6 if unsure else _DOUBTFUL_SHARE):
        return round(dice.uniform(0.3, 0.68), 2)
    return round(dice.uniform(0.78, 0.99), 2)


def _murmur(words: list[Word], seconds: float) -> bytes:
    sound = np.zeros(int(seconds * _RATE))
    for word in words:
        begin, end = int(word.start * _RATE), int(word.end * _RATE)
        moment = np.arange(end - begin) / _RATE
        pitch = 110 + 12 * (len(word.text) % 6)
        voice = np.sin(2 * np.pi * pitch * moment) + 0.5 * np.sin(4 * np.pi * pitch * moment)
        sound[begin:end] = voice * np.hanning(end - begin) * 7000
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(sound.astype("<i2").tobytes())
    return buffer.getvalue()


def draw_scan(said: str, dice: random.Random, *, unsure: bool) -> SamplePage:
    """Somebody writes this on a sheet of paper, which is scanned."""
    font = ImageFont.truetype(str(font_file("AtkinsonHyperlegible-Regular")), _SIZE)
    placed, left, line = [], _MARGIN, 0
    for word in said.split():
        width = int(font.getlength(word))
        if left + width > _PAGE_WIDTH - _MARGIN and left > _MARGIN:
            left, line = _MARGIN, line + 1
        box = (left - 3, _MARGIN + line * _LINE - 2, width + 6, _SIZE + 10)
        placed.append(PlacedWord(word, _confidence(dice, unsure=unsure), box, line, 1))
        left += width + 10
    page = Image.new("L", (_PAGE_WIDTH, 2 * _MARGIN + (line + 2) * _LINE), 247)
    draw = ImageDraw.Draw(page)
    for one in placed:
        draw.text((one.box[0] + 3, one.box[1] + 2), one.text, font=font, fill=50)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", compress_level=1)
    return SamplePage(buffer.getvalue(), tuple(placed))

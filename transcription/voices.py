"""Which stretches of a recording may be speech, so that silence and tones never become words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import webrtcvad
from numpy.typing import NDArray

FRAME_SECONDS = 0.03
"""webrtcvad takes frames of 10, 20 or 30 ms."""
RATES = (8_000, 16_000, 32_000, 48_000)
"""The sampling rates webrtcvad takes, in Hz."""
SAMPLE_BYTES = 2

_STRICTNESS = 2
_FRAMES_AT_ONCE = 1_000
_PAD_FRAMES = 10
"""0.3 s around speech: consonants at its edges are too soft for the detector."""
_PAUSE_FRAMES = 50
"""1.5 s: shorter pauses are heard through, since the recogniser ends its sentences in them."""
_LEAST_FRAMES = 5
"""0.15 s of voice within one stretch; a click is shorter."""

_FLOOR = 250
"""Hz: what is judged below lies above it, since the fundamental of a voice alone looks like a sine."""
_LEAST_SPREAD = 4.0
"""Decibels between a stretch's loud and soft moments: speech has 7 to 40, hiss and hum under 2 (measured)."""
_TONE_SHARE = 0.98
"""Of a frame's energy, in its two strongest places of the spectrum: telephone tones are one or two sines."""
_TONE_DRIFT = 4.0
"""Hz a tone may move from frame to frame; a voice glides further."""
_TONE_FRAMES = 5
"""0.15 s of it; in recordings of speech the longest such run was 0.12 s (measured)."""
_TONE_EDGE = 3
"""Frames in which a tone begins and ends, and in which the detector still echoes it."""

Samples = NDArray[np.int16]
Flags = NDArray[np.bool_]
Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """From byte ``start`` to byte ``end`` of the samples."""

    start: int
    end: int


def find_speech(pcm: Path, rate: int) -> list[Region]:
    """The stretches of a file of mono 16-bit samples that may be speech; reads it piece by piece."""
    frame = round(rate * FRAME_SECONDS)
    marks = [_marked(block, rate) for block in _blocks(pcm, frame)]
    if not marks:
        return []
    voiced, barred, levels = (np.concatenate(column) for column in zip(*marks, strict=True))
    return [
        Region(first * frame * SAMPLE_BYTES, (last + 1) * frame * SAMPLE_BYTES)
        for first, last in _stretches(voiced.astype(bool), barred.astype(bool))
        if _spread(levels[first : last + 1]) >= _LEAST_SPREAD
    ]


def _blocks(pcm: Path, frame: int) -> Iterator[Samples]:
    """Pieces of half a minute, each a row per frame."""
    with pcm.open("rb") as file:
        while data := file.read(_FRAMES_AT_ONCE * frame * SAMPLE_BYTES):
            samples = np.frombuffer(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], np.int16)
            if len(samples) >= frame:
                yield samples[: len(samples) // frame * frame].reshape(-1, frame)


def _marked(frames: Samples, rate: int) -> tuple[Flags, Flags, Levels]:
    """Which frames are voice, which are tones, and how loud each is in decibels."""
    detector = webrtcvad.Vad(_STRICTNESS)
    speech = np.fromiter((detector.is_speech(row.tobytes(), rate) for row in frames), bool, len(frames))
    width = rate / frames.shape[1]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    spectrum = spectrum[:, int(_FLOOR / width) :]
    energy = spectrum.sum(axis=1)
    tones = _tones(spectrum, energy, width)
    return speech & ~tones, tones, 10 * np.log10(energy + 1)


def _tones(spectrum: Levels, energy: Levels, width: float) -> Flags:
    """Frames inside a steady run of one or two sines: dialling, ringing, engaged and hold tones, beeps."""
    pure = _share_of_peaks(spectrum) > _TONE_SHARE * (energy + 1e-9)
    same = np.abs(np.diff(_peak(spectrum) * width)) <= _TONE_DRIFT
    steady = np.concatenate([[False], same]) | np.concatenate([same, [False]])
    tone = np.zeros(len(spectrum), bool)
    for first, last in _runs(pure & steady):
        if last - first + 1 >= _TONE_FRAMES:
            tone[max(0, first - _TONE_EDGE) : last + 1 + _TONE_EDGE] = True
    return tone


def _spread(levels: Levels) -> float:
    """Decibels between the loud and the soft moments of a stretch, over a tenth of a second each."""
    smooth = np.convolve(levels, np.ones(3) / 3, "valid") if len(levels) > 3 else levels
    return float(np.percentile(smooth, 95) - np.percentile(smooth, 20))


def _share_of_peaks(spectrum: Levels) -> Levels:
    """The energy in each frame's two strongest places, each as wide as a sine seen through the window."""
    rest = spectrum.copy()
    rows = np.arange(len(rest))
    share = np.zeros(len(rest))
    for _ in range(2):
        peak = rest.argmax(axis=1)
        for offset in (-2, -1, 0, 1, 2):
            place = np.clip(peak + offset, 0, rest.shape[1] - 1)
            share += rest[rows, place]
            rest[rows, place] = 0
    return share


def _peak(spectrum: Levels) -> Levels:
    """Where each frame is strongest, between the spectrum's places by a parabola through three logarithms."""
    rows = np.arange(len(spectrum))
    top = np.clip(spectrum.argmax(axis=1), 1, spectrum.shape[1] - 2)
    left, middle, right = (np.log(spectrum[rows, top + offset] + 1e-9) for offset in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / np.where(np.abs(bend) < 1e-9, np.inf, bend)
    return np.asarray(top + shift, np.float64)


def _stretches(voiced: Flags, barred: Flags) -> list[tuple[int, int]]:
    """First and last frame of each stretch: voice joined over short pauses and padded, but never across a tone."""
    joined: list[list[int]] = []
    for first, last in _runs(voiced):
        near = joined and first - joined[-1][1] <= _PAUSE_FRAMES
        if near and not barred[joined[-1][1] : first].any():
            joined[-1][1] = last
            joined[-1][2] += last - first + 1
        else:
            joined.append([first, last, last - first + 1])
    return [_padded(first, last, barred) for first, last, count in joined if count >= _LEAST_FRAMES]


def _padded(first: int, last: int, barred: Flags) -> tuple[int, int]:
    for _ in range(_PAD_FRAMES):
        first -= first > 0 and not barred[first - 1]
        last += last + 1 < len(barred) and not barred[last + 1]
    return int(first), int(last)


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end) - 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]

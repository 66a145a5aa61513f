"""Whether a sound behaves like a voice: its pitch glides and its spectrum keeps changing.

Noise has no pitch, notes and tones hold theirs, knocks and drums have one spectrum: only a voice moves
in both ways at once. A whisper has no pitch either, so nobody hears it here but a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_FRAMES = 40
"""1.2 s, a few syllables, are judged at once."""
LEAST_LIKENESS = 0.62
"""The best window of somebody speaking has 0.7 or more, of anything else hardly ever more than 0.6 (measured)."""
LEAST_LIKENESS_ALONE = 0.46
"""Of a stretch too short for two windows: in « oui » alone little changes (0.48 and more, measured)."""

_PITCH = (70, 400)
"""Hz of a speaking voice; a shout or a child at play may go beyond, but comes back."""
_VOICED = 0.6
"""Of a frame's energy below 1500 Hz, what repeats with the pitch; a noise has under 0.4."""
_GLIDE = (0.1, 4.0)
"""Semitones from frame to frame: a held note moves less, a mistaken octave more."""
_ACTIVE = 25
"""Decibels below the loudest frame nearby; what is softer is a pause."""
_BANDS = (100, 250, 400, 550, 700, 900, 1100, 1350, 1650, 2000, 2400, 2900, 3500)
"""Hz between which the spectrum's shape is taken: what a telephone carries, finest where vowels differ."""
_SHAPE_WEIGHT = 1 / 20
"""A spectrum that changes by 10 dB says as much as half of all frames gliding."""
_LEAST_SPREAD = 5.0
"""Decibels between loud and soft moments of a window, over a tenth of a second each: syllables rise and fall
by 5 to 40, hum and motors by under 4 (measured)."""
_LEAST_GLIDES = 5
"""Frames of voice in a window, 0.15 s; a few knocks may look like two or three."""
_LEAST_GLIDES_ALONE = 3
_FEWEST_GLIDES = 2
_CLEAR_SPREAD = 30.0
"""Decibels by which a short word must stand out when so few of its frames glide: a quick « oui » in silence has 80
and more, notes of an electric piano 6, tones over noise 20 (measured)."""
_STEP_FRAMES = 10
_WINDOWS_AT_ONCE = 500

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Movement:
    """Of each frame: its level in decibels, whether its pitch glides from there to the next, its spectrum's shape."""

    level: Numbers
    glides: NDArray[np.bool_]
    shape: NDArray[np.float16]

    def followed_by(self, other: Movement) -> Movement:
        """These frames and the next ones."""
        return Movement(
            np.concatenate([self.level, other.level]),
            np.concatenate([self.glides, other.glides]),
            np.concatenate([self.shape, other.shape]),
        )

    def part(self, first: int, end: int | None) -> Movement:
        """Some of the frames."""
        return Movement(self.level[first:end], self.glides[first:end], self.shape[first:end])


def movement(frames: NDArray[np.int16], rate: int) -> Movement:
    """What moves in a row of frames; each is looked at together with the next, the last one by itself."""
    following = np.concatenate([frames[1:], np.zeros_like(frames[:1])])
    pairs = np.concatenate([frames, following], axis=1).astype(np.float32)
    pairs -= pairs.mean(axis=1, keepdims=True)
    window = np.hanning(pairs.shape[1]).astype(np.float32)
    length = pairs.shape[1] * 5 // 4  # room for a period of the lowest pitch, so that nothing wraps around
    spectrum = np.square(np.abs(np.fft.rfft(pairs * window, length, axis=1)))
    width = rate / length
    edges = [round(edge / width) for edge in _BANDS]
    bands = np.add.reduceat(spectrum, edges, axis=1)[:, :-1]
    energy = bands.sum(axis=1, keepdims=True) + 1
    decibels = 10 * np.log10(bands + energy * 1e-5)
    return Movement(
        level=10 * np.log10(energy[:, 0]),
        glides=_glides(spectrum, window, length, rate),
        shape=(decibels - decibels.mean(axis=1, keepdims=True)).astype(np.float16),
    )


def _glides(spectrum: Numbers, window: Numbers, length: int, rate: int) -> NDArray[np.bool_]:
    """The frames that have a pitch which the next frame has too, but not quite."""
    width = rate / length
    low = np.zeros_like(spectrum)
    low[:, round(100 / width) : round(1500 / width)] = spectrum[:, round(100 / width) : round(1500 / width)]
    # A spectrum's own transform is how well the sound repeats after so many samples, here without the window's share.
    repeats = np.fft.irfft(low, length, axis=1)[:, : rate // _PITCH[0]]
    alone = np.fft.irfft(np.square(np.abs(np.fft.rfft(window, length))), length)[: rate // _PITCH[0]]
    repeats /= (repeats[:, :1] + 1e-3) * (alone / alone[0]).astype(np.float32)
    lags = repeats[:, rate // _PITCH[1] :]
    rows = np.arange(len(lags))
    strength = lags.max(axis=1)
    # Whatever repeats after one period does so after two: the first of nearly equal peaks is the pitch.
    middle = lags[:, 1:-1]
    peaks = (middle > lags[:, :-2]) & (middle >= lags[:, 2:]) & (middle > 0.88 * strength[:, None])
    place = np.where(peaks.any(axis=1), peaks.argmax(axis=1) + 1, 1)
    left, top, right = (lags[rows, place + offset] for offset in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / np.where(np.abs(bend) < 1e-6, np.inf, bend)
    semitones = np.abs(np.diff(12 * np.log2(place + rate // _PITCH[1] + shift.clip(-1, 1))))
    voiced = (strength > _VOICED) & peaks.any(axis=1)
    moves = (semitones >= _GLIDE[0]) & (semitones < _GLIDE[1])
    return np.append(voiced[1:] & voiced[:-1] & moves, False)


def voiced_windows(moves: Movement, first: int, last: int) -> list[tuple[int, int]]:
    """First and last frame of each window between two frames that behaves like a voice."""
    size = min(WINDOW_FRAMES, last + 1 - first)
    starts = np.arange(first, last + 2 - size, _STEP_FRAMES)
    alone = len(starts) == 1
    least = LEAST_LIKENESS_ALONE if alone else LEAST_LIKENESS
    found: list[tuple[int, int]] = []
    for some in np.split(starts, range(_WINDOWS_AT_ONCE, len(starts), _WINDOWS_AT_ONCE)):
        likely = _likeness(moves, some[:, None] + np.arange(size), alone=alone) >= least
        found += [(int(start), int(start) + size - 1) for start in some[likely]]
    return found


def _likeness(moves: Movement, windows: NDArray[np.intp], *, alone: bool) -> Numbers:
    """For each window, the share of gliding frames and how much the spectrum changes, both among its loud frames;
    0 where nothing rises and falls.
    """
    level = moves.level[windows]
    active = level > level.max(axis=1, keepdims=True) - _ACTIVE
    count = active.sum(axis=1)
    glides = (moves.glides[windows] & active).sum(axis=1)
    shape = moves.shape[windows].astype(np.float32)
    weights = active[:, :, None] / count[:, None, None].astype(np.float32)
    mean = (shape * weights).sum(axis=1, keepdims=True)
    change = np.sqrt((np.square(shape - mean) * weights).sum(axis=1)).mean(axis=1)
    likeness = glides / count + _SHAPE_WEIGHT * change.clip(max=8)
    spread = _spread(level)
    enough = (glides >= (_LEAST_GLIDES_ALONE if alone else _LEAST_GLIDES)) & (spread >= _LEAST_SPREAD)
    if alone:
        enough |= (glides >= _FEWEST_GLIDES) & (spread >= _CLEAR_SPREAD)
    return np.where(enough, likeness, 0).astype(np.float32)


def _spread(level: Numbers) -> Numbers:
    """Decibels between each window's loud and soft moments."""
    smooth = level if level.shape[1] < 3 else (level[:, :-2] + level[:, 1:-1] + level[:, 2:]) / 3
    loud, soft = np.percentile(smooth, (95, 20), axis=1)
    return np.asarray(loud - soft, np.float32)

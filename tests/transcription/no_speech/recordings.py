"""The two hundred recordings: which sound, how loud, through which codec."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from tests.transcription.no_speech import lines, music, noises
from tests.transcription.no_speech.lines import RATE, Samples

Kind = Callable[[Generator], Samples]

TIMBRES = (
    music.piano,
    music.organ,
    music.strings,
    music.brass,
    music.flute,
    music.bell,
    music.plucked,
    music.square,
    music.pad,
)

# How many of each kind; two hundred in all.
KINDS: tuple[tuple[str, Kind, int], ...] = (
    ("silence", lines.silence, 9),
    ("hum", lines.hum, 16),
    ("tones", lines.tones, 24),
    ("information tones", lines.information, 6),
    ("fax", lines.fax, 6),
    ("keys", lines.keys, 14),
    *((f"melody, {timbre.__name__}", music.melody(timbre), 4) for timbre in TIMBRES),
    *((f"chords, {timbre.__name__}", music.chords(timbre), 2) for timbre in TIMBRES),
    ("drums", music.drums, 5),
    ("band", music.band, 6),
    ("white noise", noises.white, 4),
    ("pink noise", noises.pink, 4),
    ("brown noise", noises.brown, 4),
    ("noise of a line", noises.telephone_band, 4),
    ("crackle", noises.crackle, 5),
    ("knocks", noises.clicks, 5),
    ("wind", noises.wind, 5),
    ("traffic", noises.traffic, 5),
    ("breathing", noises.breathing, 5),
    ("applause", noises.applause, 5),
    ("rustling", noises.rustle, 5),
    ("motor", noises.motor, 4),
    ("static", noises.static, 3),
    ("rain", noises.rain, 2),
)

# What a provider hands out, and what a telephone does to sound before that.
CARRIERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PCM": (".wav", ()),
    "mu-law": (".wav", ("-c:a", "pcm_mulaw")),
    "A-law": (".wav", ("-c:a", "pcm_alaw")),
    "MP3": (".mp3", ("-c:a", "libmp3lame", "-b:a", "16k")),
    "GSM": (".wav", ("-c:a", "libgsm_ms")),
}
LEVELS = (0, -6, -15, -25, -35)
"""Decibels under full scale, of the loudest sample."""


@dataclass(frozen=True)
class Recording:
    """One recording; the same one gives the same file each time."""

    name: str
    kind: Kind
    seed: int
    level: int
    carrier: str

    def samples(self) -> Samples:
        """The sound before its codec, its loudest sample at ``level``."""
        sound = self.kind(np.random.default_rng(self.seed))
        return sound / max(1e-9, float(np.abs(sound).max())) * 10 ** (self.level / 20)

    def write(self, folder: Path) -> Path:
        """The file as the provider would hand it out."""
        plain = write_wav(self.samples(), folder / f"{self.seed}.wav")
        suffix, options = CARRIERS[self.carrier]
        if not options:
            return plain
        coded = folder / f"{self.seed}-coded{suffix}"
        command = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(plain), *options, str(coded)]
        subprocess.run(command, check=True, timeout=60)
        return coded


def write_wav(samples: Samples, path: Path) -> Path:
    """Samples between -1 and 1 as a mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.clip(-1, 1) * 32_000).astype("<i2").tobytes())
    return path


def recordings(kinds: tuple[tuple[str, Kind, int], ...] = KINDS, first_seed: int = 1_000) -> list[Recording]:
    """Every kind as often as said, levels and codecs dealt out in turn."""
    found: list[Recording] = []
    for name, kind, times in kinds:
        for _ in range(times):
            number = len(found)
            carrier = list(CARRIERS)[number % len(CARRIERS)]
            level = LEVELS[number // len(CARRIERS) % len(LEVELS)]
            label = f"{name}, {level} dB, {carrier}, seed {first_seed + number}"
            found.append(Recording(label, kind, first_seed + number, level, carrier))
    return found

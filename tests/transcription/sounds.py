"""Recordings for tests: synthetic voices as a telephone carries them, and sounds that are no speech."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from transcription.audio.speech_models import PACKAGED, SpeechModel, describe_model

RATE = 8_000
DEMO_MODEL: SpeechModel = describe_model(PACKAGED / "vosk-fr-demo")
needs_voice = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("ffmpeg")), reason="espeak-ng and ffmpeg are not installed"
)

Samples = NDArray[np.float64]


def speak(sentence: str, path: Path, *, voice: str = "fr+f3", speed: int = 150) -> Path:
    """A sentence in a synthetic voice; the same words give the same sound each time."""
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), sentence], check=True)
    return path


def convert(source: Path, target: Path, *options: str) -> Path:
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-i", str(source), *options, str(target)], check=True)
    return target


def write_wav(samples: Samples, path: Path, rate: int = RATE) -> Path:
    """Samples between -1 and 1 as a mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.clip(-1, 1) * 32_000).astype("<i2").tobytes())
    return path


def read_wav(path: Path) -> Samples:
    """The samples of a mono 16-bit WAV file at 8 kHz."""
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * RATE)) / RATE


def silence(seconds: float = 5) -> Samples:
    return np.zeros(int(seconds * RATE))


def tone(*frequencies: float, on: float = 5, off: float = 0, times: int = 1) -> Samples:
    """One or more sines, as dialling, ringing and engaged tones are."""
    sound = sum((0.3 * np.sin(2 * np.pi * frequency * _time(on)) for frequency in frequencies), np.zeros(1))
    return np.tile(np.concatenate([sound, silence(off)]), times)


def hiss(level: float = 0.1, seconds: float = 5) -> Samples:
    return np.random.default_rng(7).normal(0, level, int(seconds * RATE))


def hum(seconds: float = 5) -> Samples:
    """Fifty hertz with all its harmonics."""
    return 0.8 * (2 * np.mod(_time(seconds) * 50, 1) - 1)


def clicks(seconds: float = 5) -> Samples:
    sound = silence(seconds)
    sound[:: int(0.7 * RATE)] = 0.9
    return sound


def melody(seconds: float = 9) -> Samples:
    """Held notes with overtones, as a switchboard plays them to people who wait."""
    time = _time(seconds)
    frequency = 261.6 * 2 ** (np.floor(time * 3) * 5 % 12 / 12)
    return sum((0.2 / k * np.sin(2 * np.pi * k * frequency * time) for k in (1, 2, 3)), np.zeros(1))


NO_SPEECH = {
    "silence": silence(),
    "dialling tone": tone(440),
    "American dialling tone": tone(350, 440),
    "ringing tone": tone(440, on=1.5, off=3.5, times=3),
    "engaged tone": tone(425, on=0.5, off=0.5, times=8),
    "keys pressed": tone(697, 1209, on=0.2, off=0.2, times=12),
    "one beep": tone(1000, on=0.6),
    "hiss": hiss(),
    "loud hiss": hiss(0.6),
    "hum": hum(),
    "melody": melody(),
}

"""Music as a switchboard plays it to people who wait: random melodies, chords and drums in several timbres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from tests.transcription.no_speech.lines import RATE, Samples, nothing, time

MAJOR, MINOR, PENTATONIC = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9)
Timbre = Callable[[float, float, Generator], Samples]
"""A frequency, a length in seconds and chance, to the sound of one note."""


def _harmonics(frequency: float, moments: Samples, strengths: list[float]) -> Samples:
    sound = np.zeros(len(moments))
    for number, strength in enumerate(strengths, start=1):
        if number * frequency < RATE / 2:
            sound += strength * np.sin(2 * np.pi * number * frequency * moments)
    return sound


def _envelope(moments: Samples, attack: float, release: float = 0.05) -> Samples:
    end = moments[-1] if len(moments) else 0.0
    return np.asarray(np.minimum(1, moments / attack) * np.minimum(1, (end - moments) / release).clip(0), np.float64)


def piano(frequency: float, seconds: float, random: Generator) -> Samples:
    moments = time(seconds)
    notes = [_harmonics(frequency * n, moments, [1]) * np.exp(-moments * (1.5 + n)) / n for n in range(1, 8)]
    return sum(notes, np.zeros(len(moments))) * _envelope(moments, 0.005)


def organ(frequency: float, seconds: float, random: Generator) -> Samples:
    moments = time(seconds)
    return _harmonics(frequency, moments, [1, 0.6, 0.4, 0.3, 0, 0.2]) * _envelope(moments, 0.03)


def strings(frequency: float, seconds: float, random: Generator) -> Samples:
    """Several bows that never quite agree, with vibrato."""
    moments = time(seconds)
    sound = np.zeros(len(moments))
    for _ in range(4):
        wobble = random.uniform(0.002, 0.006) * np.sin(2 * np.pi * random.uniform(4.5, 6.5) * moments)
        phase = np.cumsum(frequency * (1 + wobble) * random.uniform(0.997, 1.003)) / RATE
        sound += 2 * np.mod(phase, 1) - 1
    return sound * _envelope(moments, 0.12, 0.15)


def brass(frequency: float, seconds: float, random: Generator) -> Samples:
    moments = time(seconds)
    opening = np.minimum(1, moments / 0.08)
    parts = [
        _harmonics(frequency * n, moments, [1]) * opening**n / n**0.5 for n in range(1, 10) if n * frequency < RATE / 2
    ]
    return sum(parts, np.zeros(len(moments))) * _envelope(moments, 0.03, 0.08)


def flute(frequency: float, seconds: float, random: Generator) -> Samples:
    moments = time(seconds)
    phase = np.cumsum(2 * frequency * (1 + 0.004 * np.sin(2 * np.pi * 5 * moments))) / RATE
    breath = 0.05 * random.normal(size=len(moments))
    return (np.sin(2 * np.pi * phase) + 0.15 * np.sin(4 * np.pi * phase) + breath) * _envelope(moments, 0.08)


def bell(frequency: float, seconds: float, random: Generator) -> Samples:
    moments = time(seconds)
    parts = [(0.5, 1.0), (1, 0.8), (1.19, 0.6), (1.56, 0.4), (2, 0.7), (2.51, 0.3), (2.66, 0.3), (3.01, 0.2)]
    sound = np.zeros(len(moments))
    for ratio, strength in parts:
        sound += strength * np.sin(2 * np.pi * ratio * frequency * moments) * np.exp(-moments * 2 * ratio)
    return sound


def plucked(frequency: float, seconds: float, random: Generator) -> Samples:
    """A string of noise that runs in a circle and softens (Karplus and Strong, 1983)."""
    length = max(2, round(RATE / frequency))
    string = random.uniform(-1, 1, length)
    rounds = [string]
    while len(rounds) * length < seconds * RATE:
        string = 0.498 * (string + np.roll(string, 1))
        rounds.append(string)
    return np.concatenate(rounds)[: round(seconds * RATE)]


def square(frequency: float, seconds: float, random: Generator) -> Samples:
    """The melody chip of an old switchboard."""
    moments = time(seconds)
    return np.sign(np.sin(2 * np.pi * frequency * moments)) * np.exp(-moments)


def pad(frequency: float, seconds: float, random: Generator) -> Samples:
    """A synthesiser that swells and whose filter moves."""
    moments = time(seconds)
    sweep = 0.5 + 0.5 * np.sin(2 * np.pi * random.uniform(0.1, 0.7) * moments)
    bright = _harmonics(frequency, moments, [0, 1, 0.8, 0.6, 0.5, 0.4])
    return (_harmonics(frequency, moments, [1]) + sweep * bright) * _envelope(moments, 0.2, 0.2)


def _walk(random: Generator, scale: tuple[int, ...], notes: int) -> list[float]:
    """A melody in hertz that moves by small steps on a scale."""
    root = random.uniform(196, 392)
    places = np.cumsum(random.integers(-2, 3, notes)).clip(-4, 9)
    steps = (scale[place % len(scale)] + 12 * (place // len(scale)) for place in places)
    return [root * 2 ** (step / 12) for step in steps]


def _scale(random: Generator) -> tuple[int, ...]:
    return (MAJOR, MINOR, PENTATONIC)[random.integers(3)]


def melody(timbre: Timbre) -> Callable[[Generator], Samples]:
    """One voice, in even or uneven notes."""

    def play(random: Generator) -> Samples:
        beat = random.uniform(0.15, 0.6)
        notes = _walk(random, _scale(random), round(random.uniform(6, 10) / beat))
        return np.concatenate([timbre(note, beat * random.choice([1, 1, 2, 0.5]), random) for note in notes])

    return play


def chords(timbre: Timbre) -> Callable[[Generator], Samples]:
    """Three voices that change together, with or without a melody above them."""

    def play(random: Generator) -> Samples:
        scale = (MAJOR, MINOR)[random.integers(2)]
        root, beat = random.uniform(110, 220), random.uniform(0.8, 2)
        bars = []
        for _ in range(round(8 / beat)):
            degree = random.choice([0, 3, 4, 5])
            tones = [scale[(degree + n) % 7] + 12 * ((degree + n) // 7) for n in (0, 2, 4)]
            bar = sum((timbre(root * 2 ** (tone / 12), beat, random) for tone in tones), nothing(beat))
            bars.append(bar)
        sound = np.concatenate(bars)
        if random.integers(2):
            above = melody(timbre)(random)
            sound[: len(above)] += above[: len(sound)]
        return sound

    return play


def drums(random: Generator) -> Samples:
    """Kick, snare and hat in a loop."""
    sixteenth = random.uniform(0.09, 0.16)
    kick, snare, hat = (random.integers(0, 2, 16) for _ in range(3))
    moments = time(sixteenth)
    steps = []
    for step in range(16):
        noise = random.normal(size=len(moments))
        sound = kick[step] * np.sin(2 * np.pi * 60 * (moments + 0.05 * np.exp(-moments * 40))) * np.exp(-moments * 15)
        sound = sound + snare[step] * 0.6 * noise * np.exp(-moments * 25)
        steps.append(sound + hat[step] * 0.3 * np.diff(noise, prepend=0) * np.exp(-moments * 80))
    return np.tile(np.concatenate(steps), round(8 / (16 * sixteenth)) or 1)


def band(random: Generator) -> Samples:
    """Drums under a melody and chords."""
    parts = [drums(random), 0.3 * chords(organ)(random), 0.5 * melody(piano)(random)]
    shortest = min(map(len, parts))
    return sum((part[:shortest] for part in parts), np.zeros(shortest))

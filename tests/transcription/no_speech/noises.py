"""Noise, steady and not: of the line, of the street and of whoever holds the telephone and says nothing."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from tests.transcription.no_speech.lines import RATE, Samples, nothing, time


def coloured(random: Generator, seconds: float, slope: float, low: float = 20, high: float = 4_000) -> Samples:
    """Noise whose power falls with the frequency to the power ``slope`` between two frequencies; peak about 1."""
    count = round(seconds * RATE)
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    strength = np.where((frequencies >= low) & (frequencies <= high), np.maximum(frequencies, 1) ** (-slope / 2), 0)
    spectrum = strength * np.exp(2j * np.pi * random.uniform(size=len(frequencies)))
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(sound / max(1e-9, np.abs(sound).max()), np.float64)


def swell(random: Generator, count: int, hertz: float) -> Samples:
    """A level from 0 to 1 that wanders about so many times a second."""
    points = random.uniform(0, 1, max(4, int(count / RATE * hertz * 2) + 2))
    return np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points)


def white(random: Generator) -> Samples:
    return coloured(random, random.uniform(4, 10), 0)


def pink(random: Generator) -> Samples:
    return coloured(random, random.uniform(4, 10), 1)


def brown(random: Generator) -> Samples:
    return coloured(random, random.uniform(4, 10), 2)


def telephone_band(random: Generator) -> Samples:
    return coloured(random, random.uniform(4, 10), random.uniform(0, 1), 300, 3_400)


def crackle(random: Generator) -> Samples:
    """Bad contacts: single samples out of place, over a little hiss."""
    sound = 0.01 * white(random)
    places = random.integers(0, len(sound), round(len(sound) / RATE * random.uniform(5, 200)))
    sound[places] += random.uniform(-1, 1, len(places))
    return sound


def clicks(random: Generator) -> Samples:
    """Knocks on the handset, each a short damped ring."""
    sound = nothing(random.uniform(5, 10))
    moments = time(0.03)
    for _ in range(random.integers(4, 40)):
        place = random.integers(0, len(sound) - len(moments))
        ring = np.sin(2 * np.pi * random.uniform(200, 2_500) * moments) * np.exp(-moments * random.uniform(100, 600))
        sound[place : place + len(moments)] += random.uniform(0.2, 1) * ring
    return sound


def wind(random: Generator) -> Samples:
    """Gusts into a microphone: low noise that swells slowly."""
    sound = coloured(random, random.uniform(6, 12), random.uniform(1.5, 2.5), 30, 1_200)
    return sound * swell(random, len(sound), random.uniform(0.3, 1.5)) ** 2


def traffic(random: Generator) -> Samples:
    """Cars that come and go, with their tyres and their engines."""
    seconds = random.uniform(8, 12)
    sound = 0.1 * coloured(random, seconds, 1.5)
    moments = time(seconds)
    for _ in range(random.integers(2, 6)):
        near = np.exp(-(((moments - random.uniform(0, seconds)) / random.uniform(0.5, 1.5)) ** 2))
        motor = np.sin(2 * np.pi * random.uniform(60, 140) * moments) + np.sin(
            2 * np.pi * random.uniform(120, 280) * moments
        )
        sound += near * (coloured(random, seconds, 1, 100, 2_500) + 0.2 * motor)
    return sound


def breathing(random: Generator) -> Samples:
    """In and out, close to the microphone."""
    breaths = []
    for number in range(random.integers(3, 7)):
        length = random.uniform(0.7, 1.6)
        breath = coloured(random, length, 0.5, *((500, 3_000) if number % 2 else (250, 1_800)))
        breaths += [breath * np.sin(np.pi * time(length) / length) ** 2, nothing(random.uniform(0.2, 1))]
    return np.concatenate(breaths)


def applause(random: Generator) -> Samples:
    """Many hands, each clap a few milliseconds of noise."""
    sound = nothing(random.uniform(5, 9))
    moments = time(0.02)
    for _ in range(round(len(sound) / RATE * random.uniform(10, 120))):
        place = random.integers(0, len(sound) - len(moments))
        clap = random.normal(size=len(moments)) * np.exp(-moments * random.uniform(150, 400))
        sound[place : place + len(moments)] += random.uniform(0.2, 1) * clap
    return sound


def rustle(random: Generator) -> Samples:
    """Cloth or paper over the microphone: noise in short irregular bursts."""
    sound = coloured(random, random.uniform(5, 9), random.uniform(0, 1), 200, 3_800)
    return sound * swell(random, len(sound), random.uniform(4, 15)) ** 3


def motor(random: Generator) -> Samples:
    """A drill, a mower, a scooter: a buzz whose speed wanders, and its noise."""
    seconds = random.uniform(5, 9)
    speed = random.uniform(40, 180) * (0.7 + 0.6 * swell(random, round(seconds * RATE), 0.4))
    buzz = 2 * np.mod(np.cumsum(speed) / RATE, 1) - 1
    return buzz * (1 + 0.3 * random.normal(size=len(buzz))) + 0.3 * coloured(random, seconds, 1)


def static(random: Generator) -> Samples:
    """A mobile at the edge of its cell: noise chopped into short pieces."""
    sound = telephone_band(random)
    length = RATE // 50
    gates = np.repeat(random.integers(0, 2, len(sound) // length + 1), length * random.integers(1, 10))
    return sound * gates[: len(sound)]


def rain(random: Generator) -> Samples:
    return 0.3 * coloured(random, 7, 0.3, 400, 3_800) + _drops(random)


def _drops(random: Generator) -> Samples:
    sound = nothing(7)
    places = random.integers(0, len(sound), 900)
    sound[places] = random.uniform(-0.6, 0.6, len(places))
    return sound

"""What a telephone line itself makes: silence, hum, tones, keys, fax machines."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

RATE = 8_000
Samples = NDArray[np.float64]
"""About -1 to 1; how loud a recording becomes is decided later."""


def time(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE)) / RATE


def nothing(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE))


def sines(seconds: float, *frequencies: float) -> Samples:
    moments = time(seconds)
    return sum((np.sin(2 * np.pi * frequency * moments) for frequency in frequencies), np.zeros(len(moments)))


def cadence(seconds: float, on_off: tuple[float, ...], *frequencies: float) -> Samples:
    """A tone that comes and goes in this rhythm, beginning with a tone."""
    pieces: list[Samples] = []
    while sum(map(len, pieces)) < seconds * RATE:
        for index, length in enumerate(on_off):
            pieces.append(nothing(length) if index % 2 else sines(length, *frequencies))
    return np.concatenate(pieces)


def silence(random: Generator) -> Samples:
    """Digital silence, an offset, or the last bit of a converter that cannot decide."""
    seconds = random.uniform(3, 12)
    kind = random.integers(3)
    if kind == 0:
        return nothing(seconds)
    if kind == 1:
        return nothing(seconds) + random.uniform(-0.3, 0.3)
    return random.integers(-1, 2, round(seconds * RATE)).astype(float)


def hum(random: Generator) -> Samples:
    """The mains at 50 or 60 Hz with its harmonics, steady or swelling as a loose wire makes it."""
    moments = time(random.uniform(4, 10))
    ground = random.choice([50, 60]) * random.uniform(0.998, 1.002)
    fall = random.uniform(0.3, 1.6)
    sound = np.zeros(len(moments))
    for harmonic in range(1, random.integers(4, 40)):
        sound += harmonic**-fall * np.sin(2 * np.pi * ground * harmonic * moments + random.uniform(0, 6.28))
    swelling: Samples = sound * (1 + random.choice([0, 0.6]) * np.sin(2 * np.pi * random.uniform(0.2, 1.5) * moments))
    return swelling


TONES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "dial, France": ((440,), (8, 0)),
    "dial, United States": ((350, 440), (8, 0)),
    "dial, 425": ((425,), (8, 0)),
    "dial, United Kingdom": ((350, 450), (8, 0)),
    "dial, stutter": ((440,), (0.1, 0.1)),
    "ringing, France": ((440,), (1.5, 3.5)),
    "ringing, United States": ((440, 480), (2, 4)),
    "ringing, United Kingdom": ((400, 450), (0.4, 0.2, 0.4, 2)),
    "ringing, 425": ((425,), (1, 4)),
    "busy, France": ((440,), (0.5, 0.5)),
    "busy, United States": ((480, 620), (0.5, 0.5)),
    "busy, 425": ((425,), (0.48, 0.48)),
    "congestion": ((480, 620), (0.25, 0.25)),
    "congestion, 425": ((425,), (0.2, 0.2)),
    "call waiting": ((440,), (0.3, 4)),
    "off the hook": ((1400, 2060, 2450, 2600), (0.1, 0.1)),
    "beep": ((1000,), (0.6, 4)),
    "beeps of a recorder": ((1400,), (0.2, 3)),
    "fax calls": ((1100,), (0.5, 3)),
    "fax answers": ((2100,), (3.3, 0.7)),
}


def tones(random: Generator) -> Samples:
    frequencies, rhythm = TONES[random.choice(list(TONES))]
    drift = random.uniform(0.995, 1.005)
    return cadence(random.uniform(5, 12), rhythm, *(drift * frequency for frequency in frequencies))


def information(random: Generator) -> Samples:
    """Three rising tones, before an announcement that never comes."""
    three = [sines(0.33, frequency) for frequency in (random.choice([914, 950, 985]), 1400, 1800)]
    return np.concatenate([*three, nothing(random.uniform(1, 3))] * random.integers(1, 4))


def fax(random: Generator) -> Samples:
    """The warble of V.21: 300 bits a second, each one of two tones."""
    low, high = [(980, 1180), (1650, 1850)][random.integers(2)]
    bits = random.integers(0, 2, round(300 * random.uniform(2, 6)))
    frequency = np.repeat(np.where(bits, low, high), RATE // 300)
    warble = np.sin(2 * np.pi * np.cumsum(frequency) / RATE)
    return np.concatenate([sines(2.5, 2100), nothing(0.1), warble, nothing(1)])


def keys(random: Generator) -> Samples:
    """DTMF, as fast as a machine or as slow as a hesitating hand."""
    on, off = random.uniform(0.05, 0.4), random.uniform(0.05, 0.8)
    pressed = []
    for _ in range(random.integers(3, 16)):
        low, high = random.choice([697, 770, 852, 941]), random.choice([1209, 1336, 1477, 1633])
        pressed += [sines(on, low) + random.uniform(0.7, 1.3) * sines(on, high), nothing(off)]
    return np.concatenate([nothing(random.uniform(0, 2)), *pressed, nothing(1)])

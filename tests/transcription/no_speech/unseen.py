"""Kinds of sounds written after the detector was finished, to see what it makes of what it was never tuned on."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from tests.transcription.no_speech.lines import RATE, Samples, cadence, nothing, sines, time
from tests.transcription.no_speech.noises import coloured, swell
from tests.transcription.no_speech.recordings import Kind


def _voice_of(frequency: Samples, strengths: tuple[float, ...]) -> Samples:
    """A sound whose pitch follows ``frequency``, with overtones."""
    phase = 2 * np.pi * np.cumsum(frequency) / RATE
    parts = (strength * np.sin(number * phase) for number, strength in enumerate(strengths, start=1))
    return sum(parts, np.zeros(len(phase)))


def ambulance(random: Generator) -> Samples:
    """Two notes in turn, as in France."""
    return np.concatenate([np.sign(sines(0.6, note)) for note in (435, 488)] * 6) * random.uniform(0.5, 1)


def siren(random: Generator) -> Samples:
    """A wail that rises and falls."""
    moments = time(9)
    return _voice_of(900 + 500 * np.sin(2 * np.pi * random.uniform(0.15, 0.4) * moments), (1, 0.5, 0.3))


def violin(random: Generator) -> Samples:
    """One bow, vibrato, sliding from note to note."""
    notes = 330 * 2 ** (random.choice([0, 2, 4, 5, 7], 10) / 12)
    pitch = np.interp(time(8), np.linspace(0, 8, 40), np.repeat(notes, 4))
    pitch = pitch * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * time(8)))
    return _voice_of(pitch, tuple(1 / n for n in range(1, 10)))


def guitar(random: Generator) -> Samples:
    """An electric guitar that bends its notes."""
    notes = []
    for _ in range(8):
        moments = time(1)
        bend = 2 ** (np.clip(moments * 3, 0, 1) * random.choice([0, 1, 2]) / 12)
        notes.append(np.tanh(4 * _voice_of(random.uniform(160, 330) * bend, (1, 0.5)) * np.exp(-moments)))
    return np.concatenate(notes)


def accordion(random: Generator) -> Samples:
    """Reeds a little out of tune, so that they beat."""
    chords = []
    for _ in range(6):
        root = random.uniform(220, 330)
        reeds = [root * ratio * detune for ratio in (1, 1.26, 1.5) for detune in (1, 1.006)]
        chords.append(sum((_voice_of(np.full(RATE, reed), (1, 0.7, 0.5, 0.4)) for reed in reeds), np.zeros(RATE)))
    return np.concatenate(chords)


def whistle(random: Generator) -> Samples:
    """Somebody whistles a tune."""
    pitch = np.interp(time(8), np.linspace(0, 8, 20), random.uniform(900, 1_900, 20))
    return _voice_of(pitch, (1,)) * (0.3 + swell(random, 8 * RATE, 2)) + 0.03 * coloured(random, 8, 0)


def birds(random: Generator) -> Samples:
    sound = nothing(8)
    for _ in range(30):
        moments = time(random.uniform(0.05, 0.2))
        chirp = _voice_of(random.uniform(2_000, 3_400) + 4_000 * moments * random.choice([-1, 1]), (1,))
        place = random.integers(0, len(sound) - len(chirp))
        sound[place : place + len(chirp)] += chirp * np.sin(np.pi * np.linspace(0, 1, len(chirp)))
    return sound


def dog(random: Generator) -> Samples:
    """Barks: short, rough, falling."""
    barks = []
    for _ in range(random.integers(5, 12)):
        moments = time(0.22)
        pitch = random.uniform(350, 600) * (1.2 - 2 * moments)
        bark = _voice_of(pitch, (1, 0.8, 0.7, 0.5, 0.3)) * (1 + 0.8 * random.normal(size=len(moments)))
        barks += [bark * np.sin(np.pi * moments / 0.22), nothing(random.uniform(0.2, 0.9))]
    return np.concatenate(barks)


def footsteps(random: Generator) -> Samples:
    step = coloured(random, 0.12, 1.5, 60, 900) * np.exp(-time(0.12) * 40)
    steps = [np.concatenate([step * random.uniform(0.5, 1), nothing(random.uniform(0.4, 0.6))]) for _ in range(14)]
    return np.concatenate(steps)


def typing(random: Generator) -> Samples:
    sound = 0.003 * coloured(random, 8, 1)
    for _ in range(60):
        key = coloured(random, 0.03, 0, 800, 3_800) * np.exp(-time(0.03) * 150)
        place = random.integers(0, len(sound) - len(key))
        sound[place : place + len(key)] += key * random.uniform(0.3, 1)
    return sound


def helicopter(random: Generator) -> Samples:
    sound = coloured(random, 8, 1.5, 40, 2_000)
    chopped: Samples = sound * (0.1 + np.maximum(0, np.sin(2 * np.pi * random.uniform(9, 14) * time(8)))) ** 2
    return chopped


def train(random: Generator) -> Samples:
    """Wheels over joints, and a horn."""
    sound: Samples = 0.2 * coloured(random, 9, 1.5, 40, 1_500) * (1 + np.sign(np.sin(2 * np.pi * 1.6 * time(9))))
    sound[3 * RATE : 5 * RATE] += 0.5 * sines(2, 311, 370, 466)
    return sound


def doorbell(random: Generator) -> Samples:
    pieces = []
    for _ in range(4):
        pieces += [sines(0.7, note, note * 2.01) * np.exp(-4 * time(0.7)) for note in (660, 523)]
        pieces.append(nothing(random.uniform(0.5, 1.5)))
    return np.concatenate(pieces)


def old_bell(random: Generator) -> Samples:
    """A telephone that rings with a hammer."""
    ring = sines(1.6, 1_050, 1_310, 2_240) * np.abs(np.sin(2 * np.pi * random.uniform(10, 13) * time(1.6)))
    return np.concatenate([ring, nothing(3.3)] * 2)


def alarm(random: Generator) -> Samples:
    return cadence(8, (0.08, 0.07, 0.08, 0.07, 0.08, 0.6), random.uniform(1_900, 2_300))


def water(random: Generator) -> Samples:
    """A tap and its bubbles."""
    sound = 0.2 * coloured(random, 8, 0.5, 300, 3_500)
    for _ in range(80):
        moments = time(0.04)
        bubble = _voice_of(random.uniform(400, 1_500) * (1 + 8 * moments), (1,)) * np.exp(-moments * 80)
        place = random.integers(0, len(sound) - len(bubble))
        sound[place : place + len(bubble)] += 0.4 * bubble
    return sound


def game(random: Generator) -> Samples:
    """An electronic toy: quick slides of a square wave."""
    pieces = []
    for _ in range(20):
        moments = time(random.uniform(0.08, 0.35))
        slide = random.uniform(200, 900) + random.uniform(-1_500, 1_500) * moments
        pieces += [np.sign(_voice_of(slide, (1,))), nothing(random.uniform(0, 0.2))]
    return np.concatenate(pieces)


def machine(random: Generator) -> Samples:
    """A washing machine: a drum that turns over a hum."""
    turning = (0.5 + 0.5 * np.sin(2 * np.pi * random.uniform(0.7, 1.4) * time(10))) ** 3
    return turning * coloured(random, 10, 1, 80, 1_500) + 0.15 * sines(10, 100, 200, 300)


def scratches(random: Generator) -> Samples:
    """An old record with no music left on it."""
    turn = coloured(random, 1.8, 0.5)
    places = random.integers(0, len(turn), 25)
    turn[places] += random.uniform(-8, 8, 25)
    return np.tile(turn, 5)


def electric_piano(random: Generator) -> Samples:
    """Frequency modulation, as in the synthesisers of 1983."""
    notes = []
    for _ in range(16):
        moments, frequency = time(0.5), 220 * 2 ** (random.choice([0, 3, 5, 7, 10, 12]) / 12)
        swing = 3 * np.exp(-moments * 6) * np.sin(2 * np.pi * frequency * 2 * moments)
        notes.append(np.sin(2 * np.pi * frequency * moments + swing) * np.exp(-moments * 3))
    return np.concatenate(notes)


_ALL: tuple[Kind, ...] = (
    *(ambulance, siren, violin, guitar, accordion, whistle, birds, dog, footsteps, typing, helicopter, train),
    *(doorbell, old_bell, alarm, water, game, machine, scratches, electric_piano),
)
UNSEEN: tuple[tuple[str, Kind, int], ...] = tuple((kind.__name__.replace("_", " "), kind, 3) for kind in _ALL)
"""Sixty more recordings."""

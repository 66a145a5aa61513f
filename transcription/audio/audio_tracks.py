"""Several channels and tracks of a recording to one sound, in which no voice cancels out or drowns.

A lane is one channel of one track. Lanes that hold the same sound are added, turned round where they are in opposite
phase; of those that hold different sounds the ones in which somebody speaks are kept. Samples are read a few seconds
at a time, so an hour costs no more memory than a minute.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transcription.audio.voice_activity import SAMPLE_BYTES, VoiceFrames

_BLOCK_SECONDS = 0.5
_SAME = 0.6
"""Correlation, 0–1, from which two lanes hold one sound; two microphones apart have less."""
_TURNED = 0.3
"""Correlation within a block from which its sign is believed."""
_AUDIBLE = 1e-5
"""Of the loudest lane's energy: what is 50 dB softer is an idle input."""
_LEAST_SPOKEN = 0.3
"""Seconds of voice by which somebody speaks in a lane: a short « oui »."""

Block = NDArray[np.float64]
"""Lanes × samples."""


@dataclass(frozen=True, slots=True)
class Track:
    """A file of interleaved 16-bit samples, and of how many channels."""

    pcm: Path
    channels: int


def mix_tracks(tracks: Sequence[Track], pcm: Path, rate: int) -> None:
    """Write the one sound of these tracks to ``pcm``, as mono 16-bit samples."""
    energy, likeness = _compared(tracks, rate)
    groups: list[list[int]] = []
    for lane in np.argsort(-energy).tolist():
        if energy[lane] <= _AUDIBLE * energy.max():
            continue
        same = [group for group in groups if likeness[group[0], lane] > _SAME]
        if same:
            same[0].append(lane)
        else:
            groups.append([lane])
    sounds = [Track(pcm.with_name(f"{pcm.stem}-sound-{number}"), 1) for number in range(len(groups))]
    for group, sound in zip(groups, sounds, strict=True):
        _write(sound.pcm, _in_phase(block[group] for block in _blocks(tracks, rate)))
    kept = [sound for sound in sounds if _is_spoken(sound, rate)] if len(sounds) > 1 else sounds
    _write(pcm, (block.mean(axis=0) for block in _blocks(kept or sounds, rate)))


def _compared(tracks: Sequence[Track], rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The energy of each lane, and how alike any two are whatever their phase, 0–1."""
    count = sum(track.channels for track in tracks)
    products = np.zeros((count, count))
    for block in _blocks(tracks, rate):
        # Its absolute value block by block: lanes may be in opposite phase for a part only.
        products += np.abs(block @ block.T)
    energy = np.diag(products).copy()
    return energy, products / np.sqrt(np.maximum(np.outer(energy, energy), 1e-9))


def _in_phase(blocks: Iterable[Block]) -> Iterator[Block]:
    """The mean of lanes that hold the same sound, each turned round where the first one's phase is opposite."""
    signs: NDArray[np.float64] | None = None
    for block in blocks:
        signs = np.ones(len(block)) if signs is None else signs
        strength = np.sqrt(np.maximum(np.square(block).sum(axis=1), 1e-9))
        likeness = block @ block[0] / (strength * strength[0])
        signs = np.where(np.abs(likeness) > _TURNED, np.sign(likeness), signs)
        yield signs @ block / len(block)


def _is_spoken(sound: Track, rate: int) -> bool:
    voices = VoiceFrames(sound.pcm, rate)
    return any(voices.spoken_seconds >= _LEAST_SPOKEN for _ in voices.regions())


def _blocks(tracks: Sequence[Track], rate: int) -> Iterator[Block]:
    """All lanes side by side, block by block; a track that is over goes on in silence."""
    size = round(rate * _BLOCK_SECONDS)
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context(track.pcm.open("rb")) for track in tracks]
        while True:
            read = [
                np.frombuffer(file.read(size * track.channels * SAMPLE_BYTES), np.int16).reshape(-1, track.channels).T
                for file, track in zip(files, tracks, strict=True)
            ]
            length = max(lanes.shape[1] for lanes in read)
            if not length:
                return
            yield np.concatenate([np.pad(lanes, ((0, 0), (0, length - lanes.shape[1]))) for lanes in read]) / 1.0


def _write(pcm: Path, blocks: Iterable[Block]) -> None:
    with pcm.open("wb") as file:
        for block in blocks:
            file.write(np.rint(block).clip(-(2**15), 2**15 - 1).astype("<i2").tobytes())

"""Our whole speech step with Whisper against faster-whisper alone: time, and memory of the process that listens.

Needs the Whisper model. People's recordings with ``PORTEVOIX_CORPUS``, else synthetic voices.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.bench.pairs import Figure, Pair
from tests.bench.processor import command_of, tree
from tests.bench.speech_memory import peak_mb
from tests.transcription.no_speech.lines import Samples, nothing
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.people import carry, people, synthetic
from tests.transcription.sounds import RATE, read_wav
from tests.transcription.whisper_model import is_there, whisper_model
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.whisper_child import BEAM, TEMPERATURES

SECONDS = 60
LANGUAGE = "fr"
CHILD = "whisper_child"


@contextlib.contextmanager
def whisper_pairs(folder: Path) -> Iterator[Sequence[Pair | Figure]]:
    """A minute without a pause and two with as much of it, the model loaded on both sides."""
    assert is_there, "there is no Whisper model: python -m tests.transcription.whisper_model fetches it"
    from faster_whisper import WhisperModel  # an extra

    model = whisper_model()
    bare = WhisperModel(str(model.path), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    voices = _voices(folder)
    continuous = write_wav(_said(voices, SECONDS, pauses=False), folder / "continuous.wav")
    halved = write_wav(_said(voices, 2 * SECONDS, pauses=True), folder / "halved.wav")

    def alone(path: Path) -> None:
        found, _ = bare.transcribe(
            str(path), language=LANGUAGE, beam_size=BEAM, temperature=TEMPERATURES, word_timestamps=True
        )
        assert list(found)

    with SpeechEngine(model, language=LANGUAGE) as engine:

        def ours(path: Path) -> None:
            assert read_speech(path, model, engine=engine, language=LANGUAGE).words

        def times_real() -> float:
            began = time.monotonic()
            ours(continuous)
            return (time.monotonic() - began) / SECONDS

        def memory() -> float:
            with _watched() as seen:
                ours(continuous)
            return max(seen)

        yield [
            Pair(
                "whisper, continuous",
                lambda: ours(continuous),
                lambda: alone(continuous),
                "a minute without a pause: decode, voice detection, Whisper, guards ÷ faster-whisper on the file",
                most=1.05,
            ),
            Pair(
                "whisper, half is pause",
                lambda: ours(halved),
                lambda: alone(halved),
                "the same, a pause after each sentence as long as the sentence",
                most=0.8,
            ),
            Figure("whisper, seconds a second", times_real, 1, "× real time", f"{model.name}, one core, whole step"),
            Figure("whisper, memory", memory, 700, "MB", "the most that a process that listens has taken"),
        ]


def _voices(folder: Path) -> list[Samples]:
    said = [one for one in (*people(), *synthetic()) if one.language == LANGUAGE]
    return [read_wav(path) for one in said if (path := carry(one, folder, "telephone band")) is not None]


def _said(voices: list[Samples], seconds: float, *, pauses: bool) -> Samples:
    pieces: list[Samples] = []
    length = number = 0
    while length < seconds * RATE:
        voice = voices[number % len(voices)]
        pause = nothing(len(voice) / RATE if pauses else 0.1)
        pieces += [voice, pause]
        length += len(voice) + len(pause)
        number += 1
    return np.concatenate(pieces)[: round(seconds * RATE)]


@contextlib.contextmanager
def _watched() -> Iterator[list[float]]:
    """The most memory, in MB, of each process that listens, looked at ten times a second until the end of the block."""
    seen, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            for pid in tree(os.getpid()):
                with contextlib.suppress(OSError, StopIteration):  # it has ended meanwhile
                    if CHILD in command_of(pid):
                        seen.append(peak_mb(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()

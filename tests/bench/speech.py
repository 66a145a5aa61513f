"""Our whole speech step against Vosk alone: time, memory, and what is heard.

``CLIPS`` is how many clips are listened to for the words (200, and as many again through codecs and noises).
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import Figure, Pair
from tests.transcription.bare import Bare
from tests.transcription.no_speech.lines import Samples, nothing
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.sounds import DEMO_MODEL, RATE, read_wav
from tests.transcription.spoken import Clip, carried, clips, write_all
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine

CLIPS = int(os.environ.get("CLIPS", "200"))
CONTINUOUS_SECONDS = 320
HOUR_SECONDS = 3_600
HOUR_SPOKEN = 0.2
"""So much of the hour is speech; its memory does not depend on how much of it is heard."""
MEMORY_CHILD = "tests.bench.speech_memory"
_MODEL_ALONE = """
import sys, vosk
vosk.SetLogLevel(-1)
recogniser = vosk.KaldiRecognizer(vosk.Model(sys.argv[1]), int(sys.argv[2]))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024)
"""


@contextlib.contextmanager
def speech_pairs(folder: Path) -> Iterator[Sequence[Pair | Figure]]:
    """Speed with the model loaded on both sides; memory in fresh processes; words over all clips."""
    bare = Bare(DEMO_MODEL)
    plain = clips(CLIPS)
    spoken = write_all(plain, _folder(folder, "clean"))
    voices = [_trimmed(read_wav(path)) for path in spoken[:60]]
    continuous = write_wav(_said(voices, CONTINUOUS_SECONDS, pause=0.1), folder / "continuous.wav")
    halved = write_wav(_said(voices, CONTINUOUS_SECONDS, pause=None), folder / "halved.wav")
    hour = write_wav(_hour(voices), folder / "hour.wav")
    words = Words(bare, plain, spoken, folder)
    with SpeechEngine(DEMO_MODEL) as engine:
        words.engine = engine

        def ours(path: Path) -> None:
            read_speech(path, DEMO_MODEL, engine=engine)

        yield [
            Pair(
                "speech, continuous",
                lambda: ours(continuous),
                lambda: bare.hear_wav(continuous),
                "5 minutes without a pause: decode, voice detection, Vosk ÷ Vosk on the decoded sound",
                most=1.05,
            ),
            Pair(
                "speech, half is pause",
                lambda: ours(halved),
                lambda: bare.hear_wav(halved),
                "the same, a pause after each sentence as long as the sentence",
                most=0.8,
            ),
            Pair(
                "speech, one message",
                lambda: ours(spoken[0]),
                lambda: bare.hear(spoken[0]),
                "a few seconds; the decoder is started on both sides",
                most_more=0.05,
            ),
            *_memory(continuous, hour),
            *words.figures(),
        ]


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def _trimmed(voice: Samples) -> Samples:
    """Without the silence before and after."""
    loud = np.flatnonzero(np.abs(voice) > 0.02)
    return voice[loud[0] : loud[-1] + 1]


def _said(voices: list[Samples], seconds: float, pause: float | None) -> Samples:
    """So many seconds of sentences, each followed by a pause, by one as long as itself when None."""
    pieces: list[Samples] = []
    length = number = 0
    while length < seconds * RATE:
        voice = voices[number % len(voices)]
        pieces += [voice, nothing(len(voice) / RATE if pause is None else pause)]
        length += len(pieces[-1]) + len(voice)
        number += 1
    return np.concatenate(pieces)


def _hour(voices: list[Samples]) -> Samples:
    """An hour in which somebody speaks now and then."""
    spoken = _said(voices, 60 * HOUR_SPOKEN, pause=0.1)[: round(60 * HOUR_SPOKEN * RATE)]
    minute = np.concatenate([spoken, nothing(60 - len(spoken) / RATE)])
    return np.tile(minute, HOUR_SECONDS // 60)


def _memory(continuous: Path, hour: Path) -> list[Figure]:
    @functools.cache
    def peaks(path: Path) -> dict[str, float]:
        """Peak resident memory in MB, measured in a process of its own."""
        command = [sys.executable, "-m", MEMORY_CHILD, str(path)]
        done = subprocess.run(command, capture_output=True, check=True, timeout=1_200)
        measured: dict[str, float] = json.loads(done.stdout)
        return measured

    @functools.cache
    def alone() -> float:
        command = [sys.executable, "-c", _MODEL_ALONE, str(DEMO_MODEL.path), str(DEMO_MODEL.rate)]
        return float(subprocess.run(command, capture_output=True, check=True, timeout=600).stdout)

    def over(path: Path, process: str) -> float:
        return peaks(path)[process] - alone()

    return [
        Figure(
            f"memory, {name}, {process}",
            functools.partial(over, path, process),
            150,
            "MB over bare",
            "peak of this process over the peak of one that only loads the model",
        )
        for name, path in (("5 min", continuous), ("1 hour", hour))
        for process in ("process", "engine")
    ]


@dataclass
class Words:
    """What is heard of clips whose words are known, by us and by Vosk on the same sound."""

    bare: Bare
    plain: list[Clip]
    spoken: list[Path]
    folder: Path
    engine: Any = None

    def figures(self) -> list[Figure]:
        return [
            Figure(
                "words lost",
                lambda: float(sum(lost for _, _, _, lost in self._clean)),
                0,
                f"of {CLIPS} clips",
                "right words of Vosk over the whole clean sound that voice detection took away",
            ),
            Figure(
                "word errors, clean",
                lambda: _points_more(self._clean),
                0.5,
                "points more",
                "pooled, than Vosk alone on the same sound",
            ),
            Figure(
                "word errors, carried",
                lambda: _points_more(self._carried),
                0.5,
                "points more",
                "the same through codecs, hiss, hum and street",
            ),
        ]

    @functools.cached_property
    def _clean(self) -> list[tuple[int, int, int, int]]:
        return self._compared(self.plain, self.spoken)

    @functools.cached_property
    def _carried(self) -> list[tuple[int, int, int, int]]:
        through = carried(clips(CLIPS, seed=21))
        return self._compared(through, write_all(through, _folder(self.folder, "carried")))

    def _compared(self, said: list[Clip], paths: list[Path]) -> list[tuple[int, int, int, int]]:
        """Of each clip: its words, the errors of Vosk alone, ours, and the right words of Vosk that we lack."""
        found = []
        for clip, path in zip(said, paths, strict=True):
            truth = clip.says.split()
            bare = self.bare.hear(path)
            ours = [word.text for word in read_speech(path, DEMO_MODEL, engine=self.engine).words]
            lost = right_words(truth, bare) - right_words(truth, ours)
            found.append((len(truth), _errors(truth, bare), _errors(truth, ours), len(lost)))
        words, alone, with_us, _ = (sum(column) for column in zip(*found, strict=True))
        print(f"{'':24}{words} words: {100 * alone / words:.2f} % wrong by Vosk, {100 * with_us / words:.2f} % by us")
        return found


def _points_more(compared: list[tuple[int, int, int, int]]) -> float:
    words, bare, ours, _ = (sum(column) for column in zip(*compared, strict=True))
    return float(100 * (ours - bare) / words)


def _errors(truth: list[str], heard: list[str]) -> int:
    """Words to insert, leave out or change (Levenshtein's distance)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(truth, 1):
        above, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
    return row[-1]


def right_words(truth: list[str], heard: list[str]) -> set[int]:
    """Which words of the truth were heard."""
    blocks = difflib.SequenceMatcher(None, truth, heard, autojunk=False).get_matching_blocks()
    return {place for block in blocks for place in range(block.a, block.a + block.size)}

"""The child process that hears: loads one Vosk model once, then recognises one recording after the other.

Started as ``python -m transcription.audio.speech_child MODEL RATE MEMORY_MB``. A recording is a line with the path of
a file of mono 16-bit samples, a line ``[start, end]`` in bytes for each region, heard as it comes, and ``null``;
the answer is one line of JSON. It is a process of its own
because Kaldi aborts on a damaged model, and can only be stopped by killing it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import IO, Any

try:
    import vosk
except ImportError:  # answered as "missing", so that the parent can say what to install
    vosk = None

SAMPLE_BYTES = 2
SLOWEST_STEP = 5.0
"""Seconds that one second of sound may take. Sirens and music can make Kaldi's lattice
explode (16 s for a tenth of a second, measured): then the rest of the region is skipped."""
PARENT = os.getppid()


def main(model_path: str, rate: int, memory_mb: int) -> None:
    """Answer ``ready``, then serve until stdin ends."""
    answers = _take_over_stdout()
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if vosk is None:
        _answer(answers, {"missing": "vosk"})
        return
    vosk.SetLogLevel(-1)
    model = vosk.Model(model_path)
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        with open(json.loads(line), "rb") as pcm:  # noqa: PTH123 - a path of the parent's own making
            hearing = Hearing(model, rate)
            for region in map(json.loads, sys.stdin):
                if region is None:
                    break
                hearing.hear(pcm, *region)
            _answer(answers, {"words": hearing.finish(), "skipped": hearing.skipped})


class Hearing:
    """One recording: its regions are heard one after the other, its words get the recording's times."""

    def __init__(self, model: Any, rate: int) -> None:
        self.skipped = 0
        self._model = model
        self._rate = rate
        self._second = SAMPLE_BYTES * rate
        self._chunk = SAMPLE_BYTES * rate // 2
        self._words: list[dict[str, Any]] = []
        self._waiting = b""
        self._start_afresh()

    def hear(self, pcm: IO[bytes], start: int, end: int) -> None:
        """Hear one region, or as much of it as can be heard in bearable time; it may go on where the last one ended."""
        if self._fed and self._fed[-1][1] + len(self._waiting) != start:
            self._hear_waiting()
        pcm.seek(start)
        if not (self._fed and self._fed[-1][1] + len(self._waiting) == start):
            self._fed.append([start, start])
        while start < end and (piece := pcm.read(min(self._chunk - len(self._waiting), end - start))):
            start += len(piece)
            self._waiting += piece
            if len(self._waiting) == self._chunk and not self._hear_waiting():
                return

    def _hear_waiting(self) -> bool:
        """Give the recogniser what waits; whether it came back in bearable time."""
        chunk, self._waiting = self._waiting, b""
        self._fed[-1][1] += len(chunk)
        began = time.monotonic()
        if self._recogniser.AcceptWaveform(chunk):
            self._keep(self._recogniser.Result())
            if os.getppid() != PARENT:
                sys.exit("the parent is gone")
        if time.monotonic() - began > SLOWEST_STEP:
            self.skipped += 1
            self._start_afresh()
            return False
        return True

    def finish(self) -> list[dict[str, Any]]:
        """All words of the recording."""
        if self._waiting:
            self._hear_waiting()
        self._keep(self._recogniser.FinalResult())
        return self._words

    def _start_afresh(self) -> None:
        self._recogniser = vosk.KaldiRecognizer(self._model, self._rate)
        self._recogniser.SetWords(True)
        self._fed: list[list[int]] = []
        self._waiting = b""

    def _keep(self, result: str) -> None:
        for word in json.loads(result).get("result", []):
            start, end = self._in_recording(word["start"]), self._in_recording(word["end"])
            self._words.append(
                {"text": word["word"], "confidence": word["conf"], "start": start, "end": max(start, end)}
            )

    def _in_recording(self, seconds: float) -> float:
        """Where in the recording a moment of what the recogniser was fed is."""
        position = seconds * self._second
        for start, end in self._fed:
            if position <= end - start:
                return round((start + position) / self._second, 3)
            position -= end - start
        return round(self._fed[-1][1] / self._second, 3) if self._fed else 0.0


def _take_over_stdout() -> IO[str]:
    """Keep stdout for answers; whatever a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: IO[str], value: dict[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

"""The child process that hears: loads one Vosk model once, then recognises one recording after the other.

Started as ``python -m transcription.audio.speech_child MODEL RATE MEMORY_MB LAYERS LANGUAGE``; it speaks as
``transcription.audio.child_protocol`` says. It is a process of its own because Kaldi aborts on a damaged model, and can
only be stopped by killing it.

Each recording is heard in a fork, confined before it looks at it: what one recording takes over hears no other.
``LAYERS`` is two figures, 1 or 0: whether Landlock, and whether seccomp, is applied.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from typing import IO, Any

from config.sandbox.confinement import confine
from config.sandbox.parent_death import tie_to_parent
from config.sandbox.system_reach import system_reach
from transcription.audio.child_protocol import (
    SAMPLE_BYTES,
    answer_line,
    limit_memory,
    next_recording,
    relay_answers,
    take_over_stdout,
)

try:
    import vosk
except ImportError:  # answered as "missing", so that the parent can say what to install
    vosk = None

SLOWEST_STEP = 5.0
"""Seconds that one second of sound may take. Sirens and music can make Kaldi's lattice
explode (16 s for a tenth of a second, measured): then the rest of the region is skipped."""


def main(model_path: str, rate: int, memory_mb: int, layers: str) -> None:
    """Answer ``ready``, then serve until stdin ends."""
    answers = take_over_stdout()
    limit_memory(memory_mb)
    if vosk is None:
        answer_line(answers, {"missing": "vosk"})
        return
    vosk.SetLogLevel(-1)
    model = vosk.Model(model_path)
    answer_line(answers, {"ready": True})
    line = socket.socket(fileno=os.dup(0))
    while (sound := next_recording(line)) is not None:
        answer, told = os.pipe()
        me = os.getpid()
        child = os.fork()
        if child == 0:
            os.close(answer)
            _hear_alone(model, rate, sound, told, answers, layers, me)
        os.close(sound)
        os.close(told)
        relay_answers(child, answer, answers)


def _hear_alone(model: Any, rate: int, sound: int, told: int, answers: IO[str], layers: str, parent: int) -> None:
    """In the fork: give up everything but the sound, hear it, and tell; never returns."""
    code = 1
    try:
        tie_to_parent(signal.SIGKILL, parent)
        answers.close()
        confine(system_reach(os.environ), starts=False, with_landlock=layers[0] == "1", with_seccomp=layers[1] == "1")
        with os.fdopen(sound, "rb") as pcm, os.fdopen(told, "w", encoding="utf-8") as said:
            hearing = Hearing(model, rate)
            for region in map(json.loads, sys.stdin):
                if region is None:
                    break
                hearing.hear(pcm, *region)
            json.dump({"words": hearing.finish(), "skipped": hearing.skipped}, said)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the last frame of this process
        sys.stderr.write(f"{type(error).__name__}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

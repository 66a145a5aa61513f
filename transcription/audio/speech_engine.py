"""The speech engine: a child process with its model loaded, kept between recordings and killed at its deadline.

It never sees a recording itself: for each it forks a child, which is confined first and handed the one open file.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from config.sandbox import bubblewrap
from config.sandbox.landlock import READ
from config.sandbox.layers import current_sandbox_layers
from config.sandbox.system_reach import system_reach
from transcription.audio.speech_models import SpeechModel
from transcription.audio.voice_activity import SpeechRegion
from transcription.base.values import EngineCrashed, EngineMissing, TooSlow, Word

LOAD_SECONDS = 180.0
"""For the largest public model (1.4 GB) on a slow disk."""
MEMORY_MB = 12_288
"""Address space, most of it only mapped; the largest public models need about 6 GB."""
CHILDREN = {
    "vosk": (sys.executable, "-m", "transcription.audio.speech_child"),
    "whisper": (sys.executable, "-m", "transcription.audio.whisper_child"),
}
"""What is started for a model, by its engine."""
TO_INSTALL = {"vosk": "pip install vosk", "whisper": "pip install 'portevoix[whisper]'"}
_ERROR_TAIL = 400
_LONGEST_ANSWER = 64 << 20
"""Bytes: an hour of speech is a megabyte of words."""


@dataclass(frozen=True, slots=True)
class HeardWords:
    """The words of a recording, and how many stretches of it were given up because they took too long."""

    words: tuple[Word, ...] = ()
    skipped: int = 0
    language: str | None = None
    """In which language they were heard, where the engine can tell (ISO 639-1)."""


class Engine(Protocol):
    """What ``read_speech`` needs of an engine."""

    name: str

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:
        """The words in these regions of a file of mono 16-bit samples, within so many seconds."""
        ...


class NullEngine:
    """Hears nothing: the smallest complete engine."""

    name = "none"

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:  # noqa: ARG002
        """No words."""
        return HeardWords()


class SpeechEngine:
    """One model in a child process of its engine, started when first needed and again after a crash.

    ``language`` (ISO 639-1) is what a model of many languages listens for; the model's own where not given.
    """

    def __init__(
        self,
        model: SpeechModel,
        *,
        load_seconds: float = LOAD_SECONDS,
        memory_mb: int = MEMORY_MB,
        child: Sequence[str] | None = None,
        language: str | None = None,
    ) -> None:
        self.name = model.engine
        self.model = model
        self._language = language or model.language
        self._load_seconds = load_seconds
        self._memory_mb = memory_mb
        self._command = child or CHILDREN[model.engine]
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._errors: IO[bytes] | None = None
        self._unread = b""
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        """The engine itself; nothing starts before the first recording."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:
        """The words in these regions, each heard as soon as it comes; after a failure the next call starts afresh.

        Raises ``EngineMissing``, ``EngineCrashed`` or ``TooSlow``.
        """
        coming = iter(regions)
        first = next(coming, None)
        if first is None:
            return HeardWords()
        with self._one_at_a_time:
            try:
                self._start(rate)
                deadline = time.monotonic() + seconds
                with pcm.open("rb") as sound:
                    self._tell(str(pcm), deadline, sound.fileno())
                for region in chain([first], coming):
                    self._tell([region.start, region.end], deadline)
                self._tell(None, deadline)
                answer = self._answer(deadline)
            except BaseException:
                self._kill()
                raise
        return _heard(answer)

    def load(self) -> None:
        """Start the child and load the model now instead of at the first recording."""
        with self._one_at_a_time:
            try:
                self._start(self.model.rate)
            except BaseException:
                self._kill()
                raise

    def close(self) -> None:
        """End the child."""
        with self._one_at_a_time:
            self._kill()

    def _start(self, rate: int) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        self._kill()
        if not self.model.path.is_dir():
            raise EngineMissing(
                f"The speech model {self.model.name} is gone.", "Install it again with “portevoix models install”."
            )
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child
        layers = current_sandbox_layers()
        surroundings = {"PATH": os.defpath, "HOME": "/", "LANG": "C.UTF-8"}
        surroundings |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [*self._command, str(self.model.path.absolute()), str(rate), str(self._memory_mb)]
        command += [f"{int(layers.landlock)}{int(layers.seccomp)}", self._language]
        if bubblewrap.is_bubblewrap_used():
            command = bubblewrap.bubblewrap_command(
                command, [*system_reach(surroundings), READ + str(self.model.path.absolute())]
            )
        ours, theirs = socket.socketpair()
        self._line = ours
        with theirs:
            self._child = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                cwd=Path(__file__).parents[2],
                env=surroundings,
            )
        ready = self._answer(time.monotonic() + self._load_seconds)
        if "missing" in ready:
            remedy = f"Install it: {TO_INSTALL[self.model.engine]}."
            raise EngineMissing(f"The {self.model.engine} engine is not installed.", remedy)

    def _tell(self, line: str | list[int] | None, deadline: float, *files: int) -> None:
        """Write a line to the child; it may be busy hearing, but never longer than until the deadline."""
        if self._line is None:
            raise EngineCrashed("The speech engine is not running.")
        try:
            self._line.settimeout(max(0.001, deadline - time.monotonic()))
            said = json.dumps(line).encode() + b"\n"
            sent = socket.send_fds(self._line, [said], list(files))
            self._line.sendall(said[sent:])
        except TimeoutError:
            raise TooSlow("The speech engine did not finish in its time.") from None
        except ConnectionError:
            raise self._crash() from None

    def _answer(self, deadline: float) -> dict[str, Any]:
        """The child's next line, waited for until the deadline."""
        child = self._child
        if child is None or child.stdout is None:
            raise EngineCrashed("The speech engine is not running.")
        pipe = child.stdout.fileno()
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise TooSlow("The speech engine did not finish in its time.")
            data = os.read(pipe, 1 << 16)
            if not data:
                raise self._crash()
            self._unread += data
            if len(self._unread) > _LONGEST_ANSWER:
                raise EngineCrashed("The speech engine answers without end.")
        line, _, self._unread = self._unread.partition(b"\n")
        try:
            answer: dict[str, Any] = dict(json.loads(line))
        except (ValueError, TypeError):
            raise EngineCrashed("The speech engine gave no proper answer.") from None
        return answer

    def _crash(self) -> EngineCrashed:
        """What the child left on stderr, its last line first, says most; it holds nothing that was heard."""
        code = self._child.wait() if self._child else None
        tail = ""
        if self._errors is not None:
            self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - _ERROR_TAIL))
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            tail = lines[-1] if lines else ""
        return EngineCrashed(f"The speech engine ended ({code}): {tail}".rstrip(": ") + ".")

    def _kill(self) -> None:
        child, self._child, self._unread = self._child, None, b""
        if child is not None:
            if child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _heard(answer: dict[str, Any]) -> HeardWords:
    """An answer as values: who answers has looked into a stranger's file, and may say anything."""
    try:
        words = (
            Word(str(w["text"]), float(w["confidence"]), float(w["start"]), float(w["end"])) for w in answer["words"]
        )
        language = answer.get("language")
        return HeardWords(tuple(words), int(answer["skipped"]), str(language) if language else None)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise EngineCrashed("The speech engine gave no proper answer.") from None

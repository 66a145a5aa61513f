"""The child process that hears with Whisper: a confined fork loads the model, hears one recording, and ends.

Started as ``python -m transcription.audio.whisper_child MODEL RATE MEMORY_MB LAYERS LANGUAGE``; it speaks as
``transcription.audio.child_protocol`` says. The model's threads do not survive forking, so that each fork loads it
itself, before its recording comes; what one recording takes over hears no other. Whisper listens to half a minute at
once and takes as long for a second as for all of it, so that what lies between pauses is gathered to fill it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from config.sandbox.confinement import confine
from config.sandbox.landlock import READ
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
from transcription.audio.whisper_guards import GuardedWords, Segment, SegmentWord, guard_words

try:
    from faster_whisper import WhisperModel
except ImportError:  # answered as "missing", so that the parent can say what to install
    WhisperModel = None

Sound = NDArray[np.float32]
Stretch = tuple[int, int]
"""From one byte of the recording's samples to before another."""

WHISPER_RATE = 16_000
"""Hz; what the models were trained on."""
LONGEST_SECONDS = 300
"""What is heard at once where nobody pauses: an hour costs no more memory than five minutes."""
BEAM = 5
"""Hypotheses followed at once, as faster-whisper's authors measured their figures."""
TEMPERATURES = (0.0, 0.4)
"""A second try where the first is a loop or a guess; more of them make noise cost half a minute, and invent words."""
CHUNK_SECONDS = 30
"""What the model listens to at once."""
GATHERED_SECONDS = 26
"""What is gathered of several stretches: at the very end of the half minute words are lost (measured)."""
LEAST_COVERED = 0.2
"""Of a stretch, the share that its words take, margins of silence included, under which it was passed over."""
LEAST_TOKENS = 20
TOKENS_PER_SECOND = 10
"""What is written for a chunk at most: fast speech has 6 tokens a second, a loop has as many as are allowed."""
LEAST_SECONDS = 0.1
"""Shorter sounds than Whisper's own steps hold no word."""
SURE_LOGPROB = -0.42
"""Mean log probability over which nobody asks for the language: who speaks another one stays under it (measured)."""
SURE_LANGUAGE = 0.8
"""How sure the model must be of another language to listen in that one: short sounds are taken for many."""


def main(model_path: str, rate: int, memory_mb: int, layers: str, language: str) -> None:
    """Answer ``ready``, then serve until stdin ends."""
    answers = take_over_stdout()
    limit_memory(memory_mb)
    if WhisperModel is None:
        answer_line(answers, {"missing": "faster-whisper"})
        return
    line = socket.socket(fileno=os.dup(0))
    asked = _Asked(model_path, rate, layers, language, os.getpid())
    is_ready = False
    while True:
        fork = _Fork.start(asked, answers)
        if not is_ready and os.read(fork.loaded, 1):
            answer_line(answers, {"ready": True})
            is_ready = True
        # It loads while its recording is still to come, and can be handed no file once it is confined.
        sound = next_recording(line)
        if sound is None:
            return
        fork.hand(sound)
        relay_answers(fork.pid, fork.answer, answers)
        os.close(fork.loaded)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a fork needs to know."""

    model_path: str
    rate: int
    layers: str
    language: str
    parent: int


@dataclass(frozen=True, slots=True)
class _Fork:
    """A process for one recording, seen from the one that started it: ends of pipes, and what it shares."""

    pid: int
    sound: int
    go: int
    loaded: int
    answer: int

    @classmethod
    def start(cls, asked: _Asked, answers: IO[str]) -> _Fork:
        """Start it; it begins to load."""
        sound = os.memfd_create("sound")
        (wait, go), (loaded, tell_loaded), (answer, told) = os.pipe(), os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            for end in (go, loaded, answer):
                os.close(end)
            answers.close()
            _hear_one(asked, sound, wait, tell_loaded, told)
        for end in (wait, tell_loaded, told):
            os.close(end)
        return cls(pid, sound, go, loaded, answer)

    def hand(self, recording: int) -> None:
        """Give it its recording."""
        with os.fdopen(recording, "rb") as source, os.fdopen(self.sound, "wb") as copy:
            shutil.copyfileobj(source, copy)
        os.write(self.go, b"1")
        os.close(self.go)


def _hear_one(asked: _Asked, sound: int, wait: int, tell_loaded: int, told: int) -> None:
    """In the fork: give up everything but the model, load it, hear what comes, and tell; never returns."""
    code = 1
    try:
        tie_to_parent(signal.SIGKILL, asked.parent)
        landlock, seccomp = (layer == "1" for layer in asked.layers)
        reach = [*system_reach(os.environ), READ + asked.model_path]
        confine(reach, starts=False, with_landlock=landlock, with_seccomp=seccomp)
        model = WhisperModel(asked.model_path, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
        hearing = Hearing(model, asked.rate, asked.language, _figures(model))
        os.write(tell_loaded, b"1")
        if os.read(wait, 1):
            with os.fdopen(sound, "rb") as pcm, os.fdopen(told, "w", encoding="utf-8") as said:
                regions = map(json.loads, sys.stdin)
                second = asked.rate * SAMPLE_BYTES
                stretches = _stretches(regions, LONGEST_SECONDS * second)
                for together in _gathered(stretches, GATHERED_SECONDS * second):
                    hearing.hear(pcm, together)
                json.dump({"words": hearing.words, "skipped": hearing.skipped, "language": hearing.language}, said)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the last frame of this process
        sys.stderr.write(f"{type(error).__name__}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def _stretches(regions: Iterable[list[int] | None], longest: int) -> Iterator[tuple[int, int]]:
    """Regions up to ``null``, those that follow without a pause joined up to so many bytes."""
    start = end = 0
    for region in regions:
        if region is None:
            break
        if region[0] != end or region[1] - start > longest:
            if end > start:
                yield start, end
            start = region[0]
        end = region[1]
    if end > start:
        yield start, end


def _gathered(stretches: Iterable[Stretch], most: int) -> Iterator[list[Stretch]]:
    """Stretches that are heard as one sound, in all up to so many bytes; a longer one by itself."""
    together: list[Stretch] = []
    for one in stretches:
        if together and sum(end - start for start, end in (*together, one)) > most:
            yield together
            together = []
        together.append(one)
    if together:
        yield together


class Hearing:
    """One recording: its stretches are heard half a minute at once, its words get the recording's times."""

    def __init__(self, model: Any, rate: int, language: str, figures: Sequence[int]) -> None:
        self.words: list[dict[str, Any]] = []
        self.skipped = 0
        self.language = language
        self._model = model
        self._rate = rate
        self._figures = figures

    def hear(self, pcm: IO[bytes], stretches: Sequence[Stretch]) -> None:
        """Hear some stretches of the file as one sound, in the language that is spoken.

        Of several at once the model passes over some, or takes one for the end of another: those in which it found
        hardly a word are heard by themselves, and all of them where something was left out.
        """
        kept = self._heard(pcm, stretches)
        if kept is None:
            return
        found = [(word, *_place_of(self._middle(word), stretches)) for word in kept.words]
        if len(stretches) > 1 and kept.left_out:
            for one in stretches:
                self.hear(pcm, [one])
            return
        self.skipped += kept.left_out
        for number, one in enumerate(stretches):
            own = [(word, offset) for word, at, offset in found if at == number]
            covered = sum(word.end - word.start for word, _ in own) * SAMPLE_BYTES * self._rate
            if len(stretches) > 1 and covered < LEAST_COVERED * (one[1] - one[0]):
                self.hear(pcm, [one])
            else:
                self.words += [self._in_file(word, offset, one) for word, offset in own]

    def _heard(self, pcm: IO[bytes], stretches: Sequence[Stretch]) -> GuardedWords | None:
        """What is said, without what nobody said; None of what is too short to hear."""
        samples = np.concatenate([_samples(pcm, start, end) for start, end in stretches])
        if len(samples) < LEAST_SECONDS * self._rate:
            return None
        segments = self._segments(samples, self.language)
        kept = guard_words(segments)
        if kept.left_out or any(segment.logprob < SURE_LOGPROB for segment in segments):
            spoken, likelihood, _ = self._model.detect_language(samples)
            if spoken != self.language and likelihood >= SURE_LANGUAGE:
                self.language = spoken
                kept = guard_words(self._segments(samples, spoken))
        return kept

    def _middle(self, word: SegmentWord) -> float:
        """Of the word, in bytes of the joined sound."""
        return (word.start + max(word.start, word.end)) / 2 * SAMPLE_BYTES * self._rate

    def _in_file(self, word: SegmentWord, offset: int, stretch: Stretch) -> dict[str, Any]:
        second = SAMPLE_BYTES * self._rate
        start, end = ((at * second + offset) / second for at in (word.start, max(word.start, word.end)))
        return {
            "text": word.text,
            "confidence": word.confidence,
            "start": round(max(start, stretch[0] / second), 3),
            "end": round(min(end, stretch[1] / second), 3),
        }

    def _segments(self, sound: Sound, language: str) -> list[Segment]:
        found, _ = self._model.transcribe(
            sound,
            language=language,
            task="transcribe",
            beam_size=BEAM,
            temperature=TEMPERATURES,
            word_timestamps=True,
            max_new_tokens=LEAST_TOKENS + int(TOKENS_PER_SECOND * min(CHUNK_SECONDS, len(sound) / self._rate)),
            suppress_tokens=[-1, *self._figures],
            # What was said before would make one invented sentence the beginning of the next.
            condition_on_previous_text=False,
        )
        return [
            Segment(
                tuple(
                    SegmentWord(word.word, float(word.probability), float(word.start), float(word.end))
                    for word in segment.words or ()
                ),
                float(segment.no_speech_prob),
                float(segment.avg_logprob),
            )
            for segment in found
        ]


def _samples(pcm: IO[bytes], start: int, end: int) -> Sound:
    """What lies between two bytes of a file, -1 to 1."""
    pcm.seek(start)
    return np.frombuffer(pcm.read(end - start), np.int16).astype(np.float32) / np.float32(2**15)


def _place_of(byte: float, stretches: Sequence[Stretch]) -> tuple[int, int]:
    """In which stretch a place of the joined sound lies, and by how many bytes further on in the file."""
    before = 0
    for number, (start, end) in enumerate(stretches):
        if byte < before + end - start or number == len(stretches) - 1:
            return number, start - before
        before += end - start
    raise ValueError("there is no stretch")


def _figures(model: Any) -> list[int]:
    """The tokens with a digit: numbers are written as they were said, in words, and told apart where it is safe."""
    vocabulary: dict[str, int] = model.hf_tokenizer.get_vocab()
    return sorted(
        number
        for token, number in vocabulary.items()
        if not token.startswith("<|") and any(character.isdigit() for character in token)
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])

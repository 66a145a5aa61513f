"""Vosk alone on decoded sound: what our whole speech step is compared with."""

from __future__ import annotations

import json
import subprocess
import wave
from enum import StrEnum
from pathlib import Path

import vosk

from tests.transcription.sounds import DEMO_MODEL, RATE
from tests.transcription.spoken import Clip
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine
from transcription.audio.speech_models import SpeechModel


class Bare:
    """Vosk and nothing else."""

    def __init__(self, model: SpeechModel) -> None:
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(model.path))

    def hear_wav(self, path: Path) -> list[str]:
        """The words in a WAV file of the model's rate."""
        with wave.open(str(path)) as sound:
            return self._hear(sound.readframes(sound.getnframes()))

    def hear(self, path: Path) -> list[str]:
        """The words in any recording, decoded by ffmpeg."""
        decoded = ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), *decoded]
        return self._hear(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)

    def _hear(self, pcm: bytes) -> list[str]:
        recogniser = vosk.KaldiRecognizer(self._model, RATE)
        recogniser.SetWords(True)
        # Half a second at once, as in Vosk's own examples.
        pieces = (pcm[start : start + RATE] for start in range(0, len(pcm), RATE))
        results = [recogniser.Result() for piece in pieces if recogniser.AcceptWaveform(piece)]
        results.append(recogniser.FinalResult())
        return [word["word"] for result in results for word in json.loads(result).get("result", [])]


class Alone(StrEnum):
    """What became of a single word, heard by Vosk and by our whole step."""

    BOTH = "exact by both"
    OURS = "exact by us alone"
    LOST = "lost by us"
    NEITHER = "exact by neither"


def hear_alone(clip: Clip, said: Path, bare: Bare, engine: Engine) -> tuple[Alone, str]:
    """How a clip of one word compares, and what we read."""
    read = read_speech(said, DEMO_MODEL, engine=engine)
    exact, bare_exact = read.text == clip.says.capitalize(), bare.hear(said) == [clip.says]
    found = {(True, True): Alone.BOTH, (True, False): Alone.OURS, (False, True): Alone.LOST}
    return found.get((exact, bare_exact), Alone.NEITHER), read.text or str(read.doubt)

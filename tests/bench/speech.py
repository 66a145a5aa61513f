"""Our whole speech step against Vosk alone."""

from __future__ import annotations

import contextlib
import json
import wave
from collections.abc import Iterator
from pathlib import Path

from tests.bench.pairs import Pair
from tests.demo.samples import Call
from tests.demo.voices import telephone_wav
from transcription import models
from transcription.speech import read_speech
from transcription.speech_engine import SpeechEngine

SAYS = (
    "bonjour je voudrais plus de bancs dans le jardin public pour que les personnes âgées puissent se reposer "
    "il y a trop de bruit le soir à cause des scooters "
    "et les trottoirs sont trop étroits pour passer avec une poussette"
)


@contextlib.contextmanager
def speech_pairs(folder: Path) -> Iterator[list[Pair]]:
    """Our whole speech step against Vosk alone on the decoded sound, both with the model loaded."""
    import vosk

    vosk.SetLogLevel(-1)
    model = models.best_for("fr", models.installed(folder / "models"))
    assert model is not None
    bare_model = vosk.Model(str(model.path))
    once = telephone_wav(Call(name="bench", sender="+33639980099", says=SAYS))
    short, long = folder / "short.wav", folder / "long.wav"
    short.write_bytes(once)
    with wave.open(str(short)) as one, wave.open(str(long), "wb") as many:
        many.setparams(one.getparams())
        frames = one.readframes(one.getnframes())
        times = round(300 / (one.getnframes() / one.getframerate()))
        for _ in range(times):
            many.writeframes(frames)

    def bare(path: Path) -> None:
        recogniser = vosk.KaldiRecognizer(bare_model, model.rate)
        recogniser.SetWords(True)
        with wave.open(str(path)) as sound:
            while piece := sound.readframes(4000):
                recogniser.AcceptWaveform(piece)
        json.loads(recogniser.FinalResult())

    with SpeechEngine(model) as engine:
        yield [
            Pair(name, lambda path=path: read_speech(path, model, engine=engine), lambda path=path: bare(path), note)
            for name, path, note in (
                ("speech, 5 minutes", long, "decode, voice detection, Vosk ÷ Vosk on the decoded sound"),
                ("speech, one message", short, "the same; starting the decoder weighs most here"),
            )
        ]

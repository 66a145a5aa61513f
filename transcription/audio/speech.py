"""Recordings to words: decode, find the speech, recognise it, mark what is doubtful."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from pathlib import Path

from transcription.audio.sound import SpeechLimits, decode
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.audio.speech_models import SpeechModel
from transcription.audio.voice_activity import RATES, Everything, Voices
from transcription.audio.word_confidence import trust
from transcription.base.values import Transcript
from transcription.text.spoken_numbers import in_figures


def read_speech(
    path: Path, model: SpeechModel, *, engine: Engine | None = None, limits: SpeechLimits | None = None
) -> Transcript:
    """The words of a recording, with their times in it, or the doubt that explains why there are none.

    ``engine`` keeps a model loaded between recordings; without one, a child process is started for
    this one alone. The decoded sound stays on disk and is read in pieces, so an hour costs no more
    memory than a minute. Raises ``Unreadable``, ``EngineMissing``, ``EngineCrashed`` or ``TooSlow``.
    """
    began = time.monotonic()
    limits = limits or SpeechLimits()
    if engine is None:
        with SpeechEngine(model) as own:
            return read_speech(path, model, engine=own, limits=limits)
    rate = model.rate if model.rate in RATES else RATES[-1]
    with tempfile.TemporaryDirectory(prefix="portevoix-speech-") as work:
        pcm = Path(work) / "sound.pcm"
        decoded = decode(path, pcm, rate, limits)
        voices = Voices(pcm, rate) if limits.voice_detection else Everything(pcm, rate)
        found = voices.regions()
        heard = engine.recognise(pcm, rate, found, limits.speech_seconds)
        # An engine may answer without having listened to the end; the detector does all the same.
        deque(found, maxlen=0)
    trusted = trust(heard, voices, model)
    doubts = (*trusted.doubts, *decoded.doubts)
    return Transcript(
        engine=engine.name,
        model=model.name,
        language=model.language,
        words=tuple(in_figures(trusted.words, model.language)),
        took_seconds=round(time.monotonic() - began, 3),
        doubt=doubts[0] if doubts else None,
        also=doubts[1:],
        seconds=decoded.seconds,
    )

"""Recordings to words: decode, find the speech, recognise it, mark what is doubtful."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.audio.speech_models import MANY, SpeechModel
from transcription.audio.voice_activity import RATES, NoDetector, VoiceFrames
from transcription.audio.witnesses import merge_readings
from transcription.audio.word_confidence import trust_words
from transcription.base.values import Doubt, Transcript
from transcription.text.spoken_numbers import numbers_in_figures


def read_speech(
    path: Path,
    model: SpeechModel,
    *,
    engine: Engine | None = None,
    limits: SpeechLimits | None = None,
    language: str | None = None,
) -> Transcript:
    """The words of a recording, with their times in it, or the doubt that explains why there are none.

    ``engine`` keeps a model loaded between recordings; without one, a child process is started for
    this one alone. ``language`` (ISO 639-1) is the expected one, of a model that knows many. The decoded sound stays
    on disk and is read in pieces, so an hour costs no more memory than a minute.
    Raises ``Unreadable``, ``EngineMissing``, ``EngineCrashed`` or ``TooSlow``.
    """
    limits = limits or SpeechLimits()
    if engine is None:
        with SpeechEngine(model, language=language) as own:
            return read_speech(path, model, engine=own, limits=limits, language=language)
    return _in_figures(_hear(path, model, engine, limits, language))


def read_speech_twice(
    path: Path, heard_by: Sequence[tuple[SpeechModel, Engine]], limits: SpeechLimits, language: str
) -> Transcript:
    """The words of a recording as the first model heard them, doubtful where the second one heard others.

    Raises as ``read_speech`` does.
    """
    first, second = (_hear(path, model, engine, limits, language) for model, engine in heard_by)
    return _in_figures(merge_readings(first, second))


def _in_figures(transcript: Transcript) -> Transcript:
    return replace(transcript, words=tuple(numbers_in_figures(transcript.heard, transcript.language)))


def _hear(path: Path, model: SpeechModel, engine: Engine, limits: SpeechLimits, language: str | None) -> Transcript:
    began = time.monotonic()
    rate = model.rate if model.rate in RATES else RATES[-1]
    expected = language or model.language
    with tempfile.TemporaryDirectory(prefix="portevoix-speech-") as work:
        pcm = Path(work) / "sound.pcm"
        decoded = decode_sound(path, pcm, rate, limits)
        listens = VoiceFrames if limits.voice_detection else NoDetector
        voices = listens(pcm, rate, limits.pause_seconds)
        found = voices.regions()
        heard = engine.recognise(pcm, rate, found, limits.speech_seconds_for(decoded.seconds))
        # An engine may answer without having listened to the end; the detector does all the same.
        deque(found, maxlen=0)
    trusted = trust_words(heard, voices, model)
    spoken = heard.language or expected
    other = [Doubt.OTHER_LANGUAGE] if trusted.words and spoken != expected and expected != MANY else []
    doubts = tuple(dict.fromkeys((*other, *trusted.doubts, *decoded.doubts)))
    return Transcript(
        engine=engine.name,
        model=model.name,
        language=spoken if spoken != MANY else None,
        words=trusted.words,
        took_seconds=round(time.monotonic() - began, 3),
        doubt=doubts[0] if doubts else None,
        also=doubts[1:],
        seconds=decoded.seconds,
    )

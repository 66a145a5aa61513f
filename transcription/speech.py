"""Recordings to words: decode, find the speech, recognise it, keep only what was heard with confidence."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transcription.containers import opened_containers
from transcription.models import SpeechModel
from transcription.numbers import in_figures
from transcription.programs import run
from transcription.speech_engine import Engine, Heard, SpeechEngine
from transcription.values import Doubt, Transcript, Unread, Unreadable, Word
from transcription.voices import RATES, SAMPLE_BYTES, Region, find_speech

_LEAST_SECONDS = 0.1
_DOUBT_MARGIN = 0.08
_MANY_WORDS = 6
_FEW_WORDS = 2
_FEW_SHARE = 0.5
"""Of the model's least confidence, what is asked of so few words: their mean says little about them. They stay
doubtful."""
_ALONE_SHARE = 0.25
"""The same of a word that is all there is: with nothing beside it to tell, Vosk is less sure (0.2 to 0.4 for one right
« oui » in a hundred, measured)."""
_ALONE_SECONDS = 2.0
"""As long as the stretch around such a word may be; a model that finds one word in a minute has not understood it."""


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """What one recording may cost.

    Seconds and MB to decode it, how many seconds of it are listened to, and how many seconds that
    may take. ``voice_detection`` off hears it all, tones and silence included.
    """

    open_seconds: float = 120.0
    memory_mb: int = 2000
    recording_seconds: float = 900.0
    speech_seconds: float = 900.0
    voice_detection: bool = True


@dataclass(frozen=True, slots=True)
class _Decoded:
    seconds: float
    doubt: Doubt | None


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
    rate = model.rate if model.rate in RATES else 16_000
    with tempfile.TemporaryDirectory(prefix="portevoix-speech-") as work:
        pcm = Path(work) / "sound.pcm"
        decoded = decode(path, pcm, rate, limits)
        regions: list[Region] = []
        found = _noting(regions, find_speech(pcm, rate) if limits.voice_detection else [Region(0, pcm.stat().st_size)])
        heard = engine.recognise(pcm, rate, found, limits.speech_seconds)
        # An engine may answer without having listened to the end; what it left out is noted all the same.
        deque(found, maxlen=0)
    kept = _trusted(heard.words, regions, rate, model.least_confidence)
    return Transcript(
        engine=engine.name,
        model=model.name,
        language=model.language,
        words=tuple(in_figures(kept, model.language)),
        took_seconds=round(time.monotonic() - began, 3),
        doubt=_doubt(regions, heard, kept, model) or decoded.doubt,
        seconds=decoded.seconds,
    )


def _noting(noted: list[Region], regions: Iterable[Region]) -> Iterator[Region]:
    """The regions, each noted as it is passed on."""
    for region in regions:
        noted.append(region)
        yield region


def decode(path: Path, pcm: Path, rate: int, limits: SpeechLimits) -> _Decoded:
    """Write the recording's sound to ``pcm`` as mono 16-bit samples at ``rate``; channels are mixed."""
    if path.stat().st_size == 0:
        raise Unreadable(Unread.EMPTY)
    finished = run(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"),
            *("-protocol_whitelist", "file", "-format_whitelist", opened_containers(), "-i", f"file:{path.absolute()}"),
            *("-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1", "-ar", str(rate)),
            *("-t", str(limits.recording_seconds + 1), "-f", "s16le", f"file:{pcm}"),
        ],
        seconds=limits.open_seconds,
        memory_mb=limits.memory_mb,
    )
    seconds = pcm.stat().st_size / (rate * SAMPLE_BYTES) if pcm.exists() else 0.0
    if seconds < _LEAST_SECONDS:
        raise Unreadable(_why_no_sound(finished.code, finished.stderr))
    if seconds > limits.recording_seconds:
        return _Decoded(seconds, Doubt.CUT_SHORT)
    return _Decoded(round(seconds, 3), Doubt.PARTLY_DAMAGED if finished.code else None)


def _why_no_sound(code: int, stderr: bytes) -> Unread:
    """What ffmpeg's complaint means; it says the same for a text file and for a destroyed recording."""
    if code == 0 or b"matches no streams" in stderr:
        return Unread.NO_SOUND
    foreign = b"Invalid data found" in stderr or b"whitelist" in stderr
    return Unread.NOT_A_RECORDING if foreign else Unread.BROKEN


def _trusted(words: Sequence[Word], regions: list[Region], rate: int, least: float) -> list[Word]:
    """The words of those regions whose mean confidence reaches the model's least; music and noise do not."""
    kept: list[Word] = []
    for region in regions:
        start, end = (position / (rate * SAMPLE_BYTES) for position in (region.start, region.end))
        inside = [word for word in words if start <= (word.start + word.end) / 2 < end]
        alone = len(words) == 1 and end - start <= _ALONE_SECONDS
        share = _ALONE_SHARE if alone else _FEW_SHARE if len(inside) <= _FEW_WORDS else 1
        if inside and _mean(inside) >= share * least:
            kept += inside
    return kept


def _doubt(regions: list[Region], heard: Heard, kept: list[Word], model: SpeechModel) -> Doubt | None:
    if not regions:
        return Doubt.SILENCE
    if not kept:
        return _not_understood(heard, model)
    if heard.skipped or len(kept) < len(heard.words):
        return Doubt.PARTLY_UNDERSTOOD
    return Doubt.DOUBTFUL_SPEECH if _mean(kept) < model.least_confidence + _DOUBT_MARGIN else None


def _not_understood(heard: Heard, model: SpeechModel) -> Doubt:
    """Why no word is kept: a model that does not know a language hears many words in it and is sure of none."""
    if model.demo and heard.words:
        return Doubt.ONLY_DEMO_MODEL
    return Doubt.OTHER_LANGUAGE if len(heard.words) >= _MANY_WORDS else Doubt.NOT_UNDERSTOOD


def _mean(words: list[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)

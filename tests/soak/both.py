"""Two witnesses: how many of the wrong words are marked, how many of all, and how many of the certain ones are right.

Vosk and Whisper on synthetic speech through codecs and noises (``CLIPS``, 60, drawn by ``SEED``). On recordings of
people, which no Vosk model here understands, Whisper beside itself: the same recording faster, through a telephone's
band, and followed by one hypothesis only. Needs the Whisper model and, for people, ``PORTEVOIX_CORPUS``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.transcription.marking import Judged, certain_right, curve, judged, marked, wrong_marked
from tests.transcription.people import carry, people, synthetic
from tests.transcription.sounds import DEMO_MODEL, convert
from tests.transcription.spoken import carried, clips, write_all
from tests.transcription.whisper_model import is_there, whisper_model
from transcription.audio.sound import SpeechLimits
from transcription.audio.speech import read_speech, read_speech_twice
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.witnesses import merge_readings

CLIPS = int(os.environ.get("CLIPS", "60"))
SEED = int(os.environ.get("SEED", "12"))
LIMITS = SpeechLimits()
MOST_MARKED, LEAST_WRONG_MARKED, LEAST_CERTAIN_RIGHT = 0.35, 0.9, 0.9

WAYS = ("as recorded", "telephone band", "mu-law")
"""How the recordings of people arrive."""
_GREEDY = "import sys, transcription.audio.whisper_child as child; child.BEAM = 1; " + (
    "child.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])"
)


def both() -> None:
    """Print the curves; fails where too few of the wrong words are marked, or too many of all."""
    assert is_there, "there is no Whisper model: python -m tests.transcription.whisper_model fetches it"
    with tempfile.TemporaryDirectory(prefix="portevoix-both-") as folder:
        wrong = [*_two_engines(Path(folder)), *_one_engine_twice(Path(folder))]
    assert not wrong, "\n".join(wrong)


def _told(name: str, words: list[Judged]) -> Iterator[str]:
    print(f"  {name}: {len(words)} words")
    print(f"    wrong words marked: {wrong_marked(words)}; all words marked: {marked(words)}")
    print(f"    of words shown at 0.9 and more, right: {certain_right(words)}")
    print(*curve(words), sep="\n    ", flush=True)
    if wrong_marked(words).value < LEAST_WRONG_MARKED:
        yield f"{name}: of the wrong words {wrong_marked(words)} are marked"
    if marked(words).value > MOST_MARKED:
        yield f"{name}: of all words {marked(words)} are marked"
    if certain_right(words).value < LEAST_CERTAIN_RIGHT:
        yield f"{name}: of the certain words {certain_right(words)} are right"


def _two_engines(folder: Path) -> Iterator[str]:
    said = carried(clips(CLIPS, seed=SEED))
    words: list[Judged] = []
    with SpeechEngine(DEMO_MODEL) as vosk, SpeechEngine(whisper_model(), language="fr") as whisper:
        for clip, path in zip(said, write_all(said, folder), strict=True):
            read = read_speech_twice(path, [(whisper_model(), whisper), (DEMO_MODEL, vosk)], LIMITS, "fr")
            words += judged(read, clip.says, "fr")
    yield from _told("Whisper and Vosk, synthetic speech", words)


def _one_engine_twice(folder: Path) -> Iterator[str]:
    if not people():
        print("  PORTEVOIX_CORPUS is not set: no recordings of people", flush=True)
        return
    found: dict[str, list[Judged]] = {"faster": [], "through a telephone": [], "one hypothesis": []}
    model = whisper_model()
    for language in ("fr", "en"):
        greedy = (sys.executable, "-c", _GREEDY)
        with (
            SpeechEngine(model, language=language) as engine,
            SpeechEngine(model, language=language, child=greedy) as simple,
        ):
            for one in (*people(), *synthetic()):
                for way in WAYS if one.language == language else ():
                    path = carry(one, folder, way)
                    assert path is not None
                    first = read_speech(path, model, engine=engine, language=language)
                    fast = convert(path, folder / "fast.wav", "-af", "atempo=1.15", "-ar", "16000")
                    band = convert(path, folder / "band.wav", "-af", "highpass=f=300,lowpass=f=3000", "-ar", "8000")
                    for name, other, by in (
                        ("faster", fast, engine),
                        ("through a telephone", band, engine),
                        ("one hypothesis", path, simple),
                    ):
                        second = read_speech(other, model, engine=by, language=language)
                        found[name] += judged(merge_readings(first, second), one.says, language)
    for name, words in found.items():
        yield from _told(f"Whisper beside itself, {name}, people and synthetic voices", words)

"""A model that understands people: its errors beside the bare engine's, no word in silence, and what two engines mark.

Needs the Whisper model (``make soak`` fetches it); the recordings of people need ``PORTEVOIX_CORPUS``.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from inbox.listings.filters import DOUBTFUL_BELOW
from tests.bench.speech import right_words
from tests.transcription.no_speech.recordings import Recording, recordings
from tests.transcription.no_speech.unseen import UNSEEN
from tests.transcription.people import CARRIERS, Spoken, people, spoken_words, synthetic, word_errors
from tests.transcription.sounds import DEMO_MODEL, convert
from tests.transcription.spoken import clips, write_all
from tests.transcription.whisper_model import is_there, whisper_model
from transcription.audio.sound import SpeechLimits
from transcription.audio.speech import read_speech, read_speech_twice
from transcription.audio.speech_engine import SpeechEngine

CLIPS = int(os.environ.get("CLIPS", "40"))
SILENCES = int(os.environ.get("SILENCES", "260"))
LIMITS = SpeechLimits()
MOST_MARKED = 0.35
LEAST_WRONG_MARKED = 0.9


def voices() -> None:
    """Print every figure; fails where people are understood worse than by the bare engine, or a word is invented."""
    assert is_there, "there is no Whisper model: python -m tests.transcription.whisper_model fetches it"
    with tempfile.TemporaryDirectory(prefix="portevoix-voices-") as folder:
        wrong = [*_people(Path(folder)), *_silences(Path(folder)), *_witnesses(Path(folder))]
    assert not wrong, "\n".join(wrong)


def _people(folder: Path) -> Iterator[str]:
    said = people()
    if not said[0:1] or not said[0].path.is_file():
        print("  PORTEVOIX_CORPUS is not set: no recordings of people", flush=True)
        return
    bare = _Bare()
    for group, several in (("people", said), ("synthetic voices", synthetic())):
        for carrier, options in CARRIERS.items():
            words = ours = theirs = 0
            for one in several:
                path = convert(one.path, folder / "said.wav", "-ac", "1", *options)
                truth = spoken_words(one.says, one.language)
                words += len(truth)
                theirs += word_errors(truth, spoken_words(bare.hear(path, one.language), one.language))
                ours += word_errors(truth, spoken_words(_ours(path, one), one.language))
            print(
                f"  {group}, {carrier}: {words} words, wrong {100 * ours / words:.1f} % "
                f"(bare {100 * theirs / words:.1f} %)",
                flush=True,
            )
            if ours > theirs:
                yield f"{group}, {carrier}: {ours} words wrong, {theirs} by the bare engine"


class _Bare:
    """faster-whisper and nothing else, as its own example calls it."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel  # an extra

        self._model = WhisperModel(str(whisper_model().path), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(self, path: Path, language: str) -> str:
        """What it writes."""
        segments, _ = self._model.transcribe(str(path), language=language, beam_size=5)
        return " ".join(segment.text for segment in segments)


_ENGINES: dict[str, SpeechEngine] = {}


def _engine(language: str) -> SpeechEngine:
    if language not in _ENGINES:
        _ENGINES[language] = SpeechEngine(whisper_model(), language=language)
    return _ENGINES[language]


def _ours(path: Path, one: Spoken) -> str:
    return read_speech(path, whisper_model(), engine=_engine(one.language), language=one.language).text


def _silences(folder: Path) -> Iterator[str]:
    known = [*recordings(first_seed=5_000)][:SILENCES]
    others = [*recordings(UNSEEN, first_seed=9_000)][: max(0, SILENCES - len(known))]
    for name, several in (("silent recordings", known), ("noises of other kinds", others)):
        heard = [f"{recording.name}: {text}" for recording in several if (text := _heard_in(recording, folder))]
        print(f"  {len(several)} {name}: words in {len(heard)}", *heard, sep="\n    ", flush=True)
        yield from heard


def _heard_in(recording: Recording, folder: Path) -> str:
    path = recording.write(folder)
    text = read_speech(path, whisper_model(), engine=_engine("fr"), language="fr").text
    for file in folder.iterdir():
        file.unlink()
    return text


def _witnesses(folder: Path) -> Iterator[str]:
    """Vosk and Whisper on synthetic speech through codecs and noise: how many of the wrong words are marked."""
    wrong = wrong_marked = words = marked = 0
    calm: dict[int, list[int]] = defaultdict(list)
    said = clips(CLIPS, seed=11)
    with SpeechEngine(DEMO_MODEL) as vosk:
        heard_by = [(whisper_model(), _engine("fr")), (DEMO_MODEL, vosk)]
        for clip, path in zip(said, write_all(said, folder), strict=True):
            read = read_speech_twice(path, heard_by, LIMITS, "fr")
            heard = [word for one in read.heard for word in spoken_words(one.text, "fr")]
            right = right_words(heard, spoken_words(clip.says, "fr"))
            place = 0
            for word in read.heard:
                pieces = spoken_words(word.text, "fr")
                is_right = all(place + number in right for number in range(len(pieces)))
                place += len(pieces)
                doubtful = word.confidence < DOUBTFUL_BELOW
                words, marked = words + 1, marked + doubtful
                wrong, wrong_marked = wrong + (not is_right), wrong_marked + (not is_right and doubtful)
                calm[int(word.confidence * 10)].append(is_right)
    print(f"  two engines, {words} words: {wrong} wrong, {wrong_marked} of them marked; {marked} marked in all")
    for level, found in sorted(calm.items()):
        print(f"    confidence {level / 10:.1f}: {len(found)} words, {100 * sum(found) / len(found):.0f} % right")
    if wrong and wrong_marked < LEAST_WRONG_MARKED * wrong:
        yield f"{wrong - wrong_marked} of {wrong} wrong words are not marked"

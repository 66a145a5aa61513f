"""A model that understands people: its errors beside the bare engine's on the same files, and no word in silence.

Needs the Whisper model (``make soak`` fetches it); the recordings of people need ``PORTEVOIX_CORPUS``. ``PARTS`` names
what of it is done: ``people silences`` by default.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.transcription.no_speech.recordings import Recording, recordings
from tests.transcription.no_speech.unseen import UNSEEN
from tests.transcription.people import CARRIERS, Spoken, carry, people, spoken_words, synthetic, word_errors
from tests.transcription.whisper_model import is_there, whisper_model
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine

SILENCES = int(os.environ.get("SILENCES", "260"))


def voices() -> None:
    """Print every figure; fails where people are understood worse than by the bare engine, or a word is invented."""
    assert is_there, "there is no Whisper model: python -m tests.transcription.whisper_model fetches it"
    with tempfile.TemporaryDirectory(prefix="portevoix-voices-") as folder:
        wanted = os.environ.get("PARTS", "people silences").split()
        wrong = [fault for name in wanted for fault in _PARTS[name](Path(folder))]
    assert not wrong, "\n".join(wrong)


def _people(folder: Path) -> Iterator[str]:
    said = people()
    if not said:
        print("  PORTEVOIX_CORPUS is not set: no recordings of people", flush=True)
        return
    bare = _Bare()
    groups = {
        "people, French": [one for one in said if one.language == "fr"],
        "people, English": [one for one in said if one.language == "en"],
        "synthetic voices": synthetic(),
    }
    for carrier in CARRIERS:
        wrong = [0, 0]  # by us and by the bare engine, of all recordings of people
        for group, several in groups.items():
            words = ours = theirs = 0
            for one in several:
                path = carry(one, folder, carrier)
                if path is None:
                    break
                truth = spoken_words(one.says, one.language)
                words += len(truth)
                theirs += word_errors(truth, spoken_words(bare.hear(path, one.language), one.language))
                ours += word_errors(truth, spoken_words(_ours(path, one), one.language))
            if not words:
                print(f"  {carrier}: nothing here encodes it (apt-get install gstreamer1.0-plugins-ugly)", flush=True)
                break
            print(
                f"  {carrier}, {group}: {len(several)} recordings, {words} words, wrong {ours}, "
                f"{100 * ours / words:.1f} % (bare {theirs}, {100 * theirs / words:.1f} %)",
                flush=True,
            )
            if group.startswith("people"):
                wrong = [wrong[0] + ours, wrong[1] + theirs]
        if wrong[0] > wrong[1]:
            yield f"people, {carrier}: {wrong[0]} words wrong, {wrong[1]} by the bare engine"


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


_PARTS: dict[str, Callable[[Path], Iterator[str]]] = {"people": _people, "silences": _silences}

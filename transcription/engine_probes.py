"""What this room needs from outside, and whether it is there."""

from __future__ import annotations

import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.probe import Probe, Unavailable, program_version
from transcription.audio import speech_models
from transcription.audio.speech import read_speech
from transcription.audio.speech_models import Attempt, SpeechModel
from transcription.base.values import ModelError, TranscriptionError
from transcription.pages import tesseract
from transcription.synthetic_voice import speak_text

TESSERACT_NAMES = {
    "fr": "fra",
    "en": "eng",
    "de": "deu",
    "es": "spa",
    "it": "ita",
    "pt": "por",
    "br": "bre",
    "ar": "ara",
}
"""Tesseract's names (ISO 639-2/T) of the languages towns ask for, by their ISO 639-1 names."""


def engine_probes(models_dir: Path, languages: Sequence[str]) -> list[Probe]:
    """The engines and models that reading in these languages (ISO 639-1) needs."""
    packages = " ".join(f"tesseract-ocr-{TESSERACT_NAMES[one]}" for one in languages if one in TESSERACT_NAMES)
    return [
        Probe(
            "ffmpeg", "Decodes recordings.", lambda: program_version(["ffmpeg", "-version"]), "apt-get install ffmpeg"
        ),
        Probe(
            "espeak-ng",
            "Reads published words aloud on the public pages.",
            lambda: program_version(["espeak-ng", "--version"]),
            "apt-get install espeak-ng, or set voicemail.reads_aloud = false",
        ),
        Probe("file", "Tells what a file is.", lambda: program_version(["file", "--version"]), "apt-get install file"),
        Probe(
            "tesseract",
            "Reads print.",
            lambda: program_version(["tesseract", "--version"]),
            "apt-get install tesseract-ocr",
        ),
        Probe(
            "tesseract's languages",
            "Without its language, print is read badly.",
            lambda: _tesseract_languages(languages),
            f"apt-get install {packages} tesseract-ocr-osd",
        ),
        Probe(
            "speech models",
            "Without a model, recordings wait for a person.",
            lambda: _speech_models(models_dir, languages),
            "portevoix models install vosk-model-small-fr-0.22 (a known name, a file, a folder or an address)",
        ),
    ]


def _tesseract_languages(languages: Sequence[str]) -> str:
    there = tesseract.languages_installed()
    wanted = ["osd", *(TESSERACT_NAMES.get(one, one) for one in languages)]
    if missing := [name for name in wanted if name not in there]:
        raise Unavailable(f"missing: {', '.join(missing)}")
    return ", ".join(wanted)


def _speech_models(models_dir: Path, languages: Sequence[str]) -> str:
    found = speech_models.installed_models(models_dir)
    best = {language: speech_models.best_for(language, found) for language in languages}
    usual = best[languages[0]]
    if usual is None:
        raise Unavailable(f"none hears “{languages[0]}”")
    if usual.demo:
        raise Unavailable(f"only the demo model hears “{languages[0]}”: it understands synthetic voices, not people")
    silent = [language for language, model in best.items() if model is None]
    return usual.name + (f"; none for {', '.join(silent)}" if silent else "")


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Whether a model loads and hears, and how long that took."""

    ok: bool
    note: str


SENTENCES = {"fr": "bonjour je voudrais plus de bancs merci", "en": "good morning we would like more trees thank you"}
"""What a model is asked to hear, in a synthetic voice: enough to tell a model that works from one that does not."""


def check_model(model: SpeechModel, language: str = "") -> ModelCheck:
    """Load a model and let it hear a sentence (silence where no voice is installed), as a recording would be heard.

    ``language`` (ISO 639-1) is what a model of many languages is told in.
    """
    spoken_in = model.language if model.language != speech_models.MANY else language or "fr"
    began = time.monotonic()
    said = SENTENCES.get(spoken_in, "")
    with tempfile.TemporaryDirectory(prefix="portevoix-check-") as folder:
        sound = Path(folder) / "sound.wav"
        try:
            spoken = bool(said) and _speak(said, spoken_in, sound)
            if not spoken:
                _be_silent(sound)
            heard = read_speech(sound, model, language=spoken_in)
        except TranscriptionError as error:
            return ModelCheck(False, f"{error} {getattr(error, 'remedy', '')}".strip())
    seconds = f"{time.monotonic() - began:.1f} s"
    if not spoken:
        return ModelCheck(True, f"loads and listens to silence, {seconds}; install espeak-ng to let it hear a sentence")
    if not heard.words:
        return ModelCheck(False, f"loads, but heard nothing of “{said}”, {seconds}")
    return ModelCheck(True, f"told “{said}”, it heard “{heard.text}”, {seconds}")


def must_hear(language: str, told: Callable[[str], None] | None = None) -> Attempt:
    """Lets a model hear a sentence before it takes its place; ``told`` is given what came of it.

    Raises ``ModelError`` where it does not load, or hears nothing.
    """

    def attempt(model: SpeechModel) -> None:
        found = check_model(model, language)
        if not found.ok:
            raise ModelError(
                f"{model.name} is no use here: {found.note}",
                "What was installed before stays as it was. Mend what it says, or choose another model.",
            )
        if told is not None:
            told(found.note)

    return attempt


def _speak(sentence: str, language: str, sound: Path) -> bool:
    try:
        speak_text(sentence, language, sound)
    except TranscriptionError:
        return False
    return True


def _be_silent(sound: Path) -> None:
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000))

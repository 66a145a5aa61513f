"""Recordings of people who speak French or English, with what they say, from ``PORTEVOIX_CORPUS``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from text_to_num import alpha2digit

from tests.transcription.scans import CORPUS

CARRIERS: dict[str, tuple[str, ...]] = {
    "as recorded": ("-ar", "16000"),
    "telephone band": ("-af", "highpass=f=300,lowpass=f=3400", "-ar", "8000"),
    "mu-law": ("-ar", "8000", "-c:a", "pcm_mulaw"),
    "GSM": ("-ar", "8000", "-c:a", "libgsm_ms"),
}
"""What happens to a voice on its way, as options of ffmpeg for a WAV file."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, its language, and what is said in it."""

    path: Path
    language: str
    says: str


def people() -> list[Spoken]:
    """Every recording of a person whose words are known."""
    return [*_voxforge(), *_single()]


def synthetic() -> list[Spoken]:
    """Synthetic French voices of a kind that no model here was made on."""
    folder = CORPUS / "speech" / "fr_wavenet_SYNTHETIC"
    return [Spoken(file.with_suffix(".wav"), "fr", file.read_text("utf-8")) for file in sorted(folder.glob("*.txt"))
            if file.with_suffix(".wav").is_file()]  # fmt: skip


def _voxforge() -> Iterator[Spoken]:
    for file in sorted((CORPUS / "speech" / "fr_voxforge").glob("fr-*.txt")):
        yield Spoken(file.with_suffix(".wav"), "fr", file.read_text("utf-8"))


def _single() -> Iterator[Spoken]:
    speech = CORPUS / "speech"
    yield Spoken(speech / "en_jfk" / "jfk.wav", "en", (speech / "en_jfk" / "transcript.txt").read_text("utf-8"))
    yield Spoken(speech / "uberi" / "english.wav", "en", "one two three")


def spoken_words(text: str, language: str) -> list[str]:
    """The words of a text as they sound: no marks, no capitals, numbers in figures."""
    plain = unicodedata.normalize("NFC", text.lower()).replace("’", "'").replace("-", " ")
    plain = alpha2digit(re.sub(r"[^\w' ]", " ", plain), language)
    return plain.replace("'", "' ").split()


def word_errors(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Words put in, left out or changed (Levenshtein)."""
    last = list(range(len(heard) + 1))
    for row, word in enumerate(truth, start=1):
        now = [row]
        for column, other in enumerate(heard, start=1):
            now.append(min(last[column] + 1, now[-1] + 1, last[column - 1] + (word != other)))
        last = now
    return last[-1]

"""A recording that the expected language's model understands nothing of goes to the models of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings.loader import Settings
from gateway.reading.readers import Readers
from transcription.base.values import Doubt, EngineMissing, Transcript, Word

WORD = (Word("bench", 0.9, 0.0, 0.5),)


class Models(Readers):
    """Models that understand one language each, and which of them were asked."""

    def __init__(self, understands: dict[str, Doubt | None]) -> None:
        super().__init__(Settings())
        self.understands = understands
        self.asked: list[str] = []

    def _read_in(self, path: Path, language: str) -> Transcript:
        self.asked.append(language)
        if language not in self.understands:
            raise EngineMissing(f"no model hears {language}")
        doubt = self.understands[language]
        return Transcript("vosk", f"model-{language}", language, () if doubt else WORD, 0.1, doubt=doubt)


@pytest.mark.parametrize(
    ("understands", "asked", "language", "doubts"),
    [
        ({"fr": None, "en": None}, ["fr"], "fr", ()),
        ({"fr": Doubt.OTHER_LANGUAGE, "en": None}, ["fr", "en"], "en", (Doubt.OTHER_LANGUAGE,)),
        ({"fr": Doubt.NOT_UNDERSTOOD, "br": None}, ["fr", "en", "br"], "br", (Doubt.OTHER_LANGUAGE,)),
        ({"fr": Doubt.ONLY_DEMO_MODEL}, ["fr", "en", "br"], "fr", (Doubt.ONLY_DEMO_MODEL,)),
        ({"fr": Doubt.OTHER_LANGUAGE, "en": Doubt.NOT_UNDERSTOOD}, ["fr", "en", "br"], "fr", (Doubt.OTHER_LANGUAGE,)),
        ({"fr": Doubt.SILENCE, "en": None}, ["fr"], "fr", (Doubt.SILENCE,)),
    ],
)
def test_models_are_asked_in_turn(
    understands: dict[str, Doubt | None], asked: list[str], language: str, doubts: tuple[Doubt, ...]
) -> None:
    with Models(understands) as models:
        read = models.read_recording(Path("call.wav"), "fr", ["fr", "en", "br"])
    assert (models.asked, read.language, read.doubts) == (asked, language, doubts)

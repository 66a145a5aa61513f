"""Where the tests find a Whisper model that understands people; ``python -m`` fetches it there, once.

``make bench`` and ``make soak`` do so. 150 MB, MIT: the base model of OpenAI as converted for CTranslate2, pinned by
checksums in the catalogue.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from transcription.audio.model_catalogue import install_known, known_model
from transcription.audio.speech_models import SpeechModel, describe_model, is_model

FOLDER = Path(__file__).parents[2] / ".cache" / "models"
NAME = "whisper-base"

is_there = is_model(FOLDER / NAME) and find_spec("faster_whisper") is not None
needs_whisper = pytest.mark.skipif(not is_there, reason="no Whisper model is there: make soak fetches one")


def whisper_model() -> SpeechModel:
    """The model; there must be one."""
    return describe_model(FOLDER / NAME)


if __name__ == "__main__":
    known = known_model(NAME)
    assert known is not None
    print(f"{install_known(known, FOLDER).name} is installed")

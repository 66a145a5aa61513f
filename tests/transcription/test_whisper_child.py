"""What is heard as one sound keeps the times of the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transcription.no_speech.lines import nothing
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.sounds import RATE, read_wav
from tests.transcription.spoken import clips, write_all
from tests.transcription.whisper_model import needs_whisper, whisper_model
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.whisper_child import _gathered, _place_of


@pytest.mark.parametrize(
    ("stretches", "together"),
    [
        ([], []),
        ([(0, 10)], [[(0, 10)]]),
        ([(0, 10), (20, 30)], [[(0, 10), (20, 30)]]),
        ([(0, 10), (20, 30), (50, 51)], [[(0, 10), (20, 30)], [(50, 51)]]),
        ([(0, 50), (60, 65)], [[(0, 50)], [(60, 65)]]),
        ([(5, 10), (20, 100), (110, 112)], [[(5, 10)], [(20, 100)], [(110, 112)]]),
    ],
)
def test_stretches_fill_what_is_heard_at_once(
    stretches: list[tuple[int, int]], together: list[list[tuple[int, int]]]
) -> None:
    assert list(_gathered(iter(stretches), 20)) == together


@pytest.mark.parametrize(
    ("byte", "place"),
    [(0, (0, 5)), (4.9, (0, 5)), (5, (1, 15)), (14, (1, 15)), (15, (2, 35)), (99, (2, 35))],
)
def test_a_place_in_the_joined_sound_is_one_in_the_recording(byte: float, place: tuple[int, int]) -> None:
    assert _place_of(byte, [(5, 10), (20, 30), (50, 60)]) == place


@needs_whisper
def test_words_stand_where_they_were_said(tmp_path: Path) -> None:
    first, second = (read_wav(path) for path in write_all(clips(2, seed=3), tmp_path))
    sound = np.concatenate([nothing(2), first, nothing(12), second, nothing(2)])
    path = write_wav(sound, tmp_path / "both.wav")
    with SpeechEngine(whisper_model(), language="fr") as engine:
        read = read_speech(path, whisper_model(), engine=engine, language="fr")
    until, again = 2 + len(first) / RATE, 14 + len(first) / RATE
    assert all(word.end <= until + 0.5 or word.start >= again - 0.5 for word in read.words)
    assert any(word.end <= until + 0.5 for word in read.words)
    assert any(word.start >= again - 0.5 for word in read.words)

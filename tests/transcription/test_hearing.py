"""Voices in a street, in babble, in music, and noises after a sentence: a seeded sample.

``make soak ONLY=hearing`` goes through all of them, and through the recordings of people in ``PORTEVOIX_CORPUS``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.bench.speech import right_words
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.sounds import DEMO_MODEL, RATE, Samples, needs_voice, read_wav
from tests.transcription.spoken import clips, write_all
from tests.transcription.surroundings import SURROUNDINGS, Followed, Surrounding, followed_by_noise, through
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.audio.voice_activity import SpeechRegion
from transcription.base.values import Doubt

pytestmark = needs_voice

SAID = clips(7, seed=52)
SEVERE = [row for row in SURROUNDINGS if row.decibels in (5, 10) or row.carrier != "PCM"][::2]
MARKED = 0.7
"""Words a machine is less sure of are underlined at the desk."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with SpeechEngine(DEMO_MODEL) as started:
        yield started


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> list[Samples]:
    return [read_wav(path) for path in write_all(SAID, tmp_path_factory.mktemp("spoken"))]


@pytest.mark.parametrize("surrounding", SEVERE, ids=lambda row: row.name)
def test_no_word_that_the_engine_hears_is_lost(
    surrounding: Surrounding, spoken: list[Samples], engine: Engine, tmp_path: Path
):
    path = through(surrounding, spoken[0], spoken[1:], 52, tmp_path / "carried")
    decode_sound(path, tmp_path / "bare.pcm", RATE, SpeechLimits())
    whole = SpeechRegion(0, (tmp_path / "bare.pcm").stat().st_size)
    bare = [word.text for word in engine.recognise(tmp_path / "bare.pcm", RATE, [whole], 60).words]
    read = read_speech(path, DEMO_MODEL, engine=engine)
    truth = SAID[0].says.split()
    assert right_words(truth, bare) <= right_words(truth, read.text.lower().split()), (bare, read.text)
    assert read.doubt not in {Doubt.SILENCE, Doubt.NO_VOICE}


@pytest.fixture(scope="module")
def followed(spoken: list[Samples]) -> list[Followed]:
    return list(followed_by_noise(spoken, seed=600))


@pytest.mark.parametrize("number", np.random.default_rng(5).permutation(60)[:5].tolist())
def test_a_noise_after_a_sentence_becomes_no_undoubted_word(
    number: int, followed: list[Followed], spoken: list[Samples], engine: Engine, tmp_path: Path
):
    one = followed[number]
    alone = read_speech(write_wav(spoken[number % len(spoken)], tmp_path / "alone.wav"), DEMO_MODEL, engine=engine)
    read = read_speech(write_wav(one.sound, tmp_path / "after.wav"), DEMO_MODEL, engine=engine)
    invented = [word for word in read.words if word.start > one.said - 0.1]
    assert all(word.confidence < MARKED for word in invented)
    assert not invented or read.doubts
    missing = right_words(SAID[number % len(SAID)].says.split(), alone.text.lower().split()) - right_words(
        SAID[number % len(SAID)].says.split(), read.text.lower().split()
    )
    assert not missing

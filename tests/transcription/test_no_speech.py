"""Two hundred recordings in which nobody speaks give not one word; « oui » and « non » alone are heard.

Here a seeded sample of them; ``make soak ONLY=silences`` listens to all, and to the kinds the detector was never
tuned on.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.transcription.bare import Alone, Bare, hear_alone
from tests.transcription.no_speech.recordings import KINDS, Recording, recordings
from tests.transcription.sounds import DEMO_MODEL, needs_voice, read_wav, silence, write_wav
from tests.transcription.spoken import Clip, alone
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.base.values import Doubt

pytestmark = needs_voice

ALL = recordings()
SAMPLE = np.random.default_rng(8).permutation(len(ALL))[:16]
NOBODY = {Doubt.SILENCE, Doubt.NO_VOICE, Doubt.NOT_UNDERSTOOD, Doubt.ONLY_DEMO_MODEL}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with SpeechEngine(DEMO_MODEL) as started:
        yield started


def test_there_are_two_hundred_of_every_kind_level_and_codec():
    assert len(ALL) == 200
    assert {recording.name.rsplit(", ", 3)[0] for recording in ALL} == {name for name, _, _ in KINDS}
    assert len({(recording.level, recording.carrier) for recording in ALL}) == 25
    assert len({recording.samples().tobytes() for recording in ALL if recording.name.startswith("tones")}) == 24


@pytest.mark.parametrize("recording", [ALL[number] for number in SAMPLE], ids=lambda recording: recording.name)
def test_nobody_speaks_and_no_word_is_heard(recording: Recording, engine: Engine, tmp_path: Path):
    read = read_speech(recording.write(tmp_path), DEMO_MODEL, engine=engine)
    assert read.words == ()
    assert read.doubt in NOBODY


ALONE = alone()
FEW_ALONE = [ALONE[number] for number in np.random.default_rng(9).permutation(len(ALONE))[:12]]
"""Drawn by the seed, whatever is heard in them; what Vosk by itself gets wrong is not asked of us."""


@pytest.fixture(scope="module")
def bare() -> Bare:
    return Bare(DEMO_MODEL)


@pytest.mark.parametrize(
    "clip", FEW_ALONE, ids=lambda clip: f"{clip.says}, {clip.voice}, {clip.speed}, {clip.carrier}, {clip.noise}"
)
def test_one_word_alone_that_vosk_hears_is_never_lost(clip: Clip, engine: Engine, bare: Bare, tmp_path: Path):
    found, read = hear_alone(clip, clip.write(tmp_path / "said"), bare, engine)
    assert found is not Alone.LOST, read


@pytest.mark.parametrize(("before", "after"), [(0.0, 5.0), (5.0, 0.0), (4.0, 4.0)])
@pytest.mark.parametrize("word", ["oui", "non"])
def test_one_word_in_long_silence_is_heard(word: str, before: float, after: float, engine: Engine, tmp_path: Path):
    voice = read_wav(Clip(word, "fr+f2", 140, 50).write(tmp_path / "said"))
    sound = write_wav(np.concatenate([silence(before), voice, silence(after)]), tmp_path / "sound.wav")
    assert read_speech(sound, DEMO_MODEL, engine=engine).text == word.capitalize()


def test_a_word_after_a_pause_of_ten_seconds_is_where_it_was_said(engine: Engine, tmp_path: Path):
    voice = read_wav(Clip("bonjour je voudrais plus de bancs", "fr+f3", 140, 50).write(tmp_path / "said"))
    alone = read_speech(write_wav(voice, tmp_path / "one.wav"), DEMO_MODEL, engine=engine)
    sound = write_wav(np.concatenate([voice, silence(10), voice]), tmp_path / "two.wav")
    both = read_speech(sound, DEMO_MODEL, engine=engine)
    later = len(voice) / 8_000 + 10
    expected = [word.start + offset for offset in (0, later) for word in alone.words]
    assert [word.start for word in both.words] == pytest.approx(expected, abs=0.15)

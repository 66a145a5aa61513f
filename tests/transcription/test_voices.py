"""Which stretches of a recording are taken for speech."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.transcription.sounds import (
    NO_SPEECH,
    RATE,
    Samples,
    convert,
    hiss,
    needs_voice,
    read_wav,
    silence,
    speak,
    tone,
)
from transcription.voices import find_speech


def regions(samples: Samples, folder: Path) -> list[tuple[float, float]]:
    """Start and end of each stretch in seconds."""
    pcm = folder / "sound.pcm"
    pcm.write_bytes((samples.clip(-1, 1) * 32_000).astype("<i2").tobytes())
    return [(region.start / (2 * RATE), region.end / (2 * RATE)) for region in find_speech(pcm, RATE)]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("voice")
    spoken = speak("bonjour je voudrais plus de bancs rue de siam", folder / "said.wav")
    return read_wav(convert(spoken, folder / "8k.wav", "-ar", str(RATE)))


@pytest.mark.parametrize("samples", NO_SPEECH.values(), ids=NO_SPEECH)
def test_what_is_no_speech_is_not_taken_for_it(samples: Samples, tmp_path: Path):
    assert regions(samples, tmp_path) == []


AROUND = {
    "silence": (silence(4), 0.6),
    "a tone": (tone(440, on=4), 0.6),
    "an engaged tone": (tone(425, on=0.5, off=0.5, times=4), 0.6),
    # The detector takes hiss for speech for some seconds after a voice; the engine hears nothing in it.
    "faint hiss": (hiss(0.001, 4), 4.1),
}


@needs_voice
@pytest.mark.parametrize(("around", "late"), AROUND.values(), ids=AROUND)
def test_speech_is_found_between_other_sounds(voice: Samples, around: Samples, late: float, tmp_path: Path):
    start, seconds = len(around) / RATE, len(voice) / RATE
    found = regions(np.concatenate([around, voice, around]), tmp_path)
    assert found, "the voice was missed"
    assert found[0][0] == pytest.approx(start, abs=0.5)
    assert found[-1][1] == pytest.approx(start + seconds, abs=late)


@needs_voice
@pytest.mark.parametrize(("pause", "stretches"), [(0.3, 1), (0.8, 1), (3.0, 2), (60.0, 2)])
def test_long_pauses_are_skipped_and_short_ones_are_not(voice: Samples, pause: float, stretches: int, tmp_path: Path):
    assert len(regions(np.concatenate([voice, silence(pause), voice]), tmp_path)) == stretches


@needs_voice
def test_speech_without_a_pause_is_found_piece_by_piece_and_nothing_between_is_left_out(voice: Samples, tmp_path: Path):
    said = np.tile(np.concatenate([voice, silence(0.3)]), 30)
    found = regions(said, tmp_path)
    assert len(found) > 1, "whoever listens would have to wait for the end"
    assert [end for _, end in found[:-1]] == [start for start, _ in found[1:]]
    assert found[0][0] < 0.3
    assert found[-1][1] > len(said) / RATE - 0.6


@needs_voice
@pytest.mark.parametrize("level", [1.0, 0.2, 0.03], ids=["loud", "soft", "very soft"])
def test_a_soft_voice_is_heard_too(voice: Samples, level: float, tmp_path: Path):
    assert sum(end - start for start, end in regions(voice * level, tmp_path)) > 0.8 * len(voice) / RATE


def test_an_hour_of_sound_is_never_held_in_memory(tmp_path: Path):
    pcm = tmp_path / "hour.pcm"
    with pcm.open("wb") as file:
        file.truncate(3600 * RATE * 2)
    tracemalloc.start()
    try:
        assert list(find_speech(pcm, RATE)) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20, "an hour of samples alone is 58 MB"


@pytest.mark.parametrize("size", [0, 1, 100, 479])
def test_less_than_a_frame_of_sound_is_no_speech(size: int, tmp_path: Path):
    pcm = tmp_path / "short.pcm"
    pcm.write_bytes(bytes(size))
    assert list(find_speech(pcm, RATE)) == []

"""Which stretches of a recording are taken for speech, and what is known of each moment."""

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
from tests.transcription.spoken import clips, write_all
from tests.transcription.surroundings import SURROUNDINGS, Surrounding, through
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.audio.voice_activity import LIKELY, PAUSE_SECONDS, VoiceFrames

PIECE = 1.0
"""Seconds of the pieces in which a stretch comes."""


def listened(
    samples: Samples, folder: Path, pause_seconds: float = PAUSE_SECONDS
) -> tuple[list[tuple[float, float]], VoiceFrames]:
    """Start and end of each stretch in seconds, pieces of one stretch joined, and the detector's findings."""
    pcm = folder / "sound.pcm"
    pcm.write_bytes((samples.clip(-1, 1) * 32_000).astype("<i2").tobytes())
    voices = VoiceFrames(pcm, RATE, pause_seconds)
    found: list[tuple[float, float]] = []
    for region in voices.regions():
        start, end = region.start / (2 * RATE), region.end / (2 * RATE)
        assert end - start <= 4 * PIECE, "whoever listens would have to wait"
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found, voices


def regions(samples: Samples, folder: Path) -> list[tuple[float, float]]:
    return listened(samples, folder)[0]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("voice")
    spoken = speak("bonjour je voudrais plus de bancs rue de siam", folder / "said.wav")
    return read_wav(convert(spoken, folder / "8k.wav", "-ar", str(RATE)))


@pytest.mark.parametrize("samples", NO_SPEECH.values(), ids=NO_SPEECH)
def test_what_is_no_speech_is_not_taken_for_it(samples: Samples, tmp_path: Path):
    assert listened(samples, tmp_path)[1].spoken_seconds < 0.2


AROUND = {
    "silence": (silence(6), 1.5),
    "a tone": (tone(440, on=6), 1.5),
    # The detector doubts for as long as a voice is fresh in its mind; what the engine hears in it is judged by words.
    "an engaged tone": (tone(425, on=0.5, off=0.5, times=6), 6),
    "faint hiss": (hiss(0.001, 6), 1.5),
}


@needs_voice
@pytest.mark.parametrize(("around", "late"), AROUND.values(), ids=AROUND)
def test_speech_is_found_between_other_sounds(voice: Samples, around: Samples, late: float, tmp_path: Path):
    start, seconds = len(around) / RATE, len(voice) / RATE
    [(begun, ended)] = regions(np.concatenate([around, voice, around]), tmp_path)
    assert start - 2.1 <= begun <= start
    assert start + seconds <= ended <= start + seconds + late


def held_vowel(pitch: float, seconds: float, formants: tuple[float, ...] = (700, 1_200, 2_500)) -> Samples:
    """« Aaaah »: harmonics of one pitch, strongest where a mouth lets them through."""
    time = np.arange(int(seconds * RATE)) / RATE
    harmonics = [pitch * number for number in range(1, int(3_800 / pitch))]
    sound = sum(
        (
            sum(1 / (1 + ((frequency - formant) / 100) ** 2) for formant in formants)
            * np.sin(2 * np.pi * frequency * time)
            for frequency in harmonics
        ),
        np.zeros(len(time)),
    )
    return 0.4 * sound / np.abs(sound).max()


BEFORE = {
    "« aaah », low": held_vowel(110, 3),
    "« aaah », high": held_vowel(240, 3),
    "« ouh »": held_vowel(180, 4, (320, 800, 2_200)),
    "the tone of an answering machine": tone(1_000, on=1),
    "a dialling tone that lasts": tone(440, on=12),
    "a loud crash": hiss(0.9, 0.5),
}


@needs_voice
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_whatever_comes_before_what_follows_is_heard(voice: Samples, before: Samples, tmp_path: Path):
    found = regions(np.concatenate([before, voice]), tmp_path)
    assert found[-1][0] <= len(before) / RATE
    assert found[-1][1] == pytest.approx((len(before) + len(voice)) / RATE, abs=0.01)


@needs_voice
@pytest.mark.parametrize(("pause", "stretches"), [(0.3, 1), (0.8, 1), (2.5, 1), (4.0, 2), (15.0, 2)])
def test_only_long_pauses_are_skipped(voice: Samples, pause: float, stretches: int, tmp_path: Path):
    assert len(regions(np.concatenate([voice, silence(pause), voice]), tmp_path)) == stretches


@needs_voice
@pytest.mark.parametrize(("longest", "stretches"), [(1.5, 2), (3.0, 2), (6.0, 1), (12.0, 1)])
def test_the_town_says_from_how_long_a_pause_is_skipped(voice: Samples, longest: float, stretches: int, tmp_path: Path):
    found, _ = listened(np.concatenate([voice, silence(5.0), voice]), tmp_path, longest)
    assert len(found) == stretches


@needs_voice
@pytest.mark.parametrize("longest", [1.0, 3.0])
@pytest.mark.parametrize("pause", [0.9, 2.0, 3.5, 7.0])
def test_no_word_of_a_slow_speaker_is_cut(voice: Samples, longest: float, pause: float, tmp_path: Path):
    """Piece by piece, as somebody who looks for words, or stutters, speaks."""
    pieces = np.array_split(voice, 5)
    gap = silence(pause)
    parts: list[Samples] = []
    at, spoken = 0, []
    for piece in pieces:
        spoken.append((at / RATE, (at + len(piece)) / RATE))
        parts += [piece, gap]
        at += len(piece) + len(gap)
    found, _ = listened(np.concatenate(parts), tmp_path, longest)
    assert all(any(begin <= start and end <= until for begin, until in found) for start, end in spoken)


@needs_voice
@pytest.mark.parametrize("level", [1.0, 0.2, 0.03, 0.003], ids=["loud", "soft", "very soft", "at the end of a hall"])
def test_a_soft_voice_is_heard_too(voice: Samples, level: float, tmp_path: Path):
    found, voices = listened(voice * level, tmp_path)
    assert found == [(0, pytest.approx(len(voice) / RATE, abs=0.01))]
    assert not voices.quiet


NOISY = [row for row in SURROUNDINGS if row.decibels in (5, 10) or row.carrier != "PCM"]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> list[Samples]:
    return [read_wav(path) for path in write_all(clips(7, seed=41), tmp_path_factory.mktemp("spoken"))]


@needs_voice
@pytest.mark.parametrize("surrounding", NOISY, ids=lambda row: row.name)
def test_no_speech_is_cut_out_of_a_noise(surrounding: Surrounding, spoken: list[Samples], tmp_path: Path):
    carried = through(surrounding, spoken[0], spoken[1:], 41, tmp_path / "carried")
    decode_sound(carried, tmp_path / "carried.pcm", RATE, SpeechLimits())
    found, voices = listened(np.frombuffer((tmp_path / "carried.pcm").read_bytes(), "<i2") / 32_768, tmp_path)
    assert found == [(0, pytest.approx(len(spoken[0]) / RATE, abs=0.1))]
    assert voices.noisy == (surrounding.noise is not None)


@needs_voice
def test_a_moment_is_told_from_another(voice: Samples, tmp_path: Path):
    _, voices = listened(np.concatenate([voice, silence(0.3), hiss(0.3, 3)]), tmp_path)
    spoken = len(voice) / RATE
    assert voices.likelihood(0.2, spoken - 0.4) > LIKELY
    assert voices.likelihood(spoken + 0.5, spoken + 3) < 0.6 * LIKELY
    assert voices.spoken_share(0.2, spoken - 0.4) > 0.8
    assert voices.likelihood(1_000, 1_001) == 0


@pytest.mark.parametrize(
    ("samples", "quiet"),
    [(silence(), True), (silence() + 0.2, True), (hiss(1 / 32_000), True), (hiss(0.01), False), (tone(440), False)],
    ids=["silence", "an offset", "the last bit", "hiss", "a tone"],
)
def test_only_what_nobody_could_hear_is_quiet(samples: Samples, quiet: bool, tmp_path: Path):
    assert listened(samples, tmp_path)[1].quiet == quiet


def test_a_long_recording_is_never_held_in_memory(tmp_path: Path):
    pcm = tmp_path / "long.pcm"
    with pcm.open("wb") as file:
        file.truncate(1_200 * RATE * 2)
    tracemalloc.start()
    try:
        assert list(VoiceFrames(pcm, RATE).regions()) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 15 << 20, "twenty minutes of samples alone are 19 MB"


@pytest.mark.parametrize("size", [0, 1, 100, 511])
def test_less_than_a_frame_of_sound_is_no_speech(size: int, tmp_path: Path):
    pcm = tmp_path / "short.pcm"
    pcm.write_bytes(bytes(size))
    assert list(VoiceFrames(pcm, RATE).regions()) == []

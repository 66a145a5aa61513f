"""Any recording to one sound: channels that cancel out, tracks that are silent, files whose end is missing."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.transcription.sounds import RATE, Samples, convert, hiss, needs_voice, read_wav, silence, speak, tone
from transcription.audio.sound import Decoded, SpeechLimits, decode_sound
from transcription.base.values import Doubt, Unread, Unreadable

pytestmark = needs_voice


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoken")
    said = speak("le banc près de l'arrêt de bus est cassé depuis un mois merci beaucoup", folder / "said.wav")
    return convert(said, folder / "8k.wav", "-ar", str(RATE))


@pytest.fixture(scope="module")
def voice(spoken: Path) -> Samples:
    return read_wav(spoken)


def sound_of(path: Path, folder: Path) -> tuple[Samples, Decoded]:
    decoded = decode_sound(path, folder / "decoded.pcm", RATE, SpeechLimits())
    return np.frombuffer((folder / "decoded.pcm").read_bytes(), "<i2") / 32_768, decoded


def likeness(voice: Samples, other: Samples) -> float:
    """Correlation, 0–1, whatever the phase."""
    length = min(len(voice), len(other))
    one, two = voice[:length], other[:length]
    return float(abs(one @ two) / max(1e-9, np.linalg.norm(one) * np.linalg.norm(two)))


def interleaved(channels: list[Samples], path: Path) -> Path:
    """A WAV file of so many channels; shorter ones go on in silence."""
    longest = max(map(len, channels))
    samples = np.stack([np.pad(channel, (0, longest - len(channel))) for channel in channels], axis=1)
    raw = (samples.clip(-1, 1) * 32_000).astype("<i2").tobytes()
    into = ["-f", "s16le", "-ar", str(RATE), "-ac", str(len(channels)), "-i", "-", str(path)]
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *into], input=raw, check=True)
    return path


def turned_half_way(voice: Samples) -> Samples:
    return np.concatenate([voice[: len(voice) // 2], -voice[len(voice) // 2 :]])


CHANNELS = {
    "the same twice": lambda voice: [voice, voice],
    "in opposite phase": lambda voice: [voice, -voice],
    "in opposite phase, one softer": lambda voice: [0.5 * voice, -voice],
    "in opposite phase from the middle on": lambda voice: [voice, turned_half_way(voice)],
    "in opposite phase, with a hiss of its own": lambda voice: [voice, -voice + hiss(0.01, 60)[: len(voice)]],
    "the first is silent": lambda voice: [silence(1), voice],
    "the second is silent": lambda voice: [voice, silence(1)],
    "the first hums louder than the voice": lambda voice: [3 * tone(50, 100, on=6), 0.3 * voice],
    "the first hisses": lambda voice: [hiss(0.05, 6), voice],
    "six, of which one speaks": lambda voice: [silence(1)] * 3 + [voice] + [silence(1)] * 2,
    "two pairs in opposite phase": lambda voice: [voice, -voice, -voice, voice],
}


@pytest.mark.parametrize("channels", CHANNELS.values(), ids=CHANNELS)
def test_no_voice_is_lost_between_channels(channels, voice: Samples, tmp_path: Path):
    heard, decoded = sound_of(interleaved(channels(voice), tmp_path / "channels.wav"), tmp_path)
    assert likeness(voice, heard) > 0.97
    assert np.abs(heard).max() > 0.1 * np.abs(voice).max()
    assert decoded.doubts == ()


def test_two_people_on_two_channels_are_both_heard(voice: Samples, tmp_path: Path):
    channels = [np.concatenate([voice, silence(4)]), np.concatenate([silence(len(voice) / RATE), 0.4 * voice])]
    heard, _ = sound_of(interleaved(channels, tmp_path / "call.wav"), tmp_path)
    assert likeness(voice, heard[: len(voice)]) > 0.97
    assert likeness(voice, heard[len(voice) :]) > 0.97


TRACKS = {
    "the first is silent": (".mka", [silence(3), None]),
    "the first is silent, in MP4": (".m4a", [silence(3), None]),
    "the first hisses a little": (".mka", [hiss(0.003, 6), None]),
    "the first is a tone": (".mka", [tone(440, on=6), None]),
    "only the third speaks": (".m4a", [silence(1), silence(6), None]),
    "the second is silent": (".mka", [None, silence(2)]),
}


@pytest.mark.parametrize(("suffix", "tracks"), TRACKS.values(), ids=TRACKS)
def test_no_voice_is_lost_between_tracks(suffix: str, tracks, voice: Samples, tmp_path: Path):
    files = [
        interleaved([voice if track is None else track], tmp_path / f"{number}.wav")
        for number, track in enumerate(tracks)
    ]
    inputs = [option for file in files for option in ("-i", str(file))]
    maps = [option for number in range(len(files)) for option in ("-map", str(number))]
    film = tmp_path / f"tracks{suffix}"
    codec = ["-c:a", "pcm_s16le"] if suffix == ".mka" else ["-c:a", "aac", "-b:a", "48k"]
    subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *inputs, *maps, *codec, str(film)], check=True)
    heard, decoded = sound_of(film, tmp_path)
    # AAC comes a little later than it was said.
    assert max(likeness(voice, heard[shift:]) for shift in range(200)) > 0.9
    assert decoded.doubts == ()


WRITTEN = {
    "WAV": (".wav", ()),
    "WAV, A-law": (".wav", ("-c:a", "pcm_alaw")),
    "AIFF": (".aiff", ()),
    "AU": (".au", ()),
    "CAF": (".caf", ()),
    "FLAC": (".flac", ()),
    "MP3": (".mp3", ("-b:a", "16k")),
    "MP3 without its header": (".mp3", ("-b:a", "16k", "-write_xing", "0")),
    "MP3 of varying bit rate": (".mp3", ("-ar", "44100", "-q:a", "4")),
    "Opus": (".ogg", ("-ar", "16000", "-c:a", "libopus")),
    "Vorbis": (".ogg", ("-ar", "16000", "-c:a", "libvorbis")),
    "AAC": (".aac", ("-c:a", "aac")),
    "MP4, index first": (".m4a", ("-c:a", "aac", "-movflags", "+faststart")),
    "MP4 in fragments": (".mp4", ("-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov")),
    "WebM": (".webm", ("-ar", "16000", "-c:a", "libopus")),
    "Matroska": (".mka", ("-c:a", "aac")),
    "AVI": (".avi", ("-ar", "44100", "-c:a", "mp3")),
    "GSM": (".gsm", ("-c:a", "libgsm")),
    "WMA": (
        ".wma",
        (
            "-ar",
            "16000",
        ),
    ),
}


@pytest.mark.parametrize(("suffix", "options"), WRITTEN.values(), ids=WRITTEN)
def test_a_missing_end_is_told_and_a_whole_recording_is_not_doubted(
    suffix: str, options: tuple[str, ...], spoken: Path, voice: Samples, tmp_path: Path
):
    whole = convert(spoken, tmp_path / f"whole{suffix}", *options)
    _, decoded = sound_of(whole, tmp_path)
    assert decoded.doubts == ()
    assert decoded.seconds == pytest.approx(len(voice) / RATE, abs=0.25)
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: int(0.7 * whole.stat().st_size)])
    _, decoded = sound_of(cut, tmp_path)
    assert decoded.doubts in [(Doubt.END_MISSING,), (Doubt.PARTLY_DAMAGED,)][: 2 if suffix == ".wma" else 1]
    assert 0.2 < decoded.seconds < 0.95 * len(voice) / RATE


@pytest.mark.parametrize("suffix", [".m4a", ".mov", ".3gp"])
def test_without_its_index_a_recording_cannot_be_played_and_says_why(suffix: str, spoken: Path, tmp_path: Path):
    whole = convert(spoken, tmp_path / f"whole{suffix}", "-c:a", "aac")
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: int(0.7 * whole.stat().st_size)])
    with pytest.raises(Unreadable) as caught:
        sound_of(cut, tmp_path)
    assert caught.value.why is Unread.END_MISSING


@pytest.mark.parametrize("kind", ["wav", "flac", "webm"])
def test_a_recording_that_was_written_into_a_pipe_is_whole(kind: str, spoken: Path, tmp_path: Path):
    command = ["ffmpeg", "-loglevel", "error", "-i", str(spoken), "-f", kind, "-"]
    piped = tmp_path / f"piped.{kind}"
    piped.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert sound_of(piped, tmp_path)[1].doubts == ()


@pytest.mark.parametrize("size", [0, 0x7FFF_FFFF, 0x7FFF_F024, 0xFFFF_FFFF])
def test_a_length_that_nobody_knew_is_no_missing_end(size: int, spoken: Path, voice: Samples, tmp_path: Path):
    content = bytearray(spoken.read_bytes())
    content[4:8] = size.to_bytes(4, "little")
    data = content.index(b"data")
    content[data + 4 : data + 8] = max(0, size - 36 if size else 0).to_bytes(4, "little")
    streamed = tmp_path / "streamed.wav"
    streamed.write_bytes(content)
    _, decoded = sound_of(streamed, tmp_path)
    assert decoded == Decoded(pytest.approx(len(voice) / RATE, abs=0.01), ())


def test_a_recording_cut_off_in_its_head_says_so(spoken: Path, tmp_path: Path):
    whole = convert(spoken, tmp_path / "whole.m4a", "-c:a", "aac", "-movflags", "+faststart").read_bytes()
    head = tmp_path / "head.m4a"
    head.write_bytes(whole[: whole.index(b"mdat") + 30])
    with pytest.raises(Unreadable) as caught:
        sound_of(head, tmp_path)
    assert caught.value.why is Unread.END_MISSING


def test_a_tag_behind_the_last_frame_is_no_missing_end(spoken: Path, tmp_path: Path):
    tagged = convert(spoken, tmp_path / "tagged.mp3", "-write_id3v1", "1", "-metadata", "title=Réunion")
    assert tagged.read_bytes()[-128:].startswith(b"TAG")
    assert sound_of(tagged, tmp_path)[1].doubts == ()


@pytest.mark.parametrize(("seconds", "patience"), [(3, 900), (420, 900), (840, 1_800), (1_800, 3_857), (3_600, 7_714)])
def test_a_long_recording_may_take_longer(seconds: float, patience: float):
    assert SpeechLimits().speech_seconds_for(seconds) == pytest.approx(patience, abs=1)

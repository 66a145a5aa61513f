"""Recordings to words: real sound through ffmpeg, the voice detector and Vosk."""

import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.transcription.foreign import foreign_clips
from tests.transcription.sounds import (
    DEMO_MODEL,
    NO_SPEECH,
    RATE,
    Samples,
    clicks,
    convert,
    needs_voice,
    read_wav,
    silence,
    speak,
    tone,
    write_wav,
)
from tests.transcription.spoken import Clip
from transcription.audio import speech_child
from transcription.audio.sound import SpeechLimits
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, HeardWords, NullEngine, SpeechEngine
from transcription.audio.speech_models import SpeechModel
from transcription.audio.voice_activity import SpeechRegion
from transcription.base.values import Doubt, EngineMissing, TooSlow, TranscriptionError, Unread, Unreadable, Word

pytestmark = needs_voice

SENTENCE = "bonjour je vous appelle parce que le lampadaire devant chez moi est éteint depuis deux semaines"
AS_READ = "Bonjour je vous appelle parce que le lampadaire devant chez moi est éteint depuis deux semaines"

CARRIERS = {
    "WAV": (".wav", ()),
    "WAV, telephone": (".wav", ("-ar", "8000", "-ac", "1")),
    "A-law": (".wav", ("-ar", "8000", "-c:a", "pcm_alaw")),
    "mu-law": (".wav", ("-ar", "8000", "-c:a", "pcm_mulaw")),
    "stereo, 44.1 kHz": (".wav", ("-ar", "44100", "-ac", "2")),
    "24 bits": (".wav", ("-c:a", "pcm_s24le")),
    "MP3": (".mp3", ("-ar", "16000", "-b:a", "24k")),
    "Opus of a telephone": (".ogg", ("-c:a", "libopus", "-b:a", "12k")),
    "AAC in MP4": (".m4a", ("-c:a", "aac", "-b:a", "48k")),
    "FLAC": (".flac", ()),
    "AIFF": (".aiff", ()),
    "soft": (".wav", ("-af", "volume=-25dB", "-ar", "8000")),
    "stereo in opposite phase": (".wav", ("-af", "aeval=val(0)|-val(0)", "-ar", "8000")),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with SpeechEngine(DEMO_MODEL) as started:
        yield started


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speak(SENTENCE, tmp_path_factory.mktemp("spoken") / "said.wav", voice="fr+m3")


@pytest.mark.parametrize(("suffix", "options"), CARRIERS.values(), ids=CARRIERS)
def test_a_sentence_is_heard_in_every_format(
    suffix: str, options: tuple[str, ...], spoken: Path, engine: Engine, tmp_path: Path
):
    # Named as if it were something else, because the content decides.
    sound = convert(spoken, tmp_path / f"sound{suffix}", *options).rename(tmp_path / "recording.bin")
    read = read_speech(sound, DEMO_MODEL, engine=engine)
    assert (read.text, read.doubt) == (AS_READ, None)
    assert (read.engine, read.model, read.language) == ("vosk", "vosk-fr-demo", "fr")
    assert read.confidence is not None
    assert read.confidence > 0.9


def test_the_same_words_come_through_noise(spoken: Path, engine: Engine, tmp_path: Path):
    noise = "anoisesrc=d=60:c=pink:a=0.02:seed=3:r=8000[n];[0][n]amix=inputs=2:duration=first:normalize=0"
    sound = convert(spoken, tmp_path / "noise.wav", "-filter_complex", noise, "-ar", "8000", "-c:a", "pcm_mulaw")
    assert read_speech(sound, DEMO_MODEL, engine=engine).text == AS_READ


@pytest.mark.parametrize("samples", NO_SPEECH.values(), ids=NO_SPEECH)
def test_what_is_no_speech_gives_no_word(samples: Samples, engine: Engine, tmp_path: Path):
    read = read_speech(write_wav(samples, tmp_path / "sound.wav"), DEMO_MODEL, engine=engine)
    # That nobody speaks is said of silence only; what else sounds, a person listens to.
    doubts = {Doubt.NO_VOICE, Doubt.NOT_UNDERSTOOD} if np.ptp(samples) else {Doubt.SILENCE}
    assert (read.words, read.text, read.confidence) == ((), "", None)
    assert read.doubt in doubts


def test_clicks_may_be_speech_but_give_no_word(engine: Engine, tmp_path: Path):
    read = read_speech(write_wav(clicks(20), tmp_path / "sound.wav"), DEMO_MODEL, engine=engine)
    assert (read.words, read.doubt) in [((), Doubt.NOT_UNDERSTOOD), ((), Doubt.NO_VOICE)]


def test_another_language_is_not_written_down_as_french(engine: Engine, tmp_path: Path):
    sound = speak("please tell the mayor that our street is dark", tmp_path / "english.wav", voice="en+m2")
    read = read_speech(sound, DEMO_MODEL, engine=engine)
    assert (read.words, read.doubt) == ((), Doubt.ONLY_DEMO_MODEL)


class EngineThatHears:
    """Hears the same words whatever is said, as sure of each as it is told to be."""

    name = "stand-in"

    def __init__(self, words: int, confidence: float) -> None:
        self.words = tuple(Word("quai", confidence, 0.1 + 0.2 * n, 0.3 + 0.2 * n) for n in range(words))

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:
        return HeardWords(self.words)


OTHER_MODEL = replace(DEMO_MODEL, demo=False)
UNSURE = {
    "many words, sure of none": (EngineThatHears(12, 0.6), OTHER_MODEL, 0, Doubt.OTHER_LANGUAGE),
    "three words, sure of none": (EngineThatHears(3, 0.6), OTHER_MODEL, 0, Doubt.NOT_UNDERSTOOD),
    "many words, hardly sure": (EngineThatHears(12, 0.8), OTHER_MODEL, 12, Doubt.DOUBTFUL_SPEECH),
    "one word, hardly sure": (EngineThatHears(1, 0.5), OTHER_MODEL, 1, Doubt.DOUBTFUL_SPEECH),
    "one word in a long sentence": (EngineThatHears(1, 0.3), OTHER_MODEL, 0, Doubt.NOT_UNDERSTOOD),
    "sure": (EngineThatHears(12, 0.95), OTHER_MODEL, 12, None),
    "the demo model": (EngineThatHears(12, 0.6), DEMO_MODEL, 0, Doubt.ONLY_DEMO_MODEL),
}


@pytest.mark.parametrize(("hears", "model", "kept", "doubt"), UNSURE.values(), ids=UNSURE)
def test_what_does_not_fit_the_language_goes_to_a_person(
    hears: EngineThatHears, model: SpeechModel, kept: int, doubt: Doubt | None, spoken: Path
):
    read = read_speech(spoken, model, engine=hears)
    assert (len(read.words), read.doubt) == (kept, doubt)


@pytest.mark.parametrize(("confidence", "text"), [(0.8, "Quai"), (0.2, "Quai"), (0.15, "")])
def test_a_word_that_is_all_there_is_may_be_doubtful(confidence: float, text: str, tmp_path: Path):
    said = Clip("quai", "fr", 150, 50).write(tmp_path / "said")
    read = read_speech(said, OTHER_MODEL, engine=EngineThatHears(1, confidence))
    assert (read.text, read.doubt) == (text, Doubt.DOUBTFUL_SPEECH if text else Doubt.NOT_UNDERSTOOD)


@pytest.mark.parametrize("clip", foreign_clips()[::9], ids=lambda clip: f"{clip.voice}: {clip.says[:20]}")
def test_other_languages_do_not_sound_like_french(clip: Clip, engine: Engine, tmp_path: Path):
    # The same model, as if it were one for people: it is told apart by what its own French sounds like.
    read = read_speech(clip.write(tmp_path / "said"), OTHER_MODEL, engine=engine)
    assert (read.text, read.doubt) == ("", Doubt.OTHER_LANGUAGE)


def test_times_are_those_of_the_recording_across_skipped_pauses(spoken: Path, engine: Engine, tmp_path: Path):
    voice = read_wav(convert(spoken, tmp_path / "8k.wav", "-ar", str(RATE)))
    alone = read_speech(tmp_path / "8k.wav", DEMO_MODEL, engine=engine)
    pause = 20.0
    sound = np.concatenate([tone(440, on=2), silence(1), voice, silence(pause), voice])
    both = read_speech(write_wav(sound, tmp_path / "both.wav"), DEMO_MODEL, engine=engine)
    said, length = alone.text.lower().split(), len(voice) / RATE
    assert both.text.lower().split() == said + said
    starts = [word.start for word in both.words]
    expected = [word.start + offset for offset in (3.0, 3.0 + length + pause) for word in alone.words]
    assert starts == pytest.approx(expected, abs=0.2)
    assert all(word.start <= word.end <= both.seconds for word in both.words)


BROKEN = {
    "nothing": (b"", Unread.EMPTY),
    "a text": (b"Bonjour, voici mon message.\n" * 50, Unread.NOT_A_RECORDING),
    "a destroyed recording": (bytes(range(256)) * 20, Unread.NOT_A_RECORDING),
    "a header without sound": (
        b"RIFF\x24\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data\0\0\0\0",
        Unread.NO_SOUND,
    ),
    # Would play a file of this machine if playlists were followed.
    "a playlist": (b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n", Unread.NOT_A_RECORDING),
    "a list of files": (b"ffconcat version 1.0\nfile '/etc/hostname'\n", Unread.NOT_A_RECORDING),
}


@pytest.mark.parametrize(("content", "why"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_recording_says_why(content: bytes, why: Unread, tmp_path: Path):
    path = tmp_path / "recording.wav"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        read_speech(path, DEMO_MODEL, engine=NullEngine())
    assert (caught.value.why, caught.value.retryable) == (why, False)


def test_a_silent_film_has_no_sound(tmp_path: Path):
    film = tmp_path / "film.mp4"
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "lavfi", "-i", "color=s=64x64:d=1", str(film)]
    subprocess.run(command, check=True)
    with pytest.raises(Unreadable, match="no sound"):
        read_speech(film, DEMO_MODEL, engine=NullEngine())


def test_everything_a_person_must_know_is_told(spoken: Path, engine: Engine, tmp_path: Path):
    voice = read_wav(convert(spoken, tmp_path / "8k.wav", "-ar", str(RATE)))
    whole = write_wav(np.concatenate([silence(2), voice * 1e-5]), tmp_path / "whole.wav").read_bytes()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[:20_001])
    assert read_speech(cut, DEMO_MODEL, engine=engine).doubts == (Doubt.SILENCE, Doubt.END_MISSING)


def test_a_long_recording_is_cut_and_says_so(spoken: Path, engine: Engine):
    read = read_speech(spoken, DEMO_MODEL, engine=engine, limits=SpeechLimits(recording_seconds=2.0))
    assert read.doubt is Doubt.CUT_SHORT
    assert read.text.startswith("Bonjour je vous appelle")
    assert "semaines" not in read.text


def test_without_ffmpeg_recordings_wait(spoken: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissing) as caught:
        read_speech(spoken, DEMO_MODEL, engine=NullEngine())
    assert "ffmpeg" in str(caught.value)


def ffmpeg_hangs(folder: Path) -> None:
    _program(folder, "exec sleep 600")


def ffmpeg_crashes(folder: Path) -> None:
    _program(folder, "kill -SEGV $$")


def _program(folder: Path, script: str) -> None:
    (folder / "ffmpeg").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "ffmpeg").chmod(0o755)


@pytest.mark.parametrize(("stand_in", "error"), [(ffmpeg_hangs, TooSlow), (ffmpeg_crashes, TranscriptionError)])
def test_a_decoder_that_fails_is_an_error_to_retry(stand_in, error, spoken: Path, monkeypatch, tmp_path: Path):
    stand_in(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(error) as caught:
        read_speech(spoken, DEMO_MODEL, engine=NullEngine(), limits=SpeechLimits(open_seconds=1.0))
    assert caught.value.retryable


def test_the_null_engine_hears_nothing_and_says_so(spoken: Path):
    read = read_speech(spoken, DEMO_MODEL, engine=NullEngine())
    assert (read.engine, read.words, read.doubt) == ("none", (), Doubt.NOT_UNDERSTOOD)


class EngineThatHearsANumber:
    """Hears a number of two words."""

    name = "stand-in"

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:
        words = (("depuis", 1.0), ("vingt", 0.9), ("trois", 0.8), ("ans", 1.0))
        return HeardWords(tuple(Word(text, sure, 0.5 * n, 0.5 * n + 0.4) for n, (text, sure) in enumerate(words)))


def test_a_number_of_several_words_is_one_word_in_figures(spoken: Path):
    read = read_speech(spoken, DEMO_MODEL, engine=EngineThatHearsANumber())
    assert read.text == "Depuis 23 ans"
    assert read.words[1] == Word("23", 0.8, 0.5, 1.4)


class EngineThatGivesUp:
    """Hears the beginning of a stretch, then meets music that would take it minutes."""

    name = "stand-in"

    def recognise(self, pcm: Path, rate: int, regions: Iterable[SpeechRegion], seconds: float) -> HeardWords:
        return HeardWords((Word("bonjour", 1.0, 0.5, 0.9),), skipped=1)


def test_a_stretch_that_was_given_up_is_never_silently_missing(spoken: Path):
    read = read_speech(spoken, DEMO_MODEL, engine=EngineThatGivesUp())
    assert (read.text, read.doubt) == ("Bonjour", Doubt.PARTLY_UNDERSTOOD)


def test_a_sound_that_makes_the_engine_slow_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speech_child, "SLOWEST_STEP", -1.0)
    monkeypatch.setattr(speech_child, "vosk", SlowVosk)
    pcm = tmp_path / "sound.pcm"
    pcm.write_bytes(bytes(64_000))
    hearing = speech_child.Hearing(None, RATE)
    with pcm.open("rb") as file:
        hearing.hear(file, 0, 64_000)
    assert (hearing.skipped, hearing.finish()) == (1, [])


class SlowVosk:
    """Vosk as far as a recording needs it; each second of sound takes longer than it may."""

    class KaldiRecognizer:
        def __init__(self, model: object, rate: int) -> None:
            self.fed = 0

        def SetWords(self, wanted: bool) -> None:  # noqa: N802 - the library's name
            """Words are not asked for again."""

        def AcceptWaveform(self, chunk: bytes) -> bool:  # noqa: N802
            self.fed += 1
            assert self.fed == 1, "the rest of the stretch is skipped"
            return False

        def FinalResult(self) -> str:  # noqa: N802
            return "{}"

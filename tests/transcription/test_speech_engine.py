"""The child process that hears: what happens when it crashes, hangs, or is not there."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.transcription import engines
from tests.transcription.sounds import DEMO_MODEL, convert, needs_voice, speak
from transcription.audio.speech_engine import HeardWords, SpeechEngine
from transcription.audio.voice_activity import SpeechRegion
from transcription.base.values import EngineCrashed, EngineMissing, TooSlow, TranscriptionError

FAILURES = {
    "crashes while loading": (engines.engine_crashes_while_loading, EngineCrashed),
    "crashes while hearing": (engines.engine_crashes_while_hearing, EngineCrashed),
    "hangs while loading": (engines.engine_hangs_while_loading, TooSlow),
    "hangs while hearing": (engines.engine_hangs_while_hearing, TooSlow),
    "is not installed": (engines.engine_is_not_installed, EngineMissing),
}


@pytest.fixture
def pcm(tmp_path: Path) -> Path:
    path = tmp_path / "sound.pcm"
    path.write_bytes(bytes(16_000))
    return path


@pytest.mark.parametrize(("child", "error"), FAILURES.values(), ids=FAILURES)
def test_a_failing_engine_is_an_error_with_a_remedy(child: tuple[str, ...], error: type[TranscriptionError], pcm: Path):
    with SpeechEngine(DEMO_MODEL, load_seconds=1.5, child=child) as engine:
        began = time.monotonic()
        with pytest.raises(error) as caught:
            engine.recognise(pcm, 8_000, [SpeechRegion(0, 16_000)], 1.0)
    assert caught.value.retryable
    assert caught.value.remedy
    assert time.monotonic() - began < 30


def test_a_crash_says_what_the_engine_said_last(pcm: Path):
    with (
        SpeechEngine(DEMO_MODEL, child=engines.engine_crashes_while_loading) as engine,
        pytest.raises(EngineCrashed, match=r"failed to read final\.mdl"),
    ):
        engine.recognise(pcm, 8_000, [SpeechRegion(0, 16_000)], 1.0)


def test_a_model_that_is_gone_is_to_be_installed_again(pcm: Path, tmp_path: Path):
    gone = replace(DEMO_MODEL, path=tmp_path / "gone")
    with SpeechEngine(gone) as engine, pytest.raises(EngineMissing, match="gone"):
        engine.recognise(pcm, 8_000, [SpeechRegion(0, 16_000)], 1.0)


def test_a_damaged_model_does_not_end_this_process(pcm: Path, tmp_path: Path):
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"not a model")
    with SpeechEngine(replace(DEMO_MODEL, path=tmp_path)) as engine, pytest.raises(EngineCrashed):
        engine.recognise(pcm, 8_000, [SpeechRegion(0, 16_000)], 30.0)


@needs_voice
def test_the_engine_hears_again_after_it_was_killed(tmp_path: Path):
    spoken = speak("les bus ne passent pas assez souvent", tmp_path / "said.wav")
    pcm = convert(spoken, tmp_path / "said.pcm", "-ar", "8000", "-f", "s16le")
    everything = [SpeechRegion(0, pcm.stat().st_size)]
    with SpeechEngine(DEMO_MODEL) as engine:
        first = engine.recognise(pcm, 8_000, everything, 60.0)
        assert engine._child is not None
        os.killpg(engine._child.pid, signal.SIGKILL)
        engine._child.wait()
        assert engine.recognise(pcm, 8_000, everything, 60.0) == first
    assert " ".join(word.text for word in first.words) == "les bus ne passent pas assez souvent"


def test_the_engine_listens_while_it_is_still_told_where(pcm: Path):
    def coming() -> Iterator[SpeechRegion]:
        yield SpeechRegion(0, 8_000)
        time.sleep(0.5)
        yield SpeechRegion(8_000, 16_000)

    with SpeechEngine(DEMO_MODEL, child=engines.engine_begins_at_the_first_region) as engine:
        [word] = engine.recognise(pcm, 8_000, coming(), 30.0).words
    assert word.end - word.start > 0.3, "seconds between its first region and the end"


def test_without_speech_no_engine_is_started(pcm: Path):
    with SpeechEngine(DEMO_MODEL, child=engines.engine_crashes_while_loading) as engine:
        assert engine.recognise(pcm, 8_000, [], 1.0) == HeardWords()


def test_closing_leaves_no_process_behind():
    engine = SpeechEngine(DEMO_MODEL)
    engine.load()
    assert engine._child is not None
    pid = engine._child.pid
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)

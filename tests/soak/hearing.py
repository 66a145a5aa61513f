"""Voices in a street, in babble, in music: what of them is lost, and what is heard in noises that nobody said.

Over the project's own clips (``CLIPS``, 40) and, with ``PORTEVOIX_CORPUS``, the recordings of its folder ``speech``.
Words are counted against Vosk alone on the same file. The demo model understands none but espeak-ng's voices; what
others say is counted in time that reaches the recogniser, against what the detector finds in the clean recording.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inbox.listings.filters import DOUBTFUL_BELOW
from tests.bench.speech import right_words
from tests.transcription.no_speech.lines import RATE, Samples
from tests.transcription.no_speech.recordings import write_wav
from tests.transcription.sounds import DEMO_MODEL
from tests.transcription.spoken import clips, write_all
from tests.transcription.surroundings import SURROUNDINGS, Surrounding, followed_by_noise, through
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.audio.voice_activity import FRAME_SECONDS, LIKELY, SAMPLE_BYTES, SpeechRegion, VoiceFrames

CLIPS = int(os.environ.get("CLIPS", "40"))
CORPUS = Path(os.environ.get("PORTEVOIX_CORPUS", "/nonexistent")) / "speech"
LONGEST = 20
"""Seconds of each recording of people."""
MOST_LOST = 0.01
MOST_INVENTED = 157
"""Words in sixty noises after a sentence; so many were heard by the rules before this detector."""
MOST_UNMARKED = 3
"""Of them; 49 before."""


def hearing() -> None:
    """Fails when more is lost in a row than one in a hundred, or more words are heard in noises than before."""
    with SpeechEngine(DEMO_MODEL) as engine, tempfile.TemporaryDirectory(prefix="portevoix-hearing-") as folder:
        said = clips(CLIPS, seed=77)
        spoken = [_samples(path, Path(folder)) for path in write_all(said, Path(folder))]
        texts = [clip.says for clip in said]
        people = [_samples(path, Path(folder))[: LONGEST * RATE] for path in _people()]
        print(f"  {len(spoken)} synthetic clips, {len(people)} recordings of people", flush=True)
        print(f"  {'':20}{'words right':>12}{'lost':>14}{'speech unheard':>16}", flush=True)
        wrong = [
            f"{surrounding.name}: {lost}"
            for surrounding in SURROUNDINGS
            for lost in _row(surrounding, spoken, texts, people, engine, Path(folder))
        ]
        wrong += _invented(spoken[:CLIPS], engine, Path(folder))
        assert not wrong, "\n".join(wrong)


def _people() -> Iterator[Path]:
    """Everything in the corpus that opens: people, and synthetic voices so good that the demo model knows no word."""
    for path in sorted(CORPUS.rglob("*")):
        if path.suffix in {".wav", ".mp3", ".flac", ".aiff"}:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    decode_sound(path, Path(folder) / "pcm", RATE, SpeechLimits())
                except Exception:  # noqa: BLE001 - damaged on purpose
                    continue
            yield path


def _samples(path: Path, folder: Path) -> Samples:
    decode_sound(path, folder / "samples.pcm", RATE, SpeechLimits())
    return np.frombuffer((folder / "samples.pcm").read_bytes(), "<i2") / 32_768


def _row(
    surrounding: Surrounding,
    spoken: list[Samples],
    texts: list[str],
    people: list[Samples],
    engine: Engine,
    folder: Path,
) -> list[str]:
    right = lost = 0
    for seed, (voice, text) in enumerate(zip(spoken, texts, strict=True), start=500):
        path = through(surrounding, voice, _others(spoken, seed - 500), seed, folder / "clip")
        truth = text.lower().split()
        alone = right_words(truth, _bare(path, engine, folder))
        ours = right_words(truth, read_speech(path, DEMO_MODEL, engine=engine).text.lower().split())
        right, lost = right + len(alone), lost + len(alone - ours)
    frames = unheard = 0
    for seed, voice in enumerate(people, start=700):
        path = through(surrounding, voice, _others(people, seed - 700), seed, folder / "person")
        some, missed = _unheard(voice, path, folder)
        frames, unheard = frames + some, unheard + missed
    print(
        f"  {surrounding.name:20}{right:12}{lost:6} {100 * lost / max(1, right):5.2f} %"
        f"{100 * unheard / max(1, frames):14.2f} %",
        flush=True,
    )
    bounds = ((lost, right, "words"), (unheard, frames, "frames of speech"))
    return [f"{some} of {of} {what}" for some, of, what in bounds if some > MOST_LOST * of]


def _bare(path: Path, engine: Engine, folder: Path) -> list[str]:
    """Vosk alone, in the same process: with another number of threads its sums, and now and then a word, differ."""
    decode_sound(path, folder / "bare.pcm", RATE, SpeechLimits())
    whole = SpeechRegion(0, (folder / "bare.pcm").stat().st_size)
    return [word.text for word in engine.recognise(folder / "bare.pcm", RATE, [whole], 600).words]


def _others(voices: list[Samples], number: int) -> list[Samples]:
    return voices[:number] + voices[number + 1 :]


def _unheard(voice: Samples, path: Path, folder: Path) -> tuple[int, int]:
    """Frames in which somebody speaks in the clean recording, and how many of them never reach the recogniser."""
    plain = folder / "plain.pcm"
    plain.write_bytes((voice * 32_767).astype("<i2").tobytes())
    clean = VoiceFrames(plain, RATE)
    list(clean.regions())
    frames = round(len(voice) / RATE / FRAME_SECONDS)
    speaks = np.array([clean.likelihood((n + 0.4) * FRAME_SECONDS, (n + 0.6) * FRAME_SECONDS) for n in range(frames)])
    decode_sound(path, folder / "carried.pcm", RATE, SpeechLimits())
    heard = np.zeros(frames, bool)
    frame = FRAME_SECONDS * RATE * SAMPLE_BYTES
    for region in VoiceFrames(folder / "carried.pcm", RATE).regions():
        heard[round(region.start / frame) : round(region.end / frame)] = True
    return int((speaks >= LIKELY).sum()), int(((speaks >= LIKELY) & ~heard).sum())


def _invented(voices: list[Samples], engine: Engine, folder: Path) -> list[str]:
    """Words heard in noises after a sentence."""
    counted: Counter[str] = Counter()
    for one in followed_by_noise(voices):
        read = read_speech(write_wav(one.sound, folder / "followed.wav"), DEMO_MODEL, engine=engine)
        invented = [word for word in read.words if word.start > one.said - 0.1]
        counted["files"] += bool(invented)
        counted["words"] += len(invented)
        counted["unmarked"] += sum(word.confidence >= DOUBTFUL_BELOW for word in invented)
    print(f"  sixty noises after a sentence: {dict(counted)}", flush=True)
    found = []
    if counted["words"] > MOST_INVENTED:
        found.append(f"{counted['words']} words heard in noises after a sentence")
    if counted["unmarked"] > MOST_UNMARKED:
        found.append(f"{counted['unmarked']} of them not marked as doubtful")
    return found

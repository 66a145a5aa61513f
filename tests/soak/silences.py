"""Every generated recording in which nobody speaks, through the whole step: not one word; « oui », « non »: heard.

``KINDS`` of sounds are heard with several seeds (``SEEDS``, by default one round of two hundred), then those that
the detector was never tuned on, whose words are counted too. Then one word by itself in every voice through every
codec, beside Vosk on the same sound.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

from tests.transcription.bare import Alone, Bare, hear_alone
from tests.transcription.no_speech.recordings import Recording, recordings
from tests.transcription.no_speech.unseen import UNSEEN
from tests.transcription.sounds import DEMO_MODEL
from tests.transcription.spoken import alone, write_all
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, SpeechEngine

FIRST_SEED = 1_000
UNSEEN_SEED = 9_000
MOST_MISTAKEN = 5
"""Of the sixty: a washing machine sounds like somebody who mumbles, to the detector too; steps come near to it."""
MOST_LOST = 0.01
"""Of the single words that Vosk alone hears right: a short one said on a single note cannot be told from a beep."""


def silences() -> None:
    """Listen to all of them; names each one in which a word was heard."""
    rounds = int(os.environ.get("SEEDS", "1"))
    known = [heard for round_ in range(rounds) for heard in recordings(first_seed=FIRST_SEED * (1 + 20 * round_))]
    with SpeechEngine(DEMO_MODEL) as engine, tempfile.TemporaryDirectory(prefix="portevoix-silences-") as folder:
        wrong, unmarked = _with_words(known, engine, Path(folder))
        print(f"  {len(known)} recordings without speech: words in {len(wrong)}", flush=True)
        others = recordings(UNSEEN, first_seed=UNSEEN_SEED)
        more, unmarked_too = _with_words(others, engine, Path(folder))
        print(f"  {len(others)} of kinds never tuned on: words in {len(more)}", *more, sep="\n    ", flush=True)
        assert not wrong, "\n".join(wrong)
        assert not unmarked + unmarked_too, "words without a doubt: " + "\n".join(unmarked + unmarked_too)
        assert len(more) <= MOST_MISTAKEN, "\n".join(more)
        _one_word(engine, Path(folder))


def _with_words(wanted: list[Recording], engine: Engine, folder: Path) -> tuple[list[str], list[str]]:
    """The recordings in which words were heard, and those of them in which no doubt was told."""
    found, undoubted = [], []
    for recording in wanted:
        path = recording.write(folder)
        read = read_speech(path, DEMO_MODEL, engine=engine)
        if read.words:
            found.append(f"{recording.name}: {read.text}")
            undoubted += [] if read.doubts else found[-1:]
        for file in folder.iterdir():
            file.unlink()
    return found, undoubted


def _one_word(engine: Engine, folder: Path) -> None:
    """Hardly a single word that Vosk alone hears right is lost; names each."""
    bare = Bare(DEMO_MODEL)
    clips = alone()
    heard = [hear_alone(clip, path, bare, engine) for clip, path in zip(clips, write_all(clips, folder), strict=True)]
    counted = Counter(found for found, _ in heard)
    print(f"  {len(clips)} single words:", ", ".join(f"{counted[found]} {found}" for found in Alone), flush=True)
    lost = [f"{clip}: {read}" for clip, (found, read) in zip(clips, heard, strict=True) if found is Alone.LOST]
    print(*lost, sep="\n")
    assert len(lost) <= MOST_LOST * (counted[Alone.LOST] + counted[Alone.BOTH]), f"{len(lost)} single words lost"

"""Words to sound: a text read by espeak-ng, a small synthetic voice for many languages."""

from __future__ import annotations

import re
from pathlib import Path

from transcription.base.programs import run_program
from transcription.base.values import EngineCrashed

WORDS_A_MINUTE = 150
LONGEST = 10_000
"""Characters read, some twelve minutes; what is longer ends there."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def speak_text(text: str, language: str, sound: Path) -> Path:
    """Write ``text`` as a WAV file, read in ``language`` (ISO 639-1).

    Raises ``EngineMissing`` without espeak-ng, ``EngineCrashed`` where it has no voice of that language.
    """
    if not _LANGUAGE.fullmatch(language):
        raise EngineCrashed("A language has two or three letters.")
    source = sound.with_suffix(".txt")
    source.write_text(text[:LONGEST], encoding="utf-8")
    finished = run_program(
        [*("espeak-ng", "-v", language, "-s", str(WORDS_A_MINUTE), "-b", "1"), "-w", sound, "-f", source],
        seconds=60,
        memory_mb=2000,
        reads=[source],
        writes=[sound.parent],
    )
    source.unlink()
    if finished.code or not sound.is_file():
        raise EngineCrashed("espeak-ng could not read the text.", "Look whether it has a voice of the text's language.")
    return sound

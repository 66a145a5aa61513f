"""Peak memory in MB, as JSON, of a process that reads one recording with our whole step, and of its engine.

``python -m tests.bench.speech_memory FILE``: each recording in a process of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from transcription.audio.sound import SpeechLimits
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.speech_models import PACKAGED, describe_model


def peak_mb(process: int | str) -> float:
    """The most memory that was ever resident in a running process."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main(path: Path) -> None:
    model = describe_model(PACKAGED / "vosk-fr-demo")
    limits = SpeechLimits(recording_seconds=4_000, speech_seconds=3_000)
    with SpeechEngine(model) as engine:
        read = read_speech(path, model, engine=engine, limits=limits)
        assert read.words
        assert engine._child is not None
        print(json.dumps({"process": peak_mb("self"), "engine": peak_mb(engine._child.pid), "words": len(read.words)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

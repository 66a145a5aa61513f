"""Recordings of people who speak French or English, with what they say, from ``PORTEVOIX_CORPUS``."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from text_to_num import alpha2digit

from tests.transcription.scans import CORPUS
from tests.transcription.sounds import convert


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, its language, and what is said in it."""

    path: Path
    language: str
    says: str
    side: int | None = None
    """The channel in which it is said, where two people speak at once."""


CARRIERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "as recorded": (".wav", ("-ar", "16000")),
    "telephone band": (".wav", ("-af", "highpass=f=300,lowpass=f=3400", "-ar", "8000")),
    "mu-law": (".wav", ("-ar", "8000", "-c:a", "pcm_mulaw")),
    "GSM": (".wav", ("-ar", "8000", "-c:a", "libgsm_ms")),
    "Opus, 12 kbit/s": (".ogg", ("-ar", "8000", "-c:a", "libopus", "-b:a", "12k")),
    "AMR, 12.2 kbit/s": (".amr", ("MR122",)),
    "AMR, 5.9 kbit/s": (".amr", ("MR59",)),
}
"""What happens to a voice on its way: how the file ends, and options of ffmpeg, or the mode of gstreamer's encoder."""
AMR_HEADER = b"#!AMR\n"
"""How a file of AMR frames of one channel begins (RFC 4867, 5.1)."""
needs_amr = (
    shutil.which("gst-launch-1.0") is not None
    and not subprocess.run(["gst-inspect-1.0", "--exists", "amrnbenc"], capture_output=True, check=False).returncode
)
"""Whether AMR can be encoded: Debian's ffmpeg only decodes it."""


def carry(said: Spoken, folder: Path, carrier: str) -> Path | None:
    """A recording in one channel as it arrives by this carrier; None where nothing here encodes it."""
    suffix, options = CARRIERS[carrier]
    source = said.path
    if said.side is not None:
        source = convert(source, folder / "side.wav", "-af", f"pan=mono|c0=c{said.side}")
    target = folder / f"carried{suffix}"
    if suffix != ".amr":
        return convert(source, target, "-ac", "1", *options)
    if not needs_amr:
        return None
    plain = convert(source, folder / "plain.wav", "-ac", "1", "-ar", "8000")
    encoder = ["wavparse", "!", "audioconvert", "!", "amrnbenc", f"band-mode={options[0]}"]
    ends = [f"location={plain}", "!", *encoder, "!", "filesink", f"location={target}"]
    subprocess.run(["gst-launch-1.0", "-q", "filesrc", *ends], check=True, timeout=60)
    target.write_bytes(AMR_HEADER + target.read_bytes())
    return target


def people() -> list[Spoken]:
    """Every recording of a person whose words are known."""
    if not (CORPUS / "speech").is_dir():
        return []
    read_aloud = _transcribed("librivox", "transcription")
    return [*_voxforge(), *_single(), *read_aloud, *_transcribed("cards", "cards.transcription")]


def synthetic() -> list[Spoken]:
    """Synthetic French voices of a kind that no model here was made on."""
    folder = CORPUS / "speech" / "fr_wavenet_SYNTHETIC"
    return [Spoken(file.with_suffix(".wav"), "fr", file.read_text("utf-8")) for file in sorted(folder.glob("*.txt"))
            if file.with_suffix(".wav").is_file()]  # fmt: skip


def _voxforge() -> Iterator[Spoken]:
    for file in sorted((CORPUS / "speech" / "fr_voxforge").glob("fr-*.txt")):
        yield Spoken(file.with_suffix(".wav"), "fr", file.read_text("utf-8"))


def _single() -> Iterator[Spoken]:
    speech = CORPUS / "speech"
    yield Spoken(speech / "en_jfk" / "jfk.wav", "en", (speech / "en_jfk" / "transcript.txt").read_text("utf-8"))
    yield Spoken(speech / "uberi" / "english.wav", "en", "one two three")
    yield Spoken(speech / "uberi" / "french.aiff", "fr", "et c'est la dictée numéro un")
    for side, says in enumerate(_AT_ONCE):
        yield Spoken(speech / "multi_faster_whisper" / "stereo_diarization.wav", "en", says, side)


_AT_ONCE = (
    "He began a confused complaint against the wizard, who had vanished behind the curtain on the left.",
    "The horizon seems extremely distant.",
)
"""Left and right, as faster-whisper's own test (tests/test_transcribe.py) has them."""
_SAID_IN = re.compile(r"<s> (?P<says>.*?) +</s> \((?P<name>[^)]+)\)")


def _transcribed(folder: str, transcription: str) -> Iterator[Spoken]:
    """English clips of PocketSphinx, whose words stand in one file."""
    place = CORPUS / "speech" / "en_pocketsphinx" / folder
    for said in _SAID_IN.finditer((place / transcription).read_text("utf-8")):
        yield Spoken(place / f"{said['name']}.wav", "en", said["says"])


def spoken_words(text: str, language: str) -> list[str]:
    """The words of a text as they sound: no marks, no capitals, numbers in figures."""
    plain = unicodedata.normalize("NFC", text.lower()).replace("’", "'").replace("-", " ")
    plain = alpha2digit(re.sub(r"[^\w' ]", " ", plain), language)
    return plain.replace("'", "' ").split()


def word_errors(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Words put in, left out or changed (Levenshtein)."""
    last = list(range(len(heard) + 1))
    for row, word in enumerate(truth, start=1):
        now = [row]
        for column, other in enumerate(heard, start=1):
            now.append(min(last[column] + 1, now[-1] + 1, last[column - 1] + (word != other)))
        last = now
    return last[-1]

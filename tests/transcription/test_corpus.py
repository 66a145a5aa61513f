"""Real recordings and scans: every file ends in a text or a stated reason, and print is read no worse than before.

Runs with ``PORTEVOIX_CORPUS`` set to the folder of samples; skips visibly without it.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transcription.scans import CORPUS, PRINT, errors
from tests.transcription.sounds import DEMO_MODEL
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import Engine, SpeechEngine
from transcription.base.values import Doubt, Unread, Unreadable
from transcription.ocr.printed_text import read_print
from transcription.pages.page_images import open_pages

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="PORTEVOIX_CORPUS is not set")


@pytest.mark.parametrize("scan", PRINT)
def test_print_is_read(scan: str, tmp_path: Path):
    truth, most = PRINT[scan]
    [page] = open_pages(CORPUS / "scans" / scan, tmp_path)
    read = read_print(page)
    expected = unicodedata.normalize("NFC", (CORPUS / "scans" / truth).read_text(encoding="utf-8"))
    assert errors(expected, read.text) <= most


def _files(folder: str, suffixes: str) -> list[Path]:
    found = [path for path in (CORPUS / folder).rglob("*") if path.suffix.lower() in suffixes.split()]
    return sorted(path.relative_to(CORPUS) for path in found)


SCANS = [
    path
    for folder in ("scans/paperless", "scans/ocrmypdf", "scans/tesseract_test")
    for path in _files(folder, ".pdf .png .jpg .tif .tiff .gif .bmp .webp .heic")
]
LOCKED = {"password-is-test.pdf", "encrypted.pdf"}


REASONS = {"invalid.pdf": Unread.BROKEN, **dict.fromkeys(LOCKED, Unread.ENCRYPTED)}


@pytest.mark.parametrize("scan", [scan for scan in SCANS if scan.name not in REASONS], ids=str)
def test_every_scan_opens(scan: Path, tmp_path: Path):
    pages = open_pages(CORPUS / scan, tmp_path)
    assert pages
    assert all(page.path.stat().st_size and page.width * page.height <= 36_000_000 for page in pages)


@pytest.mark.parametrize("scan", [scan for scan in SCANS if scan.name in REASONS], ids=str)
def test_a_locked_or_broken_scan_says_so(scan: Path, tmp_path: Path):
    with pytest.raises(Unreadable) as caught:
        open_pages(CORPUS / scan, tmp_path)
    assert caught.value.why is REASONS[scan.name]


@pytest.mark.parametrize("scan", _files("scans/fr_handwriting_poilus", ".jpg")[:4], ids=str)
def test_handwriting_is_left_to_a_person(scan: Path, tmp_path: Path):
    [page] = open_pages(CORPUS / scan, tmp_path)
    read = read_print(page)
    assert (read.words, read.doubt) == ((), Doubt.NO_PRINT)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with SpeechEngine(DEMO_MODEL) as started:
        yield started


SOUNDS = _files("speech", ".wav .mp3 .flac .aiff .raw")
NO_SOUND = {"awful.wav", "bad.wav", "evil.wav", "null.wav"} | {path.name for path in SOUNDS if path.suffix == ".raw"}


@pytest.mark.parametrize("sound", [sound for sound in SOUNDS if sound.name not in NO_SOUND], ids=str)
def test_a_real_voice_is_not_trusted_to_the_demo_model(sound: Path, engine: Engine):
    assert read_speech(CORPUS / sound, DEMO_MODEL, engine=engine).doubt is not None


@pytest.mark.parametrize("sound", [sound for sound in SOUNDS if sound.name in NO_SOUND], ids=str)
def test_a_damaged_recording_says_so(sound: Path, engine: Engine):
    with pytest.raises(Unreadable):
        read_speech(CORPUS / sound, DEMO_MODEL, engine=engine)

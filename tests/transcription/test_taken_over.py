"""Each parser made to run code of ours: what it reaches from there is its own input and output, and nothing else.

A library's function, or a program, is replaced by the attack of ``tests.config.taken_over`` in the child that reads.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import RaisedInside
from config.sandbox.warm_pool import WarmPool
from tests.config.test_sandbox import needs_landlock, needs_seccomp, on_x86, targets
from tests.transcription.sounds import DEMO_MODEL
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.audio.speech_engine import SpeechEngine
from transcription.audio.voice_activity import SpeechRegion
from transcription.base import programs
from transcription.base.file_types import type_of
from transcription.base.values import EngineCrashed, TranscriptionError
from transcription.documents.document_text import read_document
from transcription.forms.scanned import open_scans
from transcription.ocr.handwriting import guess_handwriting
from transcription.ocr.printed_text import read_print
from transcription.pages import tesseract
from transcription.pages.masked_page import mask_page
from transcription.pages.page_images import PageImage, open_pages
from transcription.pages.thumbnails import draw_thumbnails

__all__ = ["targets"]
pytestmark = [needs_landlock, needs_seccomp, on_x86]


def picture(folder: Path) -> Path:
    Image.new("L", (400, 300), 255).save(folder / "given.png")
    return folder / "given.png"


def pdf(folder: Path) -> Path:
    Image.new("L", (400, 300), 255).save(folder / "given.pdf")
    return folder / "given.pdf"


def rich_text(folder: Path) -> Path:
    (folder / "given.rtf").write_bytes(b"{\\rtf1 Bonjour}")
    return folder / "given.rtf"


def sound(folder: Path) -> Path:
    (folder / "given.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVE")
    return folder / "given.wav"


def page(path: Path) -> PageImage:
    return PageImage(path, 1, 400, 300, None, blank=False)


LIBRARIES: dict[str, tuple[str, str, Callable[[Path], Path], Callable[[Path, Path], Any]]] = {
    "pictures": ("PIL", "Image.init", picture, open_pages),
    "PDF": ("pypdfium2", "PdfDocument", pdf, open_pages),
    "what a PDF's page holds": ("pikepdf", "open", pdf, open_pages),
    "forms": ("zxingcpp", "read_barcodes", picture, lambda path, own: open_scans(path, own, [])),
    "thumbnails": (
        "PIL",
        "Image.open",
        picture,
        lambda path, own: draw_thumbnails([path], own, seconds=30, memory_mb=900),
    ),
    "pictures that are masked": (
        "PIL",
        "Image.open",
        picture,
        lambda path, own: mask_page(path, [(1, 1, 9, 9)], [], 0, own, seconds=30, memory_mb=900),
    ),
    "documents": ("striprtf", "striprtf.rtf_to_text", rich_text, lambda path, _: read_document(path)),
    "handwriting": ("rapidocr", "RapidOCR", picture, lambda path, _: guess_handwriting([path])),
    "print, and the picture of a page": ("cv2", "imread", picture, lambda path, _: read_print(page(path))),
}
PROGRAMS: dict[str, tuple[str, Callable[[Path], Path], Callable[[Path, Path], Any]]] = {
    "what a file is": ("file", picture, lambda path, _: type_of(path)),
    "sound": ("ffmpeg", sound, lambda path, own: decode_sound(path, own / "sound.pcm", 8000, SpeechLimits())),
}
PARSERS = {
    "transcription.pages.page_child": "pictures",
    "transcription.forms.form_child": "forms",
    "transcription.pages.thumbnail_child": "thumbnails",
    "transcription.pages.masking_child": "pictures that are masked",
    "transcription.documents.document_child": "documents",
    "transcription.ocr.handwriting_child": "handwriting",
    "transcription.ocr.print_child": "print, and the picture of a page",
}
"""The attack on each child that a parser is called in."""
ELSEWHERE = {
    "transcription.audio.speech_child": "test_speech_taken_over_by_one_recording_reaches_nothing_and_hears_no_other",
    "transcription.audio.whisper_child": "test_the_other_engine_taken_over_reaches_nothing",
    "gateway.reading.mail_child": "test_a_mail_that_takes_its_parser_over_reaches_nothing",
    "gateway.documents.tagged_pdf_child": "test_a_layout_that_is_taken_over_reaches_nothing",
}
"""The tests of those that are attacked otherwise."""
STARTING = {"start a program", "start a process"}
"""What reads with programs of its own may go on doing: they reach no more than it does."""


@contextmanager
def read_by(way: str, folder: Path) -> Iterator[None]:
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(BubblewrapUse.OFF if way == "base alone" else BubblewrapUse.AUTO))
    with WarmPool(folder, []) if way == "of a warm parent" else nullcontext():
        yield
    set_sandbox_layers(before)


@pytest.fixture
def plant(tmp_path, monkeypatch, targets):
    """Put the attack in place of a library's function, in every child."""

    def planted(module: str, attribute: str) -> None:
        package = tmp_path / "planted" / module
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(
            f"from tests.config.taken_over import take_over\ntake_over(__name__, {attribute!r}, {targets!r})\n"
        )
        monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])

    return planted


@pytest.fixture
def told(monkeypatch):
    """What the attack told, of each call and program that ended."""
    reports: list[dict[str, str]] = []

    def listening(real):
        def run(*arguments, **more):
            try:
                done = real(*arguments, **more)
            except RaisedInside as error:
                reports.append(json.loads(error.message))  # another's error is no JSON, and fails here
                raise
            if hasattr(done, "stdout") and done.stdout.startswith(b"{"):
                reports.append(json.loads(done.stdout))
            return done

        return run

    monkeypatch.setattr(programs, "call_limited", listening(programs.call_limited))
    monkeypatch.setattr(programs, "run_limited", listening(programs.run_limited))
    return reports


@pytest.mark.parametrize("way", ["base alone", "as it comes", "of a warm parent"])
@pytest.mark.parametrize("parser", LIBRARIES)
def test_a_parser_taken_over_reaches_nothing(parser, way, plant, told, targets, tmp_path):
    module, attribute, make, read = LIBRARIES[parser]
    tesseract.tesseract_version()
    given = make(tmp_path)
    plant(module, attribute)
    with read_by(way, tmp_path), suppress(TranscriptionError):
        read(given, Path(targets["writes"]))
    assert told, "the attack did not run"
    allowed = STARTING if parser.startswith("print") else set()
    assert set(told[0]) <= allowed


@pytest.mark.parametrize("parser", PROGRAMS)
def test_a_program_taken_over_reaches_nothing_but_programs(parser, told, targets, tmp_path, monkeypatch):
    name, make, read = PROGRAMS[parser]
    given = make(tmp_path)
    root = Path(__file__).parents[2]
    stand_in = tmp_path / "programs" / name
    stand_in.parent.mkdir()
    stand_in.write_text(
        f"#!{sys.executable}\nimport sys\nfor name in ('tests', 'tests.config'):\n"
        "    sys.modules[name] = type(sys)(name)\n"
        f"    sys.modules[name].__path__ = [{str(root)!r} + '/' + name.replace('.', '/')]\n"
        f"from tests.config.taken_over import main\nmain({targets!r})\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:/usr/bin:/bin")
    for way in ("base alone", "as it comes"):
        with read_by(way, tmp_path), suppress(TranscriptionError):
            read(given, Path(targets["writes"]))
        assert told, "the attack did not run"
        assert set(told[0]) == STARTING
        told.clear()


SPY = """
import json, os, sys
from tests.config.taken_over import report
from transcription.audio import speech_child

class Vosk:
    SetLogLevel = staticmethod(lambda level: None)
    Model = staticmethod(lambda path: None)

    class KaldiRecognizer:
        def __init__(self, model, rate): pass
        def SetWords(self, on): pass
        def AcceptWaveform(self, chunk):
            self.seen = report(json.loads(%r))
            self.seen["calls before"] = str(len(CALLS))
            CALLS.append(chunk)
            return False
        def FinalResult(self):
            return json.dumps({"result": [{"word": json.dumps(self.seen), "conf": 1, "start": 0, "end": 1}]})

CALLS = []
speech_child.vosk = Vosk
speech_child.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
"""


@pytest.mark.parametrize("use", [BubblewrapUse.OFF, BubblewrapUse.AUTO])
def test_speech_taken_over_by_one_recording_reaches_nothing_and_hears_no_other(use, targets, tmp_path):
    pcm = tmp_path / "sound.pcm"
    pcm.write_bytes(bytes(8_000))
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(use))
    try:
        with SpeechEngine(DEMO_MODEL, child=(sys.executable, "-c", SPY % json.dumps(targets))) as engine:
            for _ in range(2):
                [word] = engine.recognise(pcm, 8000, [SpeechRegion(0, 8_000)], 60.0).words
                assert json.loads(word.text) == {"calls before": "0"}
    finally:
        set_sandbox_layers(before)


OTHER_SPY = """
import json, sys
from tests.config.taken_over import report
from transcription.audio import whisper_child

class Hearing:
    skipped, language = 0, "fr"
    def __init__(self, *given): self.words = []
    def hear(self, pcm, together):
        told = json.dumps(report(json.loads(%r)))
        self.words = [{"text": told, "confidence": 1.0, "start": 0.0, "end": 1.0}]

whisper_child.WhisperModel = lambda *given, **more: None
whisper_child._figures = lambda model: []
whisper_child.Hearing = Hearing
whisper_child.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])
"""


@pytest.mark.parametrize("use", [BubblewrapUse.OFF, BubblewrapUse.AUTO])
def test_the_other_engine_taken_over_reaches_nothing(use, targets, tmp_path):
    pcm = tmp_path / "sound.pcm"
    pcm.write_bytes(bytes(64_000))
    model = replace(DEMO_MODEL, engine="whisper")
    before = current_sandbox_layers()
    set_sandbox_layers(SandboxLayers(use))
    try:
        with SpeechEngine(model, child=(sys.executable, "-c", OTHER_SPY % json.dumps(targets))) as engine:
            [word] = engine.recognise(pcm, 16_000, [SpeechRegion(0, 64_000)], 60.0).words
            assert json.loads(word.text) == {}
    finally:
        set_sandbox_layers(before)


def test_no_parser_is_without_its_attack():
    root = Path(__file__).parents[2]
    rooms = ("channels", "transcription", "gateway", "workers")
    children = {path for room in rooms for path in (root / room).rglob("*_child.py")}
    named = re.compile(r"""["']((?:transcription|gateway|channels)[\w.]+):\w+["']""")
    sources = [path.read_text() for room in rooms for path in (root / room).rglob("*.py")]
    called = {module for source in sources for module in named.findall(source)}
    found = {".".join(path.relative_to(root).with_suffix("").parts) for path in children} | called
    assert found == PARSERS.keys() | ELSEWHERE.keys()
    assert set(PARSERS.values()) <= LIBRARIES.keys()
    tests = "".join(path.read_text() for path in (root / "tests").rglob("test_*.py"))
    assert all(f"def {name}(" in tests for name in ELSEWHERE.values())


LIES = [
    "[]",
    "7",
    '{"words": 3}',
    '{"words": [{"text": "a"}], "skipped": 0}',
    '{"words": [], "skipped": "x"}',
    "{",
    "null",
]


@pytest.mark.parametrize("lie", LIES)
def test_an_engine_that_lies_is_an_engine_that_failed(lie, tmp_path):
    pcm = tmp_path / "sound.pcm"
    pcm.write_bytes(bytes(16_000))
    ready = "import sys; print('{\"ready\": true}', flush=True); sys.stdin.readline()"
    liar = f"{ready}; print({lie!r}, flush=True); input()"
    with SpeechEngine(DEMO_MODEL, child=(sys.executable, "-c", liar)) as engine, pytest.raises(EngineCrashed):
        engine.recognise(pcm, 8000, [SpeechRegion(0, 16_000)], 20.0)

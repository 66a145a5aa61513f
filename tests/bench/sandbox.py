"""What the sandbox costs: the same reading with every layer, as a pool does it, and in this process with none."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from channels.email.message_file import open_mail
from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import run_limited
from config.sandbox.warm_pool import WarmPool
from config.settings.sections.limits_section import Limits
from gateway.reading.mail_parts import mail_parts
from gateway.reading.opened_mail import open_mail_in_child
from tests.bench.pairs import Figure, Pair
from tests.demo.samples import Page
from tests.demo.sheets import scanned
from tests.transcription.sounds import DEMO_MODEL
from transcription.audio.speech import read_speech
from transcription.audio.speech_engine import SpeechEngine
from transcription.base.file_types import is_file
from transcription.ocr import print_child
from transcription.ocr.printed_text import LANGUAGES, PrintLimits, read_print
from transcription.pages import page_child
from transcription.pages.page_images import open_pages, page_image

MORE_SECONDS = 0.06
"""What a photo may take longer for being read in a sandbox."""
_NONE = SandboxLayers(BubblewrapUse.OFF, landlock=False, seccomp=False)
_LOADED = ("transcription.forms.form_child", "transcription.ocr.print_child", "gateway.reading.mail_child")
_POOL_MB = 400


@contextlib.contextmanager
def sandbox_pairs(folder: Path) -> Iterator[Sequence[Pair | Figure]]:
    """A photo, a scanned page, a mail and a recording of a minute; and the memory of what is kept loaded."""
    before, temporary = current_sandbox_layers(), tempfile.tempdir
    tempfile.tempdir = str(folder)  # as in a step, whose folder is the pool's to reach
    sheet = _scan(folder)
    with WarmPool(folder, _LOADED) as pool, SpeechEngine(DEMO_MODEL) as walled, SpeechEngine(DEMO_MODEL) as bare:
        yield [
            _pages("photo", _photo(folder, sheet), folder),
            _pages("scanned page", sheet, folder),
            _mail(folder),
            _recording(folder, walled, bare),
            Figure("memory of a pool", lambda: _megabytes(pool), _POOL_MB, "MB", "what stays loaded, unshared"),
        ]
    tempfile.tempdir = temporary
    set_sandbox_layers(before)


def _pages(name: str, file: Path, folder: Path) -> Pair:
    def walled(work: Path) -> None:
        for page in open_pages(file, work):
            read_print(page)

    def bare(work: Path) -> None:
        asked = {"path": str(file), "workdir": str(work), "first": 1, "count": 16, "pixels": 10**8, "most_pages": 300}
        for told in page_child.open_file(asked)["pages"]:
            print_child.read_page(page_image(told, work), LANGUAGES, PrintLimits(), "")

    return _pair(name, walled, bare, folder, "opened and read, in forks ÷ in this process")


def _mail(folder: Path) -> Pair:
    path = folder / "letter.eml"
    path.write_bytes(
        b"From: a@b.example\nTo: avis@brest.example\nSubject: bancs\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\n"
        + b"<p>Il faudrait plus de bancs dans le parc.</p>\n" * 40
        + b"--x\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"
    )
    return _pair(
        "mail",
        lambda work: open_mail_in_child(path, work, Limits()),
        lambda work: mail_parts(open_mail(path, work, 0, is_file), work),
        folder,
        "taken apart, with a file, in a fork ÷ in this process",
    )


def _recording(folder: Path, walled: SpeechEngine, bare: SpeechEngine) -> Pair:
    path = folder / "minute.wav"
    said = "je voudrais plus de bancs dans le parc et plus de bus le soir " * 12
    run_limited(
        ["espeak-ng", "-v", "fr", "-s", "150", "-w", str(path), said], seconds=60, memory_mb=2000, writes=[folder]
    )
    return _pair(
        "recording of a minute",
        lambda _: read_speech(path, DEMO_MODEL, engine=walled),
        lambda _: read_speech(path, DEMO_MODEL, engine=bare),
        folder,
        "heard with every layer ÷ with none",
    )


def _pair(name: str, walled: Callable[[Path], object], bare: Callable[[Path], object], folder: Path, note: str) -> Pair:
    def run(work: Callable[[Path], object], layers: SandboxLayers) -> None:
        set_sandbox_layers(layers)
        own = Path(tempfile.mkdtemp(dir=folder))
        try:
            work(own)
        finally:
            shutil.rmtree(own)

    return Pair(name, lambda: run(walled, SandboxLayers()), lambda: run(bare, _NONE), note, most_more=MORE_SECONDS)


def _scan(folder: Path) -> Path:
    sentence = "Les poubelles débordent tous les samedis après le marché. Il faudrait des bacs plus grands. "
    page = Page(name="bench", door="folder", file="tiff", title="Boîte à idées", says=sentence * 12, skew=1.2, noise=8)
    (folder / "page.tiff").write_bytes(scanned(page))
    return folder / "page.tiff"


def _photo(folder: Path, sheet: Path) -> Path:
    with Image.open(io.BytesIO(sheet.read_bytes())) as picture:
        picture.convert("RGB").resize((1536, 2048)).save(folder / "photo.jpg", quality=85)
    return folder / "photo.jpg"


def _megabytes(pool: WarmPool) -> float:
    """The proportional share of memory of the warm parent and of bubblewrap around it."""
    assert pool.process_id is not None
    below, shares = [pool.process_id], 0
    while below:
        pid = below.pop()
        below += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        shares += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return shares / 1024

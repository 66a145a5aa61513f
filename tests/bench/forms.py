"""Forms of ours from the file to what is ticked on them: a page's time, its memory, and OMRChecker beside it.

OMRCHECKER is the folder of a checkout of github.com/Udayraj123/OMRChecker, with what it needs in its ``.venv``; without
it, its row is left out and that is said.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from config.enums import Queue, StepKind
from config.sandbox.warm_pool import WarmPool
from inbox.jobs.steps import Lease
from tests.bench.pairs import Figure, Pair
from tests.simulator.blank import print_page
from tests.simulator.hands import mark, some_hand
from tests.simulator.machines import scan
from tests.simulator.sheets import digits_of, hundred_boxes
from tests.simulator.small_form import as_tiff
from tests.transcription.sheets import sheet
from transcription.forms.scanned import open_scans
from transcription.ocr.printed_text import read_print
from transcription.pages.page_images import open_pages
from workers.pools.pool import LOADED
from workers.runtime.work_folders import work_folder

_SHEETS, _A_CHILD = 48, 16
"""Sheets of a trial, and how many of them one child opens."""
_LEASE = Lease(1, StepKind.READ_PAGES, Queue.PAGES, None, None, None, 1, 1)
_OTHERS_SIZE = 930, 1240
"""Pixels of the sheet that comes with OMRChecker."""
_A_MINUTE, _CORES, _MOST_MB = 600, 2, 300
_OTHER = """
import sys, types
import screeninfo
screeninfo.get_monitors = lambda: [types.SimpleNamespace(width=1280, height=800)]  # it asks for one before it reads
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from src.entry import entry_point
print("ready", flush=True)
for line in sys.stdin:
    entry_point(Path(sys.argv[2]), {"input_paths": [sys.argv[2]], "debug": True, "output_dir": line.strip(),
                                    "autoAlign": False, "setLayout": False})
    print("done", flush=True)
"""
_OURS = """
import json, sys, time
from tests.simulator.sheets import hundred_boxes
from transcription.forms.form_child import open_file
asked = {"path": sys.argv[1], "workdir": sys.argv[2], "first": 1, "count": 16, "pixels": 10**8, "most_pages": 300,
         "forms": [hundred_boxes().as_json()], "typed": {}}
began = time.process_time()
told = open_file(asked)
seconds = time.process_time() - began
with open("/proc/self/status") as status:  # getrusage remembers what was here before exec
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
print(json.dumps({"read": sum(page["form"] is not None for page in told["pages"]), "seconds": seconds, "mb": peak}))
"""


@contextlib.contextmanager
def form_rows(folder: Path) -> Iterator[list[Pair | Figure]]:
    """A page's processor time and memory, zones beside bare Tesseract, and OMRChecker where it is."""
    large = _pdf_of(folder / "a4.pdf", None)
    rows: list[Pair | Figure] = [
        Figure(
            "form of boxes, A4 at 300",
            lambda: _told(large, folder)["seconds"] / _A_CHILD,
            60 * _CORES / _A_MINUTE,
            "s of a core",
            f"opened, read and its page image written; {_A_MINUTE} a minute on {_CORES} cores",
        ),
        Figure("its memory", lambda: _told(large, folder)["mb"], _MOST_MB, "MB", "the most that a child has"),
    ]
    with contextlib.ExitStack() as kept:
        # As a town's worker does: what reads is loaded once and forked for each file, and all files lie in one folder.
        kept.enter_context(work_folder(folder, _LEASE))
        kept.enter_context(WarmPool(folder, LOADED[Queue.PAGES]))
        rows.append(zone_pair(folder))
        place = os.environ.get("OMRCHECKER", "")
        if place:
            rows.append(kept.enter_context(_beside_omrchecker(Path(place), folder)))
        else:
            print("form against OMRChecker: left out, OMRCHECKER names no folder", flush=True)
        yield rows


def _pdf_of(path: Path, size: tuple[int, int] | None) -> Path:
    """Sheets of a hundred boxes as a copier's PDF of grey JPEGs, at 300 dpi or in this size."""
    page = hundred_boxes()
    pictures = []
    for seed in range(_A_CHILD):
        rng = np.random.default_rng(seed)
        paper, hand = print_page(page, digits_of(seed), 12.0), some_hand(rng)
        for box in page.boxes:
            if rng.random() < 0.12:
                mark(paper, 12.0, box.place, hand, rng)
        picture = Image.fromarray(scan(paper, 12.0, "grey", 300, rng).picture).convert("L")
        pictures.append(picture.resize(size, Image.Resampling.BOX) if size else picture)
    dpi = round(pictures[0].width / 210 * 25.4)
    pictures[0].save(path, save_all=True, append_images=pictures[1:], resolution=dpi, quality=80)
    return path


def _told(file: Path, folder: Path) -> dict[str, float]:
    """What a child that reads a file costs, as the function that it calls is run here in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as workdir:
        argv = [sys.executable, "-c", _OURS, str(file), workdir]
        told: dict[str, float] = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    assert told["read"] == _A_CHILD, f"{told['read']} forms of {_A_CHILD} were read"
    return told


def zone_pair(folder: Path) -> Pair:
    """Print in zones through our whole reading, beside Tesseract alone on the same pictures."""
    lines = ["Il faudrait un banc devant la mairie,", "et de la lumière le soir à l'arrêt du bus.", "Merci."]
    zones = [folder / f"zone-{number}.png" for number in range(4)]
    for zone in zones:
        sheet("\n".join(lines), size=(1900, 600), points=64).save(zone)
    file = folder / "zones.tif"
    file.write_bytes(as_tiff([zone.read_bytes() for zone in zones]))

    def ours() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as workdir:
            for image in open_pages(file, Path(workdir)):
                read_print(image, laid_flat=True)

    def bare() -> None:
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        for zone in zones:
            argv = ["tesseract", str(zone), "-", "-l", "fra+eng", "tsv"]
            subprocess.run(argv, env=environment, capture_output=True, check=True)

    return Pair("print in four zones", ours, bare, "open a file of them, read ÷ tesseract on the zones", most=1.15)


@contextlib.contextmanager
def _beside_omrchecker(place: Path, folder: Path) -> Iterator[Pair]:
    """As many sheets of the same size in pixels, each program started beforehand; ours reads them in its children."""
    ours_file = _pdf_of(folder / "small.pdf", _OTHERS_SIZE)
    theirs = folder / "theirs"
    theirs.mkdir()
    sample = place / "samples" / "sample1"
    for name in ("template.json", "omr_marker.jpg"):
        shutil.copy(sample / name, theirs)
    settings = json.loads((sample / "config.json").read_text())
    settings["outputs"]["show_image_level"] = 0
    (theirs / "config.json").write_text(json.dumps(settings))
    for number in range(_SHEETS):
        shutil.copy(sample / "MobileCamera" / "sheet1.jpg", theirs / f"sheet-{number}.jpg")
    argv = [str(place / ".venv" / "bin" / "python"), "-c", _OTHER, str(place), str(theirs)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        _until(other, "ready")

        def ours() -> None:
            for _ in range(_SHEETS // _A_CHILD):
                with tempfile.TemporaryDirectory(dir=folder) as workdir:
                    assert len(open_scans(ours_file, Path(workdir), [hundred_boxes()])) == _A_CHILD

        def bare() -> None:
            assert other.stdin is not None
            other.stdin.write(tempfile.mkdtemp(dir=folder).encode() + b"\n")
            other.stdin.flush()
            _until(other, "done")

        yield Pair(
            "forms, 930 × 1240", ours, bare, f"{_SHEETS} sheets opened and read ÷ OMRChecker on as many", most=1.0
        )
        other.kill()


def _until(other: subprocess.Popen[bytes], said: str) -> None:
    assert other.stdout is not None
    for line in other.stdout:
        if line.strip() == said.encode():
            return
    raise AssertionError("OMRChecker ended")

"""Scanners that stop and go on while the watcher is killed: each file is one intake in the end, and the whole of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from config.settings.loader import ENV_FILE, Settings, load_settings
from gateway.base.store_factory import open_store
from gateway.intake.raw_messages import copy_raw_message
from inbox.migrations import migrate
from inbox.models import Arrival, Intake
from tests.standins.scanned import pdf, picture, tiff

FILES = int(os.environ.get("PORTEVOIX_SOAK_SCANS", "200"))
AT_ONCE = 12
SETTINGS = """
town = "essai"
log_level = "WARNING"
[[scan_folders]]
path = "scans"
centre = "maison-pour-tous"
settle_seconds = 1
unfinished_seconds = 8
"""
STRAYS = ("Thumbs.db", "~$lettre.docx", "SCAN0007.PDF.PART", "SCAN0008.TMP", "desktop.ini")


def scanners() -> None:
    """The trial; AssertionError when a file is lost, doubled, or not taken in as it is in the end."""
    with tempfile.TemporaryDirectory(prefix="portevoix-scanners-") as name:
        settings = _town(Path(name))
        scans = settings.scan_folders[0].path
        for stray in STRAYS:
            (scans / stray).write_bytes(bytes(3000))
        killer = _Killer(Path(name) / "portevoix.toml")
        with killer, ThreadPoolExecutor(AT_ONCE) as pool:
            expected = list(pool.map(lambda number: _scan(scans, number), range(FILES)))
        taken, arrivals = _taken(settings, Path(name) / "copy")
        print(f"{FILES} files, {arrivals} arrivals, the watcher killed {killer.kills} times")
        assert sorted(taken) == sorted(expected)
        assert {path.name for path in scans.iterdir()} == {*STRAYS, "done"}


def _town(folder: Path) -> Settings:
    file = folder / "portevoix.toml"
    (folder / "scans").mkdir()
    file.write_text(SETTINGS)
    settings = load_settings(file, env={})
    store = open_store(settings)
    migrate(store.engine)
    store.close()
    return settings


class _Killer:
    """Starts the watcher again and again, and kills it every few seconds; at the end it may finish its work."""

    def __init__(self, settings_file: Path) -> None:
        self.kills = 0
        self._env = {**os.environ, ENV_FILE: str(settings_file)}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _watcher(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "workers.watchers.watcher_threads", "folders"], env=self._env)

    def _run(self) -> None:
        chance = random.Random(3)
        while not self._over.is_set():
            watcher = self._watcher()
            self._over.wait(chance.uniform(2, 5))
            watcher.send_signal(signal.SIGKILL)
            watcher.wait()
            self.kills += 1

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        watcher = self._watcher()
        time.sleep(30)
        watcher.terminate()
        watcher.wait()


def _scan(scans: Path, number: int) -> bytes:
    """One scanner at its work; the file as it is when it is done."""
    chance = random.Random(number)

    def rest(seconds: float) -> None:
        time.sleep(chance.uniform(0, seconds))

    texts = [f"Avis {number}", f"page 2 de {number}", f"page 3 de {number}"]
    kind = number % 3
    path = scans / f"scan{number:04}.{('tif', 'pdf', 'jpg')[kind]}"
    if kind == 0:
        return _page_after_page(path, texts, rest)
    content = pdf(*texts) if kind == 1 else picture("JPEG", texts[0])
    with path.open("wb") as file:
        for half in (content[: len(content) // 2], content[len(content) // 2 :]):
            rest(12)
            file.write(half)
            file.flush()
    return content


def _page_after_page(path: Path, texts: list[str], rest: Callable[[float], None]) -> bytes:
    """A TIFF that is opened anew, wherever it lies by then, for each page that is added to it."""
    content = b""
    for pages in range(1, len(texts) + 1):
        content = tiff(*texts[:pages])
        there = path if pages == 1 or path.exists() else path.parent / "done" / path.name
        file = os.open(there, os.O_RDWR | os.O_CREAT)
        os.pwrite(file, content[: len(content) // 2], 0)
        rest(1)
        os.pwrite(file, content, 0)
        os.close(file)
        rest(6)
    return content


def _taken(settings: Settings, copy: Path) -> tuple[list[bytes], int]:
    """Each intake's newest file, and how many arrivals there are."""
    store = open_store(settings)
    with store.read() as session:
        arrivals = session.scalars(select(Arrival).order_by(Arrival.id)).all()
        newest = {arrival.intake_id: arrival for arrival in arrivals}
        intakes = session.scalars(select(Intake.id)).all()
        files = [copy_raw_message(session, newest[intake], copy).read_bytes() for intake in intakes]
    store.close()
    return files, len(arrivals)

"""The scan folder: whole files are taken in once, then moved; nothing in between is lost."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.schema import Settings
from config.sections import ScanFolder
from inbox.models import Arrival, Intake, Step
from inbox.store import Store
from workers.context import Context
from workers.folder import FolderWatch

ODD_FILES = {
    "empty": ("scan0001.pdf", b""),
    "broken": ("scan0002.pdf", b"%PDF-1.7 and no more"),
    "no name to go by": ("numérisation du 3 mars", b"\x00\xff"),
    "a text": ("note.txt", "l'été".encode()),
}


@dataclass
class Watched:
    here: Context
    watch: FolderWatch
    path: Path
    store: Store

    def count(self, model: type[Intake] | type[Arrival] | type[Step]) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    @property
    def done(self) -> list[str]:
        return sorted(path.name for path in (self.path / "done").glob("*"))


@pytest.fixture
def watched(sqlite_store: Store, tmp_path: Path) -> Watched:
    folder = ScanFolder(path=tmp_path / "scans", centre="maison-pour-tous", settle_seconds=3)
    folder.path.mkdir()
    settings = Settings(folder=tmp_path, scan_folders=(folder,))
    return Watched(Context(settings, sqlite_store), FolderWatch(folder, 0), folder.path, sqlite_store)


def test_a_file_is_taken_in_once_it_has_stopped_growing(watched: Watched) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(b"first half")
    assert watched.watch.look(watched.here, now=100) == 0
    scan.write_bytes(b"first half, second half")
    assert watched.watch.look(watched.here, now=104) == 0
    assert watched.watch.look(watched.here, now=106) == 0
    assert watched.watch.look(watched.here, now=107) == 1
    assert (watched.count(Intake), watched.count(Step), watched.done) == (1, 1, ["scan.pdf"])


@pytest.mark.parametrize(("name", "content"), ODD_FILES.values(), ids=ODD_FILES)
def test_odd_files_are_taken_in_all_the_same(watched: Watched, name: str, content: bytes) -> None:
    (watched.path / name).write_bytes(content)
    watched.watch.look(watched.here, now=100)
    assert watched.watch.look(watched.here, now=103) == 1
    assert (watched.count(Intake), watched.done) == (1, [name])


def test_what_is_no_finished_file_stays(watched: Watched, tmp_path: Path) -> None:
    (watched.path / ".hidden").write_bytes(b"x")
    (watched.path / "copying.pdf.part").write_bytes(b"x")
    (watched.path / "folder").mkdir()
    (watched.path / "link.pdf").symlink_to(tmp_path / "keys")
    os.mkfifo(watched.path / "pipe.pdf")
    watched.watch.look(watched.here, now=100)
    assert watched.watch.look(watched.here, now=200) == 0
    assert watched.count(Intake) == 0


def test_the_same_file_again_changes_no_count_and_replaces_nothing(watched: Watched) -> None:
    for now in (100, 200, 300):
        (watched.path / "scan0001.pdf").write_bytes(b"a form")
        watched.watch.look(watched.here, now=now)
        watched.watch.look(watched.here, now=now + 3)
    assert (watched.count(Intake), watched.count(Arrival), watched.count(Step)) == (1, 1, 1)
    assert len(watched.done) == 3


def test_a_crash_before_the_move_takes_it_in_again_for_nothing_new(watched: Watched) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(b"a form")
    watched.watch.look(watched.here, now=100)
    watched.watch.look(watched.here, now=103)
    (watched.path / "done" / "scan.pdf").rename(scan)
    afterwards = FolderWatch(watched.watch.folder, 0)
    afterwards.look(watched.here, now=1)
    assert afterwards.look(watched.here, now=4) == 1
    assert (watched.count(Intake), watched.done) == (1, ["scan.pdf"])


def test_a_file_that_changes_while_it_is_read_is_left(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(b"first half")

    class CopierWritesMeanwhile(FolderWatch):
        def _store(self, session: object, path: Path) -> None:
            super()._store(session, path)  # type: ignore[arg-type]
            with path.open("ab") as file:
                file.write(b", second half")

    interrupted = CopierWritesMeanwhile(watched.watch.folder, 0)
    interrupted.look(watched.here, now=100)
    assert interrupted.look(watched.here, now=103) == 0
    assert (watched.count(Intake), watched.count(Arrival), scan.exists()) == (0, 0, True)
    assert not [path for path in watched.here.settings.media_dir.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_read_is_noted_not_fatal(tmp_path: Path, sqlite_store: Store) -> None:
    (tmp_path / "not-a-folder").write_text("")
    folder = ScanFolder(path=tmp_path / "not-a-folder", centre="c")
    watch = FolderWatch(folder, 0)
    assert watch.look(Context(Settings(folder=tmp_path), sqlite_store), now=1) == 0
    assert "cannot be looked into" in watch.problem


KEPT = {"still kept": (6, ["scan.pdf"]), "its time is over": (8, [])}


@pytest.mark.parametrize(("days", "left"), KEPT.values(), ids=KEPT)
def test_what_was_taken_in_does_not_stay_in_the_clear_for_ever(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, days: int, left: list[str]
) -> None:
    (watched.path / "scan.pdf").write_bytes(b"a page")
    watched.watch.look(watched.here, now=100)
    watched.watch.look(watched.here, now=104)
    assert watched.done == ["scan.pdf"]
    later = time.time() + days * 86_400
    monkeypatch.setattr("workers.folder.time.time", lambda: later)
    watched.watch.look(watched.here, now=108)
    assert watched.done == left

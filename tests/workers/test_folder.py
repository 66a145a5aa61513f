"""The scan folder: whole files are taken in once, then moved; what grows is not counted twice; strays are left."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from channels.paper.scan_files.strays import StrayReason
from config.settings.schema import Settings
from config.settings.sections.scan_folder_section import ScanFolder
from inbox.models import Arrival, Intake, Step
from inbox.storage.database import Store
from tests.standins.scanned import pdf, pdf_with_a_later_version, picture, tiff
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.scan_moves import is_being_written
from workers.watchers.scan_watcher import ScanFolderWatcher, folder_status_note

SETTLED, GIVEN_UP = 3, 120
"""The settings' own."""


@dataclass
class Watched:
    here: WatcherContext
    watch: ScanFolderWatcher
    path: Path
    store: Store
    now: float = 1000.0

    def count(self, model: type[Intake] | type[Arrival] | type[Step]) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    @property
    def counts(self) -> tuple[int, int]:
        """Of intakes and of what arrived for them."""
        return self.count(Intake), self.count(Arrival)

    @property
    def done(self) -> list[str]:
        return sorted(path.name for path in (self.path / "done").glob("*"))

    def look(self, after: float = 0) -> int:
        """Look into the folder so many seconds later."""
        self.now += after
        return self.watch.look(self.here, self.now)

    def at_rest(self, seconds: float = SETTLED) -> int:
        """Let the folder be for so long."""
        self.look()
        return self.look(seconds)

    def restart(self) -> None:
        """As after the end of the process: what was seen is forgotten."""
        self.watch = ScanFolderWatcher(self.watch.folder, 0)


@pytest.fixture
def watched(sqlite_store: Store, tmp_path: Path) -> Watched:
    folder = ScanFolder(path=tmp_path / "scans", centre="maison-pour-tous")
    folder.path.mkdir()
    settings = Settings(folder=tmp_path, scan_folders=(folder,))
    return Watched(WatcherContext(settings, sqlite_store), ScanFolderWatcher(folder, 0), folder.path, sqlite_store)


# --- when --------------------------------------------------------------------------------------------

HALVES = {
    "a PDF": ("scan0001.pdf", pdf()),
    "a TIFF, page after page": ("scan0001.tif", tiff("Plus", "de", "bancs")),
    "a photo": ("IMG_0001.JPG", picture("JPEG")),
    "a picture": ("scan.png", picture("PNG")),
}


@pytest.mark.parametrize(("name", "content"), HALVES.values(), ids=HALVES)
def test_a_file_is_taken_in_when_it_is_whole(watched: Watched, name: str, content: bytes) -> None:
    scan = watched.path / name
    scan.write_bytes(b"")
    assert watched.at_rest(60) == 0
    scan.write_bytes(content[:-40])
    assert watched.at_rest(60) == 0
    scan.write_bytes(content)
    assert watched.at_rest(SETTLED - 1) == 0
    assert watched.look(1) == 1
    assert (watched.count(Intake), watched.count(Step), watched.done) == (1, 1, [name])


DAMAGED = {
    "empty": ("scan0001.pdf", b""),
    "cut": ("scan0002.pdf", pdf()[:-1000]),
    "a beginning": ("scan0003.tif", tiff()[:-40]),
    "no PDF at all": ("scan0004.pdf", b"<html>gone</html>"),
}


@pytest.mark.parametrize(("name", "content"), DAMAGED.values(), ids=DAMAGED)
def test_one_that_never_gets_its_end_is_taken_in_all_the_same(watched: Watched, name: str, content: bytes) -> None:
    (watched.path / name).write_bytes(content)
    assert watched.at_rest(GIVEN_UP - 1) == 0
    assert watched.look(1) == 1
    assert (watched.count(Intake), watched.done) == (1, [name])


UNTOLD = {
    "no name to go by": ("numérisation du 3 mars", b"\x00\xff"),
    "a text": ("note.txt", "l'été".encode()),
    "an old document": ("lettre.doc", b"\xd0\xcf\x11\xe0" + bytes(600) + b"fin"),
}


@pytest.mark.parametrize(("name", "content"), UNTOLD.values(), ids=UNTOLD)
def test_files_that_do_not_say_where_they_end_are_taken_in_at_rest(watched: Watched, name: str, content: bytes) -> None:
    (watched.path / name).write_bytes(content)
    assert watched.at_rest() == 1
    assert (watched.count(Intake), watched.done) == (1, [name])


def test_each_empty_file_is_another_scan_that_came_to_nothing(watched: Watched) -> None:
    for number in range(3):
        (watched.path / "scan0001.pdf").write_bytes(b"")
        watched.at_rest(GIVEN_UP)
        assert watched.count(Intake) == number + 1


def test_a_file_is_not_taken_in_while_a_program_has_it_open(watched: Watched) -> None:
    scan = watched.path / "scan.tif"
    with scan.open("wb") as writer:
        writer.write(tiff())
        writer.flush()
        if not is_being_written(scan):
            pytest.skip("this file system does not say who writes")
        assert watched.at_rest(60) == 0
    assert watched.look() == 1


def test_room_set_aside_for_a_file_is_no_file(watched: Watched) -> None:
    scan, content = watched.path / "scan.tif", tiff("Plus", "de bancs")
    scan.write_bytes(content[:200])
    os.truncate(scan, len(content) + (1 << 20))
    if not is_being_written(scan):
        pytest.skip("this file system does not tell what was never written")
    assert watched.at_rest(60) == 0
    scan.write_bytes(content)
    assert watched.at_rest() == 1


def test_a_file_that_changes_while_it_is_read_is_left(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(pdf())
    from_then_on = watched.watch._store

    def copier_writes_meanwhile(here: WatcherContext, path: Path, sight: object) -> None:
        with path.open("ab") as file:
            file.write(b"\n% more\n")
        from_then_on(here, path, sight)  # type: ignore[arg-type]

    monkeypatch.setattr(watched.watch, "_store", copier_writes_meanwhile)
    assert watched.at_rest() == 0
    assert (*watched.counts, scan.exists()) == (0, 0, True)
    assert not [path for path in watched.here.settings.media_dir.rglob("*") if path.is_file()]


# --- once --------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_no_count_and_replaces_nothing(watched: Watched) -> None:
    for _ in range(3):
        (watched.path / "scan0001.pdf").write_bytes(pdf())
        watched.at_rest()
    assert (*watched.counts, watched.count(Step)) == (1, 1, 1)
    assert len(watched.done) == 3


def test_a_crash_before_the_move_takes_it_in_again_for_nothing_new(watched: Watched) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(pdf())
    watched.at_rest()
    (watched.path / "done" / "scan.pdf").rename(scan)
    watched.restart()
    assert watched.at_rest() == 1
    assert (watched.count(Intake), watched.done) == (1, ["scan.pdf"])


# --- grown since ---------------------------------------------------------------------------------------

GROWN = {
    "a PDF with a version added": ("scan.pdf", *pdf_with_a_later_version("Plus", "de bancs")),
    "a TIFF with a page added": ("scan.tif", tiff("Plus"), tiff("Plus", "de bancs")),
    "a PDF that had been given up": ("scan.pdf", pdf("Plus")[:-500], pdf("Plus")),
    "a photo that had been given up": ("photo.jpg", picture("JPEG")[:-500], picture("JPEG")),
    "one of which there was next to nothing": ("scan.pdf", pdf("Plus")[:40], pdf("Plus")),
    "an empty file": ("scan.pdf", b"", pdf("Plus")),
}


@pytest.fixture(params=[False, True], ids=["the watcher lives", "the watcher was started again"])
def restarted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize(("name", "before", "after"), GROWN.values(), ids=GROWN)
def test_a_program_goes_on_writing_into_a_file_that_was_taken_in(
    watched: Watched, name: str, before: bytes, after: bytes, restarted: bool
) -> None:
    writer = os.open(watched.path / name, os.O_RDWR | os.O_CREAT)
    os.write(writer, before)
    watched.at_rest(GIVEN_UP)
    assert (*watched.counts, watched.done) == (1, 1, [name])
    if restarted:
        watched.restart()
        watched.at_rest(GIVEN_UP)
    time.sleep(0.01)  # clocks of file systems tick a hundred times a second
    os.pwrite(writer, after, 0)
    os.close(writer)
    assert watched.at_rest() == 1
    assert (*watched.counts, watched.count(Step), watched.done) == (1, 2, 1, [name])
    watched.restart()
    watched.at_rest(GIVEN_UP)
    assert (*watched.counts, watched.done) == (1, 2, [name])


HANDED_IN_AGAIN = {name: case for name, case in GROWN.items() if len(case[1]) >= 1024}


@pytest.mark.parametrize(("name", "before", "after"), HANDED_IN_AGAIN.values(), ids=HANDED_IN_AGAIN)
def test_the_grown_file_comes_anew(watched: Watched, name: str, before: bytes, after: bytes) -> None:
    for content in (before, after, before, after):
        (watched.path / name).write_bytes(content)
        watched.at_rest(GIVEN_UP)
    assert (*watched.counts, len(watched.done)) == (1, 2, 4)


STRANGERS = {
    "all of a copier's files begin alike": ("scan.pdf", pdf("Plus")[:40], pdf("Moins")),
    "an empty one, and another": ("scan.pdf", b"", pdf("Moins")),
    "another TIFF": ("scan.tif", tiff("Plus"), tiff("Moins", "de bancs")),
    "the same page among others": ("scan.tif", tiff("Plus"), tiff("Moins", "Plus")),
}


@pytest.mark.parametrize(("name", "before", "after"), STRANGERS.values(), ids=STRANGERS)
def test_another_file_is_another_intake(watched: Watched, name: str, before: bytes, after: bytes) -> None:
    for content in (before, after):
        (watched.path / name).write_bytes(content)
        watched.at_rest(GIVEN_UP)
    assert watched.counts == (2, 2)


def test_two_files_that_grew_from_one_are_two(watched: Watched) -> None:
    for content in (tiff("Plus"), tiff("Plus", "de bancs"), tiff("Plus", "de bus")):
        (watched.path / "scan.tif").write_bytes(content)
        watched.at_rest()
    assert watched.counts == (2, 3)


# --- what is left alone ----------------------------------------------------------------------------------


def test_strays_are_left_alone_and_named(watched: Watched, tmp_path: Path) -> None:
    for name in (".hidden", "Thumbs.db", "desktop.ini", "~$lettre.docx", "SCAN0007.PDF.PART", "SCAN0008.TMP", "a.Part"):
        (watched.path / name).write_bytes(pdf())
    (watched.path / "2026-11").mkdir()
    (watched.path / "link.pdf").symlink_to(tmp_path / "keys")
    os.mkfifo(watched.path / "pipe.pdf")
    assert watched.at_rest(10 * GIVEN_UP) == 0
    assert watched.counts == (0, 0)
    assert {why: len(names) for why, names in watched.watch.strays.items()} == {
        StrayReason.SYSTEM: 3,
        StrayReason.LOCK: 1,
        StrayReason.UNFINISHED: 3,
        StrayReason.FOLDER: 1,
        StrayReason.LINK: 2,
    }
    assert folder_status_note([watched.watch]) == (
        "folder-1: left alone: files of the system: 3, files under the name of something unfinished: 3, "
        "folders: 1, links and the like: 2, locks of open documents: 1"
    )


def test_a_file_under_another_name_is_taken_in_once_it_has_its_own(watched: Watched) -> None:
    unfinished = watched.path / "scan.pdf.filepart"
    unfinished.write_bytes(pdf())
    assert watched.at_rest(GIVEN_UP) == 0
    unfinished.rename(watched.path / "scan.pdf")
    assert watched.at_rest() == 1
    assert folder_status_note([watched.watch]) == ""


# --- together ---------------------------------------------------------------------------------------------


def batches(watched: Watched) -> list[int]:
    """How many files each batch has."""
    with watched.store.read() as session:
        batch = func.coalesce(Intake.batch_id, Intake.id)
        return list(session.scalars(select(func.count(Intake.id)).group_by(batch).order_by(batch)))


def test_files_that_come_together_are_one_batch(watched: Watched) -> None:
    for number in range(12):
        (watched.path / f"IMG_{number:04}.JPG").write_bytes(picture("JPEG", f"Avis {number}"))
    assert watched.at_rest() == 12
    (watched.path / "one_more.jpg").write_bytes(picture("JPEG", "Encore un"))
    watched.at_rest()
    assert batches(watched) == [13]


def test_files_that_come_much_later_are_another(watched: Watched) -> None:
    (watched.path / "scan0001.pdf").write_bytes(pdf("Plus"))
    watched.at_rest()
    with watched.store.write() as session:
        first = session.scalars(select(Intake)).one()
        first.received_at = first.received_at.replace(year=2020)
    for number in (2, 3):
        (watched.path / f"scan000{number}.pdf").write_bytes(pdf(f"Avis {number}"))
    watched.at_rest()
    assert batches(watched) == [1, 2]


# --- afterwards --------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_read_is_noted_not_fatal(tmp_path: Path, sqlite_store: Store) -> None:
    (tmp_path / "not-a-folder").write_text("")
    folder = ScanFolder(path=tmp_path / "not-a-folder", centre="c")
    watch = ScanFolderWatcher(folder, 0)
    assert watch.look(WatcherContext(Settings(folder=tmp_path), sqlite_store), now=1) == 0
    assert "cannot be looked into" in watch.problem


KEPT = {"still kept": (6, ["scan.pdf"]), "its time is over": (8, [])}


@pytest.mark.parametrize(("days", "left"), KEPT.values(), ids=KEPT)
def test_what_was_taken_in_does_not_stay_in_the_clear_for_ever(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, days: int, left: list[str]
) -> None:
    (watched.path / "scan.pdf").write_bytes(pdf())
    watched.at_rest()
    assert watched.done == ["scan.pdf"]
    later = time.time() + days * 86_400
    monkeypatch.setattr("workers.watchers.scan_watcher.time.time", lambda: later)
    watched.look(4)
    assert watched.done == left

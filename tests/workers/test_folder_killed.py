"""The watcher of scan folders, killed between any two of its steps: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings.schema import Settings
from config.settings.sections.scan_folder_section import ScanFolder
from gateway.ingest import scan_intake
from gateway.intake.raw_messages import copy_raw_message
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Intake
from inbox.storage.database import Store
from tests.standins.scanned import picture, tiff
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import scan_watcher
from workers.watchers.scan_watcher import ScanFolderWatcher


def _then_dies(function: Callable[..., Any]) -> Callable[..., Any]:
    def does_it_and_dies(*args: Any, **named: Any) -> Any:
        function(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still here")

    return does_it_and_dies


def _dies_first(function: Callable[..., Any]) -> Callable[..., Any]:
    return _then_dies(lambda *_args, **_named: function)


KILLED: dict[str, tuple[Any, str, Callable[[Callable[..., Any]], Callable[..., Any]]]] = {
    "when it has looked into the file": (scan_watcher, "wholeness", _then_dies),
    "when it has the file's digest": (scan_watcher, "scan_digest", _then_dies),
    "when it knows that the file is new": (scan_watcher, "is_already_ingested", _then_dies),
    "when it knows what the file begins with": (scan_watcher, "known_beginnings", _then_dies),
    "when the bytes are sealed": (scan_intake, "store_message", _then_dies),
    "when the rows are written": (scan_watcher, "ingest_scan", _then_dies),
    "before the commit": (Session, "commit", _dies_first),
    "after the commit": (Session, "commit", _then_dies),
    "before the move": (scan_watcher, "move_to_done", _dies_first),
    "after the move": (scan_watcher, "move_to_done", _then_dies),
}


class Folder:
    """A scan folder that is watched by one process after another."""

    def __init__(self, store: Store, tmp_path: Path) -> None:
        self.store = store
        self.folder = ScanFolder(path=tmp_path / "scans", centre="maison", settle_seconds=1)
        self.folder.path.mkdir()
        self.here = WatcherContext(Settings(folder=tmp_path, scan_folders=(self.folder,)), store)

    def watch(self) -> None:
        """As a process that is left alone does."""
        watch = ScanFolderWatcher(self.folder, 0)
        for now in (0, 1, 2, 500, 501):
            watch.look(self.here, now)

    def watch_and_die(self, owner: Any, name: str, how: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """As a process that is killed on the way."""
        child = os.fork()
        if child == 0:
            try:
                setattr(owner, name, how(getattr(owner, name)))
                self.watch()
            finally:
                os._exit(0)
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "it came to its end alive"
        assert os.WTERMSIG(status) == signal.SIGKILL

    def contents(self, tmp_path: Path) -> list[list[bytes]]:
        """What arrived, by intake."""
        with self.store.read() as session:
            counted = count_ledger(session)
            assert counted.balanced, counted.problems
            rows = session.scalars(select(Intake).order_by(Intake.id)).all()
            return [
                [
                    copy_raw_message(session, one, tmp_path / f"arrival-{one.id}").read_bytes()
                    for one in _of(session, row.id)
                ]
                for row in rows
            ]


def _of(session: Session, intake_id: int) -> list[Arrival]:
    return list(session.scalars(select(Arrival).where(Arrival.intake_id == intake_id).order_by(Arrival.id)))


@pytest.fixture
def scans(sqlite_store: Store, tmp_path: Path) -> Folder:
    return Folder(sqlite_store, tmp_path)


ONE, TWO, OTHER = tiff("Plus"), tiff("Plus", "de bancs"), picture("JPEG", "Un bus")


@pytest.mark.parametrize(("owner", "name", "how"), KILLED.values(), ids=KILLED)
def test_a_killed_watcher_loses_and_doubles_nothing(
    scans: Folder, tmp_path: Path, owner: Any, name: str, how: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    (scans.folder.path / "scan0001.tif").write_bytes(ONE)
    (scans.folder.path / "scan0002.jpg").write_bytes(OTHER)
    for _ in range(2):
        scans.watch_and_die(owner, name, how)
    scans.watch()
    assert scans.contents(tmp_path) == [[ONE], [OTHER]]
    assert sorted(p.name for p in scans.folder.path.glob("done/*")) == ["scan0001.tif", "scan0002.jpg"]


@pytest.mark.parametrize(("owner", "name", "how"), KILLED.values(), ids=KILLED)
def test_what_is_written_while_no_watcher_lives_is_taken_in(
    scans: Folder, tmp_path: Path, owner: Any, name: str, how: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """The scanner has the file open, and adds a page after the watcher was killed: to it, wherever it lies now."""
    writer = os.open(scans.folder.path / "scan0001.tif", os.O_RDWR | os.O_CREAT)
    os.write(writer, ONE)
    if name != "wholeness":  # it waits for whoever has the file open, until it gives up
        scans.watch_and_die(owner, name, how)
    time.sleep(0.02)  # clocks of file systems tick a hundred times a second
    os.pwrite(writer, TWO, 0)
    os.close(writer)
    scans.watch()
    contents = scans.contents(tmp_path)
    assert contents in ([[ONE, TWO]], [[TWO]]), "one intake, and the whole of it"
    assert [p.name for p in scans.folder.path.glob("done/*")] == ["scan0001.tif"]


def test_a_file_put_in_the_place_of_one_that_is_being_moved(scans: Folder, tmp_path: Path) -> None:
    """Another scan takes the name in the moment of the move, and the watcher is killed before it notices."""
    (scans.folder.path / "scan0001.tif").write_bytes(ONE)

    def another_one_takes_its_place(move: Callable[..., Any]) -> Callable[..., Any]:
        def moves(path: Path) -> Path:
            (tmp_path / "next").write_bytes(OTHER)
            (tmp_path / "next").rename(path)
            return Path(move(path))

        return _then_dies(moves)

    scans.watch_and_die(scan_watcher, "move_to_done", another_one_takes_its_place)
    scans.watch()
    assert scans.contents(tmp_path) == [[ONE], [OTHER]]


def test_a_file_put_in_the_place_of_one_that_is_being_moved_is_noticed(
    scans: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scans.folder.path / "scan0001.tif").write_bytes(ONE)
    move = scan_watcher.move_to_done

    def moves(path: Path) -> Path:
        monkeypatch.undo()
        (tmp_path / "next").write_bytes(OTHER)
        (tmp_path / "next").rename(path)
        return move(path)

    monkeypatch.setattr(scan_watcher, "move_to_done", moves)
    scans.watch()
    assert scans.contents(tmp_path) == [[ONE], [OTHER]]

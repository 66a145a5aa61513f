"""Whoever may write into a scan folder: no link makes the gateway read, move or remove a file elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox.models import Arrival
from inbox.web.contributions.media_pages import raw_arrival
from tests.workers.test_folder import Watched, pdf, watched
from workers.watchers import scan_watcher

__all__ = ["watched"]

SECRET = b"%PDF-1.7 what nobody hands in %%EOF"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the machine that lies outside."""
    path = tmp_path / "master-0001.key"
    path.write_bytes(SECRET)
    return path


def swapped(watched: Watched, monkeypatch: pytest.MonkeyPatch, at: str, secret: Path, back: bool) -> None:
    """While the watcher does ``at`` something, a link stands in the scan's place; afterwards the scan again, if so."""
    genuine: Callable[..., Any] = getattr(scan_watcher, at)
    scan, aside = watched.path / "scan.pdf", watched.path.parent / "aside"

    def with_a_link_there(*given: Any, **named: Any) -> Any:
        if not scan.is_symlink():
            scan.rename(aside)
            scan.symlink_to(secret)
        try:
            return genuine(*given, **named)
        finally:
            if back:
                scan.unlink()
                aside.rename(scan)

    monkeypatch.setattr(scan_watcher, at, with_a_link_there)


MOMENTS = ("wholeness", "is_being_written", "scan_digest", "known_beginnings", "seal_scan")


@pytest.mark.parametrize("back", [True, False], ids=["and taken away again", "and left"])
@pytest.mark.parametrize("at", MOMENTS)
def test_a_link_put_in_a_scans_place_is_never_read(
    watched: Watched, secret: Path, monkeypatch: pytest.MonkeyPatch, at: str, back: bool
) -> None:
    (watched.path / "scan.pdf").write_bytes(pdf())
    swapped(watched, monkeypatch, at, secret, back)
    watched.at_rest()
    with watched.store.read() as session:
        taken = [b"".join(raw_arrival(session, arrival)) for arrival in session.scalars(select(Arrival))]
    assert SECRET not in taken
    assert secret.read_bytes() == SECRET


def test_a_named_pipe_in_a_scans_place_holds_nobody_up(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = watched.path / "scan.pdf"
    scan.write_bytes(pdf())
    watched.look()
    scan.unlink()
    os.mkfifo(scan)
    began = time.monotonic()
    watched.look(10)
    assert (time.monotonic() - began < 5, watched.counts) == (True, (0, 0))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder of the machine with files that are old enough to be forgotten, were it ``done``."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "old.pdf").write_bytes(SECRET)
    return folder


def test_a_linked_done_has_nothing_moved_nor_removed_elsewhere(watched: Watched, elsewhere: Path) -> None:
    (watched.path / "done").symlink_to(elsewhere)
    (watched.path / "scan.pdf").write_bytes(pdf())
    watched.watch.folder = watched.watch.folder.model_copy(update={"keep_days": 0})
    watched.at_rest()
    assert [path.name for path in elsewhere.iterdir()] == ["old.pdf"]
    assert watched.watch.problem != "", "it is told on the status page"
    (watched.path / "done").unlink()
    watched.watch.folder = watched.watch.folder.model_copy(update={"keep_days": 1})
    watched.at_rest()
    assert (watched.counts[0], watched.done) == (1, ["scan.pdf"]), "and goes on once it is a folder"


def test_a_link_within_done_is_removed_and_not_what_it_leads_to(watched: Watched, elsewhere: Path) -> None:
    (watched.path / "done").mkdir()
    (watched.path / "done" / "link.pdf").symlink_to(elsewhere / "old.pdf")
    (watched.path / "done" / "folder").symlink_to(elsewhere)
    watched.watch.folder = watched.watch.folder.model_copy(update={"keep_days": 0})
    watched.look()
    assert watched.done == []
    assert (elsewhere / "old.pdf").exists()

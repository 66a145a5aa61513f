"""Watches the scan folders: takes in each file once it has stopped growing, then moves it to ``done``.

The file is moved after its bytes are durable in the store, so a crash in between takes it in
again, and its digest makes that nothing new. Whatever it is, empty or broken, it is taken in.
It stays in ``done``, in the clear, for the folder's ``keep_days`` and no longer.
"""

import hashlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.sections import ScanFolder
from gateway.doors import Scan, take_in_scan
from inbox.models import Centre
from workers import process
from workers.context import Context, context_of
from workers.heartbeats import EVERY_SECONDS, beat_if_possible

LOOK_SECONDS = 1.0
DONE = "done"
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
"""How programs call a file that they are still writing."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sight:
    """A file as it looked at one moment."""

    inode: int
    size: int
    changed_ns: int


class FolderWatch:
    """One scan folder and what was seen in it."""

    def __init__(self, folder: ScanFolder, number: int) -> None:
        self.folder = folder
        self.name = f"folder-{number + 1}"
        self.problem = ""
        self._since: dict[str, tuple[Sight, float]] = {}

    def look(self, here: Context, now: float) -> int:
        """Take in what has stopped growing; how many files that was. ``now`` is monotonic, in seconds."""
        taken = 0
        self.problem = ""
        try:
            self.folder.path.mkdir(parents=True, exist_ok=True)
            seen = dict(_files(self.folder.path))
        except OSError as error:
            self._note(f"{self.name} cannot be looked into ({type(error).__name__}): check that it is there")
            return 0
        self._since = {
            name: self._since[name] if self._since.get(name, (None,))[0] == sight else (sight, now)
            for name, sight in seen.items()
        }
        for name, (sight, since) in self._since.items():
            if now - since >= self.folder.settle_seconds:
                taken += self._take(here, self.folder.path / name, sight)
        self._forget(time.time())
        return taken

    def _forget(self, now: float) -> None:
        """Remove what has been in ``done`` long enough; ``now`` is in seconds since 1970."""
        done = self.folder.path / DONE
        if not done.is_dir():
            return
        for path in done.iterdir():
            # Moving a file changes its status, not its content: ctime is when it came here.
            if now - path.lstat().st_ctime >= self.folder.keep_days * 86_400 and not path.is_dir():
                path.unlink(missing_ok=True)

    def _take(self, here: Context, path: Path, sight: Sight) -> bool:
        try:
            with here.store.write() as session:
                self._store(session, path)
                if sight_of(path) != sight:
                    raise StillChanging
            _move_away(path)
        except StillChanging:
            return False
        except OSError as error:
            # Nobody's fault but the folder's: permissions, a share that went away. It stays and is tried again.
            self._note(f"{self.name}: a file cannot be taken in ({type(error).__name__}): check its permissions")
            return False
        return True

    def _store(self, session: Session, path: Path) -> None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        scan = Scan(
            path=path,
            account=self.folder.centre,
            digest=digest,
            name=path.name,
            pages_per_form=self.folder.pages_per_form,
            consultation_slug=self.folder.consultation,
            centre_id=session.scalar(select(Centre.id).where(Centre.slug == self.folder.centre)),
        )
        accepted = take_in_scan(session, scan)
        log.info(
            "%s: intake %d%s", self.name, accepted.intake_id, "" if accepted.is_new else ", which was there already"
        )

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            log.warning(problem)
        self.problem = problem


class StillChanging(Exception):
    """The file changed while it was read: it is left for the next look."""


def sight_of(path: Path) -> Sight:
    """How a file looks now."""
    found = path.stat(follow_symlinks=False)
    return Sight(found.st_ino, found.st_size, found.st_mtime_ns)


def _files(folder: Path) -> Iterator[tuple[str, Sight]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # Links are not followed: one could lead anywhere on this machine.
            if (
                entry.name.startswith(".")
                or entry.name.endswith(UNFINISHED)
                or not entry.is_file(follow_symlinks=False)
            ):
                continue
            try:
                yield entry.name, sight_of(Path(entry.path))
            except FileNotFoundError:
                continue


def _move_away(path: Path) -> None:
    """Move a file to ``done``; a name that is there already gets the time with it."""
    done = path.parent / DONE
    done.mkdir(exist_ok=True)
    target = done / path.name
    if target.exists():
        # Copiers name every scan scan0001.pdf, so the name identifies nothing.
        target = done / f"{path.stem}-{datetime.now().astimezone():%Y%m%dT%H%M%S.%f}{path.suffix}"
    path.rename(target)


def watch(here: Context) -> None:
    """Look into every scan folder, for ever."""
    watches = [FolderWatch(folder, number) for number, folder in enumerate(here.settings.scan_folders)]
    next_beat = 0.0
    while True:
        for one in watches:
            _look(here, one)
        if time.monotonic() >= next_beat:
            next_beat = time.monotonic() + EVERY_SECONDS
            problems = "; ".join(one.problem for one in watches if one.problem)
            beat_if_possible(here.store, "folders", problems)
        time.sleep(LOOK_SECONDS)


def _look(here: Context, one: FolderWatch) -> None:
    try:
        one.look(here, time.monotonic())
    except Exception:
        log.exception("%s: will be looked into again", one.name)


if __name__ == "__main__":
    watch(context_of(process.begin()))

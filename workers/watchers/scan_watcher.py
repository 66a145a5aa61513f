"""Watches the scan folders: takes in each file once it is whole and at rest, then moves it to ``done``.

A file that does not get its end is taken in as it is after a while: a person is told. The file is
moved after its bytes are durable in the store, so a crash in between takes it in again, and
its digest makes that nothing new. A program that had it open may go on writing after that: what is
written in ``done`` is looked at as well, and taken in as the same file, grown. Files stay in
``done``, in the clear, for the folder's ``keep_days`` and no longer.
"""

import logging
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from channels.paper.scan_files.scan_listing import DONE, FileSnapshot, file_snapshot, list_scan_folder
from channels.paper.scan_files.strays import StrayReason
from channels.paper.scan_files.wholeness import Wholeness, wholeness
from config.settings.sections.scan_folder_section import ScanFolder
from gateway.ingest.scan_intake import (
    IncomingScan,
    current_folder_batch,
    ingest_scan,
    is_already_ingested,
    known_beginnings,
    seal_scan,
)
from gateway.intake.intake_store import StoredIntake
from inbox.accounts import staff
from inbox.errors import Overtaken
from workers.runtime.heartbeats import EVERY_SECONDS, try_record_heartbeat
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.scan_moves import (
    StillChanging,
    delete_old_done_files,
    descriptor_path,
    is_being_written,
    move_to_done,
    scan_digest,
)

LOOK_SECONDS = 1.0
KILLED_WITHIN_NS = 600_000_000_000
"""A watcher that ends is started again within this time; what was moved shortly before is compared with the store."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Seen:
    """A file, since when it has looked so, and what it then was."""

    sight: FileSnapshot
    since: float
    whole: Wholeness | None = None
    """None until it was at rest long enough to be looked into."""


class ScanFolderWatcher:
    """One scan folder and what was seen in it."""

    def __init__(self, folder: ScanFolder, number: int) -> None:
        self.folder = folder
        self.name = f"folder-{number + 1}"
        self.problem = ""
        self.strays: dict[StrayReason, list[str]] = {}
        self._seen: dict[Path, _Seen] = {}
        self._put_away: dict[Path, FileSnapshot] = {}
        """What was taken in of the files in ``done``; of the others, whether they were written into says enough."""
        self._begun_ns = time.time_ns()

    @property
    def left_alone(self) -> str:
        """What lies in the folder and is not taken in: kinds and counts, for names may be those of people."""
        return ", ".join(f"{why.value}: {len(names)}" for why, names in sorted(self.strays.items()))

    def look(self, here: WatcherContext, now: float) -> int:
        """Take in what is whole or will not become so; how many files that was. ``now`` is monotonic, in seconds."""
        taken = 0
        self.problem = ""
        try:
            self.folder.path.mkdir(parents=True, exist_ok=True)
            found = list_scan_folder(self.folder.path)
            again = self._written_in_done()
        except OSError as error:
            self._note(f"{self.name} cannot be looked into ({type(error).__name__}): check that it is there")
            return 0
        self.strays = found.strays
        looking = {self.folder.path / name: sight for name, sight in found.files.items()} | again
        self._seen = {path: self._since(path, sight, now) for path, sight in looking.items()}
        for path, seen in self._seen.items():
            if self._is_due(path, seen, now):
                taken += self._take(here, path, seen.sight)
        self._forget(time.time())
        return taken

    def _since(self, path: Path, sight: FileSnapshot, now: float) -> _Seen:
        known = self._seen.get(path)
        return known if known is not None and known.sight.is_same(sight) else _Seen(sight, now)

    def _written_in_done(self) -> dict[Path, FileSnapshot]:
        """The files in ``done`` that somebody wrote into since they were taken in."""
        done = self.folder.path / DONE
        files = list_scan_folder(done).files if done.is_dir() and not done.is_symlink() else {}
        present = {done / name: sight for name, sight in files.items()}
        self._put_away = {path: sight for path, sight in self._put_away.items() if path in present}
        return {path: sight for path, sight in present.items() if self._is_written(path, sight)}

    def _is_written(self, path: Path, sight: FileSnapshot) -> bool:
        known = self._put_away.get(path)
        if known is not None:
            return not known.is_same(sight)
        # A watcher that was killed while it moved one file may have moved another, put there in that very moment.
        just_moved = 0 <= self._begun_ns - sight.status_ns < KILLED_WITHIN_NS
        return sight.written_here or just_moved

    def _is_due(self, path: Path, seen: _Seen, now: float) -> bool:
        """Whether a file has come to its end, or has been without one for so long that none will come."""
        quiet = now - seen.since
        if quiet < self.folder.settle_seconds:
            return False
        if quiet >= self.folder.unfinished_seconds:
            return True
        try:
            if not seen.whole:
                with descriptor_path(path, seen.sight) as itself:
                    seen.whole = wholeness(itself, path.name)
            return seen.whole is not Wholeness.UNFINISHED and not is_being_written(path)
        except (FileNotFoundError, StillChanging):
            return False
        except OSError:
            return True  # why it cannot be opened is noted where it is taken in

    def _forget(self, now: float) -> None:
        """Remove what has been in ``done`` long enough; ``now`` is in seconds since 1970."""
        try:
            delete_old_done_files(self.folder.path, now - self.folder.keep_days * 86_400)
        except OSError as error:
            self._note(
                f"{self.name}: done cannot be looked into ({type(error).__name__}): it must be a folder, no link"
            )

    def _take(self, here: WatcherContext, path: Path, sight: FileSnapshot) -> bool:
        try:
            self._store(here, path, sight)
            if path.parent == self.folder.path:
                path = move_to_done(path)
            # Should another file have taken its place in this very moment, the next look tells them apart.
            self._put_away[path] = sight
        except (StillChanging, Overtaken):
            return False
        except OSError as error:
            # Nobody's fault but the folder's: permissions, a share that went away. It stays and is tried again.
            self._note(f"{self.name}: a file cannot be taken in ({type(error).__name__}): check its permissions")
            return False
        return True

    def _store(self, here: WatcherContext, path: Path, sight: FileSnapshot) -> None:
        """Take a file in; raises ``StillChanging`` when it is written into meanwhile."""
        with descriptor_path(path, sight) as itself:
            self._store_held(here, path, itself, sight)

    def _store_held(self, here: WatcherContext, path: Path, itself: Path, sight: FileSnapshot) -> None:
        """Take in the file that is read by ``itself``, and lay or lies at ``path``."""
        digest, centre = scan_digest(itself, sight), self.folder.centre
        with here.store.read() as session:
            if is_already_ingested(session, centre, digest):
                _check_unchanged(path, sight)
                log.info("%s: a file that was there already", self.name)
                return
        scan = IncomingScan(
            path=itself,
            account=centre,
            digest=digest,
            name=path.name,
            pages_per_form=self.folder.pages_per_form,
            consultation_slug=self.folder.consultation,
            same_file=sight.file,
            beginnings=known_beginnings(here.store, itself, centre),
        )
        scan = replace(seal_scan(here.store, scan), path=path)
        if (accepted := self._store_unless_changed(here, scan, sight)) is None:
            raise StillChanging
        log.info("%s: intake %d%s", self.name, accepted.intake_id, "" if accepted.is_new else ", which has grown")

    def _store_unless_changed(
        self, here: WatcherContext, scan: IncomingScan, sight: FileSnapshot
    ) -> StoredIntake | None:
        """Store a file that was made ready, unless it was written into meanwhile."""
        assert scan.original is not None
        if not file_snapshot(scan.path).is_same(sight):
            if scan.original.locator is not None:
                here.store.media.delete(scan.original.locator)
            return None
        together = timedelta(seconds=self.folder.together_seconds)
        with here.store.write() as session:
            placed = replace(
                scan,
                centre_id=staff.centre_id(session, scan.account),
                batch_id=current_folder_batch(session, scan.account, together),
            )
            return ingest_scan(session, placed)

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            log.warning(problem)
        self.problem = problem


def _check_unchanged(path: Path, sight: FileSnapshot) -> None:
    if not file_snapshot(path).is_same(sight):
        raise StillChanging


def folder_status_note(watches: list[ScanFolderWatcher]) -> str:
    """What the watcher says of its folders on the status page: what is wrong first, then what is left alone."""
    said = [one.problem for one in watches if one.problem]
    said += [f"{one.name}: left alone: {one.left_alone}" for one in watches if one.strays]
    return "; ".join(said)


def watch_scan_folders(here: WatcherContext) -> None:
    """Look into every scan folder, for ever."""
    watches = [ScanFolderWatcher(folder, number) for number, folder in enumerate(here.settings.scan_folders)]
    next_beat = 0.0
    while True:
        for one in watches:
            _look(here, one)
        if time.monotonic() >= next_beat:
            next_beat = time.monotonic() + EVERY_SECONDS
            try_record_heartbeat(here.store, "folders", folder_status_note(watches))
        time.sleep(LOOK_SECONDS)


def _look(here: WatcherContext, one: ScanFolderWatcher) -> None:
    try:
        one.look(here, time.monotonic())
    except Exception:
        log.exception("%s: will be looked into again", one.name)

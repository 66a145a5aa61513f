"""What lies in a scan folder: the scans, and what is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from channels.paper.scan_files.strays import StrayReason, stray_reason

DONE = "done"


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """A file as it looked at one moment."""

    device: int
    inode: int
    size: int
    changed_ns: int
    """When it was last written into."""
    status_ns: int
    """When it was last written into, moved or had its permissions changed."""

    @property
    def file(self) -> str:
        """What tells the file from every other one, whatever is written into it."""
        return f"{self.device}:{self.inode}"

    @property
    def written_here(self) -> bool:
        """Whether it was written into since it was moved: moving changes the status alone, writing both at once."""
        return self.changed_ns >= self.status_ns

    def is_same(self, other: FileSnapshot) -> bool:
        """Whether nobody wrote into it, nor put another file in its place; moving it does not count."""
        return (self.device, self.inode, self.size, self.changed_ns) == (
            other.device,
            other.inode,
            other.size,
            other.changed_ns,
        )


def file_snapshot(path: Path) -> FileSnapshot:
    """How a file looks now."""
    return file_snapshot_by(path.stat(follow_symlinks=False))


def file_snapshot_by(found: os.stat_result) -> FileSnapshot:
    """How a file looked when it was asked about."""
    return FileSnapshot(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What lies in a folder."""

    files: dict[str, FileSnapshot]
    strays: dict[StrayReason, list[str]]
    """Names of what is left alone, and why."""


def list_scan_folder(folder: Path) -> FolderContents:
    """The scans in a folder, and what is none."""
    files: dict[str, FileSnapshot] = {}
    strays: dict[StrayReason, list[str]] = {}
    for entry in _entries(folder):
        why = stray_reason(entry.name)
        if why is None and entry.is_dir(follow_symlinks=False):
            if entry.name == DONE:
                continue
            why = StrayReason.FOLDER
        # Links are not followed: one could lead anywhere on this machine.
        elif why is None and not entry.is_file(follow_symlinks=False):
            why = StrayReason.LINK
        if why is not None:
            strays.setdefault(why, []).append(entry.name)
            continue
        try:
            files[entry.name] = file_snapshot(Path(entry.path))
        except FileNotFoundError:
            continue
    return FolderContents(files, strays)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        # As a copier numbers them: handed in together, they are listed so.
        yield from sorted(entries, key=lambda entry: entry.name)

"""The files of a scan folder: how they look, whether somebody still writes, and how they are put away."""

import fcntl
import hashlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from channels.scans.strays import Stray, stray

DONE = "done"


@dataclass(frozen=True, slots=True)
class Sight:
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

    def is_same(self, other: "Sight") -> bool:
        """Whether nobody wrote into it, nor put another file in its place; moving it does not count."""
        return (self.device, self.inode, self.size, self.changed_ns) == (
            other.device,
            other.inode,
            other.size,
            other.changed_ns,
        )


def sight_of(path: Path) -> Sight:
    """How a file looks now."""
    found = path.stat(follow_symlinks=False)
    return Sight(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a folder."""

    files: dict[str, Sight]
    strays: dict[Stray, list[str]]
    """Names of what is left alone, and why."""


def look_into(folder: Path) -> Found:
    """The scans in a folder, and what is none."""
    files: dict[str, Sight] = {}
    strays: dict[Stray, list[str]] = {}
    for entry in _entries(folder):
        why = stray(entry.name)
        if why is None and entry.is_dir(follow_symlinks=False):
            if entry.name == DONE:
                continue
            why = Stray.FOLDER
        # Links are not followed: one could lead anywhere on this machine.
        elif why is None and not entry.is_file(follow_symlinks=False):
            why = Stray.LINK
        if why is not None:
            strays.setdefault(why, []).append(entry.name)
            continue
        try:
            files[entry.name] = sight_of(Path(entry.path))
        except FileNotFoundError:
            continue
    return Found(files, strays)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        # As a copier numbers them: handed in together, they are listed so.
        yield from sorted(entries, key=lambda entry: entry.name)


def is_being_written(path: Path) -> bool:
    """Whether a program of this machine has a file open to write, or has set room aside that is not filled yet.

    False where neither can be told. Raises ``OSError`` when the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _has_hole(descriptor) or _has_writer(descriptor)
    finally:
        os.close(descriptor)


def _has_hole(descriptor: int) -> bool:
    """Whether some of a file was never written: shares set a file's size first, and its bytes later."""
    size = os.fstat(descriptor).st_size
    try:
        return size > 0 and os.lseek(descriptor, 0, os.SEEK_HOLE) < size
    except OSError:
        return False


def _has_writer(descriptor: int) -> bool:
    """Whether a lease to read is refused, as it is while somebody writes (fcntl(2)); it takes the owner, or root."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Should somebody begin to write in this moment, the signal is one that does nothing.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def digest_of(path: Path, sight: Sight) -> str:
    """SHA-256 of a file, hex; of an empty one a digest of its own, for it is another scan that came to nothing."""
    if not sight.size:
        return hashlib.sha256(f"empty {sight.file} {sight.changed_ns}".encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def move_to_done(path: Path) -> Path:
    """Move a file to ``done``; a name that is there already gets the time with it. Where it now is."""
    done = path.parent / DONE
    done.mkdir(exist_ok=True)
    target = done / path.name
    if target.exists():
        # Copiers name every scan scan0001.pdf, so the name identifies nothing.
        target = done / f"{path.stem}-{datetime.now().astimezone():%Y%m%dT%H%M%S.%f}{path.suffix}"
    path.rename(target)
    return target

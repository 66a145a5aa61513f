"""What the watcher does to the files of a scan folder: whether somebody still writes, and how they are put away."""

import fcntl
import hashlib
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from channels.paper.scan_files.scan_listing import DONE, FileSnapshot, file_snapshot_by


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


def scan_digest(path: Path, sight: FileSnapshot) -> str:
    """SHA-256 of a file, hex; of an empty one a digest of its own, for it is another scan that came to nothing."""
    if not sight.size:
        return hashlib.sha256(f"empty {sight.file} {sight.changed_ns}".encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class StillChanging(Exception):
    """The file changed while it was read: it is left for the next look."""


@contextmanager
def descriptor_path(path: Path, sight: FileSnapshot) -> Iterator[Path]:
    """A path by which the very file that was seen is read, whatever is put in its place meanwhile.

    Raises ``OSError``, also for a link, and ``StillChanging`` when it is another file already.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not file_snapshot_by(os.fstat(descriptor)).is_same(sight):
            raise StillChanging
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


@contextmanager
def open_done_folder(folder: Path, *, make: bool) -> Iterator[int | None]:
    """The folder ``done`` as a descriptor; None where there is none. A link of that name raises ``OSError``.

    What is done by descriptor stays within it: a link in its place would have files moved, and removed, elsewhere.
    """
    above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if make:
            with suppress(FileExistsError):
                os.mkdir(DONE, dir_fd=above)
        try:
            inside = os.open(DONE, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        except FileNotFoundError:
            yield None
            return
        try:
            yield inside
        finally:
            os.close(inside)
    finally:
        os.close(above)


def move_to_done(path: Path) -> Path:
    """Move a file to ``done``; a name that is there already gets the time with it. Where it now is."""
    with open_done_folder(path.parent, make=True) as done:
        name = path.name
        if name in os.listdir(done):  # noqa: PTH208 - by the descriptor, which pathlib does not take
            # Copiers name every scan scan0001.pdf, so the name identifies nothing.
            name = f"{path.stem}-{datetime.now().astimezone():%Y%m%dT%H%M%S.%f}{path.suffix}"
        os.rename(path, name, dst_dir_fd=done)
    return path.parent / DONE / name


def delete_old_done_files(folder: Path, older_than: float) -> None:
    """Remove what came to ``done`` before a moment, in seconds since 1970."""
    with open_done_folder(folder, make=False) as done:
        for name in os.listdir(done) if done is not None else ():  # noqa: PTH208 - as above
            found = os.stat(name, dir_fd=done, follow_symlinks=False)
            # Moving a file changes its status, not its content: ctime is when it came here.
            if found.st_ctime <= older_than and not stat.S_ISDIR(found.st_mode):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=done)

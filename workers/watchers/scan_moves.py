"""What the watcher does to the files of a scan folder: whether somebody still writes, and how they are put away."""

import fcntl
import hashlib
import os
import signal
from datetime import datetime
from pathlib import Path

from channels.paper.scan_files.scan_listing import DONE, Sight


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

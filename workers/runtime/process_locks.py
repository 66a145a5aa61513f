"""One lock per process name in a data directory: the same work is never done by two gateways at once.

The lock is a ``flock`` on an open file that the child inherits, so it is held as long as
either the supervisor or the child lives: a supervisor that starts after another was
killed waits for the other's last child.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from workers.errors import AlreadyRunning


class ProcessLock:
    """The lock of one process name; ``fileno`` is what the child inherits."""

    def __init__(self, directory: Path, name: str) -> None:
        self._name = name
        self._path = directory / f"{name}.lock"
        self._file: int | None = None

    def acquire(self, wait_seconds: float) -> Self:
        """Take it, waiting for the children of a killed supervisor to end; raises ``AlreadyRunning``."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
                    os.close(file)
                    raise AlreadyRunning(self._name, holder) from None
                time.sleep(0.1)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return self

    def fileno(self) -> int:
        """The open file that carries the lock."""
        assert self._file is not None, "the lock is not held"
        return self._file

    def release(self) -> None:
        """Let go; the file stays, because removing it would let two processes lock two files of one name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        """The lock, which is held already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go."""
        self.release()

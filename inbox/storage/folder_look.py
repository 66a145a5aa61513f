"""Whether folders have changed since they were read, asked so often that nothing may be listed for it."""

from __future__ import annotations

import time
from pathlib import Path

_SETTLED_NS = 2_000_000_000
"""File systems tell when a folder changed to two seconds at worst: two changes within them may look like one."""


class FolderLook:
    """Whether files have come into folders or gone since they were read; their times tell, and nothing is listed."""

    def __init__(self, folder: Path, *inner: Path) -> None:
        self._folders = (folder, *inner)
        self._read: tuple[int, ...] = ()

    def changed(self) -> tuple[int, ...] | None:
        """When they changed (ns since 1970), if that is not as it was when they were read; raises ``OSError``."""
        changed = (self._folders[0].stat().st_mtime_ns, *(_changed_at(inner) for inner in self._folders[1:]))
        return None if changed == self._read else changed

    def read(self, changed: tuple[int, ...]) -> None:
        """They were read after they had last changed so; what changed only just now is to be read once more."""
        self._read = changed if max(changed) < time.time_ns() - _SETTLED_NS else ()


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0

"""What a process and all below it have taken of the processors and of memory, as proc(5) tells it."""

from __future__ import annotations

import os
from pathlib import Path


def tree(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, _told(children).split())
    return found


def command_of(pid: int) -> str:
    """A process's command line; empty once it has ended."""
    return _told(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")


def core_seconds(pids: list[int]) -> float:
    """Seconds of a core that these have taken, children of theirs that have ended included."""
    # The time of its user and of the system, its own and that of its children that have ended (proc(5), 14 to 17).
    stats = (_told(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split() for pid in pids)
    return sum(sum(map(int, fields[11:15])) for fields in stats) / os.sysconf("SC_CLK_TCK")


def _told(file: Path) -> str:
    """What a file of proc(5) says; nothing where its process has ended meanwhile."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""

"""A file written as durably as an intake is: the bare side of what ends on the disk."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(folder: Path, name: str, raw: bytes) -> None:
    """Write, fsync, rename, fsync of the folder."""
    with (folder / f".{name}").open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    (folder / f".{name}").rename(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)

"""Where files are kept: an interface, a folder, and memory for tests.

A media store knows nothing but bytes, which are sealed before they come here.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from inbox.errors import NotStored
from inbox.storage.crypto import fsync_folder

_LOCATOR = re.compile(r"[0-9a-f]{32}")


def new_locator() -> str:
    """A random name: it says nothing about what it names."""
    return secrets.token_hex(16)


def check_locator(locator: str) -> str:
    """A locator in the form ``new_locator`` gives it; raises ``NotStored``."""
    if not _LOCATOR.fullmatch(locator):
        raise NotStored("a locator that no media store made")
    return locator


class MediaStore(Protocol):
    """Keeps files under locators it makes up."""

    def put(self, chunks: Iterable[bytes], locator: str | None = None) -> str:
        """Store a file durably before returning; a locator is given only when restoring a backup."""

    def open(self, locator: str) -> BinaryIO:
        """Open for reading, seekable; raises ``NotStored``."""

    def size(self, locator: str) -> int:
        """Stored bytes; raises ``NotStored``."""

    def delete(self, locator: str) -> None:
        """Delete; what is not there (any more) is no error, so that deleting can be repeated."""

    def locators(self, unchanged_for: timedelta = timedelta(0)) -> Iterator[str]:
        """Everything stored, or only what is older than this."""


class FolderMedia:
    """Files in a folder, two levels deep so that no directory grows too long."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fsync_folder(folder.parent)

    def _path(self, locator: str) -> Path:
        return self.folder / check_locator(locator)[:2] / locator

    def put(self, chunks: Iterable[bytes], locator: str | None = None) -> str:
        """See ``MediaStore``: file, its folder, and a new folder's parent are synced."""
        locator = locator or new_locator()
        path = self._path(locator)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fsync_folder(self.folder)
        # Not a locator's form, so a half-written file is never listed, opened or backed up as one.
        half = path.with_suffix(".part")
        try:
            with half.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            half.rename(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        fsync_folder(path.parent)
        return locator

    def open(self, locator: str) -> BinaryIO:
        """See ``MediaStore``."""
        try:
            return self._path(locator).open("rb")
        except FileNotFoundError as error:
            raise NotStored(f"media file {locator}") from error

    def size(self, locator: str) -> int:
        """See ``MediaStore``."""
        try:
            return self._path(locator).stat().st_size
        except FileNotFoundError as error:
            raise NotStored(f"media file {locator}") from error

    def delete(self, locator: str) -> None:
        """See ``MediaStore``."""
        path = self._path(locator)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            fsync_folder(path.parent)

    def locators(self, unchanged_for: timedelta = timedelta(0)) -> Iterator[str]:
        """See ``MediaStore``."""
        before = time.time() - unchanged_for.total_seconds()
        for path in self.folder.glob("??/*"):
            try:
                old = path.stat().st_mtime <= before
            except FileNotFoundError:  # deleted meanwhile
                continue
            if old and _LOCATOR.fullmatch(path.name):
                yield path.name
            elif old and unchanged_for and path.suffix == ".part":
                path.unlink(missing_ok=True)  # left by a process that was killed while writing


class MemoryMedia:
    """Files in memory, for tests."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def put(self, chunks: Iterable[bytes], locator: str | None = None) -> str:
        """See ``MediaStore``."""
        locator = check_locator(locator or new_locator())
        self._files[locator] = b"".join(chunks)
        return locator

    def open(self, locator: str) -> BinaryIO:
        """See ``MediaStore``."""
        try:
            return io.BytesIO(self._files[locator])
        except KeyError as error:
            raise NotStored(f"media file {locator}") from error

    def size(self, locator: str) -> int:
        """See ``MediaStore``."""
        return self.open(locator).seek(0, io.SEEK_END)

    def delete(self, locator: str) -> None:
        """See ``MediaStore``."""
        self._files.pop(locator, None)

    def locators(self, unchanged_for: timedelta = timedelta(0)) -> Iterator[str]:
        """See ``MediaStore``; a file in memory is never old."""
        return iter(() if unchanged_for else tuple(self._files))

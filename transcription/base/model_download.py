"""A model's archive fetched from its address: what an earlier try left is gone on with, and a false one is not kept."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import requests

from transcription.base.values import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes done and the bytes in all (None when unknown)."""

FOLDER = ".downloads"
"""Beside the models: what was fetched of them, named by the checksum that the whole has to have."""
_CONNECT_SECONDS, _SILENT_SECONDS = 10, 60
_PARTIAL, _NOTHING_LEFT = 206, 416
_SHA256 = re.compile(r"[0-9a-f]{64}")


def download(url: str, sha256: str | None, models_dir: Path, report: Progress, max_bytes: int) -> Path:
    """The file at an address, whole and true.

    Raises ``ModelError``: after a download that broke off, the next one goes on where it did.
    """
    wanted = (sha256 or "").strip().lower()
    if not _SHA256.fullmatch(wanted):
        raise ModelError(
            "A model from an address is taken with its checksum only.",
            "Give --sha256 as its publisher says it, or fetch the file yourself, check it, and install the file.",
        )
    folder = models_dir / FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / wanted
    try:
        _fetch(url, file, report, max_bytes)
        verify(file, wanted)
    except ModelError:
        _tidy(folder)
        raise
    except requests.RequestException as problem:
        _tidy(folder)
        raise ModelError(
            f"The model could not be downloaded: {problem}.", "Check the address and try again: it goes on from there."
        ) from None
    return file


def forget(file: Path) -> None:
    """Remove a file that was fetched and is not needed any more."""
    file.unlink(missing_ok=True)
    _tidy(file.parent)


def verify(archive: Path, sha256: str | None) -> None:
    """Compare a file with its checksum, where there is one; a fetched one that is false is removed."""
    if sha256 is None:
        return
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.strip().lower():
        if archive.parent.name == FOLDER:
            archive.unlink()
        raise ModelError(
            f"The checksum is {found}, not {sha256}.", "Do not use this file; fetch it again from its publisher."
        )


def copy_stream(
    chunks: Iterable[bytes], file: IO[bytes], report: Progress, total: int | None, max_bytes: int, done: int = 0
) -> int:
    """Write the chunks and return the bytes done in all."""
    for chunk in chunks:
        done += len(chunk)
        if done > max_bytes:
            raise ModelError(f"The model is larger than {max_bytes} bytes.", "Choose a smaller model.")
        file.write(chunk)
        report(done, total)
    return done


def _fetch(url: str, file: Path, report: Progress, max_bytes: int) -> None:
    done = file.stat().st_size if file.exists() else 0
    headers = {"Range": f"bytes={done}-"} if done else {}
    with requests.get(url, stream=True, timeout=(_CONNECT_SECONDS, _SILENT_SECONDS), headers=headers) as answer:
        if done and answer.status_code == _NOTHING_LEFT:
            return  # all of it was there; the checksum tells whether it is it
        answer.raise_for_status()
        if answer.status_code != _PARTIAL:
            done = 0
        length = answer.headers.get("Content-Length", "")
        total = done + int(length) if length.isdigit() else None
        with file.open("ab" if done else "wb") as opened:
            done = copy_stream(answer.iter_content(1 << 16), opened, report, total, max_bytes, done)
    if total is not None and done != total:
        raise ModelError(
            f"The download broke off after {done} of {total} bytes.", "Try again: it goes on where it broke off."
        )


def _tidy(folder: Path) -> None:
    for file in folder.iterdir():
        if not file.stat().st_size:
            file.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()

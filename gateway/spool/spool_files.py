"""The fallback door's spool: webhooks in sealed files, durable before they are acknowledged, taken in later.

Each file is sealed for the gateway, by keys that do not open it again (``gateway.base.door_keys``), and named after a
keyed hash of what it holds: the same webhook twice is one file. Neither database, Redis nor a master key is needed.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from gateway.base.door_keys import NAME_BYTES, DoorKeys
from inbox.errors import Damaged, KeysMissing
from inbox.storage.crypto import Keyring, fsync_folder, unseal

SEALED, REASON = ".sealed", ".reason"
_HEAD = b"PORTEVOIX-SPOOL-2"
ABANDONED = 3600.0
"""Seconds after which a file still unfinished belongs to a process that was killed."""

_UNFINISHED = re.compile(r"\.[0-9a-f]{16}")
_COUNTED = re.compile(r"(\d{4}-\d\d-\d\d)\.([a-z-]+)\.([a-z_]+)")
_SET_APART = ".counted"


@dataclass(frozen=True)
class SpooledWebhook:
    """A webhook as it came to the fallback door."""

    path: str
    """Path and query as requested: which door it was meant for."""
    body: bytes
    headers: Mapping[str, str]
    at: datetime


@dataclass(frozen=True)
class HeldFile:
    """A file that could not be taken in, and why."""

    file: Path
    reason: str


class SpoolFolder:
    """A spool as whoever looks at it sees it: without keys, and without making what is not there yet."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._held = folder, folder / "held"

    def waiting(self) -> list[Path]:
        """The files that wait, oldest first."""
        return _oldest_first(self._folder)

    def held(self) -> list[HeldFile]:
        """What is set apart, oldest first."""
        found = []
        for file in _oldest_first(self._held):
            reason = file.with_suffix(REASON)
            found.append(HeldFile(file, reason.read_text(encoding="utf-8") if reason.exists() else ""))
        return found

    def masters(self) -> set[str]:
        """The master keys without which what waits, or is set apart, could not be opened."""
        found = set()
        for file in (*_oldest_first(self._folder), *_oldest_first(self._held)):
            with suppress(OSError, ValueError, KeyError, TypeError), file.open("rb") as sealed:
                found.add(str(json.loads(sealed.readline())["master"]))
        return found

    def halves(self) -> set[bytes]:
        """The names of the gateway's halves without which the same could not be opened."""
        found = set()
        for file in (*_oldest_first(self._folder), *_oldest_first(self._held)):
            with suppress(OSError), file.open("rb") as sealed:
                if sealed.readline() == _HEAD + b"\n":
                    found.add(sealed.read(NAME_BYTES))
        return found

    def release(self) -> int:
        """Let everything that was set apart be tried again; how many files."""
        held = self.held()
        for one in held:
            one.file.rename(self._folder / one.file.name)
            one.file.with_suffix(REASON).unlink(missing_ok=True)
        if held:
            fsync_folder(self._folder)
        return len(held)


class Spool(SpoolFolder):
    """A folder of sealed webhooks; ``held`` inside it is their quarantine, ``refused`` counts what was refused."""

    def __init__(self, folder: Path, keys: DoorKeys, keyring: Keyring | None = None) -> None:
        """The spool in a folder, made where it is missing; ``keyring`` opens files of earlier versions."""
        super().__init__(folder)
        self._refused, self._keys, self._keyring = folder / "refused", keys, keyring
        for one in (folder, self._held, self._refused):
            if not one.is_dir():
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
                fsync_folder(one.parent)

    # --- what came

    def put(self, spooled: SpooledWebhook) -> None:
        """Store a webhook durably; raises ``OSError``, and leaves nothing half-written, when there is no room."""
        digest = sha256(spooled.path.encode() + b"\x00" + spooled.body).digest()
        target = self._folder / (self._keys.name(digest) + SEALED)
        if not target.exists():
            unfinished = self._folder / f".{secrets.token_hex(8)}"
            try:
                with unfinished.open("wb") as file:
                    file.write(self._sealed(spooled))
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.rename(target)
            finally:
                unfinished.unlink(missing_ok=True)
        fsync_folder(self._folder)

    def _sealed(self, spooled: SpooledWebhook) -> bytes:
        content = {
            "path": spooled.path,
            "body": base64.b64encode(spooled.body).decode(),
            "headers": dict(spooled.headers),
            "at": spooled.at.isoformat(),
        }
        return _HEAD + b"\n" + self._keys.seal_webhook(json.dumps(content).encode())

    def read(self, file: Path) -> SpooledWebhook:
        """What a file holds; raises ``Damaged`` and ``KeysMissing``."""
        head, _, sealed = file.read_bytes().partition(b"\n")
        opened = self._keys.open_webhook(sealed) if head == _HEAD else self._opened_as_before(head, sealed)
        content = json.loads(opened)
        at = datetime.fromisoformat(content["at"])
        return SpooledWebhook(content["path"], base64.b64decode(content["body"]), content["headers"], at)

    def _opened_as_before(self, head: bytes, sealed: bytes) -> bytes:
        """As earlier versions sealed: with a key of its own, wrapped by the master key."""
        try:
            facts = json.loads(head)
            master_id, wrapped = str(facts["master"]), bytes.fromhex(facts["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged("a file of the fallback door's spool is not one of its own") from error
        if self._keyring is None:
            raise KeysMissing("a file of an earlier version's spool needs a master key")
        return unseal(self._keyring.unwrap(master_id, wrapped), sealed)

    def remove(self, file: Path) -> None:
        """It has been taken in, or is to be forgotten."""
        file.unlink(missing_ok=True)
        file.with_suffix(REASON).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what killed processes left half-written: none of it was acknowledged."""
        for file in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if _UNFINISHED.fullmatch(file.name) and time.time() - file.stat().st_mtime > ABANDONED:
                    file.unlink()

    def hold(self, file: Path, reason: str) -> None:
        """Set a file apart with the reason (no personal data) why it cannot be taken in."""
        (self._held / file.name).with_suffix(REASON).write_text(reason, encoding="utf-8")
        file.rename(self._held / file.name)
        fsync_folder(self._held)

    # --- what was refused

    def count_refusal(self, day: date, door: str, reason: str) -> None:
        """Add one: each is a byte at the end of a small file, so that several processes can count at once."""
        with suppress(OSError), (self._refused / f"{day.isoformat()}.{door}.{reason}").open("ab") as file:
            file.write(b".")

    def take_refusals(self) -> Iterator[tuple[date, str, str, int]]:
        """What was counted until the time before, by day, door and reason; forgotten once the caller is done with it.

        Files are set apart one time and read the next: a byte may still be on its way into one that is open.
        """
        for file in sorted(self._refused.glob(f"*{_SET_APART}")):
            if counted := _counted(file.name.removesuffix(_SET_APART)):
                yield *counted, file.stat().st_size
                file.unlink()
        for file in sorted(self._refused.iterdir()):
            if _counted(file.name):
                file.rename(file.with_name(file.name + _SET_APART))


def _counted(name: str) -> tuple[date, str, str] | None:
    """Day, door and reason that a file's name says; None for what others put there."""
    with suppress(ValueError):
        if said := _COUNTED.fullmatch(name):
            return date.fromisoformat(said[1]), said[2], said[3]
    return None


def _oldest_first(folder: Path) -> list[Path]:
    found = []
    for file in folder.glob(f"*{SEALED}"):
        with suppress(FileNotFoundError):
            found.append((file.stat().st_mtime_ns, file))
    return [file for _, file in sorted(found)]

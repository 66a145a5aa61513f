"""What was set on the pages, as a sealed file beside the database, for when the database does not answer.

The fallback door reads nothing else: it must know the telephone provider's token when everything else is down.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.settings.loader import Settings, read_outside
from inbox.errors import InboxError
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, fsync_folder

log = logging.getLogger(__name__)

_MAGIC = "PORTEVOIX-SETTINGS-1"


def file_of(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.data_dir / "pages.settings"


def write(settings: Settings, stored: Mapping[str, Any]) -> None:
    """Write the file, all or nothing; the same again is left as it is."""
    file, keyring = file_of(settings), Keyring.load_or_create(settings.keys_dir)
    if _master_of(file) == keyring.current and read(settings) == stored:
        return
    key = crypto.new_key()
    master_id, wrapped = keyring.wrap(key)
    head = " ".join((_MAGIC, master_id, wrapped.hex())).encode() + b"\n"
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(descriptor, "wb") as fresh:
        fresh.write(head + crypto.seal(key, json.dumps(stored).encode()))
        fresh.flush()
        os.fsync(fresh.fileno())
    Path(name).rename(file)
    fsync_folder(file.parent)


def wrap_anew(settings: Settings) -> None:
    """Write the file again where an older master key than the newest one wrapped it."""
    if _master_of(file_of(settings)) not in (None, Keyring.load_or_create(settings.keys_dir).current) and (
        stored := read(settings)
    ):
        write(settings, stored)


def _master_of(file: Path) -> str | None:
    try:
        with file.open("rb") as begun:
            return begun.readline().decode("ascii", "replace").split(" ")[1]
    except (FileNotFoundError, IndexError):
        return None


def read(settings: Settings) -> dict[str, Any]:
    """What the file says; nothing when there is none, or it cannot be opened, which is logged."""
    try:
        head, _, sealed = file_of(settings).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return {}
    try:
        magic, master_id, wrapped = head.decode("ascii").split(" ")
        if magic != _MAGIC:
            raise ValueError(magic)
        key = Keyring.load_or_create(settings.keys_dir).unwrap(master_id, bytes.fromhex(wrapped))
        found: dict[str, Any] = json.loads(crypto.unseal(key, sealed))
    except (ValueError, InboxError) as error:
        log.warning("%s cannot be opened (%s): what was set on the pages is not known", file_of(settings).name, error)
        return {}
    return found


def load() -> Settings:
    """The settings in force as far as they are known without a database; raises ``SettingsError``."""
    outside = read_outside()
    return outside.usable(read(outside.settings()))[0]

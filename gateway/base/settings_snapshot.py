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

from config.settings.loader import Settings, read_external_settings
from gateway.base.door_keys import DoorKeys
from inbox.errors import InboxError
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, fsync_folder

log = logging.getLogger(__name__)

_MAGIC, _MAGIC_BEFORE = b"PORTEVOIX-SETTINGS-2", "PORTEVOIX-SETTINGS-1"


def snapshot_path(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.data_dir / "pages.settings"


def write_snapshot(settings: Settings, stored: Mapping[str, Any]) -> None:
    """Write the file, all or nothing, for the door to open; the same again is left as it is."""
    file, keys = snapshot_path(settings), DoorKeys.of_door(settings.keys_dir)
    if file.exists() and read_snapshot(settings) == stored and not _is_of_before(file):
        return
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(descriptor, "wb") as fresh:
        fresh.write(_MAGIC + b"\n" + keys.seal_settings(json.dumps(stored).encode()))
        fresh.flush()
        os.fsync(fresh.fileno())
    Path(name).rename(file)
    fsync_folder(file.parent)


def _is_of_before(file: Path) -> bool:
    return not file.read_bytes().startswith(_MAGIC)


def read_snapshot(settings: Settings) -> dict[str, Any]:
    """What the file says; nothing when there is none, or it cannot be opened, which is logged."""
    try:
        head, _, sealed = snapshot_path(settings).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return {}
    try:
        if head == _MAGIC:
            opened = DoorKeys.of_door(settings.keys_dir).open_settings(sealed)
        else:
            opened = _opened_as_before(settings, head, sealed)
        found: dict[str, Any] = json.loads(opened)
    except (ValueError, InboxError) as error:
        log.warning(
            "%s cannot be opened (%s): what was set on the pages is not known", snapshot_path(settings).name, error
        )
        return {}
    return found


def _opened_as_before(settings: Settings, head: bytes, sealed: bytes) -> bytes:
    """As earlier versions sealed it: with a key of its own, wrapped by the master key."""
    magic, master_id, wrapped = head.decode("ascii").split(" ")
    if magic != _MAGIC_BEFORE:
        raise ValueError(magic)
    key = Keyring.load_or_create(settings.keys_dir).unwrap(master_id, bytes.fromhex(wrapped))
    return crypto.unseal(key, sealed)


def load_from_snapshot() -> Settings:
    """The settings in force as far as they are known without a database; raises ``SettingsError``."""
    outside = read_external_settings()
    return outside.usable(read_snapshot(outside.settings()))[0]

"""Generations of master keys: each wraps for a while, is replaced, and is retired, and older backups with it.

What was erased is gone from the database at once, and from the backups made since. Those made before hold it under
the data key of then, wrapped by the master key of then: once that is retired, nobody opens it any more, nor anything
else in those backups. What lives is wrapped anew under the newest master key before.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from inbox.models import DataKey
from inbox.storage.crypto import KEY_BYTES, Keyring, fsync_folder, give_to_group, master_files
from inbox.storage.database import Store

_RETIRED = "retired-masters"


@dataclass(frozen=True, slots=True)
class KeyGeneration:
    """One master key, and since when another one is used in its place."""

    master_id: str
    made_at: datetime
    """When its file was made; of a keys folder that was copied without its times, when it was copied."""
    replaced_at: datetime | None
    """None of the one in use."""


def list_generations(folder: Path) -> list[KeyGeneration]:
    """The master keys in a folder, the oldest first."""
    files = master_files(folder)
    made = [datetime.fromtimestamp(file.stat().st_mtime, UTC) for file in files]
    names = [file.stem.removeprefix("master-") for file in files]
    return [KeyGeneration(*one) for one in zip(names, made, [*made[1:], None], strict=True)]


def renew_master_key(store: Store, now: datetime, every: timedelta) -> str | None:
    """Begin a new generation when the newest is as old as that, and wrap everything anew; its id, or None."""
    newest = list_generations(store.keyring.folder)[-1]
    if now - newest.made_at < every:
        return None
    return store.rotate_keys()[0]


def retire_master_keys(store: Store, now: datetime, after: timedelta, in_use: Collection[str] = ()) -> list[str]:
    """Destroy the master keys that were replaced so long ago, once nothing living is wrapped by them; their ids.

    ``in_use`` are those that something outside of the database still needs. Safe to repeat, and to be cut short.
    """
    store.keyring.look_again()
    due = [
        one.master_id
        for one in list_generations(store.keyring.folder)
        if one.replaced_at and now - one.replaced_at >= after
    ]
    if not due:
        return []
    store.rewrap_keys()
    needed = {*in_use, *_needed(store, due), store.keyring.current}
    retired = [one for one in due if one not in needed]
    for master_id in retired:
        _destroy(store.keyring.folder, master_id, now)
    store.keyring.look_again()
    return retired


def _needed(store: Store, master_ids: list[str]) -> set[str]:
    with store.read() as session:
        wrapping = select(DataKey.master_id, func.count()).where(
            DataKey.wrapped.is_not(None), DataKey.master_id.in_(master_ids)
        )
        living = {master_id for master_id, _ in session.execute(wrapping.group_by(DataKey.master_id))}
    return living | (store.openings.wrapped_by() & set(master_ids))


def _destroy(folder: Path, master_id: str, now: datetime) -> None:
    """Noted first: a key that is missing without a note would look like a loss."""
    descriptor = os.open(folder / _RETIRED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as notes:
        if not notes.tell():
            give_to_group(descriptor, folder)
        notes.write(f"{master_id} {now.date().isoformat()}\n")
        notes.flush()
        os.fsync(notes.fileno())
    for file in master_files(folder):
        if file.name != f"master-{master_id}.key":
            continue
        # Where the disk writes in place; elsewhere the blocks are the disk's affair, as docs/threat-model.md says.
        with suppress(FileNotFoundError), file.open("r+b") as key:
            key.write(b"0" * 2 * KEY_BYTES)
            key.flush()
            os.fsync(key.fileno())
        file.unlink(missing_ok=True)
        fsync_folder(file.parent)
    (folder / f"master-{master_id}.pub").unlink(missing_ok=True)
    fsync_folder(folder)


def retired_on(keyring: Keyring, master_id: str) -> date | None:
    """When a master key was retired; None for one that is there, or was never here."""
    if keyring.knows(master_id):
        return None
    try:
        lines = (keyring.folder / _RETIRED).read_text("ascii").splitlines()
    except OSError:
        return None
    days = [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == master_id]
    return date.fromisoformat(days[0]) if days else None

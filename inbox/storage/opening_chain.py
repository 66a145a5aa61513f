"""The chain of openings: each row holds a keyed digest over itself and over the row before.

Who can write into the file and has no keys cannot make a digest, so that a row that was changed, put in, left out or
moved is found. That the newest rows are still there, the head says, which is written beside the master keys every
hour. What was typed in a search counts by the digest of its sealed bytes: it can be destroyed, and the chain holds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox.storage.crypto import Keyring, fsync_folder, give_to_group

BEGINNING = "0" * 64
_HEAD_FILE = "openings-head"


@dataclass(frozen=True)
class ChainLink:
    """The last row of a piece of the chain."""

    id: int
    digest: str


@dataclass(frozen=True)
class ChainVerdict:
    """What a check of the chain found."""

    rows: int
    """How many rows hold, up to the first that does not."""
    erased_words: int
    """Of how many of them what was searched for has been destroyed."""
    broken_at: int | None
    """The first row that does not hold, or that is missing; None where all hold."""
    why: str
    head: ChainLink
    """The last row that holds."""
    begun_anew: datetime | None
    """When the log began anew without the rows that were there before, where it did."""


def words_digest(sealed: bytes | None) -> str:
    """The digest by which a row knows what was typed; empty for nothing."""
    return hashlib.sha256(sealed).hexdigest() if sealed is not None else ""


def link_digest(keyring: Keyring, row: Any, before: str) -> str:
    """The digest of a row that follows the one of digest ``before``."""
    names = ("id", "at", "person_id", "action", "subject", "count", "words_digest")
    values = [row[name].isoformat() if name == "at" else row[name] for name in names]
    return keyring.keyed_hash("opening", json.dumps([before, *values]).encode())


def checkpoint_seal(keyring: Keyring, row: Any) -> str:
    """What shows that a checkpoint was made here."""
    values = [row["through_id"], row["digest"], row["at"].isoformat(), row["begun_anew"]]
    return keyring.keyed_hash("opening checkpoint", json.dumps(values).encode())


def verify_chain(keyring: Keyring, checkpoint: Any, rows: Iterable[Any], head: ChainLink | None) -> ChainVerdict:
    """Go along the chain from the last checkpoint on.

    ``rows`` are mappings of a row's columns and its ``sealed_words``, None where these are destroyed.
    """
    last, begun_anew = ChainLink(0, BEGINNING), None
    if checkpoint is not None:
        if checkpoint["seal"] != checkpoint_seal(keyring, checkpoint):
            return ChainVerdict(0, 0, checkpoint["through_id"], "the checkpoint was not made here", last, None)
        last = ChainLink(checkpoint["through_id"], checkpoint["digest"])
        begun_anew = checkpoint["at"] if checkpoint["begun_anew"] else None
    count = erased = 0
    digest_at_head = last.digest if head is not None and head.id == last.id else None
    for row in rows:
        if why := _broken(keyring, row, last):
            return ChainVerdict(count, erased, last.id + 1, why, last, begun_anew)
        last = ChainLink(row["id"], row["digest"])
        count += 1
        erased += int(bool(row["words_digest"]) and row["sealed_words"] is None)
        if head is not None and head.id == last.id:
            digest_at_head = last.digest
    started_at = checkpoint["through_id"] if checkpoint is not None else 0
    if head is not None and head.id >= started_at and digest_at_head != head.digest:
        why = f"row {head.id}, which was there when the head was last written, is missing or another one"
        return ChainVerdict(count, erased, min(last.id + 1, head.id), why, last, begun_anew)
    return ChainVerdict(count, erased, None, "", last, begun_anew)


def _broken(keyring: Keyring, row: Any, last: ChainLink) -> str:
    """Why a row does not hold; empty where it does."""
    if row["id"] != last.id + 1:
        return f"row {last.id + 1} is missing"
    if row["digest"] != link_digest(keyring, row, last.digest):
        return "the row was changed, put in or moved"
    if row["sealed_words"] is not None and words_digest(row["sealed_words"]) != row["words_digest"]:
        return "what was searched for was changed"
    return ""


def write_head(folder: Path, head: ChainLink) -> None:
    """Keep the last row's number and digest beside the master keys, durably."""
    path = folder / _HEAD_FILE
    # A name of this process's own: two that write at once do not write into one file.
    new = path.with_name(f".{_HEAD_FILE}-{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        give_to_group(descriptor, folder)
        file.write(f"{head.id} {head.digest}\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    fsync_folder(folder)


def read_head(folder: Path) -> ChainLink | None:
    """The head that was last kept; None before the first, and where it is no longer legible."""
    try:
        number, digest = (folder / _HEAD_FILE).read_text("ascii").split()
        return ChainLink(int(number), digest)
    except (OSError, ValueError):
        return None

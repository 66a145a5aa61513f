"""Raw messages made ready before any transaction begins: the files of large ones are sealed, inside is only SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inbox.storage.envelope_encryption import LooseKey, Vault

INLINE_BYTES = 64 * 1024
"""Raw messages up to this size stand in the row itself: one commit makes them durable, without a second fsync."""


@dataclass(frozen=True, slots=True)
class SealedOriginal:
    """A raw message as it will be stored, with the key that becomes that of its intake if it is the first of it."""

    digest: str
    """Keyed hash (hex) of the bytes."""
    size: int
    key: bytes = field(repr=False)
    fresh: LooseKey | None
    """The key again, to be given a row; None where it is that of an intake that is here already."""
    raw: bytes | None = field(repr=False)
    """The bytes, where they are to stand in the row; they are sealed for it once it is known."""
    locator: str | None
    """Where it lies in the media store when it is too large for a row."""
    headers: Mapping[str, str] = field(repr=False)


def seal_original(
    vault: Vault, raw: bytes | Path, headers: Mapping[str, str], known_key: bytes | None = None
) -> SealedOriginal:
    """Seal a raw message and its headers; a large one is written to the media store, durably.

    ``known_key`` is the key of the intake that is here already and that it belongs to.
    """
    fresh = None if known_key else vault.fresh_key()
    key = fresh.key if fresh else known_key
    assert key is not None
    size = len(raw) if isinstance(raw, bytes) else raw.stat().st_size
    in_row = isinstance(raw, bytes) and size <= INLINE_BYTES
    return SealedOriginal(
        digest=arrival_digest(vault, raw),
        size=size,
        key=key,
        fresh=fresh,
        raw=raw if isinstance(raw, bytes) and in_row else None,
        locator=None if in_row else vault.store_file(key, raw),
        headers=dict(headers),
    )


def arrival_digest(vault: Vault, raw: bytes | Path) -> str:
    """The keyed hash (hex) by which an intake knows an arrival again; it says nothing about a short text."""
    if isinstance(raw, bytes):
        plain = hashlib.sha256(raw).digest()
    else:
        with raw.open("rb") as file:
            plain = hashlib.file_digest(file, "sha256").digest()
    return vault.keyring.keyed_hash("arrival", plain)

"""The files of parts, sealed and durable before the transaction that gives the parts their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.intake.contribute import NewPart
from gateway.intake.part_media import NewMedium
from inbox.storage.envelope_encryption import StoredFile, Vault

NO_KEYS: Mapping[str, bytes] = {}


def seal_parts(vault: Vault, parts: Sequence[NewPart], known_keys: Mapping[str, bytes] = NO_KEYS) -> list[NewPart]:
    """The same parts, ready to be stored; ``known_keys`` are those of parts that are here, by part key.

    Whoever stores them hands their files to the transaction (``schedule_orphan_deletion``), so that none is left
    that no row knows.
    """
    stored: list[StoredFile] = []
    try:
        return [_sealed(vault, part, known_keys.get(part.key), stored) for part in parts]
    except BaseException:
        for one in stored:
            vault.media.delete(one.locator)
        raise


def _sealed(vault: Vault, part: NewPart, known_key: bytes | None, stored: list[StoredFile]) -> NewPart:
    if all(medium.source is None for medium in part.media):
        return part
    fresh = vault.fresh_key() if known_key is None else None
    key = fresh.key if fresh else known_key
    assert key is not None
    return replace(part, fresh=fresh, media=tuple(_stored(vault, key, medium, stored) for medium in part.media))


def _stored(vault: Vault, key: bytes, medium: NewMedium, stored: list[StoredFile]) -> NewMedium:
    if medium.source is None:
        return medium
    stored.append(vault.store(key, medium.source))
    return replace(medium, stored=stored[-1])

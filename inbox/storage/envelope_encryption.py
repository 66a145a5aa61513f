"""Sealing and opening with the data keys of the database.

A key made in a transaction seals in that transaction, and is gone with it when it is rolled
back. Opened keys are remembered for the session only. Inside a write there is nothing but SQL: what a
file needs is made before it begins (``fresh_key``, ``store``), and given rows in it (``adopt``, ``keep``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from inbox.errors import Destroyed, Overtaken
from inbox.models import DataKey
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import Place
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, WrappedKey
from inbox.storage.media_store import MediaStore, new_locator
from inbox.storage.unit_of_work import after_commit, after_rollback, unit_of
from inbox.storage.upsert import insert_numbered, insert_rows

_PIECE_BYTES = 256 * 1024
_keys = DataKey.__table__
_KEY = select(_keys.c.master_id, _keys.c.wrapped).where(_keys.c.id == bindparam("key"))
"""Asked for nearly every value that is opened, so it is built once."""


def text_bytes(text: str) -> bytes:
    """A text as it is sealed. Lone surrogates, which a broken mail can hold, are kept."""
    return text.encode("utf-8", "surrogatepass")


def json_bytes(value: Any) -> bytes:
    """A value of JSON as it is sealed."""
    return json.dumps(value, separators=(",", ":")).encode()


class LooseKey(NamedTuple):
    """A data key without a row."""

    key: bytes
    master_id: str
    wrapped: bytes

    def seal(self, value: bytes, place: Place) -> bytes:
        """Seal bytes, as ``Vault.seal`` does."""
        return crypto.seal(self.key, value, place)

    def seal_text(self, text: str, place: Place) -> bytes:
        """Seal a text, as ``Vault.seal_text`` does."""
        return crypto.seal(self.key, text_bytes(text), place)

    def seal_json(self, value: Any, place: Place) -> bytes:
        """Seal a value of JSON, as ``Vault.seal_json`` does."""
        return crypto.seal(self.key, json_bytes(value), place)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file sealed and durable before a transaction begins; rows refer to it from then on, or it is deleted."""

    locator: str
    size: int
    """Bytes of the file in the clear."""
    digest: str
    """SHA-256 (hex) of the file in the clear."""
    key: bytes = field(repr=False)
    """The data key it is sealed with."""


class Vault:
    """The store's keyring and media, used through the data keys of a session."""

    def __init__(self, keyring: Keyring, media: MediaStore) -> None:
        self.keyring = keyring
        self.media = media

    # --- keys ---

    def new_key(self, session: Session) -> DataKey:
        """Make a data key and its row; its id is known at once."""
        key = crypto.new_key()
        master_id, wrapped = self.keyring.wrap(key)
        row = session.scalars(insert(DataKey).returning(DataKey), [{"master_id": master_id, "wrapped": wrapped}]).one()
        _opened(session)[row.id] = key
        return row

    def new_keys(self, session: Session, count: int) -> list[int]:
        """Make several data keys with one statement; their ids."""
        return self.adopt_keys(session, [self.loose_key() for _ in range(count)])

    def loose_key(self) -> LooseKey:
        """Make a data key that gets its row later (``adopt_keys``): what it seals can be sealed before."""
        key = crypto.new_key()
        return LooseKey(key, *self.keyring.wrap(key))

    def fresh_key(self) -> LooseKey:
        """The same under the newest master key, which is looked for first: for use outside of a transaction only."""
        self.keyring.look_again()
        return self.loose_key()

    def adopt_keys(self, session: Session, keys: Sequence[LooseKey]) -> list[int]:
        """Give rows to data keys made before, with one statement; their ids."""
        ids = insert_numbered(session, DataKey, [{"master_id": one.master_id, "wrapped": one.wrapped} for one in keys])
        _opened(session).update(zip(ids, (one.key for one in keys), strict=True))
        return ids

    def adopt_numbered_keys(self, session: Session, keys: Mapping[int, LooseKey]) -> None:
        """The same for keys whose rows have their ids already."""
        rows = [{"id": key_id, "master_id": one.master_id, "wrapped": one.wrapped} for key_id, one in keys.items()]
        insert_rows(session, DataKey, rows)
        _opened(session).update((key_id, one.key) for key_id, one in keys.items())

    def key_of(self, session: Session, key_id: int) -> bytes:
        """An opened data key, to seal a file with before a transaction begins; raises ``Destroyed``."""
        return self._key(session, key_id)

    def destroy_key(self, session: Session, key_id: int) -> None:
        """Forget a data key: what it sealed can never be opened again. Twice is once."""
        _opened(session).pop(key_id, None)
        session.execute(
            update(DataKey)
            .where(DataKey.id == key_id, DataKey.wrapped.is_not(None))
            .values(wrapped=None, destroyed_at=utc_now())
        )

    def open_keys(self, session: Session, key_ids: Iterable[int]) -> None:
        """Open many keys with one query, before many values are opened; destroyed ones are left out."""
        opened = _opened(session)
        missing = {key_id for key_id in key_ids if key_id not in opened}
        rows = session.execute(
            select(DataKey.id, DataKey.master_id, DataKey.wrapped).where(DataKey.id.in_(missing))
        ).all()
        found = {row.id: WrappedKey(row.master_id, row.wrapped) for row in rows if row.wrapped}
        if found:
            opened.update(self.keyring.unwrap_rows(found))

    def forget_opened(self, session: Session) -> None:
        """Let go of the keys opened so far, in a session that opens very many; they are opened again when needed."""
        _opened(session).clear()

    def rewrap(self, session: Session, limit: int) -> int:
        """Wrap at most ``limit`` data keys anew that another master key than the current one wrapped; how many."""
        old = self.wrapped_by_an_older_key().order_by(DataKey.id).limit(limit).with_for_update()
        rows = session.scalars(old).all()
        for row in rows:
            assert row.wrapped is not None
            row.master_id, row.wrapped = self.keyring.wrap(self.keyring.unwrap(row.master_id, row.wrapped))
        return len(rows)

    def wrapped_by_an_older_key(self) -> Select[DataKey]:
        """The data keys that another master key than the current one wrapped."""
        return select(DataKey).where(DataKey.wrapped.is_not(None), DataKey.master_id != self.keyring.current)

    def _key(self, session: Session, key_id: int) -> bytes:
        opened = _opened(session)
        if key_id not in opened:
            row = session.connection().execute(_KEY, {"key": key_id}).one_or_none()
            if row is None or row.wrapped is None:
                raise Destroyed(f"data key {key_id}")
            opened.update(self.keyring.unwrap_rows({key_id: WrappedKey(row.master_id, row.wrapped)}))
        return opened[key_id]

    def derived_key(self, session: Session, key_id: int, purpose: bytes) -> bytes:
        """A key for one purpose, which nobody can make again once the data key is destroyed; raises ``Destroyed``."""
        return crypto.derive_key(self._key(session, key_id), purpose)

    # --- values ---

    #
    # Each is sealed for its place (``sealed_places``) and opens there alone.

    def seal(self, session: Session, key_id: int, value: bytes, place: Place) -> bytes:
        """Seal bytes; raises ``Destroyed``."""
        return crypto.seal(self._key(session, key_id), value, place)

    def open(self, session: Session, key_id: int, sealed: bytes, place: Place) -> bytes:
        """Open what ``seal`` made; raises ``Destroyed``, and ``Damaged`` in any other place."""
        return crypto.unseal(self._key(session, key_id), sealed, place)

    def seal_text(self, session: Session, key_id: int, text: str, place: Place) -> bytes:
        """Seal a text."""
        return self.seal(session, key_id, text_bytes(text), place)

    def open_text(self, session: Session, key_id: int, sealed: bytes, place: Place) -> str:
        """Open a text."""
        return self.open(session, key_id, sealed, place).decode("utf-8", "surrogatepass")

    def text_if_kept(self, session: Session, key_id: int, sealed: bytes | None, place: Place) -> str | None:
        """A text; None where there was none, or it was erased."""
        kept = self.bytes_if_kept(session, key_id, sealed, place)
        return None if kept is None else kept.decode("utf-8", "surrogatepass")

    def text_left(self, session: Session, key_id: int, sealed: bytes | None, place: Place) -> str:
        """What is left of a text: "" where there was none, or it was erased."""
        return self.text_if_kept(session, key_id, sealed, place) or ""

    def seal_json(self, session: Session, key_id: int, value: Any, place: Place) -> bytes:
        """Seal a value of JSON."""
        return self.seal(session, key_id, json_bytes(value), place)

    def open_json(self, session: Session, key_id: int, sealed: bytes, place: Place) -> Any:
        """Open a value of JSON."""
        return json.loads(self.open(session, key_id, sealed, place))

    def json_if_kept(self, session: Session, key_id: int, sealed: bytes | None, place: Place) -> Any:
        """A value of JSON; None where there was none, or it was erased."""
        kept = self.bytes_if_kept(session, key_id, sealed, place)
        return None if kept is None else json.loads(kept)

    def bytes_if_kept(self, session: Session, key_id: int, sealed: bytes | None, place: Place) -> bytes | None:
        """Bytes; None where there were none, or they were erased."""
        if sealed is None:
            return None
        try:
            return self.open(session, key_id, sealed, place)
        except Destroyed:
            return None

    # --- files ---

    def put_file(self, session: Session, key_id: int, source: Path | bytes | Iterable[bytes]) -> str:
        """Seal a file into the media store, durably; its locator. Given up with the transaction."""
        locator = self.store_file(self._key(session, key_id), source)
        after_rollback(session, lambda: self.media.delete(locator))
        return locator

    def store_file(self, key: bytes, source: Path | bytes | Iterable[bytes]) -> str:
        """Seal a file into the media store with a key that has no row yet, durably; its locator."""
        # Bound to its name: one file put in the place of another does not open.
        locator = new_locator()
        return self.media.put(crypto.seal_stream(key, _pieces(source), locator), locator)

    def store(self, key: bytes, source: Path | bytes) -> StoredFile:
        """Seal a file into the media store, durably, before a transaction begins in which it is kept."""
        hashed, size = hashlib.sha256(), 0

        def pieces() -> Iterator[bytes]:
            nonlocal size
            for piece in _pieces(source):
                hashed.update(piece)
                size += len(piece)
                yield piece

        locator = self.store_file(key, pieces())
        return StoredFile(locator, size, hashed.hexdigest(), key)

    def offer(self, session: Session, locators: Iterable[str]) -> None:
        """Have these files deleted when the transaction ends without having kept them, or is given up."""
        kept, offered = _kept(session), unit_of(session).offered_files
        for locator in set(locators) - offered:
            offered.add(locator)
            after_rollback(session, lambda one=locator: self.media.delete(one))  # type: ignore[misc]  # its default
            after_commit(session, lambda one=locator: None if one in kept else self.media.delete(one))  # type: ignore[misc]

    def keep(self, session: Session, key_id: int, stored: StoredFile) -> str:
        """Let a row of this transaction refer to a file that was offered; its locator.

        Raises ``Destroyed``, and ``Overtaken`` when the row's key is not the one it is sealed with.
        """
        if self._key(session, key_id) != stored.key:
            raise Overtaken(f"a file is not sealed with data key {key_id}")
        return self.keep_new(session, stored.locator)

    def keep_new(self, session: Session, locator: str) -> str:
        """The same for a file whose key was adopted in this transaction."""
        _kept(session).add(locator)
        return locator

    def delete_file(self, session: Session, locator: str) -> None:
        """Delete a file once the transaction is committed."""
        after_commit(session, lambda: self.media.delete(locator))

    def read_file(
        self, session: Session, key_id: int, locator: str, start: int = 0, length: int | None = None
    ) -> Iterator[bytes]:
        """The bytes of a file from ``start`` on; key and file are opened now, so the session may end before.

        Raises ``Destroyed`` and ``NotStored`` at once, ``Damaged`` while reading.
        """
        key = self._key(session, key_id)
        sealed = self.media.open(locator)
        return _limited(_closing(crypto.unseal_stream(key, sealed, start, locator), sealed), length)

    def size_of(self, locator: str) -> int:
        """How many bytes a file holds once opened; raises ``NotStored``."""
        return crypto.plain_size(self.media.size(locator))

    def copy_out(self, session: Session, key_id: int, locator: str, path: Path) -> None:
        """Write a file in the clear to ``path`` (0600) for a child process; the caller deletes it."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(self.read_file(session, key_id, locator))


def vault_of(session: Session) -> Vault:
    """The vault of the store this session belongs to."""
    return unit_of(session).vault


def _opened(session: Session) -> dict[int, bytes]:
    return unit_of(session).opened_keys


def _kept(session: Session) -> set[str]:
    return unit_of(session).kept_files


def _pieces(source: Path | bytes | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    else:
        yield from source


def _closing(pieces: Iterator[bytes], file: BinaryIO) -> Iterator[bytes]:
    with file:
        yield from pieces


def _limited(pieces: Iterator[bytes], length: int | None) -> Iterator[bytes]:
    if length is None:
        yield from pieces
        return
    for piece in pieces:
        yield piece[:length]
        length -= len(piece)
        if length <= 0:
            return

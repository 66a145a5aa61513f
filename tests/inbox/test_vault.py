"""Sealing with the data keys of the database."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import Damaged, Destroyed, NotStored
from inbox.models import DataKey
from inbox.models.sealed_places import Place
from inbox.storage.crypto import CHUNK_BYTES, seal_stream
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of

HERE = Place(b"here")
PLAIN = bytes(range(256)) * 1024  # four sealed chunks


def test_values_come_back_in_another_session(store: Store):
    with store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        sealed = (
            vault.seal(session, key, b"\x00\xff", HERE),
            vault.seal_text(session, key, "Stop aux camions \udcff œ", HERE),
            vault.seal_json(session, key, {"mots": ["é", 1, None]}, HERE),
        )
    with store.read() as session:
        assert vault.open(session, key, sealed[0], HERE) == b"\x00\xff"
        assert vault.open_text(session, key, sealed[1], HERE) == "Stop aux camions \udcff œ"
        assert vault.open_json(session, key, sealed[2], HERE) == {"mots": ["é", 1, None]}


def test_destroyed_key_opens_nothing(store: Store):
    with store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        sealed = vault.seal(session, key, b"x", HERE)
        locator = vault.put_file(session, key, b"y")
    with store.write() as session:
        vault.destroy_key(session, key)
        vault.destroy_key(session, key)
        with pytest.raises(Destroyed):
            vault.open(session, key, sealed, HERE)
    with store.read() as session:
        row = session.get_one(DataKey, key)
        assert (row.wrapped, row.destroyed_at is None) == (None, False)
        with pytest.raises(Destroyed):
            vault.open(session, key, sealed, HERE)
        with pytest.raises(Destroyed):
            vault.read_file(session, key, locator)
        with pytest.raises(Destroyed):
            vault.seal(session, key, b"more", HERE)
        with pytest.raises(Destroyed):
            vault.open(session, 99, sealed, HERE)


@pytest.mark.parametrize("as_what", ["bytes", "path", "pieces"])
def test_files_come_back(store: Store, tmp_path: Path, as_what: str):
    path = tmp_path / "in"
    path.write_bytes(PLAIN)
    sources = {"bytes": PLAIN, "path": path, "pieces": iter([PLAIN[:7], PLAIN[7:]])}
    with store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        locator = vault.put_file(session, key, sources[as_what])
    assert vault.size_of(locator) == len(PLAIN)
    with store.read() as session:
        pieces = vault.read_file(session, key, locator)
        vault.copy_out(session, key, locator, tmp_path / "out")
    assert b"".join(pieces) == PLAIN, "the file may be read after the session has ended"
    assert (tmp_path / "out").read_bytes() == PLAIN
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 1), (5, 10), (CHUNK_BYTES - 2, 4), (CHUNK_BYTES, CHUNK_BYTES), (len(PLAIN) - 3, 100), (0, None)],
)
def test_range_of_a_file(sqlite_store: Store, start: int, length: int | None):
    with sqlite_store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        locator = vault.put_file(session, key, PLAIN)
        end = None if length is None else start + length
        assert b"".join(vault.read_file(session, key, locator, start, length)) == PLAIN[start:end]


def test_file_goes_with_its_transaction(sqlite_store: Store):

    def put_and_fail(session: Session) -> None:
        vault = vault_of(session)
        vault.put_file(session, vault.new_key(session).id, PLAIN)
        raise NotStored

    with pytest.raises(NotStored), sqlite_store.write() as session:
        put_and_fail(session)
    assert list(sqlite_store.media.locators()) == []


def test_file_is_deleted_only_when_committed(sqlite_store: Store):
    with sqlite_store.write() as session:
        vault = vault_of(session)
        locator = vault.put_file(session, vault.new_key(session).id, b"x")

    def delete_and_fail(session: Session) -> None:
        vault.delete_file(session, locator)
        raise NotStored

    with pytest.raises(NotStored), sqlite_store.write() as session:
        delete_and_fail(session)
    assert list(sqlite_store.media.locators()) == [locator]
    with sqlite_store.write() as session:
        vault.delete_file(session, locator)
        assert list(sqlite_store.media.locators()) == [locator]
    assert list(sqlite_store.media.locators()) == []


def test_rotated_keys_open_everything_old(store: Store):
    with store.write() as session:
        vault = vault_of(session)
        keys = [vault.new_key(session).id for _ in range(5)]
        sealed = [vault.seal(session, key, b"x", HERE) for key in keys]
        vault.destroy_key(session, keys[4])
    before = store.keyring.current
    assert store.rotate_keys() == (store.keyring.current, 4)
    with store.read() as session:
        assert before not in session.scalars(select(DataKey.master_id).where(DataKey.wrapped.is_not(None))).all()
        assert [vault.open(session, key, one, HERE) for key, one in zip(keys[:4], sealed, strict=False)] == [b"x"] * 4
    assert store.rewrap_keys() == 0


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, 3 * CHUNK_BYTES + 7])
def test_one_file_in_the_place_of_another_does_not_open(sqlite_store: Store, size: int):
    """Though both are of one part, sealed with one key."""
    with sqlite_store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        one, other = (vault.put_file(session, key, letter * size) for letter in (b"a", b"b"))
    paths = [next(Path(sqlite_store.media.folder).rglob(locator)) for locator in (one, other)]
    first, second = (path.read_bytes() for path in paths)
    paths[0].write_bytes(second)
    paths[1].write_bytes(first)
    with sqlite_store.read() as session:
        for locator in (one, other):
            with pytest.raises(Damaged):
                list(vault_of(session).read_file(session, key, locator))
    paths[0].write_bytes(first)
    with sqlite_store.read() as session:
        assert b"".join(vault_of(session).read_file(session, key, one)) == b"a" * size


def test_a_file_of_an_earlier_version_opens_and_cannot_be_made_of_a_newer_one(sqlite_store: Store):
    with sqlite_store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        earlier = sqlite_store.media.put(seal_stream(vault.key_of(session, key), [PLAIN]))
        bound = vault.put_file(session, key, PLAIN)
    path = next(Path(sqlite_store.media.folder).rglob(bound))
    path.write_bytes(b"PVX1" + path.read_bytes()[4:])
    with sqlite_store.read() as session:
        assert b"".join(vault_of(session).read_file(session, key, earlier)) == PLAIN
        with pytest.raises(Damaged):
            list(vault_of(session).read_file(session, key, bound))

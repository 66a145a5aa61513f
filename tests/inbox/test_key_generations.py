"""Generations of master keys: what is erased is in older backups until theirs is retired, and nobody's afterwards."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

from inbox.backup import archive, key_generations
from inbox.backup.backups import create_backup, restore_from_backup
from inbox.contributions import text_versions
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.errors import InboxError, KeysMissing, KeysRetired
from inbox.models import Contribution
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import Place
from inbox.storage import crypto
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.media_store import FolderMedia
from inbox.storage.opening_log import Opening
from tests.inbox.arriving import arrive
from tests.inbox.looking import OTHER, SECRET, assert_nowhere

MONTH = timedelta(days=35)


HERE = Place(b"here")


def grow_older(store: Store, days: float, *, only: int | None = None) -> None:
    """Let the master keys' files have been made so many days earlier."""
    files = sorted(store.keyring.folder.glob("master-*.key"))
    for file in files if only is None else [files[only]]:
        made = file.stat().st_mtime - days * 86_400
        os.utime(file, (made, made))


def retired(store: Store, *, after: timedelta = MONTH, in_use: tuple[str, ...] = ()) -> list[str]:
    return key_generations.retire_master_keys(store, utc_now(), after, in_use)


def text_of(store: Store, contribution_id: int) -> str | None:
    with store.read() as session:
        wording = text_versions.current_text(session, session.get_one(Contribution, contribution_id))
        return wording.body.lower() if wording else None


def put_back(source: Path, store: Store, folder: Path) -> Store:
    folder.mkdir()
    url = f"sqlite:///{folder}/portevoix.sqlite"
    restore_from_backup(source, url=url, keyring=store.keyring, media=FolderMedia(folder / "media"))
    return Store(url, store.keyring, FolderMedia(folder / "media"))


def opens_by_hand(source: Path, keyring: Keyring) -> bool:
    """Whether somebody with the file, the keys folder and a program of their own could read it."""
    _magic, _master, wrapped = source.read_bytes().split(b"\n", 1)[0].split()
    for key in keyring._masters.values():
        try:
            crypto.unseal(key, bytes.fromhex(wrapped.decode()))
        except InboxError:
            continue
        return True
    return False


def test_backup_erase_retire_restore(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        gone = arrive(session, SECRET).contributions[0]
        stays = arrive(session, OTHER, sender="+33698765432").contributions[0]
    before, after = tmp_path / "before.backup", tmp_path / "after.backup"
    create_backup(store, before)
    first = store.keyring.current
    with store.write() as session:
        erase_contribution(session, gone, None, "request")
    scrub_deleted_words(store)
    store.rotate_keys()
    create_backup(store, after)
    assert opens_by_hand(before, store.keyring), "until it is retired"
    back = put_back(before, store, tmp_path / "obeys")
    assert (text_of(back, gone), text_of(back, stays)) == (None, OTHER)
    back.close()

    grow_older(store, 36)
    assert retired(store) == [first]
    fresh = Keyring.load_or_create(store.keyring.folder)
    assert not opens_by_hand(before, fresh)
    assert not opens_by_hand(before, store.keyring)
    with pytest.raises(KeysRetired, match=r"retired on \d{4}-"):
        put_back(before, store, tmp_path / "too late")
    assert_nowhere(SECRET, store.keyring.folder, before, after)
    back = put_back(after, store, tmp_path / "newer")
    assert (text_of(back, gone), text_of(back, stays)) == (None, OTHER)
    assert_nowhere(SECRET, tmp_path / "newer")
    back.close()
    assert text_of(store, stays) == OTHER


def test_what_is_restored_too_late_leaves_nothing_behind(sqlite_store: Store, tmp_path: Path) -> None:
    create_backup(sqlite_store, tmp_path / "old")
    sqlite_store.rotate_keys()
    retired(sqlite_store, after=timedelta(0))
    with pytest.raises(KeysRetired):
        put_back(tmp_path / "old", sqlite_store, tmp_path / "new")
    store = Store(f"sqlite:///{tmp_path}/new/portevoix.sqlite", sqlite_store.keyring, sqlite_store.media)
    assert inspect(store.engine).get_table_names() == []
    store.close()


# How old the first and second key's file is in days, what else is in use -> whether the first is retired.
WHEN: dict[str, tuple[float, float, bool, bool]] = {
    "replaced long ago": (90, 36, False, True),
    "replaced a little less long ago": (90, 34, False, False),
    "made long ago, replaced just now": (400, 0, False, False),
    "both made just now": (0, 0, False, False),
    "needed by the spool": (90, 36, True, False),
}


@pytest.mark.parametrize(("first", "second", "spooled", "is_retired"), WHEN.values(), ids=WHEN)
def test_when_a_key_is_retired(
    sqlite_store: Store, first: float, second: float, spooled: bool, is_retired: bool
) -> None:
    old = sqlite_store.keyring.current
    sqlite_store.rotate_keys()
    grow_older(sqlite_store, first, only=0)
    grow_older(sqlite_store, second, only=1)
    found = retired(sqlite_store, in_use=(old,) if spooled else ())
    assert found == ([old] if is_retired else [])
    assert sqlite_store.keyring.knows(old) is not is_retired
    assert retired(sqlite_store) == ([old] if spooled else []), "again"


def test_the_key_in_use_is_never_retired(sqlite_store: Store) -> None:
    grow_older(sqlite_store, 4_000)
    assert retired(sqlite_store, after=timedelta(0)) == []


def test_what_lives_is_wrapped_anew_before(store: Store) -> None:
    """Also what another process stored with the key of before, and words that were searched for."""
    with store.write() as session:
        key_id = vault_of(session).new_key(session).id
        sealed = vault_of(session).seal(session, key_id, b"said", HERE)
    store.openings.note(Opening(1, "searched", "list", 3, words="kerbrat"), utc_now())
    old = store.keyring.current
    store.keyring.rotate()  # and it was killed before anything was wrapped anew
    grow_older(store, 40)
    assert retired(store) == [old]
    with store.read() as session:
        assert vault_of(session).open(session, key_id, sealed, HERE) == b"said"
    assert [one.words for one in store.openings.newest()] == ["kerbrat"]


def test_other_processes_let_go_of_it(sqlite_store: Store, tmp_path: Path) -> None:
    other = Keyring.load_or_create(sqlite_store.keyring.folder)
    old, wrapped = other.wrap(b"k" * 32)
    sqlite_store.rotate_keys()
    retired(sqlite_store, after=timedelta(0))
    other.look_again()
    with pytest.raises(KeysMissing):
        other.unwrap(old, wrapped)
    assert key_generations.retired_on(other, old) is not None
    assert key_generations.retired_on(other, "0009-aaaaaaaa") is None
    assert key_generations.retired_on(other, other.current) is None


def test_a_folder_that_is_not_there_just_now_keeps_the_keys(sqlite_store: Store) -> None:
    folder = sqlite_store.keyring.folder
    hidden = folder.rename(folder.with_name("hidden"))
    folder.mkdir()
    sqlite_store.keyring.look_again()
    assert sqlite_store.keyring.current
    folder.rmdir()
    hidden.rename(folder)


def test_a_missing_key_that_nobody_retired_is_a_loss(sqlite_store: Store, tmp_path: Path) -> None:
    create_backup(sqlite_store, tmp_path / "old")
    stranger = Keyring.load_or_create(tmp_path / "stranger")
    with pytest.raises(KeysMissing) as raised, archive.read_archive(tmp_path / "old", stranger):
        pass
    assert not isinstance(raised.value, KeysRetired)


@pytest.mark.parametrize(("age", "renewed"), [(6.5, False), (7.5, True)])
def test_a_generation_begins_by_itself(sqlite_store: Store, age: float, renewed: bool) -> None:
    old = sqlite_store.keyring.current
    grow_older(sqlite_store, age)
    made = key_generations.renew_master_key(sqlite_store, utc_now(), timedelta(days=7))
    assert (made is not None, sqlite_store.keyring.current == old) == (renewed, not renewed)
    assert [one.master_id for one in key_generations.list_generations(sqlite_store.keyring.folder)][-1] == (made or old)

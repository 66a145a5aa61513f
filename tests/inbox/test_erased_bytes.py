"""After erasing nothing can be read: not in the data directory, not in an older backup restored later."""

import base64
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox.backup.backups import create_backup, restore_from_backup
from inbox.contributions import search_index, text_versions
from inbox.erasure.erase import erase_contribution, erase_intake, erase_part, reapply_tombstones, scrub_deleted_words
from inbox.models import Contribution
from inbox.storage.database import Store
from inbox.storage.media_store import FolderMedia
from tests.inbox.arriving import arrive
from tests.inbox.looking import OTHER, SECRET, assert_nowhere, living_keys, sealed_columns


def test_the_search_for_words_finds_them(tmp_path: Path):
    for number, written in enumerate(["au zygomatique.", base64.b64encode(b"a quatrevingtdixsept b").decode()]):
        (tmp_path / f"{number}").write_text(written)
        with pytest.raises(AssertionError, match="stands in"):
            assert_nowhere(SECRET, tmp_path)
        (tmp_path / f"{number}").unlink()
    assert_nowhere(SECRET, tmp_path)


def test_nothing_of_it_is_left_in_the_data_directory(store: Store, store_settings):
    with store.write() as session:
        came = arrive(session, SECRET)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], by=None, reason="request")
    assert sealed_columns(store) == 0
    assert list(store.media.locators()) == []
    assert living_keys(store) == 0
    scrub_deleted_words(store)
    assert_nowhere(SECRET, store_settings.data_dir)


@pytest.mark.parametrize("large", [False, True], ids=["rewritten", "too large to be rewritten"])
def test_search_index_and_log_forget_among_many(
    sqlite_store: Store, sqlite_settings, monkeypatch: pytest.MonkeyPatch, large: bool
):
    """The words stand in the index beside those of others, and the index was written in several goes."""
    if large:
        monkeypatch.setattr("inbox.erasure.erase.VACUUM_BYTES", 0)
    file = sqlite_settings.data_dir / "portevoix.sqlite"
    token = search_index.hash_tokens(sqlite_store.keyring.search_key, ["zygomat"])[0].encode()
    for number in range(40):
        with sqlite_store.write() as session:
            came = arrive(session, f"{OTHER} numéro {number}")
            if number == 20:
                erased = arrive(session, SECRET, sender="+33699999999")
    with sqlite_store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert token in file.read_bytes()
    with sqlite_store.write() as session:
        erase_contribution(session, erased.contributions[0], by=None, reason="request")
    assert scrub_deleted_words(sqlite_store)
    assert_nowhere(SECRET, sqlite_settings.data_dir)
    assert token not in file.read_bytes()
    with sqlite_store.read() as session:
        assert session.scalars(search_index.matching_contributions(session, "moussues")).all()
        assert came.contributions[0] in session.scalars(search_index.matching_contributions(session, OTHER)).all()
        session.execute(text("SELECT 1"))
    integrity = sqlite_store.engine.connect().connection.driver_connection
    assert integrity.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.postgres
@pytest.mark.parametrize("server", ["postgresql"])
def test_postgresql_s_own_tables_forget(store: Store):
    with store.write() as session:
        came = arrive(session, SECRET)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], by=None, reason="request")
    with store.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    scrub_deleted_words(store)
    with store.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        connection.commit()
        connection.execute(text("CHECKPOINT"))
    assert_nowhere(SECRET, folder / "base" / str(oid))


@pytest.mark.parametrize("how", ["contribution", "part", "intake"])
def test_older_backup_restored_later_does_not_bring_it_back(store: Store, store_settings, tmp_path: Path, how: str):
    with store.write() as session:
        came = arrive(session, SECRET)
        stays = arrive(session, OTHER, sender="+33698765432")
    archive = tmp_path / "backup.tar"
    create_backup(store, archive)
    with store.write() as session:
        {"contribution": erase_contribution, "part": erase_part, "intake": erase_intake}[how](
            session,
            {"contribution": came.contributions[0], "part": came.parts[0], "intake": came.intake}[how],
            None,
            "r",
        )
    scrub_deleted_words(store)
    assert_nowhere(SECRET + " " + OTHER, archive)

    data = tmp_path / "restored"
    data.mkdir()
    elsewhere = f"sqlite:///{data}/portevoix.sqlite"
    restored = restore_from_backup(archive, url=elsewhere, keyring=store.keyring, media=FolderMedia(data / "media"))
    assert restored.erased_again == 3
    assert_nowhere(SECRET, data)
    back = Store.open(replace(store_settings, database_url=elsewhere, data_dir=data))
    with back.read() as session:
        erased = session.get_one(Contribution, came.contributions[0])
        assert erased.erased_at is not None
        assert text_versions.current_text(session, erased) is None
        kept = session.get_one(Contribution, stays.contributions[0])
        assert text_versions.current_text(session, kept).body.lower() == OTHER
        assert session.scalars(search_index.matching_contributions(session, "banquette")).all() == [kept.id]
    # Half as many as before: the other one's are all there.
    assert len(list(back.media.locators())) == len(list(store.media.locators()))
    assert sealed_columns(back) == sealed_columns(store)
    back.close()


def test_row_that_got_the_number_later_is_not_taken_for_the_erased_one(sqlite_store: Store, sqlite_settings, tmp_path):
    """Backup, then 1 arrives and is erased; the backup is put back and 1 is given to somebody else."""
    archive = tmp_path / "backup"
    create_backup(sqlite_store, archive)
    with sqlite_store.write() as session:
        erase_contribution(session, arrive(session, SECRET).contributions[0], None, "request")
    data = tmp_path / "restored"
    data.mkdir()
    url = f"sqlite:///{data}/portevoix.sqlite"
    assert (
        restore_from_backup(
            archive, url=url, keyring=sqlite_store.keyring, media=FolderMedia(data / "media")
        ).erased_again
        == 0
    )
    back = Store.open(replace(sqlite_settings, database_url=url, data_dir=data))
    with back.write() as session:
        came = arrive(session, OTHER)
        assert came.contributions == [1]
    create_backup(back, tmp_path / "later")
    again = tmp_path / "again"
    again.mkdir()
    url = f"sqlite:///{again}/portevoix.sqlite"
    assert (
        restore_from_backup(
            tmp_path / "later", url=url, keyring=back.keyring, media=FolderMedia(again / "m")
        ).erased_again
        == 0
    )
    back.close()


def test_copied_data_directory_obeys_too(sqlite_store: Store, sqlite_settings, tmp_path: Path):
    """A backup need not be ours: the whole folder copied, and put back later."""
    with sqlite_store.write() as session:
        came = arrive(session, SECRET)
    sqlite_store.close()
    subprocess.run(["cp", "-r", sqlite_settings.data_dir, tmp_path / "copy"], check=True)
    with sqlite_store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    url = f"sqlite:///{tmp_path}/copy/portevoix.sqlite"
    copy = Store.open(replace(sqlite_settings, database_url=url, data_dir=tmp_path / "copy"))
    assert [reapply_tombstones(copy), reapply_tombstones(copy)] == [3, 0]
    copy.close()
    assert_nowhere(SECRET, tmp_path / "copy")

"""Backing up while the gateway runs, and restoring: everything comes back, on either server, or nothing does."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from inbox.backup.archive import NotABackup
from inbox.backup.backups import NotEmpty, backup_tables, create_backup, restore_from_backup
from inbox.contributions import search_index, text_versions
from inbox.errors import Damaged, KeysMissing, NotStored, WrongSchema
from inbox.models import Centre, Contribution, Medium, Part
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.media_store import FolderMedia
from tests.fixtures_store import Cluster, StoreFolders
from tests.inbox.arriving import arrive
from tests.inbox.looking import OTHER, SECRET


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in backup_tables()
        }


def files(store: Store) -> dict[str, bytes]:
    return {locator: store.media.open(locator).read() for locator in store.media.locators()}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, store_settings: StoreFolders):
    """An empty installation with the same keys, on either server."""
    data = tmp_path / "elsewhere"
    data.mkdir()
    if request.param == "sqlite":
        yield replace(store_settings, database_url=f"sqlite:///{data}/new.sqlite", data_dir=data)
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    yield replace(store_settings, database_url=cluster.url(name), data_dir=data)
    cluster.drop(name)


def put_back(archive: Path, settings: StoreFolders, keyring: Keyring):
    return restore_from_backup(
        archive, url=settings.database_url, keyring=keyring, media=FolderMedia(settings.media_dir)
    )


def test_everything_comes_back_on_either_server(store: Store, elsewhere: StoreFolders, tmp_path: Path):
    with store.write() as session:
        first = arrive(session, "Stop aux camions rue de Siam !", OTHER)
        arrive(session, "Des bancs, s'il vous plaît", sender=None)
    steps: list[str] = []
    manifest = create_backup(store, tmp_path / "archive", lambda what, _done, _all: steps.append(what))
    assert set(steps) == {"tables", "files"}
    assert (manifest.rows, manifest.files, manifest.missing) == (
        sum(map(len, rows(store).values())),
        len(files(store)),
        (),
    )

    restored = put_back(tmp_path / "archive", elsewhere, store.keyring)
    assert (restored.rows, restored.files, restored.erased_again) == (manifest.rows, manifest.files, 0)
    back = Store.open(elsewhere)
    assert rows(back) == rows(store)
    assert files(back) == files(store)
    with back.write() as session:
        assert session.scalars(search_index.matching_contributions(session, "camion")).all() == [first.contributions[0]]
        part = session.get_one(Part, first.parts[1])
        medium = session.get_one(Medium, first.media[1])
        assert OTHER.encode() in next(vault_of(session).read_file(session, part.key_id, medium.locator))
        arrive(session, "Ce qui arrive après")  # numbers go on where they ended
    back.close()


def test_backup_while_others_write_is_one_moment(store: Store, elsewhere: StoreFolders, tmp_path: Path):
    """Each transaction writes twice; a backup has both or neither."""
    begun, enough = threading.Event(), threading.Event()

    def keep_writing() -> None:
        for number in range(200):
            with store.write() as session:
                session.add(Centre(slug=f"a{number:05}", name="A"))
                arrive(session, f"numéro {number}")
                session.add(Centre(slug=f"b{number:05}", name="B"))
            begun.set()
            if enough.is_set():
                return

    writer = threading.Thread(target=keep_writing)
    writer.start()
    begun.wait(30)
    try:
        manifest = create_backup(store, tmp_path / "archive")
    finally:
        enough.set()
        writer.join()
    assert 0 < manifest.rows < sum(map(len, rows(store).values()))
    assert manifest.missing == ()
    put_back(tmp_path / "archive", elsewhere, store.keyring)
    back = Store.open(elsewhere)
    with back.read() as session:
        slugs = set(session.scalars(select(Centre.slug)))
        assert {s[1:] for s in slugs if s[0] == "a"} == {s[1:] for s in slugs if s[0] == "b"}
        contributions = session.scalars(select(Contribution)).all()
        assert len(contributions) == len(slugs) / 2
        for contribution in contributions:
            assert text_versions.current_text(session, contribution).body.startswith("Numéro")
    assert set(files(back)) == {c for c in files(back) if c in files(store)}
    back.close()


def test_file_that_is_missing_is_named(sqlite_store: Store, tmp_path: Path):
    with sqlite_store.write() as session:
        came = arrive(session, SECRET)
        locator = session.get_one(Medium, came.media[0]).locator
    sqlite_store.media.delete(locator)
    assert create_backup(sqlite_store, tmp_path / "archive").missing == (locator,)


def test_archive_says_nothing_without_the_keys(sqlite_store: Store, tmp_path: Path):
    with sqlite_store.write() as session:
        session.add(Centre(slug="bellevue", name="Bellevue"))
    create_backup(sqlite_store, tmp_path / "archive")
    content = (tmp_path / "archive").read_bytes()
    assert b"bellevue" not in content.lower()
    assert b"tables/" not in content
    other = Keyring.load_or_create(tmp_path / "other-keys")
    with pytest.raises(KeysMissing):
        restore_from_backup(
            tmp_path / "archive", url=f"sqlite:///{tmp_path}/x.sqlite", keyring=other, media=FolderMedia(tmp_path)
        )


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        pytest.param(lambda b: b[: len(b) // 2], Damaged, id="cut in the middle"),
        pytest.param(lambda b: b[:-1], Damaged, id="cut by a byte"),
        pytest.param(lambda b: b[:-70_000], Damaged, id="cut by a chunk"),
        pytest.param(lambda b: b[:100_000] + bytes([b[100_000] ^ 1]) + b[100_001:], Damaged, id="one bit changed"),
        pytest.param(lambda b: b"", NotABackup, id="empty"),
        pytest.param(lambda b: b"PK\x03\x04" + b, NotABackup, id="something else"),
        pytest.param(lambda b: b.replace(b"-BACKUP-1 0001", b"-BACKUP-1 0007", 1), KeysMissing, id="another key"),
    ],
)
def test_damaged_archive_restores_nothing(sqlite_store: Store, tmp_path: Path, harm, error):
    with sqlite_store.write() as session:
        arrive(session, SECRET)
    archive = tmp_path / "archive"
    create_backup(sqlite_store, archive)
    archive.write_bytes(harm(archive.read_bytes()))
    data = tmp_path / "elsewhere"
    data.mkdir()
    media = FolderMedia(data / "media")
    with pytest.raises(error):
        restore_from_backup(archive, url=f"sqlite:///{data}/x.sqlite", keyring=sqlite_store.keyring, media=media)
    assert list(media.locators()) == []
    left = Store(f"sqlite:///{data}/x.sqlite", sqlite_store.keyring, media)
    with left.engine.connect() as connection:
        if connection.dialect.has_table(connection, "intake"):
            assert connection.scalar(text("SELECT count(*) FROM intake")) == 0
    left.close()


def test_restoring_over_something_is_refused(store: Store, tmp_path: Path, store_settings: StoreFolders):
    with store.write() as session:
        arrive(session, OTHER)
    create_backup(store, tmp_path / "archive")
    before = rows(store), files(store)
    with pytest.raises(NotEmpty):
        put_back(tmp_path / "archive", store_settings, store.keyring)
    assert (rows(store), files(store)) == before


def test_restoring_into_a_prepared_but_empty_database(store: Store, tmp_path: Path, sqlite_settings: StoreFolders):
    manifest = create_backup(store, tmp_path / "archive")
    empty = replace(sqlite_settings, keys_dir=store.keyring.folder)
    assert put_back(tmp_path / "archive", empty, store.keyring).rows == manifest.rows == 0


def test_backup_of_a_newer_version(sqlite_store: Store, tmp_path: Path):
    with sqlite_store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    create_backup(sqlite_store, tmp_path / "archive")
    with pytest.raises(WrongSchema, match="9999"):
        restore_from_backup(
            tmp_path / "archive",
            url=f"sqlite:///{tmp_path}/x.sqlite",
            keyring=sqlite_store.keyring,
            media=FolderMedia(tmp_path / "m"),
        )


def test_backup_that_fails_leaves_the_older_one(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    create_backup(sqlite_store, tmp_path / "archive")
    before = (tmp_path / "archive").read_bytes()
    with sqlite_store.write() as session:
        arrive(session, OTHER)

    class DiskFails(FolderMedia):
        def open(self, locator: str):
            raise OSError(5, "Input/output error")

    sqlite_store.media = DiskFails(sqlite_store.media.folder)
    with pytest.raises(OSError, match="Input/output"):
        create_backup(sqlite_store, tmp_path / "archive")
    assert (tmp_path / "archive").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "archive" in path.name] == ["archive"]
    with pytest.raises(NotStored):
        sqlite_store.media.size("0" * 32)

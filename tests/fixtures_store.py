"""Stores for tests: each on its own database, SQLite and a real PostgreSQL server alike.

The server is a private cluster in a temporary folder, reached through a Unix socket only, and
stopped at the end: neither needs nor disturbs one that runs on the machine. As root it
runs as the user postgres, which is what PostgreSQL demands.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from config.settings.sections.database_section import Database
from config.settings.sections.media_section import Media
from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.postgres_databases import Databases

SERVERS = ("sqlite", "postgresql")
ON_SERVERS = [pytest.param(name, marks=pytest.mark.postgres if name == "postgresql" else ()) for name in SERVERS]
"""Both, as parameters of a fixture."""


@dataclass(frozen=True)
class StoreFolders:
    """What ``Store.open`` needs to know of the settings."""

    database_url: str
    data_dir: Path
    keys_dir: Path

    media: Media = field(default_factory=Media)
    database: Database = field(default_factory=Database)

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs, newest version first; Debian keeps them out of the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*versions, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


class Cluster:
    """A private PostgreSQL server."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Directly under the temporary folder: a socket's path may not be longer than 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="pv-pg-"))
        self._user: dict[str, str | int] = {}
        if os.geteuid() == 0:
            postgres = pwd.getpwnam("postgres")
            os.chown(self.folder, postgres.pw_uid, postgres.pw_gid)
            self._user = {"user": "postgres", "group": postgres.pw_gid}
        self._numbers = itertools.count()
        self._options = ""

    def _run(self, *argv: str) -> None:
        done = subprocess.run(
            [str(self._programs / argv[0]), *argv[1:]],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            # A pipe would be inherited by the server, and reading it never end.
            stdout=(self.folder / "output").open("wb"),
            stderr=subprocess.STDOUT,
            **self._user,
        )
        if done.returncode:
            raise RuntimeError(f"{argv[0]} failed:\n{(self.folder / 'output').read_text()}")

    def start(self, *, durable: bool = False) -> None:
        self._run(
            "initdb", "-D", "data", "-U", "portevoix", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"
        )
        # Durability is not what these tests are about, and costs most of their time.
        self._serve(f"-c fsync={'on' if durable else 'off'}")

    def _serve(self, options: str) -> None:
        where = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        self._options = f"{where} -c max_connections=50 {options}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", str(self.folder / "log"), "-o", self._options, "start")

    def stop(self) -> None:
        try:
            self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop_for_a_while(self) -> None:
        """Stop it, breaking every connection, and keep what it holds."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "fast", "stop")

    def go_on(self) -> None:
        """Start again what was stopped for a while."""
        self._run("pg_ctl", "-D", "data", "-w", "-l", str(self.folder / "log"), "-o", self._options, "start")

    def restart(self) -> None:
        """Start it anew, breaking every connection."""
        self._run(
            "pg_ctl", "-D", "data", "-w", "-m", "fast", "-l", str(self.folder / "log"), "-o", self._options, "restart"
        )

    def start_follower(self) -> Cluster:
        """A server that follows this one, by streaming replication, with all that is in it now."""
        follower = Cluster(self._programs)
        try:
            source = ("-h", str(self.folder), "-U", "portevoix")
            # -R has it follow; its own slotless stream is enough for as long as a test takes.
            follower._run("pg_basebackup", *source, "-D", "data", "-R", "-X", "stream", "-c", "fast", "--no-sync")
            follower._serve("-c hot_standby_feedback=on -c wal_receiver_status_interval=1s")
        except BaseException:
            shutil.rmtree(follower.folder, ignore_errors=True)
            raise
        return follower

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://portevoix@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of another one; its name."""
        name = f"test_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """The private server, started for the first test that needs it."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    cluster = Cluster(found)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_cluster: Cluster) -> str:
    """A database with all tables, to be copied."""
    name = postgresql_cluster.create()
    engine = create_engine(postgresql_cluster.url(name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_cluster: Cluster, postgresql_template: str) -> Databases:
    """Copies of the template, used by one test after the other."""
    cluster = postgresql_cluster
    return Databases(cluster.url, lambda: cluster.create(postgresql_template), cluster.drop)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    store = Store.open(StoreFolders(f"sqlite:///{folder}/template.sqlite", folder, folder / "keys"))
    migrate(store.engine)
    store.close()  # the last connection to close folds the log into the file
    return folder / "template.sqlite"


@pytest.fixture(params=ON_SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    """Which database server the test runs on: each in turn."""
    return str(request.param)


@pytest.fixture
def empty_database(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StoreFolders]:
    """Folders and a database without tables."""
    yield from store_folders(server, tmp_path, request, template=False)


@pytest.fixture
def store_settings(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StoreFolders]:
    """Folders and a database with all tables."""
    yield from store_folders(server, tmp_path, request, template=True)


@pytest.fixture
def store(store_settings: StoreFolders) -> Iterator[Store]:
    """An empty store."""
    store = Store.open(store_settings)
    yield store
    store.close()


@pytest.fixture
def sqlite_settings(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StoreFolders]:
    """Folders and a SQLite file with all tables, for tests that have nothing to do with the server."""
    yield from store_folders("sqlite", tmp_path / "sqlite", request, template=True)


@pytest.fixture
def sqlite_store(sqlite_settings: StoreFolders) -> Iterator[Store]:
    """An empty store on SQLite."""
    store = Store.open(sqlite_settings)
    yield store
    store.close()


def store_folders(
    server: str, tmp_path: Path, request: pytest.FixtureRequest, *, template: bool
) -> Iterator[StoreFolders]:
    """Folders and a database on a server, with all tables if ``template``; for fixtures of any scope."""
    data, keys = tmp_path / "data", tmp_path / "keys"
    data.mkdir(parents=True)
    if server == "sqlite":
        file = data / "portevoix.sqlite"
        if template:
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield StoreFolders(f"sqlite:///{file}", data, keys)
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    if template:
        databases: Databases = request.getfixturevalue("postgresql_databases")
        name = databases.lend()
        yield StoreFolders(cluster.url(name), data, keys)
        databases.take_back(name)
        return
    name = cluster.create()
    yield StoreFolders(cluster.url(name), data, keys)
    cluster.drop(name)

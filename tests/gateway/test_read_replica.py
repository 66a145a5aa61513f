"""Pages on a real streaming replica: read there, but never without one's own writes, too late, or while it is away.

The replica's replay is paused and goes on, so how far it is does not hang on how fast the machine is.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from config.enums import Role
from config.probe import run_probe
from config.settings.loader import Settings
from config.settings.sections.database_section import Database
from gateway.probes.database_probes import database_probes
from gateway.web.app import create_app
from inbox.accounts import sign_in_sessions, staff
from inbox.accounts.passwords import NO_PASSWORD
from inbox.models import Contribution
from inbox.storage.database import Store
from inbox.web.base.guard import open_to_all
from tests.fixtures_store import Cluster
from tests.inbox import makers
from tests.signed_in import sign_in_as

pytestmark = pytest.mark.postgres

AN_HOUR = 3600.0
_numbers = itertools.count(1)
PATIENCE = 120.0


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition, not for a moment."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def follower(postgresql_cluster: Cluster, place: tuple[str, Path]) -> Iterator[Cluster]:
    """A server that follows the tests' own; skipped with it where PostgreSQL is not installed."""
    following = postgresql_cluster.start_follower()
    yield following
    following.stop()


@dataclass
class Town:
    """A town on a primary and a replica."""

    folder: Path
    cluster: Cluster
    follower: Cluster
    name: str
    seconds: float
    store: Store = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings = Settings(
            data_dir=self.folder / "data",
            keys_dir=self.folder / "keys",
            database_url=self.cluster.url(self.name),
            database=Database(replica_url=self.follower.url(self.name), replica_seconds=self.seconds),
        )
        self.store = Store.open(settings)
        self.app = create_app(settings, self.store)
        self.app.testing = True
        with self.store.write() as session:
            self.people = {
                name: staff.create_person(session, f"{name}{next(_numbers)}", name, NO_PASSWORD, [Role.MODERATOR]).id
                for name in ("ana", "bob")
            }
        self.catch_up()

    def on_replica(self, statement: str) -> object:
        engine = create_engine(self.follower.url(self.name), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                return connection.execute(text(statement)).scalar()
        finally:
            engine.dispose()

    def pause(self) -> None:
        """Have the replica stay where it is."""
        self.on_replica("SELECT pg_wal_replay_pause()")
        until(lambda: self.on_replica("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def break_connections(self) -> None:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        self.on_replica(f"{ended} AND pid <> pg_backend_pid()")

    def go_on(self) -> None:
        self.on_replica("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        replica = self.store.replica
        assert replica is not None

        def is_there() -> bool:
            replica._away_until = 0.0  # as ten seconds after it was last seen to be away
            return replica.may_answer(replica.place_written())

        until(is_there)

    def client(self, name: str | None = None) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if name:
            sign_in_as(client, self.people[name])
        return client


@pytest.fixture
def seconds() -> float:
    """How old what the replica shows may be."""
    return AN_HOUR


@pytest.fixture(scope="module")
def place(postgresql_cluster: Cluster, postgresql_template: str, tmp_path_factory) -> tuple[str, Path]:
    """One database for all, with its keys: to make one, and wait until the replica has it, takes longer than a test."""
    return postgresql_cluster.create(postgresql_template), tmp_path_factory.mktemp("replicated")


@pytest.fixture
def town(follower: Cluster, postgresql_cluster: Cluster, place: tuple[str, Path], seconds: float) -> Iterator[Town]:
    name, folder = place
    there = Town(folder, postgresql_cluster, follower, name, seconds)
    yield there
    there.on_replica("SELECT pg_wal_replay_resume()")
    there.store.close()


def token_in(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def add_theme(client: FlaskClient, contribution: int, word: str) -> int:
    path = f"/contributions/{contribution}"
    values = {"csrf_token": token_in(client.get(path).text), "theme": "", "word": word}
    return client.post(f"{path}/themes", data=values).status_code


def test_everybody_sees_their_own_writes_and_others_a_little_later(town: Town) -> None:
    shown = makers.text_message(town.store, "Plus de bancs")
    ana, bob = town.client("ana"), town.client("bob")
    town.catch_up()
    path = f"/contributions/{shown}"
    assert "fontaine" not in bob.get(path).text
    town.pause()
    assert add_theme(ana, shown, "fontaine") == 302
    # Whoever wrote it sees it, on every page from now on; the replica, where others read, has it not.
    assert [("fontaine" in one.get(path).text) for one in (ana, ana, bob)] == [True, True, False]
    assert "fontaine" in ana.get("/contributions?theme=fontaine").text
    town.go_on()
    assert "fontaine" in bob.get(path).text
    # The replica answers her again, too: she sees nothing there that is not.
    town.pause()
    with town.store.write() as session:
        session.execute(text("UPDATE tag SET name = 'arbres' WHERE name = 'fontaine'"))
    assert ("fontaine" in ana.get(path).text, "arbres" in ana.get(path).text) == (True, False)


def test_exports_and_public_pages_are_read_there_too(town: Town) -> None:
    makers.text_message(town.store, "Plus de bancs")
    ana = town.client("ana")
    town.catch_up()
    town.pause()
    hidden = makers.text_message(town.store, "Plus de toboggans")
    with ana.get("/contributions/export.csv") as answer:  # closed, as a server does once it was sent
        assert "bancs" in answer.text
        assert "toboggans" not in answer.text
    with town.store.read() as rows:  # this thread's preference ended with the export
        assert rows.get(Contribution, hidden) is not None
    assert town.client().get("/suivi").status_code == 200


def test_a_session_that_was_ended_opens_nothing_there(town: Town) -> None:
    ana = town.client("ana")
    assert ana.get("/contributions").status_code == 200
    town.catch_up()
    town.pause()
    with ana.session_transaction() as cookie, town.store.write() as session:
        sign_in_sessions.end_session(session, cookie["token"])
    assert ana.get("/contributions").status_code == 302


@pytest.mark.parametrize("seconds", [1.0])
def test_what_is_older_than_allowed_is_read_from_the_primary(town: Town) -> None:
    bob = town.client("bob")
    town.catch_up()
    town.pause()
    made = makers.text_message(town.store, "Plus de fontaines")
    until(lambda: bob.get(f"/contributions/{made}").status_code == 200)
    assert town.store.replica is not None
    assert not town.store.replica.may_answer()


def test_a_replica_that_fails_in_the_middle_is_passed_over(town: Town) -> None:
    begun: list[str] = []

    @open_to_all
    def reading() -> str:
        with town.store.read() as rows:
            begun.append("replica" if rows.execute(text("SELECT pg_is_in_recovery()")).scalar() else "primary")
            if begun[-1] == "replica":
                town.break_connections()
            return str(rows.execute(text("SELECT 6 * 7")).scalar())

    town.app.add_url_rule("/reading", "reading", reading)
    town.catch_up()
    answer = town.client().get("/reading")
    assert (answer.status_code, answer.text, begun) == (200, "42", ["replica", "primary"])
    assert town.store.replica is not None
    assert not town.store.replica.may_answer()


def test_pages_go_on_while_the_replica_is_gone_and_use_it_once_it_is_back(town: Town) -> None:
    ana = town.client("ana")
    assert town.store.replica is not None
    town.follower.stop_for_a_while()
    try:
        assert ana.get("/contributions").status_code == 200
        assert not town.store.replica.may_answer()
    finally:
        town.follower.go_on()
    town.catch_up()


def test_a_primary_is_no_replica(town: Town) -> None:
    servers = Database(replica_url=town.cluster.url(town.name))
    mistaken = Store(town.cluster.url(town.name), town.store.keyring, town.store.media, servers=servers)
    assert mistaken.replica is not None
    assert not mistaken.replica.may_answer()
    mistaken.close()


def test_the_doctor_tells_of_a_replica(town: Town) -> None:
    def told(replica_url: str) -> str:
        servers = Database(replica_url=replica_url)
        (probe,) = [
            one
            for one in database_probes(town.settings.model_copy(update={"database": servers}))
            if one.name == "read replica"
        ]
        return run_probe(probe).line

    assert told(town.follower.url(town.name)).startswith("read replica follows, ")
    assert told(town.cluster.url(town.name)).startswith("read replica: it follows no other server")
    assert told(town.follower.url("nothing_there")).startswith("read replica: it, or the database, cannot be reached")

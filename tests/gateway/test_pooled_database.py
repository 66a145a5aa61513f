"""Behind pgbouncer, in transaction mode, with two connections for all: a text goes all the way, and nothing leaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from channels.providers.twilio.section import Twilio
from config.enums import Role, StepState
from config.probe import run_probe
from config.settings.loader import Settings
from config.settings.sections.database_section import Database
from config.wording.consultation import read_consultation
from gateway.probes.database_probes import database_probes
from gateway.web.app import create_app
from inbox.accounts import staff
from inbox.accounts.passwords import NO_PASSWORD
from inbox.backup import backups
from inbox.consultations import consultation_versions
from inbox.jobs import leadership
from inbox.migrations import migrate
from inbox.models import Step
from inbox.storage.database import Store
from inbox.storage.opening_log import OpeningQuery
from tests.at_once import understand_at_once
from tests.fixtures_store import Cluster
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, Provider
from tests.postgres_databases import Databases
from tests.signed_in import sign_in_as
from tests.standins.pgbouncer import PgBouncer

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def pooler(postgresql_cluster: Cluster) -> Iterator[PgBouncer]:
    if not PgBouncer.is_installed():
        pytest.skip("pgbouncer is not installed (apt install pgbouncer)")
    with PgBouncer(postgresql_cluster.folder) as running:
        yield running


@dataclass
class Pooled:
    """Settings that lead through the pooler, and what they open."""

    name: str
    cluster: Cluster
    pooler: PgBouncer
    folder: Path

    def settings(self, direct: str | None = None) -> Settings:
        return Settings(
            public_url=PUBLIC_URL,
            data_dir=self.folder / "data",
            keys_dir=self.folder / "keys",
            database_url=self.pooler.url(self.name),
            database=Database(direct_url=self.cluster.url(self.name) if direct is None else direct),
            twilio=Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr(TOKEN),), sender=NUMBER, receives=NUMBER),
        )


@pytest.fixture
def pooled(
    pooler: PgBouncer, postgresql_cluster: Cluster, postgresql_databases: Databases, tmp_path: Path
) -> Iterator[Pooled]:
    name = postgresql_databases.lend()
    yield Pooled(name, postgresql_cluster, pooler, tmp_path)
    postgresql_databases.take_back(name)


@pytest.fixture
def there(pooled: Pooled) -> Iterator[Store]:
    opened = Store.open(pooled.settings())
    yield opened
    opened.close()


def test_a_text_goes_through_to_the_inbox_and_is_backed_up(pooled: Pooled, there: Store) -> None:
    settings = pooled.settings()
    migrate(there.direct)
    with there.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
        person = staff.create_person(session, "ana", "Ana", NO_PASSWORD, [Role.MODERATOR]).id
    understand_at_once(there, settings)
    app = create_app(settings, there)
    app.testing = True
    client = app.test_client()
    # Twice each: the second time a server that prepares would find what it prepared on another connection.
    for number, body in enumerate(["Plus de bancs à la Boissière", "Une fontaine place Guérin"] * 2, start=1):
        answers = {Provider(client).text(body, number, f"+3361234567{number}").status_code for _ in range(2)}
        assert answers == {200}
    sign_in_as(client, person)
    page = client.get("/contributions?q=fontaine").text
    assert ("fontaine place Guérin" in page, "Boissière" in page) == (True, False)
    with there.read() as rows:
        assert set(rows.scalars(select(Step.state).where(Step.part_id.is_not(None)))) == {StepState.DONE}
    assert there.openings.find(OpeningQuery(person_id=person)), "who looked is on record, through the pooler too"
    assert there.openings.verify().broken_at is None
    made = backups.create_backup(there, pooled.folder / "backup.pvb")
    assert made.tables["contribution"] == 4


def test_each_transaction_says_its_own_limits_and_leaves_none_behind(there: Store) -> None:
    asked = text("SELECT current_setting('lock_timeout'), current_setting('TimeZone')")
    for transaction in (there.read, there.write, there.snapshot):
        with transaction() as rows:
            assert tuple(rows.execute(asked).one()) == ("30s", "UTC")
    with there.write(patience=2) as rows:
        assert tuple(rows.execute(asked).one()) == ("2s", "UTC")
    engine = create_engine(there.engine.url, connect_args={"prepare_threshold": None})
    with engine.connect() as connection:  # as any other client of the pooler
        assert connection.execute(asked).one()[0] == "0"
    engine.dispose()


def test_one_leads_whichever_connection_it_is_lent(there: Store) -> None:
    tokens: dict[str, int | None] = {}

    def ask(holder: str) -> None:
        for _ in range(5):
            with there.write() as session:
                tokens[holder] = leadership.acquire_leadership(session, "sweeper", holder)

    asking = [threading.Thread(target=ask, args=(name,)) for name in ("a", "b", "c", "d")]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sorted(token for token in tokens.values() if token is not None) == [1]


def test_without_the_direct_address_it_does_not_connect_and_the_doctor_says_what_to_set(pooled: Pooled) -> None:
    with pytest.raises(OperationalError, match="startup parameter"):
        Store.open(pooled.settings(direct=""))
    through, past = pooled.settings().database_url, pooled.cluster.url(pooled.name)
    lines = {
        name: run_probe(database_probes(settings)[0]).line
        for name, settings in {
            "right": pooled.settings(),
            "none": Settings(data_dir=pooled.folder / "x", keys_dir=pooled.folder / "y", database_url=past),
            "not set": pooled.settings(direct=""),
            "both": pooled.settings(direct=through),
        }.items()
    }
    assert lines["right"] == "database pooler in between, and direct_url leads past it"
    assert lines["none"] == "database pooler none"
    assert lines["not set"].startswith(
        "database pooler: database_url leads through a pooler, and direct_url is not set"
    )
    assert "set direct_url in [database]" in lines["not set"]
    assert lines["both"].startswith("database pooler: direct_url leads through a pooler, too")

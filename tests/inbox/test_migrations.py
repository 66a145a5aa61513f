"""Every migration goes up and down on both servers, and ends at what the models say."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from inbox.migrations import head, migrate, revision_of
from inbox.models import Base
from inbox.storage.database import Store

# What migrations make beside the models: SQLite's search index with its five tables, PostgreSQL's column.
BESIDE_THE_MODELS = {"search_text_fts", "words", "ix_search_text_words"}


def _ours(_object, name, kind, _reflected, _compare_to):
    if kind == "table" and name.startswith("search_text_fts"):
        return False
    return name not in BESIDE_THE_MODELS


def test_migrated_database_is_what_the_models_say(store: Store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_up_down_up(empty_database):
    store = Store.open(empty_database)
    assert revision_of(store.engine) is None
    migrate(store.engine)
    assert revision_of(store.engine) == head()
    migrate(store.engine, "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    migrate(store.engine)
    assert set(inspect(store.engine).get_table_names()) >= set(Base.metadata.tables)
    migrate(store.engine)
    store.close()


def test_a_mailbox_read_so_far_is_not_read_again(empty_database):
    store = Store.open(empty_database)
    migrate(store.engine, "0002")
    rows = "INSERT INTO mail_cursor (account, folder, uidvalidity, last_uid) VALUES (:account, 'INBOX', 7, :uid)"
    with store.engine.execution_options(portevoix_begin="writing").begin() as connection:
        connection.execute(text(rows), [{"account": "read", "uid": 3200}, {"account": "empty", "uid": 0}])
    migrate(store.engine, "0003")
    with store.engine.connect() as connection:
        found = connection.execute(text("SELECT account, taken, not_taken_in, looked_at FROM mail_cursor")).all()
    assert sorted(map(tuple, found)) == [("empty", "", 0, None), ("read", "1:3200", 0, None)]
    store.close()


def test_several_processes_migrate_at_once(empty_database):
    stores = [Store.open(empty_database) for _ in range(4)]
    failures: list[BaseException] = []

    def run(store: Store) -> None:
        try:
            migrate(store.engine)
        except Exception as error:  # noqa: BLE001 - shown in the thread that asserts
            failures.append(error)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert revision_of(stores[0].engine) == head()
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET action = 'something else'",
        "DELETE FROM history",
    ],
)
def test_history_cannot_be_changed(store: Store, statement: str):
    with store.write() as session:
        session.execute(
            text("INSERT INTO history (subject, action, details, at) VALUES ('part:1', 'made', '{}', '2025-01-01')")
        )
    with pytest.raises(DBAPIError, match=r"append-only|only ever added"), store.write() as session:
        session.execute(text(statement))

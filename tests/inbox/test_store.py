"""The store: transactions, locks, processes, sealing of rows; SQLite and PostgreSQL alike."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from config.enums import Channel, Queue
from inbox.errors import KeysMissing, NestedWrite, StoreBusy
from inbox.models import Centre, ConsultationAddress, Intake
from inbox.servers.engines import begin_writing
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import after_commit, after_rollback, unit_of
from inbox.storage.upsert import insert_if_new


def centres(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Centre.slug).order_by(Centre.slug)))


def test_write_commits_and_leaves_rows_usable(store: Store):
    with store.write() as session:
        centre = Centre(slug="bellevue", name="Bellevue")
        session.add(centre)
    assert (centre.id, centre.name) == (1, "Bellevue")
    assert centres(store) == ["bellevue"]


def test_exception_undoes_everything(store: Store):
    undone: list[str] = []

    def fail(session: Session) -> None:
        session.add(Centre(slug="bellevue", name="Bellevue"))
        session.flush()
        after_commit(session, lambda: undone.append("never"))
        after_rollback(session, lambda: undone.append("files given up"))
        raise RuntimeError

    with pytest.raises(RuntimeError), store.write() as session:
        fail(session)
    assert undone == ["files given up"]
    assert centres(store) == []


def test_a_write_that_cannot_begin_fails_like_any_other_statement(sqlite_store: Store):
    with sqlite_store.engine.connect() as reading:
        driver = reading.connection.driver_connection
        driver.commit()
        with pytest.raises(OperationalError, match="readonly"):
            begin_writing(driver, 1)


def test_read_refuses_to_write(store: Store):
    with pytest.raises(DBAPIError, match=r"read-only|readonly"), store.read() as session:
        insert_if_new(session, Centre, slug="bellevue", name="Bellevue")
    with store.write() as session:  # the same pooled connection may write again
        session.add(Centre(slug="bellevue", name="Bellevue"))


def test_read_is_one_snapshot(store: Store):
    with store.read() as reading:
        assert reading.scalar(select(func.count(Centre.id))) == 0
        with store.write() as session:
            session.add(Centre(slug="bellevue", name="Bellevue"))
        assert reading.scalar(select(func.count(Centre.id))) == 0
    assert centres(store) == ["bellevue"]


def test_foreign_keys_hold(store: Store):
    with pytest.raises(DBAPIError), store.write() as session:
        session.add(ConsultationAddress(consultation_id=99, channel=Channel.SMS, value="+33"))


def test_write_inside_a_write_is_refused_at_once(store: Store):
    with store.write(), pytest.raises(NestedWrite), store.write():
        pass
    with store.write():
        pass


def test_savepoints(store: Store):
    with store.write() as session:
        session.add(Centre(slug="a", name="A"))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add_all([Centre(slug="b", name="B"), Centre(slug="b", name="B")])
        session.add(Centre(slug="c", name="C"))
    assert centres(store) == ["a", "c"]


def test_writers_count_without_losing_one(store: Store):
    """Read, think, write: on SQLite nobody else writes in between, on PostgreSQL the row is locked."""
    with store.write() as session:
        session.add(Centre(slug="bellevue", name="0"))

    def count_up() -> None:
        for _ in range(25):
            with store.write() as session:
                centre = session.scalars(select(Centre).with_for_update()).one()
                centre.name = str(int(centre.name) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert session.scalars(select(Centre.name)).one() == "100"


def test_write_gives_up_with_store_busy(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.storage.database.BUSY_SECONDS", 0.1)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_store.write():
            held.set()
            let_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        with pytest.raises(StoreBusy) as caught, sqlite_store.write():
            pass
        assert caught.value.retryable
    finally:
        let_go.set()
        thread.join()
    with sqlite_store.write() as session:
        session.add(Centre(slug="free", name="Free again"))


def test_who_has_little_patience_waits_little(store: Store):
    """A caller on the telephone cannot wait as long as a worker: for the write lock, or for a row of somebody else."""
    with store.write() as session:
        session.add(Centre(slug="a", name="0"))
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write() as session:
            session.execute(update(Centre).values(name="1"))
            held.set()
            let_go.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    started = time.monotonic()
    try:
        with pytest.raises(StoreBusy), store.write(patience=0.3) as session:
            session.execute(update(Centre).values(name="2"))
        assert time.monotonic() - started < 10
    finally:
        let_go.set()
        thread.join()
    with store.read() as session:
        assert session.scalars(select(Centre.name)).one() == "1"


def test_broken_deadlock_is_store_busy(store: Store):
    """On PostgreSQL one of two transactions that wait for each other is ended; SQLite's writers queue up."""
    with store.write() as session:
        session.add_all([Centre(slug="a", name="0"), Centre(slug="b", name="0")])
    both = threading.Barrier(2)
    outcomes: list[str] = []

    def rename(first: str, second: str) -> None:
        try:
            with store.write() as session:
                session.execute(update(Centre).where(Centre.slug == first).values(name="1"))
                if store.engine.dialect.name == "postgresql":
                    both.wait(10)
                session.execute(update(Centre).where(Centre.slug == second).values(name="1"))
            outcomes.append("done")
        except StoreBusy:
            outcomes.append("busy")

    threads = [threading.Thread(target=rename, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == {"postgresql": ["busy", "done"], "sqlite": ["done", "done"]}[store.engine.dialect.name]


def test_nobody_waits_much_longer_than_others(sqlite_store: Store):
    """Four threads that write all the time each get their turn."""
    counts = dict.fromkeys(range(4), 0)
    stop = threading.Event()

    def write_on(number: int) -> None:
        while not stop.is_set():
            with sqlite_store.write():
                counts[number] += 1
                time.sleep(0.002)

    threads = [threading.Thread(target=write_on, args=(number,)) for number in counts]
    for thread in threads:
        thread.start()
    time.sleep(2)
    stop.set()
    for thread in threads:
        thread.join()
    assert min(counts.values()) > max(counts.values()) / 10, counts


# --- after the commit ---------------------------------------------------------------------------


def test_wakers_hear_of_committed_steps_once(store: Store):
    heard: list[list[tuple[Queue, int]]] = []
    store.after_commit(heard.append)
    with store.write() as session:
        unit_of(session).woken += [(Queue.SPEECH, 1), (Queue.MAIL, 2), (Queue.SPEECH, 1)]
        assert heard == []
    with pytest.raises(DBAPIError), store.write() as session:
        unit_of(session).woken.append((Queue.SPEECH, 3)) or session.execute(text("SELECT nothing"))
    with store.write():
        pass
    assert heard == [[(Queue.SPEECH, 1), (Queue.MAIL, 2)]]


def queue_is_down(_woken: object) -> None:
    raise ConnectionError("no queue")


def test_waker_that_fails_undoes_nothing(store: Store, caplog: pytest.LogCaptureFixture):
    store.after_commit(queue_is_down)
    with store.write() as session:
        session.add(Centre(slug="bellevue", name="Bellevue"))
        unit_of(session).woken.append((Queue.SPEECH, 1))
    assert centres(store) == ["bellevue"]
    assert "after a transaction failed" in caplog.text


def test_waker_may_write(store: Store):
    def write_again(_woken: object) -> None:
        with store.write() as session:
            session.add(Centre(slug="woken", name="Woken"))

    store.after_commit(write_again)
    with store.write() as session:
        unit_of(session).woken.append((Queue.SPEECH, 1))
    assert centres(store) == ["woken"]


# --- processes ----------------------------------------------------------------------------------


def test_child_gets_connections_of_its_own(store: Store):
    with store.write() as session:
        session.add(Centre(slug="parent", name="Parent"))
    child = os.fork()
    if child == 0:  # pragma: no cover - runs in the child
        status = 1
        try:
            for number in range(20):
                with store.write() as session:
                    session.add(Centre(slug=f"child-{number:02}", name="Child"))
            status = 0
        finally:
            os._exit(status)
    for number in range(20):
        with store.write() as session:
            session.add(Centre(slug=f"parent-{number:02}", name="Parent"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(centres(store)) == 41


_WRITER = """
import sys
from tests.fixtures_store import StoreFolders
from inbox.models import Centre
from inbox.servers.engines import begin_writing
from inbox.storage.database import Store
from pathlib import Path
url, data, keys = sys.argv[1:]
store = Store.open(StoreFolders(url, Path(data), Path(keys)))
for number in range(100_000):
    with store.write() as session:
        session.add(Centre(slug=f"c{number}", name="C"))
    print(number, flush=True)
"""


@pytest.mark.processes
def test_what_was_acknowledged_survives_a_kill(store_settings):
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, store_settings.database_url, store_settings.data_dir, store_settings.keys_dir],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.communicate()[0].splitlines()]
    store = Store.open(store_settings)
    found = {int(slug[1:]) for slug in centres(store)}
    store.close()
    assert found >= set(acknowledged)


# --- settings of the server -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 30000),
        ("temp_store", 2),
    ],
)
def test_sqlite_is_set_up_at_every_connection(disk_awaited, sqlite_store: Store, pragma: str, value: object):
    for open_store in (sqlite_store.write, sqlite_store.read):
        with open_store() as session:
            assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_folders_and_files_are_for_nobody_else(store_settings):
    store_settings.data_dir.chmod(0o755)  # an administrator may have made it
    Store.open(store_settings).close()
    seen = {path: path.stat().st_mode & 0o077 for path in store_settings.keys_dir.iterdir()}
    seen |= {path: path.stat().st_mode & 0o077 for path in store_settings.data_dir.glob("*.sqlite*")}
    assert set(seen.values()) == {0}
    assert store_settings.media_dir.stat().st_mode & 0o077 == 0


def test_other_keys_than_the_database_was_written_with(store_settings):
    store = Store.open(store_settings)
    with store.write() as session:
        vault_of(session).new_key(session)
    store.close()
    moved = type(store_settings)(
        store_settings.database_url, store_settings.data_dir, store_settings.keys_dir.with_name("other")
    )
    with pytest.raises(KeysMissing, match="0001-"):
        Store.open(moved)
    Store.open(store_settings).close()


def test_intakes_are_unique_by_constraint(store: Store):
    def add() -> None:
        with store.write() as session:
            key = vault_of(session).new_key(session)
            session.add(Intake(channel=Channel.SMS, account="AC1", external_id="SM1", key_id=key.id))

    add()
    with pytest.raises(DBAPIError):
        add()


def test_errors_hide_the_values_of_their_statement(store: Store):
    with pytest.raises(DBAPIError) as caught, store.write() as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:words)"), {"words": "ce que dit quelqu'un"})
    assert "quelqu" not in str(caught.value)


class Heard:
    """What a test gathers until the commit."""

    def __init__(self) -> None:
        self.words: list[str] = []


def test_what_is_gathered_is_told_of_once_and_only_when_it_is_committed(store: Store) -> None:
    told: list[object] = []

    def hear(session: Session, word: str) -> None:
        unit_of(session).gathering(Heard, lambda heard: told.append(heard.words)).words.append(word)

    with store.write() as session:
        for word in ("un", "banc"):
            hear(session, word)
        assert told == []
    assert told == [["un", "banc"]]
    with pytest.raises(DBAPIError), store.write() as session:
        unit_of(session).gathering(Heard, told.append) and session.execute(text("SELECT nothing"))
    with store.write() as session:
        hear(session, "deux")
    assert told == [["un", "banc"], ["deux"]]


def test_each_session_has_a_unit_of_its_own(store: Store) -> None:
    with store.write() as session:
        unit = unit_of(session)
        assert (unit.store, unit.vault, unit.region) == (store, store.vault, store.region)
        with store.read() as other:
            assert unit_of(other) is not unit
    with pytest.raises(KeyError):
        unit_of(Session())


def test_connections_that_the_server_has_closed_are_replaced(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    with ExitStack() as several:  # three that are kept
        for _ in range(3):
            several.enter_context(store.read()).execute(text("SELECT 1"))
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with create_engine(store.engine.url).begin() as administrator:
        administrator.execute(text(f"SELECT pg_terminate_backend(pid, 60000) {others}"))
    for _ in range(3):
        with store.write() as session:
            assert session.scalar(text("SELECT 1")) == 1

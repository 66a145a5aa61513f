"""What one host does for all: one leads, its writes are fenced, another takes over, nobody in the middle of a write."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from inbox.errors import InboxError, LeadLost
from inbox.jobs import leadership
from inbox.models import Heartbeat, Leadership
from inbox.storage.database import Store
from inbox.storage.unit_of_work import SQLAlchemyError
from tests.fixtures_store import StoreFolders, store_folders
from workers.runtime import lead_holder
from workers.runtime.heartbeats import record_heartbeat
from workers.runtime.lead_holder import LeadHolder
from workers.runtime.periodic import PeriodicTask, run_periodic_tasks
from workers.runtime.watcher_context import WatcherContext

pytestmark = pytest.mark.postgres

LeadOf = Callable[[Store, str], LeadHolder]


@pytest.fixture
def shared(tmp_path, request: pytest.FixtureRequest) -> Iterator[StoreFolders]:
    """A database that several hosts share."""
    yield from store_folders("postgresql", tmp_path, request, template=True)


@pytest.fixture
def host(shared: StoreFolders) -> Iterator[Callable[[], Store]]:
    """Opens the store as one more host does."""
    opened: list[Store] = []

    def another() -> Store:
        opened.append(Store.open(shared))
        return opened[-1]

    yield another
    for one in opened:
        one.close()


@pytest.fixture
def lead_of(host: Callable[[], Store]) -> Iterator[LeadOf]:
    """Makes leads, whose threads end with the test."""
    made: list[LeadHolder] = []

    def make(store: Store, name: str) -> LeadHolder:
        made.append(LeadHolder(store, name))
        return made[-1]

    yield make
    for one in made:
        with contextlib.suppress(InboxError, SQLAlchemyError):
            one.give_up()


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals a process sends itself."""
    sent: list[int] = []
    monkeypatch.setattr(lead_holder.os, "kill", lambda _pid, number: sent.append(number))
    return sent


@pytest.fixture
def short_term(monkeypatch: pytest.MonkeyPatch) -> timedelta:
    term = timedelta(seconds=0.6)
    monkeypatch.setattr(leadership, "TERM", term)
    monkeypatch.setattr(leadership.acquire_leadership, "__defaults__", (term,))
    monkeypatch.setattr(lead_holder, "TRY_SECONDS", 0.1)
    return term


def take_over(store: Store, name: str) -> int | None:
    """As another host does once the term is over."""
    with store.write() as session:
        session.get_one(Leadership, name).until = session.execute(select(func.clock_timestamp())).scalar_one()
    with store.write() as session:
        return leadership.acquire_leadership(session, name, "another")


def test_one_leads_and_the_others_wait(lead_of: LeadOf, host: Callable[[], Store]):
    leads = [lead_of(host(), "sweeper") for _ in range(3)]
    assert [one.is_ours for one in leads] == [True, False, False]
    other = lead_of(host(), "mailbox-1")
    assert other.is_ours


def test_many_ask_at_once(lead_of: LeadOf, host: Callable[[], Store]):
    leads = [lead_of(host(), "sweeper") for _ in range(6)]
    found: list[bool] = []
    asking = [threading.Thread(target=lambda one=one: found.append(one.is_ours)) for one in leads]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sorted(found) == [False] * 5 + [True]


def test_a_lead_that_is_given_up_is_free_at_once(lead_of: LeadOf, host: Callable[[], Store]):
    first, second = lead_of(host(), "sweeper"), lead_of(host(), "sweeper")
    assert first.is_ours
    assert not second.is_ours
    first.give_up()
    with host().write() as session:
        assert leadership.acquire_leadership(session, "sweeper", "third") == 2


def test_it_is_kept_over_many_terms(
    lead_of: LeadOf, host: Callable[[], Store], short_term: timedelta, ended: list[int]
):
    first, second = lead_of(host(), "sweeper"), lead_of(host(), "sweeper")
    assert first.is_ours
    until = time.monotonic() + 4 * short_term.total_seconds()
    while time.monotonic() < until:
        assert not second.is_ours
        time.sleep(0.05)
    assert ended == []


def test_who_was_overtaken_writes_nothing_more_and_ends(
    lead_of: LeadOf, host: Callable[[], Store], short_term: timedelta, ended: list[int]
):
    store = host()
    first = lead_of(store, "sweeper")
    assert first.is_ours
    with store.write() as session:
        record_heartbeat(session, "before")
    assert take_over(host(), "sweeper") == 2
    with pytest.raises(LeadLost), store.write() as session:
        record_heartbeat(session, "after")
    with store.read() as session:
        assert list(session.scalars(select(Heartbeat.process))) == ["before"]
    deadline = time.monotonic() + 10 * short_term.total_seconds()
    while not ended and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ended == [signal.SIGTERM]


def test_nobody_takes_over_in_the_middle_of_a_write(lead_of: LeadOf, host: Callable[[], Store]):
    store, other = host(), host()
    assert lead_of(store, "sweeper").is_ours
    taken: list[float] = []

    def overtake() -> None:
        take_over(other, "sweeper")
        taken.append(time.monotonic())

    with store.write() as session:
        overtaking = threading.Thread(target=overtake)
        overtaking.start()
        time.sleep(0.3)
        assert taken == []
        record_heartbeat(session, "in the middle")
    overtaking.join()
    with other.read() as session:
        assert list(session.scalars(select(Heartbeat.process))) == ["in the middle"]


def test_a_host_whose_clock_is_wrong_takes_nothing(
    lead_of: LeadOf, host: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
):
    assert lead_of(host(), "sweeper").is_ours
    ahead = leadership.utc_now() + timedelta(days=1)
    monkeypatch.setattr(leadership, "utc_now", lambda: ahead)
    assert not lead_of(host(), "sweeper").is_ours


def test_what_each_host_does_goes_on_while_another_leads(lead_of: LeadOf, host: Callable[[], Store]):
    assert lead_of(host(), "sweeper").is_ours
    done: list[str] = []

    class Enough(BaseException):
        pass

    def local(_here: object) -> None:
        done.append("local")
        if len(done) > 3:
            raise Enough

    store = host()
    tasks = (
        PeriodicTask("local", 0.01, "", local),
        PeriodicTask("alone", 0.01, "", lambda _here: done.append("alone"), alone=True),
    )
    with pytest.raises(Enough):
        run_periodic_tasks(WatcherContext(None, store), tasks, lead_of(store, "sweeper"))  # type: ignore[arg-type] # no task asks
    assert set(done) == {"local"}


def test_on_sqlite_whoever_runs_leads(lead_of: LeadOf, sqlite_store: Store):
    assert lead_of(sqlite_store, "sweeper").is_ours
    with sqlite_store.read() as session:
        assert session.execute(text("SELECT count(*) FROM leadership")).scalar() == 0


def test_the_rows_say_the_same_on_sqlite(sqlite_store: Store):
    with sqlite_store.write() as session:
        assert leadership.acquire_leadership(session, "sweeper", "a") == 1
        assert leadership.acquire_leadership(session, "sweeper", "b") is None
        assert leadership.acquire_leadership(session, "sweeper", "a") == 1
        assert leadership.is_token_newest(session, "sweeper", 1)
        leadership.release_leadership(session, "sweeper", "b")
        assert leadership.acquire_leadership(session, "sweeper", "b") is None
        leadership.release_leadership(session, "sweeper", "a")
        session.flush()
        assert leadership.acquire_leadership(session, "sweeper", "b") == 2
        assert not leadership.is_token_newest(session, "sweeper", 1)

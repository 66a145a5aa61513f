"""Who has fallen silent is named, but not for a silence that the database itself has made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from inbox.errors import StoreBusy
from inbox.models import Heartbeat
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.workers.installation import until
from workers.processes import liveness
from workers.processes.child_processes import ProcessSpec
from workers.processes.liveness import LivenessMonitor

SILENT = 2.0


@dataclass
class Running:
    """A child that has been running for an hour."""

    process: ProcessSpec
    pid: int = 1
    is_resting: bool = False

    def ran_for(self) -> float:
        return 3600.0


@dataclass
class Watched:
    """A watchkeeper over one child that was last heard of a minute ago."""

    store: Store
    keeper: LivenessMonitor = field(init=False)
    named: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        child = Running(ProcessSpec("mailbox-1", (), beats={"mailbox-1": SILENT}))
        supervised = Running(ProcessSpec("web", ()))
        self.keeper = LivenessMonitor(self.store, [child, supervised], lambda one: self.named.append(one.process.name))
        with self.store.write() as session:
            session.add(Heartbeat(process="mailbox-1", seen_at=utc_now() - timedelta(minutes=1), note=""))
        self.store.close()  # looks are forked

    def tend(self) -> list[str]:
        self.keeper.tend()
        return self.named


@pytest.fixture
def watched(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(liveness, "EVERY_SECONDS", 0.02)
    made = Watched(sqlite_store)
    yield made
    made.keeper.stop()


def test_a_process_that_fell_silent_is_named_and_who_cannot_beat_is_beaten_for(watched: Watched) -> None:
    assert until(lambda: bool(watched.tend()))
    assert watched.named == ["mailbox-1"]
    with watched.store.read() as session:
        assert session.get(Heartbeat, "web") is not None


def test_a_silence_that_the_database_has_made_counts_for_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def refuse() -> Iterator[Session]:
        raise StoreBusy
        yield

    with monkeypatch.context() as busy:
        busy.setattr(watched.store, "write", refuse)
        assert until(lambda: watched.tend() or watched.keeper.has_failed)
    with watched.store.write() as session:
        session.get_one(Heartbeat, "mailbox-1").seen_at = utc_now() - timedelta(minutes=1)
    assert until(lambda: watched.tend() or _beaten_for(watched.store))
    assert watched.named == []
    assert until(lambda: "mailbox-1" in watched.tend()), "it has had its time since the database answers"


def _beaten_for(store: Store) -> bool:
    with store.read() as session:
        return session.get(Heartbeat, "web") is not None

"""What waits at a provider that has to be asked is taken in once, and forgotten there only when it is stored here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base.values import DeliveryStatus, Fields
from config.settings.providers import PROVIDERS
from config.settings.schema import Settings
from inbox.errors import StoreBusy
from inbox.models import Arrival, Heartbeat, Intake
from inbox.storage.database import Store
from tests.standins.polled_provider import PolledBox
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import text_poller
from workers.watchers.text_poller import AT_ONCE, ProviderPoller, configured_pollers, polling_tasks

LEA = "+33639980006"


def text(number: int, body: str = "Un banc") -> Fields:
    return Fields({"id": f"t{number}", "sender": LEA, "receiver": "", "body": body})


@pytest.fixture
def here(sqlite_store: Store, tmp_path: Path) -> WatcherContext:
    return WatcherContext(Settings(folder=tmp_path), sqlite_store)


def taken_in(here: WatcherContext) -> list[str]:
    with here.store.read() as session:
        return list(session.scalars(select(Intake.external_id).order_by(Intake.id)))


class Busy:
    """A store whose writes find the database busy, some times."""

    def __init__(self, store: Store, times: int) -> None:
        self._store, self.times = store, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write of the store."""
        if self.times:
            self.times -= 1
            raise StoreBusy
        with self._store.write() as session:
            yield session


def test_what_waits_is_taken_in_and_forgotten_there(here: WatcherContext) -> None:
    box = PolledBox({f"a{number}": text(number) for number in range(3)})
    ProviderPoller(box).poll(here)
    assert (taken_in(here), box.inbox) == (["t0", "t1", "t2"], {})
    with here.store.read() as session:
        assert [one.kind for one in session.scalars(select(Arrival))] == ["file"] * 3


def test_killed_between_storing_and_forgetting_it_is_taken_in_once(here: WatcherContext) -> None:
    box = PolledBox({"a": text(1), "b": text(2)}, loses_acknowledgements=1)
    with pytest.raises(KeyboardInterrupt):
        ProviderPoller(box).poll(here)
    assert (taken_in(here), list(box.inbox)) == (["t1"], ["a", "b"])
    ProviderPoller(box).poll(here)
    assert (taken_in(here), box.inbox) == (["t1", "t2"], {})


def test_a_busy_database_sets_nothing_aside(here: WatcherContext) -> None:
    box = PolledBox({"a": text(1)})
    busy = WatcherContext(here.settings, Busy(here.store, 1))  # type: ignore[arg-type] # all it is asked for
    with pytest.raises(StoreBusy):
        ProviderPoller(box).poll(busy)
    assert (list(box.inbox), box.aside) == (["a"], [])
    ProviderPoller(box).poll(busy)
    assert (taken_in(here), box.inbox) == (["t1"], {})


JUNK = {
    "nothing": Fields({}),
    "no identity": Fields({"id": "", "sender": LEA, "body": "x"}),
    "no sender": Fields({"id": "t1", "body": "x"}),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_what_is_no_text_is_set_aside_and_holds_nothing_up(here: WatcherContext, junk: Fields) -> None:
    box = PolledBox({"junk": junk, "a": text(1)})
    ProviderPoller(box).poll(here)
    assert (taken_in(here), box.inbox, box.aside) == (["t1"], {}, ["junk"])


def test_a_provider_that_is_away_is_told_with_the_heartbeat(here: WatcherContext) -> None:
    box, other = PolledBox(away=True), PolledBox({"a": text(1)})
    pollers = [ProviderPoller(box), ProviderPoller(other)]

    def note() -> str:
        for one in reversed(polling_tasks(pollers)):
            one.run(here)
        with here.store.read() as session:
            return session.get_one(Heartbeat, text_poller.NAME).note

    assert note() == "box: the box is closed"
    assert taken_in(here) == ["t1"], "one that is away keeps no other from being asked"
    box.away = False
    assert note() == ""


def test_what_became_of_our_texts_is_forgotten_once_it_is_noted(here: WatcherContext) -> None:
    box = PolledBox(ended=[DeliveryStatus("portevoix-ville-9", "sent", message_id=9)])
    ProviderPoller(box).poll(here)
    assert box.ended == [], "that of a message which was erased meanwhile, too"


def test_a_flood_is_taken_in_bit_by_bit(here: WatcherContext) -> None:
    box = PolledBox({f"a{number}": text(number) for number in range(AT_ONCE + 3)})
    ProviderPoller(box).poll(here)
    assert (len(taken_in(here)), len(box.inbox)) == (AT_ONCE, 3)


def test_nobody_is_asked_unless_it_is_set(tmp_path: Path) -> None:
    assert len(PROVIDERS) > 0
    assert configured_pollers(Settings(folder=tmp_path)) == []

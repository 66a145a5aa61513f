"""Any interleaving of workers, some of them killed or too slow, ends like one text after the other."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from greenlet import greenlet
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from config.enums import Queue
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.records import references
from tests.fixtures_store import StoreFolders
from tests.workers.text_town import Text, Town, paused, town_of
from tests.workers.town_rows import differing
from workers.pools import light_steps

PEOPLE = 2
SAID = (
    "Il faudrait plus de bancs à l'ombre rue de Siam",
    "Et des arbres place de la Liberté",
    "We need more buses in the evening please",
    "STOP",
    "REPRENDRE",
    "EFFACER {reference}",
    "OUI",
    "non",
    "GARDER {reference}",
    "SUIVI {reference}",
    "merci",
    "AIDE",
    "👍",
    "A aimé « votre avis est bien arrivé »",
)
MOST_KILLS = 2
"""A step that lost its worker three times is given up, by design."""

texts = st.lists(st.tuples(st.sampled_from((1, 1, 1, 2)), st.sampled_from(SAID)), min_size=3, max_size=7)
schedules = st.lists(st.integers(0, 9), min_size=15, max_size=40)


class Killed(BaseException):
    """What ends a worker at any of its transactions."""


class Workers:
    """Two workers of the urgent pool who take turns at each transaction, as a schedule says."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._kills = 0
        self._running = [self._new(), self._new()]

    def _new(self) -> greenlet:
        boss = greenlet.getcurrent()
        here = paused(self._town, lambda: boss.switch())

        def work() -> None:
            for queue in (Queue.URGENT, Queue.THEMES):
                light_steps.drain_light_queue(here.here, queue)

        return greenlet(work, boss)

    def move(self, turn: int) -> None:
        """One of them goes on until its next transaction; or is killed there, and another one comes."""
        which = turn % len(self._running)
        if self._running[which].dead:
            self._running[which] = self._new()
        if turn >= 8 and self._running[which] and self._kills < MOST_KILLS:
            self._kills += 1
            self.kill(which)
            return
        self._running[which].switch()

    def kill(self, which: int) -> None:
        """It holds its steps until their leases run out; they all do, those of who is merely slow as well."""
        with pytest.raises(Killed):
            self._running[which].throw(Killed)
        self._running[which] = self._new()
        with self._town.store.write() as session:
            session.execute(update(Step).where(Step.lease_until.is_not(None)).values(lease_until=utc_now()))

    def finish(self) -> None:
        """Let them all end what they are at, in turn."""
        while running := [one for one in self._running if one and not one.dead]:
            for one in running:
                one.switch()


@contextmanager
def towns(template: Path, count: int) -> Iterator[list[Town]]:
    """Towns alike, in memory where there is such a folder: what is tried has nothing to do with the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        made = []
        for number in range(count):
            data = Path(name) / f"{number}"
            data.mkdir()
            shutil.copy(template, data / "p.sqlite")
            made.append(town_of(StoreFolders(f"sqlite:///{data}/p.sqlite", data, data), Path(name) / "keys"))
        try:
            yield made
        finally:
            for town in made:
                town.store.close()


def introduce(town: Town) -> None:
    """Everybody has said something, so that there is something to erase."""
    town.take_in([Text(one, "Bonjour, plus de pistes cyclables") for one in range(1, PEOPLE + 1)])
    town.work()


def in_full(town: Town, said: Sequence[tuple[int, str]]) -> list[Text]:
    """The texts with the references of this town."""
    with town.store.read() as session:
        numbers = {one: references.reference_of(session, one) for one in range(1, PEOPLE + 1)}
    return [Text(by, body.format(reference=numbers[by])) for by, body in said]


# Shrinking would take minutes, and the examples are small.
@settings(
    max_examples=10, phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(texts, schedules)
# The first worker has taken the first text when the second comes, and saves it when another worker is done.
@example([(1, SAID[0]), (1, SAID[1])], [0, 0, 1, 1, 1])
@example([(1, "STOP"), (1, "REPRENDRE")], [0, 0, 1, 1, 1])
def test_any_interleaving_ends_like_the_sequence(
    sqlite_template: Path, said: list[tuple[int, str]], schedule: list[int]
) -> None:
    with towns(sqlite_template, 2) as (one, other):
        introduce(one)
        for number, text in enumerate(in_full(one, said), PEOPLE + 1):
            one.take_in([text], number)
            one.work()
        introduce(other)
        _post_meanwhile(other, in_full(other, said), schedule)
        assert other.open_steps() == 0
        assert differing(one.store, other.store) == []


def _post_meanwhile(town: Town, posted: Sequence[Text], schedule: Sequence[int]) -> None:
    workers = Workers(town)
    number = PEOPLE
    for text, turns in zip(posted, _shares(schedule, len(posted)), strict=True):
        number += 1
        town.take_in([text], number)
        for turn in turns:
            workers.move(turn)
    workers.finish()
    town.work()


def _shares(schedule: Sequence[int], count: int) -> list[Sequence[int]]:
    """The schedule in as many pieces."""
    size = len(schedule) // count
    return [schedule[at * size : (at + 1) * size] for at in range(count - 1)] + [schedule[(count - 1) * size :]]

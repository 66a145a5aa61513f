"""Writes that come at once: all stored in few transactions, each told of its own, and nobody waits for long."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.models import DataKey
from inbox.storage.database import Store
from inbox.storage.group_commit import AT_A_TIME, AT_ONCE, GroupCommit
from tests.workers.installation import until

WRITE_SECONDS = 0.03
"""What a transaction takes here beside its statements."""


class Refused(Exception):
    """What cannot be stored."""


class Writing:
    """A write that takes its time, and how many each transaction was to store."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.lock = threading.Lock()
        self.begins_once: Callable[[], bool] = lambda: True

    def __call__(self, session: Session, items: Sequence[int]) -> Sequence[int]:
        with self.lock:
            self.groups.append(len(items))
        assert until(self.begins_once, 60)
        time.sleep(WRITE_SECONDS)
        if any(item < 0 for item in items):
            raise Refused
        keys = [{"master_id": f"{item}", "wrapped": b""} for item in items]
        session.execute(DataKey.__table__.insert(), keys)  # type: ignore[attr-defined]  # it is a Table
        return [item * 10 for item in items]


def stored(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count(DataKey.id))) or 0


@pytest.mark.parametrize("at_once", [2, 7, 16, 2 * AT_ONCE])
def test_whoever_comes_while_others_are_written_shares_a_transaction(store: Store, at_once: int) -> None:
    write, before = Writing(), stored(store)
    group = GroupCommit(store, write)
    first = AT_A_TIME[store.engine.dialect.name]
    write.begins_once = lambda: len(write.groups) > first or sum(write.groups) + len(group._waiting) >= at_once
    with ThreadPoolExecutor(at_once) as threads:
        answers = list(threads.map(group.put, range(1, at_once + 1)))
    assert answers == [item * 10 for item in range(1, at_once + 1)]
    assert stored(store) - before == at_once == sum(write.groups)
    left = at_once - sum(write.groups[:first])
    assert max(write.groups[first:], default=0) == min(left, AT_ONCE), "all that had come are written together"
    assert max(write.groups) <= AT_ONCE


def test_who_is_to_blame_is_told_alone(store: Store) -> None:
    group, before = GroupCommit(store, Writing()), stored(store)
    with ThreadPoolExecutor(8) as threads:
        told = [threads.submit(group.put, item) for item in (1, 2, -3, 4, 5, -6, 7, 8)]
    assert [one.exception() is None for one in told] == [True, True, False, True, True, False, True, True]
    assert {type(one.exception()) for one in told} == {type(None), Refused}
    assert stored(store) - before == 6


def test_after_many_the_next_one_waits_no_longer_than_a_write(store: Store) -> None:
    write = Writing()
    group = GroupCommit(store, write)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(group.put, range(1, 33)))
    began = time.monotonic()
    group.put(100)
    first = time.monotonic() - began
    assert write.groups[-1] == 1
    assert first < 10 * WRITE_SECONDS


def test_who_comes_alone_waits_for_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.storage.group_commit.LONGEST_WAIT", 60.0)
    write = Writing()
    group = GroupCommit(store, write)
    began = time.monotonic()
    for item in range(1, 5):
        group.put(item)
    assert write.groups == [1, 1, 1, 1]
    assert time.monotonic() - began < 10 * WRITE_SECONDS * 4

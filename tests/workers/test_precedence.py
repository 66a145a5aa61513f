"""The doors come first: writes of many are cut to what is quick, and whoever holds the lock does not give way."""

import multiprocessing
import os
from collections.abc import Callable, Sequence

import pytest

from inbox.accounts import passwords
from inbox.storage.database import Store
from workers.runtime.precedence import MOST_SECONDS, NICENESS, WriteSize, give_way

LEARNT: dict[str, tuple[Sequence[tuple[int, float]], int]] = {
    "nothing yet": ((), 50),
    "all quick": (((50, 0.02), (50, 0.01)), 50),
    "slow, then less": (((50, 0.1),), 12),
    "very slow, and never fewer than these": (((50, 4.0), (5, 2.0)), 5),
    "quick again, and twice as many each time": (((50, 0.1), (12, 0.001), (24, 0.001)), 48),
    "a few that were quick say nothing of many": (((50, 0.1), (2, 0.0001)), 12),
    "one that is slow by itself": (((50, 0.1), (1, 0.2)), 5),
    "no time at all": (((50, 0.0),), 50),
}


@pytest.mark.parametrize(("took", "then"), LEARNT.values(), ids=LEARNT)
def test_writes_are_as_large_as_is_quick(took: Sequence[tuple[int, float]], then: int) -> None:
    size = WriteSize(50, 5)
    for count, seconds in took:
        size.learn(count, seconds)
    assert size.count == then
    assert MOST_SECONDS <= 0.05


def in_child(work: Callable[[], bool]) -> bool:
    child = multiprocessing.get_context("fork").Process(target=lambda: os._exit(0 if work() else 1))
    child.start()
    child.join(120)
    return child.exitcode == 0


def test_whoever_gives_way_does_not_while_others_wait_for_its_write(sqlite_store: Store) -> None:
    def given() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    def work() -> bool:
        before = given()
        give_way(sqlite_store)
        outside = given()
        try:
            os.setpriority(os.PRIO_PROCESS, 0, before)
            os.setpriority(os.PRIO_PROCESS, 0, outside)
            inside = before
        except PermissionError:  # not everybody may
            inside = outside
        for failing in (False, True):
            try:
                with sqlite_store.write():
                    if given() != inside or failing:
                        raise ValueError
            except ValueError:
                if not failing:
                    return False
            if given() != outside:
                return False
        return outside == min(19, before + NICENESS)

    assert in_child(work)


def test_passwords_are_checked_by_a_thread_that_gives_way_in_children_too() -> None:
    kept = passwords.hash_password("quatre mots qui durent")
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert passwords.verify_password(kept, "quatre mots qui durent")
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
    assert in_child(lambda: passwords.verify_password(kept, "quatre mots qui durent"))
    assert in_child(lambda: not passwords.verify_password(kept, "quatre mots qui passent"))

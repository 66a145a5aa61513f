"""Writes that come at once share a transaction: one wait for the write lock and one fsync for all of them.

Whoever comes while nobody writes writes what has gathered, and hands the rest on to the next one who waits, so
that nobody writes for others for ever. As long as many come, it waits for as many as last time, though no longer than
that took to write; who comes alone waits for nobody.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from inbox.errors import StoreBusy
from inbox.storage.database import Store
from inbox.storage.unit_of_work import after_commit

AT_ONCE = 64
"""How many writes share a transaction at most: what each adds to it is a fraction of a millisecond."""
AT_A_TIME = {"sqlite": 1, "postgresql": 2}
"""How many transactions: SQLite has one writer; on PostgreSQL one group is put together while another is synced."""
LONGEST_WAIT = 0.02
"""Seconds that a group is waited for at most."""


Item = TypeVar("Item")
Stored = TypeVar("Stored")


@dataclass(slots=True)
class _Waiting(Generic[Item, Stored]):
    item: Item
    stored: Future[Stored]
    turn: threading.Event = field(default_factory=threading.Event)


class GroupCommit(Generic[Item, Stored]):
    """Stores items of one kind, many in a transaction; ``write`` answers once for each, in their order."""

    def __init__(self, store: Store, write: Callable[[Session, Sequence[Item]], Sequence[Stored]]) -> None:
        self._store = store
        self._write = write
        self._lock = threading.Lock()
        self._came = threading.Condition(self._lock)
        self._waiting: deque[_Waiting[Item, Stored]] = deque()
        self._writing, self._most_writing = 0, AT_A_TIME[store.engine.dialect.name]
        self._expected, self._write_seconds = 1, 0.0
        """How many the last transaction stored, and how long it took."""

    def put(self, item: Item) -> Stored:
        """Store this durably and say what became of it; raises what storing it alone raises."""
        mine: _Waiting[Item, Stored] = _Waiting(item, Future())
        with self._lock:
            self._waiting.append(mine)
            if self._writing < self._most_writing:
                self._writing += 1
                mine.turn.set()
            elif len(self._waiting) >= self._expected:
                self._came.notify()
        mine.turn.wait()
        if not mine.stored.done():
            self._write_gathered()
        return mine.stored.result()

    def _write_gathered(self) -> None:
        with self._lock:
            self._came.wait_for(lambda: len(self._waiting) >= self._expected, min(self._write_seconds, LONGEST_WAIT))
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
        began, passed_on = time.monotonic(), False

        def pass_on() -> None:
            nonlocal passed_on
            if passed_on:
                return
            passed_on = True
            with self._lock:
                self._expected, self._write_seconds = len(group), time.monotonic() - began
                if self._waiting:
                    self._waiting[0].turn.set()
                else:
                    self._writing -= 1

        try:
            self._store_together(group, pass_on)
        finally:
            pass_on()
            for one in group:
                if not one.stored.done():  # this thread is being ended: nothing was stored, and nobody may wait for it
                    one.stored.set_exception(StoreBusy("the program is stopping"))
                one.turn.set()

    def _store_together(self, group: Sequence[_Waiting[Item, Stored]], committed: Callable[[], None]) -> None:
        try:
            with self._store.write() as session:
                stored = self._write(session, [one.item for one in group])
                # Once it is durable, nobody waits until the pools are woken, neither for an answer nor to write.
                after_commit(session, lambda: _answer(group, stored))
                after_commit(session, committed)
        except Exception as error:  # noqa: BLE001 - each is told of its own
            if len(group) == 1:
                group[0].stored.set_exception(error)
            else:  # one of them may be to blame: none of the others shall pay for it
                for one in group:
                    self._store_together([one], lambda: None)


def _answer(group: Sequence[_Waiting[Item, Stored]], stored: Sequence[Stored]) -> None:
    for one, what in zip(group, stored, strict=True):
        one.stored.set_result(what)
        one.turn.set()

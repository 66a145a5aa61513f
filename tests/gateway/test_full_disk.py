"""A full disk: senders are told to come again, pools wait, nothing dies, and all goes on once there is room."""

from __future__ import annotations

import errno
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import ResponseError
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from gateway.intake import sealed_originals
from inbox.models import Intake
from inbox.storage.database import Store
from tests.gateway.conftest import Provider, call_fields
from workers.pools import pool
from workers.processes import child_processes
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.runtime.process_locks import ProcessLock

LONG = "Il faudrait des bancs. " * 400


class FullDatabase:
    """The database may not grow any more, as on a full disk: SQLite says the same of both."""

    def __init__(self, store: Store) -> None:
        self._store = store
        event.listen(store.engine, "begin", self._limit)
        self.is_full = True

    def _limit(self, connection: Any) -> None:
        driver = connection.connection.driver_connection
        most = 1 if self.is_full else 1_000_000  # never less than there are
        driver.execute(f"PRAGMA max_page_count={most}")

    def end(self) -> None:
        event.remove(self._store.engine, "begin", self._limit)


@pytest.fixture
def full(gateway_store: Store) -> Iterator[FullDatabase]:
    disk = FullDatabase(gateway_store)
    yield disk
    disk.end()


def count(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Intake)) or 0


def texts_until_refused(provider: Provider) -> tuple[int, Any]:
    """How many long texts the last free pages took, and the first answer that was not 200."""
    for number in range(1, 200):
        answer = provider.text(LONG, number)
        if answer.status_code != 200:
            return number - 1, answer
    raise AssertionError("it never became full")


def test_a_text_is_told_to_come_again_and_is_then_taken(
    provider: Provider, gateway_store: Store, full: FullDatabase
) -> None:
    taken, answer = texts_until_refused(provider)
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert int(answer.headers["Retry-After"]) > 0
    assert count(gateway_store) == taken
    full.is_full = False
    assert provider.text(LONG, taken + 1).status_code == 200
    assert count(gateway_store) == taken + 1


@pytest.mark.parametrize("path", ["/hooks/voice/status", "/hooks/voice/recording"])
def test_what_tells_of_a_call_comes_again(provider: Provider, full: FullDatabase, path: str) -> None:
    texts_until_refused(provider)
    answers = [provider.post(path, call_fields(number, SpeechResult=LONG)) for number in range(20)]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert all("Retry-After" in answer.headers for answer in refused)


def test_a_caller_hears_words_all_the_same(provider: Provider, full: FullDatabase) -> None:
    texts_until_refused(provider)
    answer = provider.post("/hooks/voice", call_fields(1))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "<Say" in answer.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_file_that_finds_no_room(
    provider: Provider, gateway_store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_room(*_: object) -> str:
        raise OSError(number, "no room")

    monkeypatch.setattr(gateway_store.media, "put", no_room)
    monkeypatch.setattr(sealed_originals, "INLINE_BYTES", 10)
    answer = provider.text("des bancs", 1)
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert count(gateway_store) == 0


def test_a_fault_of_ours_is_still_one(
    provider: Provider, gateway_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise OSError(errno.EBADF, "a slip")

    monkeypatch.setattr(gateway_store.media, "put", broken)
    monkeypatch.setattr(sealed_originals, "INLINE_BYTES", 10)
    provider.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert provider.text("des bancs", 1).status_code == 500


class Worker:
    """Stands in for RQ's: ends as it is told, one time after another."""

    horse_pid = 0

    def __init__(self, endings: list[Exception | None]) -> None:
        self._endings = endings

    def work(self, **_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ending = self._endings.pop(0)
        if ending is not None:
            raise ending


TROUBLES: list[Exception] = [
    ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
    OperationalError("UPDATE step", None, Exception("database or disk is full")),
    OSError(errno.ENOSPC, "No space left on device"),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
def test_a_pool_waits_instead_of_dying(trouble: Exception) -> None:
    before, waited, endings = signal.getsignal(signal.SIGTERM), [], [trouble, trouble, None]

    def wait(seconds: float) -> None:
        assert signal.getsignal(signal.SIGTERM) is before, "it can be stopped while it waits"
        waited.append(seconds)

    try:
        pool._work_through_troubles(lambda: Worker(endings), wait)  # type: ignore[arg-type, return-value]
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(waited) == 2
    assert 0 < waited[0] < waited[1] <= pool.LONGEST_PAUSE


def test_a_process_that_cannot_be_started_is_tried_again(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_log: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(child_processes, "truncate_log", no_room)
    lock = ProcessLock(tmp_path, "it").acquire(0)
    try:
        child = ChildProcess(ProcessSpec("it", ("/bin/true",)), lock, tmp_path / "it.log")
        said = child.tend()
        assert said is not None
        assert "cannot be started (OSError)" in said
        assert child.tend() is None, "not again at once"
        assert not child.is_running()
    finally:
        lock.release()

"""A watcher's own endless loop, running beside a test until it is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest

from tests.workers import installation
from workers.watchers.mailbox_watcher import MailboxWatcher

until = partial(installation.until, seconds=10)


class Stopped(BaseException):
    """Ends a watcher's endless loop."""


@contextmanager
def running(watch: MailboxWatcher, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Watch in a thread of its own."""
    stopping = threading.Event()
    beats = watch._beat

    def beat_or_stop(*, now: bool = False) -> None:
        if stopping.is_set():
            raise Stopped
        beats(now=now)

    monkeypatch.setattr(watch, "_beat", beat_or_stop)

    def run() -> None:
        with suppress(Stopped):
            watch.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()

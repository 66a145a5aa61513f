"""A watcher whose heartbeat cannot be written goes on, and keeps what it holds until it can be stored."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.settings.schema import Settings
from config.settings.sections.mail_section import Mailbox, OAuth2
from config.settings.sections.scan_folder_section import ScanFolder
from inbox.accounts import mail_tokens
from inbox.errors import StoreBusy
from inbox.models import Heartbeat, Intake
from inbox.storage.database import Store
from tests.standins.dovecot import Dovecot
from tests.standins.tokens import TokenServer
from tests.workers.mailbox_play import letter
from tests.workers.test_mailbox import pytestmark as with_dovecot
from tests.workers.watching import Stopped, running, until
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import mailbox_watcher, scan_watcher
from workers.watchers.mailbox_watcher import MailboxWatcher

TROUBLE = {
    "the database is busy": StoreBusy("waited 30 s for the database"),
    "the disk is full": OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full")),
    "the disk fails before anything is written": sqlite3.OperationalError("disk I/O error"),
}


class Refusing:
    """In place of a store's ``write``: refuses while it ``is_on``."""

    def __init__(self, store: Store, error: Exception) -> None:
        self._really = store.write
        self._error = error
        self.is_on = True
        self.refused = 0

    def __call__(self, patience: float | None = None) -> AbstractContextManager[Session]:
        if self.is_on:
            self.refused += 1
            raise self._error
        return self._really(patience)


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    made = TokenServer("avis", rotates=True)
    with made.http:
        yield made


@pytest.fixture(scope="module")
def server(tokens: TokenServer) -> Iterator[Dovecot]:
    with Dovecot({"avis": "secret"}, tokens.introspection_url) as running:
        running.deliver("avis", letter("waits in the mailbox"))
        yield running


@with_dovecot
@pytest.mark.parametrize("error", TROUBLE.values(), ids=TROUBLE)
def test_a_mailbox_is_watched_on_and_a_replaced_refresh_token_is_stored_later(
    server: Dovecot,
    tokens: TokenServer,
    sqlite_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    tokens.refresh_token = "refresh-0"
    tokens.asked.clear()
    to_sign_in = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "app-secret"}
    oauth2 = OAuth2(**to_sign_in, refresh_token="refresh-0")
    box = Mailbox(name="avis@brest.example", host="127.0.0.1", port=server.port, tls="none", user="avis", oauth2=oauth2)
    watch = MailboxWatcher(WatcherContext(Settings(folder=tmp_path), sqlite_store), box, "mailbox-1")
    write = Refusing(sqlite_store, error)

    def refuses_from_now_on() -> None:
        monkeypatch.setattr(sqlite_store, "write", write)

    monkeypatch.setattr(mailbox_watcher, "SHORTEST_PAUSE", 0.1)
    monkeypatch.setattr(mailbox_watcher, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(watch, "_forget_other_folders", refuses_from_now_on)
    with running(watch, monkeypatch):
        assert until(lambda: write.refused > 9), "it has ended"
        assert last_beat(sqlite_store) is None
        write.is_on = False
        assert until(lambda: last_beat(sqlite_store) is not None)
        assert until(lambda: count_intakes(sqlite_store) == 1)
    assert len(tokens.asked) == 1
    with sqlite_store.read() as session:
        assert mail_tokens.newest_refresh_token(session, box.name, "refresh-0") == tokens.refresh_token != "refresh-0"


@pytest.mark.parametrize("error", TROUBLE.values(), ids=TROUBLE)
def test_scan_folders_are_looked_into_all_the_same(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    scans = ScanFolder(path=tmp_path / "scans", centre="bellevue", settle_seconds=1)
    write = Refusing(sqlite_store, error)
    monkeypatch.setattr(sqlite_store, "write", write)
    refuses_after_a_look = [False, True, True]

    def sleep(_seconds: float) -> None:
        if not refuses_after_a_look:
            raise Stopped
        write.is_on = refuses_after_a_look.pop()

    monkeypatch.setattr(scan_watcher, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(Stopped):
        scan_watcher.watch_scan_folders(WatcherContext(Settings(folder=tmp_path, scan_folders=(scans,)), sqlite_store))
    assert (write.refused, last_beat(sqlite_store, "folders") is None) == (3, False)


def last_beat(store: Store, process: str = "mailbox-1") -> object:
    with store.read() as session:
        return session.scalar(select(Heartbeat.seen_at).where(Heartbeat.process == process))


def count_intakes(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Intake)) or 0

"""Doing for all hosts what must be done once: a lead that is taken, kept by a thread, and fences every write.

A process that loses it ends at once, and is started again as one that waits. Until then the fence keeps what it still
writes out of the database.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
import time
from types import TracebackType
from typing import Self

from inbox.errors import InboxError, LeadLost
from inbox.jobs import leadership
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session, SQLAlchemyError

TRY_SECONDS = 3.0
"""How often one that waits asks whether the lead is free."""

log = logging.getLogger(__name__)


class LeadHolder:
    """The lead of one name, in one process."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        # On SQLite there is one host, and its process locks see to it.
        self._is_shared = store.engine.dialect.name == "postgresql"
        self._token: int | None = None
        self._next_try = 0.0
        self._kept_at = 0.0
        self._over = threading.Event()

    @property
    def is_ours(self) -> bool:
        """Whether this process leads; asks for it, every few seconds, as long as it does not."""
        if not self._is_shared or self._token is not None:
            return True
        if time.monotonic() < self._next_try:
            return False
        self._next_try = time.monotonic() + TRY_SECONDS
        self._kept_at = time.monotonic()
        with self._store.write() as session:
            self._token = leadership.acquire_leadership(session, self._name, self._holder)
        if self._token is None:
            return False
        log.info("%s: this host leads from now on", self._name)
        self._store.fence(self._check)
        threading.Thread(target=self._keep, name=f"lead of {self._name}", daemon=True).start()
        return True

    def wait(self) -> None:
        """Return once this process leads."""
        while not self.is_ours:
            time.sleep(TRY_SECONDS / 2)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Given up, as far as the database can be told."""
        with contextlib.suppress(SQLAlchemyError, InboxError):
            self.give_up()

    def give_up(self) -> None:
        """Let the next one in without waiting for the end of the term."""
        self._over.set()
        if self._is_shared and self._token is not None:
            self._store.fence(None)
            with self._store.write() as session:
                leadership.release_leadership(session, self._name, self._holder)

    def _check(self, session: Session) -> None:
        if self._token is None or not leadership.is_token_newest(session, self._name, self._token):
            raise LeadLost(self._name)

    def _keep(self) -> None:
        while not self._over.wait(leadership.TERM.total_seconds() / 3):
            asked_at = time.monotonic()
            try:
                with self._store.write() as session:
                    kept = leadership.acquire_leadership(session, self._name, self._holder) == self._token
            except LeadLost:
                kept = False
            except (SQLAlchemyError, InboxError):
                # The database is away: so it is for everybody, until the term is over.
                kept = time.monotonic() - self._kept_at < leadership.TERM.total_seconds()
                log.warning("%s: the lead could not be renewed", self._name)
            else:
                self._kept_at = asked_at
            if not kept:
                log.warning("%s: another host leads now; this process begins anew", self._name)
                os.kill(os.getpid(), signal.SIGTERM)
                return

"""A read replica: which reads it may answer, so that nobody misses what they wrote, or sees what is long past.

A place in the primary's log (LSN) says how far somebody's own writes reach; a replica that has not replayed it yet does
not answer them. The age of what a replica shows is known without comparing clocks: each second the primary is
asked how far it is, and whoever has replayed that place is as old, at most, as the question.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from inbox.servers.engines import make_engine

LOOK_SECONDS = 1.0
"""How often both servers are asked how far they are, while pages are read."""
AWAY_SECONDS = 10.0
"""For how long a replica that failed is left alone."""

_WRITTEN = text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
_REPLAYED = text("SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()")

log = logging.getLogger(__name__)


class ReadReplica:
    """A PostgreSQL server that follows the primary, and what is known of how far it is."""

    def __init__(self, url: str, primary: Engine, most_seconds: float, *, pooled: bool = False) -> None:
        self.engine = make_engine(make_url(url), pooled=pooled)
        self.reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._primary = primary
        self._most_seconds = most_seconds
        self._one_looks = threading.Lock()
        self._looked_at = self._away_until = float("-inf")
        self._places: deque[tuple[float, int]] = deque()
        """When the primary was asked, and how far it was then: what the replica had not replayed, oldest first."""
        self._replayed = -1
        self._is_as_of = float("-inf")
        self._is_primary_away = False

    def may_answer(self, written: int = 0) -> bool:
        """Whether it answers, is not older than allowed, and shows what was written up to this place."""
        if time.monotonic() < self._away_until:
            return False
        if time.monotonic() - self._looked_at >= LOOK_SECONDS or self._replayed < written:
            self._look()
        is_fresh = self._is_primary_away or self.seconds_behind <= self._most_seconds
        return is_fresh and self._replayed >= max(written, 0) and time.monotonic() >= self._away_until

    @property
    def seconds_behind(self) -> float:
        """How old what it shows is at most, as far as it was asked; infinite before it was."""
        return time.monotonic() - self._is_as_of

    def leave_alone(self) -> None:
        """It failed: others answer for a while."""
        if time.monotonic() >= self._away_until:
            log.warning("the read replica does not answer: the primary does")
        self._away_until = time.monotonic() + AWAY_SECONDS
        self._replayed = -1

    def place_written(self) -> int:
        """How far the primary is: whatever is committed lies before."""
        with self._primary.connect() as connection:
            return int(connection.execute(_WRITTEN).scalar_one())

    def _look(self) -> None:
        if not self._one_looks.acquire(blocking=False):
            return  # somebody does; what is known serves meanwhile
        try:
            self._ask_primary()
            self._ask_replica()
        except SQLAlchemyError:
            self.leave_alone()
        finally:
            self._one_looks.release()

    def _ask_primary(self) -> None:
        asked_at = time.monotonic()
        if asked_at - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = asked_at
        try:
            self._places.append((asked_at, self.place_written()))
            self._is_primary_away = False
        except SQLAlchemyError:
            # Nothing newer can be had from anybody: what everybody may read is read here all the same.
            self._is_primary_away = True

    def _ask_replica(self) -> None:
        # As pages read: a connection set back from that says READ WRITE, which no replica takes.
        with self.reading.connect() as connection:
            replayed = connection.execute(_REPLAYED).scalar()
        if replayed is None:  # it follows nobody, or was made the primary
            self.leave_alone()
            return
        self._replayed = int(replayed)
        while self._places and self._places[0][1] <= self._replayed:
            self._is_as_of = self._places.popleft()[0]

"""Beats for the processes that the supervisor sees alive, and finds those that have fallen silent.

Each look is a short-lived child: the database may make it wait, and a dead process must be started again all the
same. A thread would do so too, but the supervisor forks, and a fork takes along what other threads hold locked.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inbox.administration import stored_settings
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session
from workers.processes.child_processes import ChildProcess
from workers.runtime.heartbeats import EVERY_SECONDS, is_silent, record_heartbeat

LOOK_SECONDS = 45.0
"""How long a look may take; the database is waited for 30."""

Work = Callable[[Session], str]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Look:
    pid: int
    answer: int
    began_at: float


class LivenessMonitor:
    """Looks at the children every few seconds; ``on_silent`` is told of each that should be killed.

    ``revision`` is that of the settings set on the pages, as last seen; None before the first look.
    """

    def __init__(
        self, store: Store, children: Sequence[ChildProcess], on_silent: Callable[[ChildProcess], None]
    ) -> None:
        self._store = store
        self._children = children
        self._on_silent = on_silent
        self.revision: int | None = None
        self._failed_at = float("-inf")
        self._next_at = 0.0
        self._looking: _Look | None = None

    def tend(self) -> None:
        """Begin a look when it is time, and hear what one that is under way has found; never waits."""
        now = time.monotonic()
        if self._looking is None:
            if now >= self._next_at:
                self._next_at = now + EVERY_SECONDS
                self._looking = self._begin(now)
            return
        pid, status = os.waitpid(self._looking.pid, os.WNOHANG)
        if not pid:
            if now - self._looking.began_at > LOOK_SECONDS:
                os.kill(self._looking.pid, signal.SIGKILL)
            return
        look, self._looking = self._looking, None
        with os.fdopen(look.answer, "rb") as answer:
            if os.waitstatus_to_exitcode(status) != 0:
                log.error("heartbeats could not be written")
                self._failed_at = now
                return
            found = json.loads(answer.read() or b"{}")
        silent, work = set(found.get("silent", ())), found.get("work", {})
        self.revision = found.get("revision", self.revision)
        for child in self._children:
            if silent & child.process.beats.keys():
                self._on_silent(child)
            if child.process.name in work:
                child.offer(work[child.process.name])

    @property
    def has_failed(self) -> bool:
        """Whether a look has failed."""
        return self._failed_at > float("-inf")

    def stop(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            os.kill(self._looking.pid, signal.SIGKILL)
            os.waitpid(self._looking.pid, 0)
            os.close(self._looking.answer)
            self._looking = None

    def _begin(self, now: float) -> _Look:
        # Which of them run, only their parent can say.
        running, watched, works = self._running(), self._watched(now), self._works()
        answer, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.set_wakeup_fd(-1)
                os.write(tell, json.dumps(beat_and_find_silent(self._store, running, watched, works)).encode())
                code = 0
            except Exception:
                log.exception("a look at the processes failed")
            finally:
                os._exit(code)
        os.close(tell)
        return _Look(pid, answer, now)

    def _running(self) -> list[str]:
        """Those that are seen alive here, or rest, and do not say so themselves."""
        alive = [child.process for child in self._children if not child.process.beats and child.pid is not None]
        resting = [child.process for child in self._children if child.is_resting]
        return [process.name for process in alive + resting]

    def _works(self) -> dict[str, Work]:
        asked = {child.process.name: child.process.work for child in self._children if child.is_resting}
        return {name: work for name, work in asked.items() if work is not None}

    def _watched(self, now: float) -> dict[str, float]:
        """How long each may be silent that should have beaten by now, and could have: the database answered since."""
        answers_for = now - self._failed_at
        return {
            name: seconds
            for child in self._children
            for name, seconds in child.process.beats.items()
            if min(child.ran_for(), answers_for) > seconds
        }


def beat_and_find_silent(
    store: Store, running: Sequence[str], watched: Mapping[str, float], works: Mapping[str, Work]
) -> dict[str, Any]:
    """Beat for those that run or rest; ``silent``: those of the watched that were so for too long, ``revision``: see
    above, ``work``: what there is to do for those that rest."""
    with store.write() as session:
        for name in running:
            record_heartbeat(session, name)
    with store.read() as session:
        silent = [name for name, seconds in watched.items() if is_silent(session, name, seconds)]
        work = {name: of(session) for name, of in works.items()}
        return {"silent": silent, "revision": stored_settings.settings_revision(session), "work": work}

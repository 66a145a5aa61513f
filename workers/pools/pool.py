"""One pool: an RQ worker on exactly one queue.

One queue, because only then does RQ move jobs atomically (``BLMOVE``) and lose none when
killed. The two of light steps share a process: their jobs name no step, and the sweeper sends the
next one within a second. Speech runs in RQ's ``SimpleWorker``, which does not fork, so that the engine it
started stays loaded; the others fork for each step, so that whatever an odd file does to
the process is gone with it.
"""

import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from resource import struct_rusage

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq import SimpleWorker, Worker
from rq.job import Job

from config.enums import Queue
from config.sandbox.parent_death import tie_to_parent
from config.sandbox.warm_pool import WarmPool
from gateway.base import settings_in_force
from gateway.base.queue import rq_queue
from gateway.base.step_jobs import NullSerializer, StepJob, step_id_of
from inbox.errors import InboxError
from inbox.storage.unit_of_work import SQLAlchemyError
from workers.pools.step_runner import count_killed_step
from workers.processes.resting_pools import LEAVE_AFTER_SECONDS, RESTING
from workers.runtime import process_setup, step_interruption
from workers.runtime.backoff import exponential_delay
from workers.runtime.hidden_folder import hide_masters
from workers.runtime.precedence import give_way
from workers.runtime.worker_context import WorkerContext, current_worker_context

WORKER_SECONDS = 60
"""How long a silent worker stays registered in Redis; it also looks up from its queue this often."""

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds for which a pool that cannot work waits before it tries again."""

KEPT_WARM_SECONDS = 600.0
"""How long parsers stay loaded after the last file: loading them takes half a second, and 50 to 80 MB."""

LOADED = {
    Queue.PAGES: (
        "transcription.forms.form_child",
        "transcription.ocr.print_child",
        "transcription.pages.thumbnail_child",
    ),
    Queue.MAIL: ("gateway.reading.mail_child",),
}
"""What the pools have loaded that parse in forks of one process, so that a fork is all that a file costs."""

log = logging.getLogger(__name__)


class _ForkTie:
    """Ties every forked child of this process to it: when the worker is killed, its half-done step is put back."""

    def __init__(self) -> None:
        self._parent = os.getpid()

    def before(self) -> None:
        """Remember who forks; runs in the parent."""
        self._parent = os.getpid()

    def after_in_child(self) -> None:
        """Tie the child to who forked it."""
        tie_to_parent(step_interruption.INTERRUPT_SIGNAL, self._parent)


def run_pool(here: WorkerContext, *queues: Queue) -> None:
    """Work on these queues until told to stop; a step under way is finished first."""
    # No time limit on answers: the worker waits in a blocking call for as long as its queue is empty.
    connection = Redis.from_url(here.settings.redis_address, socket_connect_timeout=5)
    tie = _ForkTie()
    os.register_at_fork(before=tie.before, after_in_child=tie.after_in_child)
    loaded = LOADED.get(queues[0])
    with here.readers, WarmPool(here.work_dir, loaded, at_once=False) if loaded else nullcontext() as warm:
        leave_after = LEAVE_AFTER_SECONDS if RESTING.issuperset(queues) else None
        _work_through_troubles(lambda: _worker(here, queues, connection, warm), leave_after=leave_after)


def _work_through_troubles(
    make: Callable[[], Worker | SimpleWorker],
    wait: Callable[[float], None] = time.sleep,
    leave_after: int | None = None,
) -> None:
    """Work until told to stop, or until nothing has come for ``leave_after`` seconds.

    While Redis, the database or a full disk lets nobody work, wait with growing pauses.
    """
    told_to_stop = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGINT)}
    troubles = 0
    while True:
        began, worker = time.monotonic(), make()
        step_interruption.interrupt_steps_on_signal(lambda worker=worker: worker.horse_pid)  # type: ignore[misc]  # its default
        try:
            worker.work(logging_level="WARNING", max_idle_time=leave_after)
        except (RedisError, SQLAlchemyError, InboxError, OSError) as error:
            troubles = 0 if time.monotonic() - began > WORKER_SECONDS else troubles
            log.warning("this pool waits: %s", type(error).__name__)
        else:
            return
        for signum, handler in told_to_stop.items():  # the worker's own would only ask it, which works no more
            signal.signal(signum, handler)
        wait(exponential_delay(SHORTEST_PAUSE, troubles, LONGEST_PAUSE))
        troubles += 1


class _ForkingWorker(Worker):
    """Sees to it before each step that what parsers are forked of is there, and lets go of it after a while of rest."""

    warm: WarmPool | None = None
    _is_busy = False
    _worked_at = 0.0

    def execute_job(self, job: Job, queue: RqQueue) -> None:
        """RQ's, which forks for the step."""
        if self.warm is not None:
            self.warm.see_to_it()
        self._is_busy = True
        try:
            super().execute_job(job, queue)
        finally:
            self._is_busy, self._worked_at = False, time.monotonic()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ's, which it gives all the while."""
        super().heartbeat(timeout, pipeline)
        if self.warm is not None and not self._is_busy and time.monotonic() - self._worked_at > KEPT_WARM_SECONDS:
            self.warm.let_go()


def _worker(
    here: WorkerContext, queues: Sequence[Queue], connection: Redis, warm: WarmPool | None = None
) -> Worker | SimpleWorker:
    kind = SimpleWorker if queues[0] is Queue.SPEECH or queues[0].is_light else _ForkingWorker
    worker = kind(
        [rq_queue(queue, connection) for queue in queues],
        # What ps shows; the rest keeps two machines on one Redis apart.
        name=f"workers.pools.pool {queues[0].value} {secrets.token_hex(8)}",
        connection=connection,
        job_class=StepJob,
        serializer=NullSerializer,
        worker_ttl=WORKER_SECONDS,
        log_job_description=False,
        work_horse_killed_handler=_when_killed(here),
    )
    if isinstance(worker, _ForkingWorker):
        worker.warm = warm
    worker.max_connection_wait_time = 2.0
    return worker


def _when_killed(here: WorkerContext) -> Callable[[Job, int, int, struct_rusage], None]:
    def horse_was_killed(job: Job, _pid: int, status: int, _usage: struct_rusage) -> None:
        # The worker itself lives, so the step killed its process: that counts, or it would do so for ever.
        step_id = step_id_of(job.id)
        if step_id is None:
            return
        log.warning("step %d: its process was killed (%s)", step_id, _ending(status))
        try:
            count_killed_step(here, step_id, f"the process working on it was killed ({_ending(status)})")
        except (SQLAlchemyError, InboxError, OSError) as error:  # its lease runs out, then it is taken up again
            log.warning("step %d: that could not be noted (%s)", step_id, type(error).__name__)

    return horse_was_killed


def _ending(status: int) -> str:
    return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"


if __name__ == "__main__":
    process_setup.begin_process(settings_in_force.load_settings_in_force)
    hide_masters(process_setup.settings_at_start(settings_in_force.load_settings_in_force))
    give_way(current_worker_context().store)
    run_pool(current_worker_context(), *(Queue(name) for name in sys.argv[1:]))

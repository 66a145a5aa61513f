"""The wake-up call: after a commit, tell the pools which steps there are to do.

SQL is the truth. A call that does not get through, because Redis is down or was emptied,
costs only the seconds until the sweeper finds the step.
"""

import logging
import secrets
import time
from collections.abc import Iterable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq.queue import EnqueueData

from config.enums import Queue
from gateway.base.step_jobs import (
    DRAIN,
    FAILURE_SECONDS,
    JOB_SECONDS,
    PERFORM,
    NullSerializer,
    StepJob,
    job_id_of,
)

log = logging.getLogger(__name__)


def connect_redis(redis_url: str) -> Redis:
    """A connection whose calls never block a request for long; made lazily, so Redis may be down."""
    return Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5)


REST_SECONDS = 1.0
"""For how long a Redis that could not be reached is not tried again: whoever answers a sender would wait for it."""


class QueueNotifier:
    """Queues steps by their id; a step queued twice is harmless, because only one can take its lease."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._rests_until = float("-inf")

    def __call__(self, woken: Iterable[tuple[Queue, int]]) -> None:
        """Queue each (pool, step id), with one request for a pool; never raises for a Redis that cannot be reached."""
        if time.monotonic() < self._rests_until:
            return
        steps: dict[Queue, list[int]] = {}
        for queue, step_id in woken:
            steps.setdefault(queue, []).append(step_id)
        try:
            for queue, step_ids in steps.items():
                there = rq_queue(queue, self._connection)
                if not queue.is_drained:
                    there.enqueue_many([_job(step_id) for step_id in step_ids])
                elif not there.count:  # a call that waits will find these steps too: they are committed
                    there.enqueue_many([_drain_job(queue)])
        except RedisError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("redis cannot be reached (%s): the sweeper will queue the steps", type(error).__name__)


def _job(step_id: int) -> EnqueueData:
    return _call(PERFORM, job_id_of(step_id))


def _drain_job(queue: Queue) -> EnqueueData:
    return _call(DRAIN, f"drain-{queue.value}-{secrets.token_hex(8)}")


def _call(function: str, job_id: str) -> EnqueueData:
    """A job, which is its id; the function's name is what RQ demands, and is not read again."""
    return RqQueue.prepare_data(
        function, job_id=job_id, timeout=JOB_SECONDS, result_ttl=0, failure_ttl=FAILURE_SECONDS, description=job_id
    )


def rq_queue(queue: Queue, connection: Redis) -> RqQueue:
    """A pool's queue, whose jobs are their ids."""
    return RqQueue(queue.value, connection=connection, job_class=StepJob, serializer=NullSerializer)

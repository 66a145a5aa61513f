"""The wake-up call: after a commit, tell the pools which steps there are to do.

SQL is the truth. A call that does not get through, because Redis is down or was emptied,
costs only the seconds until the sweeper finds the step.
"""

import logging
from collections.abc import Iterable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from config.enums import Queue

log = logging.getLogger(__name__)

PERFORM = "workers.pools.step_runner.perform"
"""The job, by dotted name: nothing above this room may be imported here."""

DRAIN = "workers.pools.light_steps.drain"
"""The job of a pool whose steps are light: all that is due, many at once."""

JOB_SECONDS = 3600
"""RQ's own limit; every runner has a shorter one of its own."""

_JOB_PREFIX = "step-"


def connect(redis_url: str) -> Redis:
    """A connection whose calls never block a request for long; made lazily, so Redis may be down."""
    return Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5)


class WakeUp:
    """Queues steps by their id; a step queued twice is harmless, because only one can take its lease."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    def __call__(self, woken: Iterable[tuple[Queue, int]]) -> None:
        """Queue each (pool, step id), with one request for a pool; never raises for a Redis that cannot be reached."""
        steps: dict[Queue, list[int]] = {}
        for queue, step_id in woken:
            steps.setdefault(queue, []).append(step_id)
        try:
            for queue, step_ids in steps.items():
                there = rq_queue(queue, self._connection)
                if not queue.is_light:
                    there.enqueue_many([_job(step_id) for step_id in step_ids])
                elif not there.count:  # a call that waits will find these steps too: they are committed
                    there.enqueue_many([_drain_job(queue)])
        except RedisError as error:
            log.warning("redis cannot be reached (%s): the sweeper will queue the steps", type(error).__name__)


def job_id_of(step_id: int) -> str:
    """What the wake-up call for a step is called in Redis: the step's id, and nothing else of it."""
    return f"{_JOB_PREFIX}{step_id}"


def step_id_of(job_id: str) -> int:
    """The step behind a job's id."""
    return int(job_id.removeprefix(_JOB_PREFIX))


def _job(step_id: int) -> EnqueueData:
    return RqQueue.prepare_data(
        PERFORM,
        args=(step_id,),
        job_id=job_id_of(step_id),
        timeout=JOB_SECONDS,
        result_ttl=0,
        failure_ttl=3600,
    )


def _drain_job(queue: Queue) -> EnqueueData:
    return RqQueue.prepare_data(DRAIN, args=(queue.value,), timeout=JOB_SECONDS, result_ttl=0, failure_ttl=3600)


def rq_queue(queue: Queue, connection: Redis) -> RqQueue:
    """A pool's queue, with a serializer that cannot run code."""
    return RqQueue(queue.value, connection=connection, serializer=JSONSerializer)

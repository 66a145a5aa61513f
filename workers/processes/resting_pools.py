"""Pools that are not there while nothing is to be done: each takes 15 MB, and starts in a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redis import Redis
from redis.exceptions import RedisError

from config.enums import Queue
from gateway.base.queue import rq_queue
from inbox.jobs.queue_ages import oldest_due_seconds
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session

LEAVE_AFTER_SECONDS = 600
"""So long has nothing come when a pool leaves: what it has loaded is let go of by then as well."""

RESTING = frozenset({Queue.FETCH, Queue.MAIL, Queue.PAGES, Queue.SPEECH})
"""Nobody waits by the second for what these do; texts and answers find their pools awake."""

_ANSWER_SECONDS = 0.3


def wake_up_calls(redis_address: str, queues: Sequence[Queue]) -> Callable[[], bool] | None:
    """Says whether anything waits in the queues of a pool that may rest; None for one that stays.

    While Redis cannot be reached nothing does: the sweeper queues it again.
    """
    if not RESTING.issuperset(queues):
        return None
    connection = Redis.from_url(redis_address, socket_connect_timeout=_ANSWER_SECONDS, socket_timeout=_ANSWER_SECONDS)

    def is_wanted() -> bool:
        try:
            return any(rq_queue(queue, connection).count for queue in queues)
        except RedisError:
            return False

    return is_wanted


def waiting_work(queue: Queue, seconds: float) -> Callable[[Session], str]:
    """What there is to do for one more process of a pool: nothing, as long as nobody waits longer than that."""

    def too_old(session: Session) -> str:
        now = utc_now()
        return now.isoformat() if oldest_due_seconds(session, queue, now) > seconds else ""

    return too_old

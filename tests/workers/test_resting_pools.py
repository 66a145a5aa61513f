"""Pools that rest: wanted when a wake-up call waits for them, whatever Redis says otherwise."""

from __future__ import annotations

import pytest
from redis import Redis

from config.enums import Queue
from gateway.base.queue import QueueNotifier
from workers.processes.process_list import POOLS
from workers.processes.resting_pools import RESTING, wake_up_calls

NOWHERE = "redis://127.0.0.1:9/0"


@pytest.mark.parametrize("queue", sorted(RESTING))
def test_wanted_once_a_step_is_queued(redis_server: str, queue: Queue) -> None:
    is_wanted = wake_up_calls(redis_server, [queue])
    assert is_wanted is not None
    with Redis.from_url(redis_server) as connection:
        connection.flushall()
        assert not is_wanted()
        QueueNotifier(connection)([(queue, 7)])
        assert is_wanted()
        connection.flushall()
    assert not is_wanted()


def test_nobody_is_wanted_while_redis_is_away() -> None:
    is_wanted = wake_up_calls(NOWHERE, [Queue.PAGES])
    assert is_wanted is not None
    assert not is_wanted()


def test_what_is_answered_within_seconds_never_rests() -> None:
    staying = {queues for queues in POOLS if wake_up_calls(NOWHERE, queues) is None}
    assert staying == {(Queue.URGENT, Queue.THEMES), (Queue.SEND,)}

"""Telling the pools: whoever answers a sender waits for no Redis that is away, and it is found once it is back."""

import pytest
from redis.exceptions import ConnectionError as Away

from config.enums import Queue
from gateway.base import queue
from gateway.base.queue import QueueNotifier


class AwayRedis:
    """Counts how often it was tried."""

    def __init__(self) -> None:
        self.tried = 0

    def __getattr__(self, name: str) -> object:
        self.tried += 1
        raise Away


@pytest.mark.parametrize(("seconds", "tried"), [([0.0, 0.1, 0.9], 1), ([0.0, 1.1], 2), ([0.0, 0.5, 1.1, 1.9, 2.3], 3)])
def test_a_redis_that_is_away_is_tried_once_a_second(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float], tried: int
) -> None:
    away = AwayRedis()
    monkeypatch.setattr(queue, "rq_queue", lambda _queue, connection: connection)
    notify = QueueNotifier(away)  # type: ignore[arg-type]
    for at in seconds:
        monkeypatch.setattr(queue.time, "monotonic", lambda at=at: 1000.0 + at)
        notify([(Queue.URGENT, 1)])
    assert away.tried == tried

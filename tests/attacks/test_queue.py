"""Whoever can write into Redis: every field of a job is forged, and still nothing runs but a step by its number."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from pathlib import Path

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from config.enums import Queue
from gateway.base.queue import QueueNotifier, rq_queue
from gateway.base.step_jobs import job_id_of
from tests.workers.conftest import redis_address, redis_server, workshop
from workers.pools import light_steps, step_runner
from workers.pools.pool import _worker
from workers.runtime.worker_context import WorkerContext

__all__ = ["redis_address", "redis_server", "workshop"]


class Exploit:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self._command,)


class Attacked:
    """A pool whose Redis somebody else writes into."""

    def __init__(self, here: WorkerContext, redis_address: str, marker: Path, done: list[object]) -> None:
        self.here = here
        self.redis = Redis.from_url(redis_address)
        self.marker = marker
        self.done = done
        self.command = f"touch {marker}"

    def work(self, queue: Queue) -> None:
        _worker(self.here, [queue], self.redis).work(burst=True, logging_level="CRITICAL")

    def forge(self, queue: Queue, job_id: str, **fields: object) -> None:
        """A job with these fields in place of its own."""
        made = rq_queue(queue, self.redis)
        waiting = self.redis.lrange(made.key, 0, -1)
        QueueNotifier(self.redis)([(queue, 5)])
        genuine = self.redis.hgetall(f"rq:job:{job_id_of(5)}")
        self.redis.ltrim(made.key, 0, len(waiting) - 1) if waiting else self.redis.delete(made.key)
        self.redis.delete(f"rq:job:{job_id_of(5)}")
        self.redis.hset(f"rq:job:{job_id}", mapping={**genuine, **{k: v for k, v in fields.items() if v is not None}})
        self.redis.rpush(made.key, job_id)


@pytest.fixture
def attacked(workshop: WorkerContext, redis_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attacked:
    done: list[object] = []
    # Speech and light steps run in the worker's own process, where these lists are.
    monkeypatch.setattr(step_runner, "run_step", done.append)
    monkeypatch.setattr(light_steps, "drain_queue", done.append)
    return Attacked(workshop, redis_address, tmp_path / "ran", done)


def calls(function: str, *args: str) -> bytes:
    """The data of a job that names any function."""
    return zlib.compress(JSONSerializer.dumps((function, None, args, {})))


def fields_of(command: str) -> dict[str, object]:
    """Field of a job -> what an attacker writes into it."""
    pickled = pickle.dumps(Exploit(command))
    code = f"__import__('os').system({command!r})"
    return {
        "data: os.system": {"data": calls("os.system", command)},
        "data: eval": {"data": calls("builtins.eval", code)},
        "data: subprocess": {"data": calls("subprocess.getoutput", command)},
        "data: a pickle": {"data": pickled},
        "data: a pickle, compressed": {"data": zlib.compress(pickled)},
        "data: our own function with other arguments": {
            "data": calls("workers.pools.step_runner.run_step", "1; DROP TABLE step")
        },
        "data: no JSON": {"data": b"\xff\x00"},
        "data: not there": {"data": b""},
        "meta": {"meta": pickled},
        "result": {"result": pickled},
        "exc_info": {"exc_info": pickled},
        "on success": {"success_callback_name": "os.system", "success_callback_timeout": 60},
        "on failure": {"failure_callback_name": "os.system", "failure_callback_timeout": 60},
        "on being stopped": {"stopped_callback_name": "os.system", "stopped_callback_timeout": 60},
        "webhooks": {"webhooks": json.dumps([{"url": "http://127.0.0.1:9/", "job_status": "finished"}])},
        "depends on others": {"dependency_ids": json.dumps(["os.system"]), "allow_dependency_failures": "1"},
        "retried": {"retries_left": "3", "retry_intervals": json.dumps([0]), "number_of_retries": "x"},
        "repeated": {"repeats_left": "1000000", "repeat_intervals": json.dumps([0])},
        "limits": {"timeout": "-1", "result_ttl": "x", "failure_ttl": "x", "ttl": "x"},
        "rate": {"rate_limit_key": "x", "rate_limit_concurrency": "1"},
        "times": {"created_at": "x", "enqueued_at": "x", "started_at": "x", "ended_at": "x", "last_heartbeat": "x"},
        "state": {"status": "os.system"},
        "pool": {"origin": "os.system"},
        "worker": {"worker_name": b"\xff"},
        "description": {"description": b"\xff\xfe" + pickled},
        "group": {"group_id": b"\xff"},
        "a field RQ does not know": {"func_name": "os.system", "args": json.dumps([command])},
    }


def test_no_forged_field_changes_what_runs(attacked: Attacked) -> None:
    """One job for each, all in one go: a worker's beginning takes half a second."""
    forged = fields_of(attacked.command)
    for number, fields in enumerate(forged.values(), start=10):
        attacked.forge(Queue.SPEECH, job_id_of(number), **fields)
    attacked.work(Queue.SPEECH)
    left_out = [name for number, name in enumerate(forged, start=10) if number not in attacked.done]
    assert (left_out, len(attacked.done), attacked.marker.exists()) == ([], len(forged), False)


NAMES = (
    "os.system",
    "step-",
    "step--1",
    "step-1;2",
    "step-" + "9" * 400,
    "step-٣",
    "drain-urgent-0",
    "drain-os.system-0000000000000000",
    "step-5:step-6",
    "00000000-0000-4000-8000-000000000000",
    "",
    "é",
)


def test_what_is_not_called_like_a_step_is_passed_over(attacked: Attacked) -> None:
    for name in NAMES:
        attacked.forge(Queue.SPEECH, name, data=calls("os.system", attacked.command))
    QueueNotifier(attacked.redis)([(Queue.SPEECH, 7)])
    attacked.work(Queue.SPEECH)
    assert (attacked.done, attacked.marker.exists()) == ([7], False)


def test_a_call_for_a_whole_pool_names_the_pool_alone(attacked: Attacked) -> None:
    QueueNotifier(attacked.redis)([(Queue.URGENT, 5), (Queue.URGENT, 6)])
    (job_id,) = rq_queue(Queue.URGENT, attacked.redis).get_job_ids()
    attacked.redis.hset(f"rq:job:{job_id}", "data", calls("os.system", attacked.command))
    attacked.work(Queue.URGENT)
    assert (attacked.done, attacked.marker.exists()) == (["urgent"], False)


def test_a_failing_step_calls_nobody(attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_runner, "run_step", lambda step_id: 1 / 0)
    forged = fields_of(attacked.command)
    for field in ("on failure", "webhooks", "retried", "meta"):
        attacked.forge(Queue.SPEECH, job_id_of(5), **forged[field])
        attacked.work(Queue.SPEECH)
    assert not attacked.marker.exists()


def test_a_job_says_nothing_but_its_number(attacked: Attacked) -> None:
    QueueNotifier(attacked.redis)([(Queue.SPEECH, 5)])
    written = attacked.redis.hgetall("rq:job:step-5")
    assert zlib.decompress(written[b"data"]) == b""
    assert written[b"description"] == b"step-5"

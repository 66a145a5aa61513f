"""What a worker does with a job, whatever Redis says: a step by its number, or all that is due in a pool.

RQ calls any function a job names, in its data and in half a dozen other fields, and posts to any address a job
names as a webhook: who can write into Redis could run code in every worker. So a job here is nothing but its id
(``step-12``, ``drain-urgent-…``); of what else stands in Redis only its state is looked at, never unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.utils import as_text

from config.enums import Queue

PERFORM = "workers.pools.step_runner.run_step"
"""What does one step, by dotted name: nothing above this room may be imported here."""

DRAIN = "workers.pools.light_steps.drain_queue"
"""What does all that is due in a pool, many steps at once."""

JOB_SECONDS = 6 * 3600
"""RQ's own limit; every runner has a shorter one of its own."""

FAILURE_SECONDS = 3600
"""How long RQ remembers that a job failed."""

_STEP = re.compile(r"step-([0-9]{1,18})")
_DRAIN = re.compile(rf"drain-({'|'.join(Queue)})-[0-9a-f]{{16}}")
_STATES = frozenset(state.value for state in JobStatus)


class NullSerializer:
    """The serializer of our queues: nothing is packed into a job, and nothing is unpacked from one."""

    @staticmethod
    def dumps(_value: object) -> bytes:
        """Nothing, whatever it is."""
        return b""

    @staticmethod
    def loads(_packed: bytes) -> None:
        """Nothing, whatever it was."""


def job_id_of(step_id: int) -> str:
    """What the wake-up call for a step is called in Redis: the step's number, and nothing else of it."""
    return f"step-{step_id}"


def step_id_of(job_id: str) -> int | None:
    """The step behind a job's id; None for one that names no step."""
    found = _STEP.fullmatch(job_id)
    return int(found[1]) if found else None


def function_of_job(job_id: str) -> tuple[str, int | str] | None:
    """Which of the two functions a job's id stands for, and with what; None for any other id."""
    if (step_id := step_id_of(job_id)) is not None:
        return PERFORM, step_id
    found = _DRAIN.fullmatch(job_id)
    return (DRAIN, found[1]) if found else None


class StepJob(Job):
    """A job that is its id."""

    @classmethod
    def fetch(cls, id: str, connection: Redis | None = None, serializer: Any = None) -> StepJob:  # noqa: A002 - RQ's name
        """The job of this id; raises NoSuchJobError, which a worker passes over, when no step can be called so."""
        if function_of_job(id) is None:
            raise NoSuchJobError("not a step of ours")
        job = super().fetch(id, connection=connection, serializer=serializer)
        assert isinstance(job, StepJob)
        return job

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Of all that Redis holds take the pool, if it is one of ours; everything else is as every job's is."""
        if function_of_job(self.id) is None:
            raise NoSuchJobError("not a step of ours")
        self.data = b""
        pool = raw_data.get(b"origin", b"")
        self.origin = pool.decode() if pool in {queue.value.encode() for queue in Queue} else ""
        self.timeout = JOB_SECONDS
        self.result_ttl = 0
        self.failure_ttl = FAILURE_SECONDS

    def _fetch_status(self) -> JobStatus:
        state = self.connection.hget(self.key, "status")
        said = as_text(state) if isinstance(state, bytes | str) else ""
        return JobStatus(said) if said in _STATES else JobStatus.QUEUED

    def _deserialize_data(self) -> None:
        found = function_of_job(self.id)
        if found is None:
            raise NoSuchJobError("not a step of ours")
        self._func_name, argument = found
        self._instance, self._args, self._kwargs = None, (argument,), {}

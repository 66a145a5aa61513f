"""Follows the steps of an intake: a span for each time one was taken (``gateway.base.traces``)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from config.enums import StepState
from gateway.base.traces import Span, export_spans, is_tracing
from inbox.errors import InboxError
from inbox.jobs.step_origins import StepOrigin, origins_of_steps
from inbox.jobs.steps import Lease
from inbox.storage.database import Store
from inbox.storage.unit_of_work import SQLAlchemyError

log = logging.getLogger(__name__)


@contextmanager
def traced_steps(store: Store, leases: Sequence[Lease]) -> Iterator[None]:
    """Steps that were taken together and are over at the end of the block, however it ends."""
    if not is_tracing():
        yield
        return
    began = time.time_ns()
    try:
        yield
    finally:
        _tell(store, leases, began)


def _tell(store: Store, leases: Sequence[Lease], began: int) -> None:
    ended = time.time_ns()
    try:
        with store.read() as session:
            origins = origins_of_steps(session, [lease.step_id for lease in leases])
    except (SQLAlchemyError, InboxError, OSError) as error:  # the work is done; only the telling of it is lost
        log.info("%d steps are not traced (%s)", len(leases), type(error).__name__)
        return
    spans = [
        _span(lease, origins[lease.step_id], began, ended, len(leases)) for lease in leases if lease.step_id in origins
    ]
    export_spans(store.keyring, spans)


def _span(lease: Lease, origin: StepOrigin, began: int, ended: int, together: int) -> Span:
    return Span(
        origin.intake_id,
        f"step {lease.kind.value}",
        began,
        ended,
        {
            "portevoix.step": lease.step_id,
            "portevoix.queue": lease.queue.value,
            "portevoix.taken": lease.token,
            "portevoix.together": together,
            "portevoix.state": origin.state.value,
            "portevoix.failures": origin.failures,
        },
        went_wrong=origin.state is StepState.QUARANTINED or origin.failures > lease.attempts,
    )

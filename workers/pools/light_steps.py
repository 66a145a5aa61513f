"""Light steps: many taken at once, prepared outside of any transaction, saved together in short ones.

``drain`` can be called any number of times, by any number of workers, and killed anywhere: what was taken comes
back when its lease runs out, and is saved in the transaction that ends it, or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from config.enums import Queue, StepKind
from inbox.jobs import step_batches, steps
from inbox.jobs.steps import Lease, LeaseLost
from inbox.models import Step
from inbox.models.column_types import utc_now
from workers.runtime.error_policy import ending_of
from workers.runtime.worker_context import Workshop, workshop
from workers.tasks import suggest_themes, take_in_texts

LEASE_SECONDS = 15.0
"""A killed worker's steps are taken up again after this long at most; a batch takes a fraction of it."""
AT_ONCE = 40
"""Steps taken together."""
SAVED_TOGETHER = 8
"""Steps whose results share a transaction: it is over before anybody at a door notices."""

Save = Callable[[Session], None]
Prepare = Callable[[Workshop, Sequence[Lease]], Sequence[Save]]
"""Loads and thinks, outside of any write: how to save each step, or to raise why it cannot be done."""

PREPARERS: dict[StepKind, Prepare] = {
    StepKind.TAKE_IN_TEXT: take_in_texts.prepare,
    StepKind.SUGGEST_THEMES: suggest_themes.prepare,
}

log = logging.getLogger(__name__)


def drain(queue: str) -> None:
    """Do all light steps of a queue that are due; between two batches, what is urgent."""
    drain_in(workshop(), Queue(queue))


def drain_in(here: Workshop, queue: Queue) -> int:
    """``drain`` in a given workshop; how many steps were taken."""
    taken = 0
    while leases := step_batches.take_many(here.store, queue, AT_ONCE, LEASE_SECONDS):
        taken += len(leases)
        _Batch(here).do(leases)
        if queue is not Queue.URGENT:
            drain_in(here, Queue.URGENT)
    return taken


class _Batch:
    """Steps taken together; those of one lane come in their order, and stop where one does not end well."""

    def __init__(self, here: Workshop) -> None:
        self._here = here
        self._stopped_lanes: set[str] = set()

    def do(self, leases: Sequence[Lease]) -> None:
        """Do them all, in order."""
        saves: dict[int, Save] = {}
        for kind in {lease.kind for lease in leases}:
            own = [lease for lease in leases if lease.kind is kind]
            saves |= zip((lease.step_id for lease in own), PREPARERS[kind](self._here, own), strict=True)
        for start in range(0, len(leases), SAVED_TOGETHER):
            group = [lease for lease in leases[start : start + SAVED_TOGETHER] if self._may_go_on(lease)]
            self._save(group, saves)

    def _may_go_on(self, lease: Lease) -> bool:
        if lease.lane not in self._stopped_lanes:
            return True
        with self._here.store.write() as session:
            step_batches.give_back(session, lease)
        return False

    def _save(self, group: Sequence[Lease], saves: dict[int, Save]) -> None:
        try:
            self._save_together(group, saves)
        except Exception as error:  # noqa: BLE001 - found again, and judged, when each is done alone
            log.info("%d steps are done one by one (%s)", len(group), type(error).__name__)
            for lease in group:
                if self._may_go_on(lease) and not self._save_alone(lease, saves) and lease.lane is not None:
                    self._stopped_lanes.add(lease.lane)

    def _save_together(self, group: Sequence[Lease], saves: dict[int, Save]) -> None:
        with self._here.store.write() as session:
            ours = step_batches.end_many(session, group)
            for lease in group:
                if lease.step_id in ours:
                    saves[lease.step_id](session)

    def _save_alone(self, lease: Lease, saves: dict[int, Save]) -> bool:
        """Whether it ended well; whatever was raised becomes an ending."""
        try:
            self._save_together([lease], saves)
        except Exception as error:  # noqa: BLE001 - likewise
            try:
                with self._here.store.write() as session:
                    created_at = session.get_one(Step, lease.step_id).created_at
                    ending = ending_of(error, age=utc_now() - created_at)
                    log.warning("step %d (%s): %s", lease.step_id, lease.kind, ending, exc_info=error)
                    steps.end(session, lease, ending)
            except LeaseLost:
                log.warning("step %d (%s): taken over by somebody else, or erased", lease.step_id, lease.kind)
            return False
        return True

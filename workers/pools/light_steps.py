"""Light steps: many taken at once, prepared outside of any transaction, saved together in short ones.

``drain_queue`` can be called any number of times, by any number of workers, and killed anywhere: what was taken comes
back when its lease runs out, and is saved in the transaction that ends it, or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from config.enums import Queue, StepKind
from inbox.jobs import step_batches, steps
from inbox.jobs.steps import Lease, LeaseLost
from inbox.models import Step
from inbox.models.column_types import utc_now
from inbox.text_rows import plain_text_rows, preconditions
from workers.pools import mail_steps
from workers.runtime.lease_heartbeat import LEASE_SECONDS
from workers.runtime.retry_policy import step_ending_of
from workers.runtime.step_traces import traced_steps
from workers.runtime.worker_context import WorkerContext, current_worker_context
from workers.tasks import suggest_themes, take_in_texts
from workers.tasks.prepared_steps import PreparedStep

AT_ONCE = 40
"""Steps taken together."""
SAVED_TOGETHER = 24
"""Plain texts whose results share a transaction: it is over before anybody at a door notices."""
ONE_BY_ONE = 3
"""As many plain texts take the time of one other step."""

Prepare = Callable[[WorkerContext, Sequence[Lease]], Sequence[PreparedStep]]
"""Loads and thinks, outside of any write: how to save each step, or to raise why it cannot be done."""

PREPARERS: dict[StepKind, Prepare] = {
    StepKind.TAKE_IN_TEXT: take_in_texts.prepare_texts,
    StepKind.SUGGEST_THEMES: suggest_themes.prepare_theme_suggestions,
}

log = logging.getLogger(__name__)


def drain_queue(queue: str) -> None:
    """Do all steps of a queue that are due, of one of those whose calls name no step."""
    if Queue(queue) is Queue.MAIL:
        mail_steps.drain_mail_queue(current_worker_context())
    else:
        drain_light_queue(current_worker_context(), Queue(queue))


def drain_light_queue(here: WorkerContext, queue: Queue) -> int:
    """Do all light steps of a queue, and between two batches what is urgent; how many were taken."""
    taken = 0
    while leases := step_batches.claim_steps(here.store, queue, AT_ONCE, LEASE_SECONDS):
        taken += len(leases)
        with (
            traced_steps(here.store, leases),
            here.store.keyring.for_leases([(lease.step_id, lease.token) for lease in leases]),
        ):
            _Batch(here).do(leases)
        if queue is not Queue.URGENT:
            drain_light_queue(here, Queue.URGENT)
    return taken


class _Batch:
    """Steps taken together; those of one lane come in their order, and stop where one does not end well."""

    def __init__(self, here: WorkerContext) -> None:
        self._here = here
        self._stopped_lanes: set[str] = set()

    def do(self, leases: Sequence[Lease]) -> None:
        """Do them all, in order."""
        prepared: dict[int, PreparedStep] = {}
        for kind in {lease.kind for lease in leases}:
            own = [lease for lease in leases if lease.kind is kind]
            prepared |= zip((lease.step_id for lease in own), PREPARERS[kind](self._here, own), strict=True)
        for group in _groups(leases, prepared):
            self._save([lease for lease in group if self._may_go_on(lease)], prepared)

    def _may_go_on(self, lease: Lease) -> bool:
        if lease.lane not in self._stopped_lanes:
            return True
        with self._here.store.write() as session:
            step_batches.release_step(session, lease)
        return False

    def _save(self, group: Sequence[Lease], prepared: dict[int, PreparedStep]) -> None:
        try:
            self._save_together(group, prepared)
        except Exception as error:  # noqa: BLE001 - found again, and judged, when each is done alone
            log.info("%d steps are done one by one (%s)", len(group), type(error).__name__)
            for lease in group:
                if self._may_go_on(lease) and not self._save_alone(lease, prepared) and lease.lane is not None:
                    self._stopped_lanes.add(lease.lane)

    def _save_together(self, group: Sequence[Lease], prepared: dict[int, PreparedStep]) -> None:
        with self._here.store.write() as session:
            ours = step_batches.end_steps(session, group)
            wanted = [prepared[lease.step_id] for lease in group if lease.step_id in ours]
            plain = [one.plain for one in wanted if one.plain is not None]
            left = plain_text_rows.save_plain_texts(
                session, plain, preconditions.texted_within(self._here.settings.join_minutes)
            )
            for one in wanted:
                if one.plain is None or one.plain.intake_id in left:
                    one.save(session)

    def _save_alone(self, lease: Lease, prepared: dict[int, PreparedStep]) -> bool:
        """Whether it ended well; whatever was raised becomes an ending."""
        try:
            # Not as a plain text: whatever it was that failed may lie in that.
            self._save_together([lease], {lease.step_id: PreparedStep(prepared[lease.step_id].save)})
        except Exception as error:  # noqa: BLE001 - likewise
            try:
                with self._here.store.write() as session:
                    created_at = session.get_one(Step, lease.step_id).created_at
                    ending = step_ending_of(error, age=utc_now() - created_at)
                    log.warning("step %d (%s): %s", lease.step_id, lease.kind, ending, exc_info=error)
                    steps.end_step(session, lease, ending)
            except LeaseLost:
                log.warning("step %d (%s): taken over by somebody else, or erased", lease.step_id, lease.kind)
            return False
        return True


def _groups(leases: Sequence[Lease], prepared: dict[int, PreparedStep]) -> Iterator[list[Lease]]:
    """Steps whose results share a transaction, in order."""
    group: list[Lease] = []
    weight = 0
    for lease in leases:
        own = ONE_BY_ONE if prepared[lease.step_id].plain is None else 1
        if group and weight + own > SAVED_TOGETHER:
            yield group
            group, weight = [], 0
        group.append(lease)
        weight += own
    if group:
        yield group

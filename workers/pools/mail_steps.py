"""The steps of the pool of mail: several taken at once, read side by side, saved in order, a few in a transaction.

Each mail is read in a child of its own (``docs/sandbox.md``); while two are read, what was read before is saved.
``drain_in`` can be called any number of times, by any number of workers, and killed anywhere, as
``step_runner.perform``.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from config.enums import Queue, StepKind
from inbox.jobs import step_batches, steps
from inbox.jobs.steps import Lease, LeaseLost
from workers.pools.step_runner import RUNNERS, Save, attempted, end
from workers.runtime.interruption import GivenBack, can_be_given_back
from workers.runtime.lease_heartbeat import LEASE_SECONDS, Beating
from workers.runtime.work_folders import work_folder
from workers.runtime.worker_context import Workshop

LONGEST = 600.0
"""Seconds; a call that goes on for hours would be taken for one that hangs, and there is another within a second."""
AT_ONCE = 12
"""Steps taken together."""
SIDE_BY_SIDE = 2
"""Mails read at the same time, each in its child."""
SAVED_TOGETHER = 3
"""Letters whose results share a transaction: it is over before anybody at a door notices."""

log = logging.getLogger(__name__)


def drain_in(here: Workshop) -> int:
    """Do all steps of the pool of mail that are due; how many were taken."""
    taken, until = 0, time.monotonic() + LONGEST
    while time.monotonic() < until:
        leases = step_batches.take_many(here.store, Queue.MAIL, AT_ONCE, LEASE_SECONDS)
        if not leases:
            break
        taken += len(leases)
        if not _do(here, leases):
            break
    return taken


def _do(here: Workshop, leases: Sequence[Lease]) -> bool:
    """Whether they were done; False when this worker is to stop, and those left were put back."""
    left = list(leases)
    with contextlib.ExitStack() as held:
        beating = {lease.step_id: held.enter_context(Beating(here.store, lease)) for lease in leases}
        folder = held.enter_context(work_folder(here.work_dir, leases[0]))
        readers = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="mail")
        try:
            reading = [(lease, readers.submit(_read, here, lease, folder)) for lease in leases]
            for group in _groups(reading):
                with can_be_given_back():
                    read = [(lease, future.result()) for lease, future in group]
                for lease, _ in read:
                    left.remove(lease)
                    beating[lease.step_id].end()
                _save(here, read)
        except GivenBack:
            with here.store.write() as session:
                for lease in left:
                    step_batches.give_back(session, lease)
            return False
        finally:
            # Whoever still reads is left behind: this process is about to end.
            readers.shutdown(wait=not left, cancel_futures=True)
    return True


def _read(here: Workshop, lease: Lease, folder: Path) -> Save:
    return attempted(here, lease, Path(tempfile.mkdtemp(dir=folder)), RUNNERS[lease.kind])


def _groups(reading: Sequence[tuple[Lease, Future[Save]]]) -> Iterator[list[tuple[Lease, Future[Save]]]]:
    """What is saved together, in order; what erases is saved by itself."""
    group: list[tuple[Lease, Future[Save]]] = []
    for one in reading:
        alone = one[0].kind is not StepKind.TAKE_APART
        if group and (alone or len(group) == SAVED_TOGETHER):
            yield group
            group = []
        group.append(one)
        if alone:
            yield group
            group = []
    if group:
        yield group


def _save(here: Workshop, read: Sequence[tuple[Lease, Save]]) -> None:
    try:
        with here.store.write() as session:
            for lease, save in read:
                steps.end(session, lease, save(session))
    except Exception as error:  # noqa: BLE001 - found again, and judged, when each is done alone
        log.info("%d mails are saved one by one (%s)", len(read), type(error).__name__)
    else:
        return
    for lease, save in read:
        try:
            end(here, lease, save)
        except LeaseLost:
            log.warning("step %d: taken over by somebody else, or erased: nothing saved", lease.step_id)

"""The steps of the pool of mail: several taken at once, read side by side, saved in order, many in a transaction.

Each mail is read in a child of its own (``docs/sandbox.md``); while some are read, what was read before is saved. The
letters of people who write for the first time are put into values beforehand, and written by a few statements.
``drain_mail_queue`` can be called any number of times, by any number of workers, and killed anywhere, as
``step_runner.run_step``.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from config.enums import Queue
from gateway.base.traces import flush_spans
from inbox.jobs import step_batches, steps
from inbox.jobs.steps import Lease, LeaseLost
from inbox.text_rows import plain_text_rows, preconditions
from inbox.text_rows.plain_text import PlainText
from inbox.text_rows.preconditions import BatchConflict
from workers.pools.step_runner import RUNNERS, as_save, attempt_step, end_step
from workers.runtime.lease_heartbeat import LEASE_SECONDS, LeaseHeartbeat
from workers.runtime.step_interruption import StepInterrupted, interruptible
from workers.runtime.step_traces import traced_steps
from workers.runtime.work_folders import work_folder
from workers.runtime.worker_context import WorkerContext
from workers.tasks.prepared_steps import Judged, Save

LONGEST = 600.0
"""Seconds; a call that goes on for hours would be taken for one that hangs, and there is another within a second."""
AT_ONCE = 24
"""Steps taken together."""
SIDE_BY_SIDE = 3
"""Mails read at the same time, each in its child: one more than cores, for this process thinks in between."""
SAVED_TOGETHER = 24
"""Plain letters whose results share a transaction: it is over before anybody at a door notices."""
ONE_BY_ONE = 8
"""As many plain letters take the time of one other."""
HASTE = 0.2
"""Seconds: for one that takes longer to be read, those before it do not wait."""

log = logging.getLogger(__name__)

_Read = tuple[Lease, Save | Judged]


def drain_mail_queue(here: WorkerContext) -> int:
    """Do all steps of the pool of mail that are due; how many were taken."""
    taken, until = 0, time.monotonic() + LONGEST
    while time.monotonic() < until:
        leases = step_batches.claim_steps(here.store, Queue.MAIL, AT_ONCE, LEASE_SECONDS)
        if not leases:
            break
        taken += len(leases)
        with traced_steps(here.store, leases):
            may_go_on = _do(here, leases)
        if not may_go_on:
            break
    flush_spans()
    return taken


def _do(here: WorkerContext, leases: Sequence[Lease]) -> bool:
    """Whether they were done; False when this worker is to stop, and those left were put back."""
    left = list(leases)
    with contextlib.ExitStack() as held:
        beating = held.enter_context(LeaseHeartbeat(here.store, *leases))
        folder = held.enter_context(work_folder(here.work_dir, leases[0]))
        readers = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="mail")
        try:
            reading = [(lease, readers.submit(_read, here, lease, folder)) for lease in leases]
            for group in _groups(reading):
                for lease, _ in group:
                    left.remove(lease)
                    beating.let_go(lease)
                _save(here, group)
        except StepInterrupted:
            with here.store.write() as session:
                for lease in left:
                    step_batches.release_step(session, lease)
            return False
        finally:
            # Whoever still reads is left behind: this process is about to end.
            readers.shutdown(wait=not left, cancel_futures=True)
    return True


def _read(here: WorkerContext, lease: Lease, folder: Path) -> Save | Judged:
    return attempt_step(here, lease, Path(tempfile.mkdtemp(dir=folder)), RUNNERS[lease.kind])


def _groups(reading: Sequence[tuple[Lease, Future[Save | Judged]]]) -> Iterator[list[_Read]]:
    """What is saved together, in order: each sender's singly, and what is no mail by itself.

    Raises ``StepInterrupted`` where this worker is to stop, as long as it waits for one to be read.
    """
    group = _Group()
    for lease, future in reading:
        if group.read and not _is_soon_there(future):
            yield group.read
            group = _Group()
        with interruptible():
            save = future.result()
        if not group.has_room_for(save):
            yield group.read
            group = _Group()
        group.add(lease, save)
    if group.read:
        yield group.read


def _is_soon_there(future: Future[Save | Judged]) -> bool:
    with interruptible():
        return bool(wait([future], HASTE).done)


class _Group:
    """What is saved together."""

    def __init__(self) -> None:
        self.read: list[_Read] = []
        self._weight = 0
        self._senders: set[str] = set()

    def has_room_for(self, save: Save | Judged) -> bool:
        """Whether one more can be saved with these."""
        if not self.read:
            return True
        mails = isinstance(save, Judged) and isinstance(self.read[-1][1], Judged)
        return mails and self._weight + _weight(save) <= SAVED_TOGETHER and not self._senders & _senders(save)

    def add(self, lease: Lease, save: Save | Judged) -> None:
        """One more."""
        self.read.append((lease, save))
        self._weight += _weight(save)
        self._senders |= _senders(save)


def _weight(save: Save | Judged) -> int:
    return ONE_BY_ONE if _plain(save) is None else 1


def _senders(save: Save | Judged) -> frozenset[str]:
    return save.senders if isinstance(save, Judged) else frozenset()


def _plain(save: Save | Judged) -> PlainText | None:
    return save.plain if isinstance(save, Judged) else None


def _save(here: WorkerContext, read: Sequence[_Read]) -> None:
    if len(read) > 1 or _plain(read[0][1]) is not None:
        try:
            _save_together(here, read)
        except Exception as error:  # noqa: BLE001 - found again, and judged, when each is done alone
            log.info("%d mails are saved one by one (%s)", len(read), type(error).__name__)
        else:
            return
    for lease, save in read:
        try:
            end_step(here, lease, save)
        except LeaseLost:
            log.warning("step %d: taken over by somebody else, or erased: nothing saved", lease.step_id)


def _save_together(here: WorkerContext, read: Sequence[_Read]) -> None:
    plain = {lease: plain for lease, save in read if (plain := _plain(save)) is not None}
    others = [(lease, as_save(here, save)) for lease, save in read if _plain(save) is None]
    with here.store.write() as session:
        if len(step_batches.end_steps(session, list(plain))) < len(plain):
            raise LeaseLost("a mail was taken over by somebody else, or erased")
        if plain_text_rows.save_plain_texts(session, list(plain.values()), preconditions.wrote_before):
            raise BatchConflict("something was stored of a sender meanwhile")
        for lease, save in others:
            steps.end_step(session, lease, save(session))

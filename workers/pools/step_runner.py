"""Takes a step, does it, ends it: the one job of every pool.

``run_step`` can be called any number of times for one step, by any number of workers, and
killed anywhere. Only the holder of the lease works; what a runner found out and the end of
the step are saved in one transaction under the lease's token, so either both are there or
neither, and a worker that was too slow saves nothing.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from config.enums import StepKind, StepState
from gateway.base.traces import flush_spans
from inbox.jobs import speech_order, steps
from inbox.jobs.steps import Ending, Failed, Later, Lease, LeaseLost
from inbox.models import Step
from inbox.models.column_types import utc_now
from workers.runtime.lease_heartbeat import LEASE_SECONDS, LeaseHeartbeat
from workers.runtime.retry_policy import step_ending_of
from workers.runtime.step_interruption import StepInterrupted, interruptible
from workers.runtime.step_traces import traced_steps
from workers.runtime.work_folders import work_folder
from workers.runtime.worker_context import WorkerContext, current_worker_context
from workers.tasks import due_erasures, fetch_media, mask_media, read_pages, read_speech, send_message, split_mail
from workers.tasks.prepared_steps import Judged, Save

Runner = Callable[[WorkerContext, Lease, Path], Save | Judged]
"""Loads, reads, and returns how to save. The path is a private folder that is gone afterwards."""

RUNNERS: dict[StepKind, Runner] = {
    StepKind.LIST_RECORDINGS: fetch_media.list_recordings,
    StepKind.FETCH_MEDIA: fetch_media.fetch_media,
    StepKind.TAKE_APART: split_mail.split_mail,
    StepKind.SPLIT_PAGES: read_pages.split_pages,
    StepKind.READ_SPEECH: read_speech.read_speech,
    StepKind.READ_PAGES: read_pages.read_pages,
    StepKind.MASK_RECORDINGS: mask_media.mask_recordings,
    StepKind.MASK_PAGES: mask_media.mask_pages,
    StepKind.SEND: send_message.send_message,
    StepKind.ERASE: due_erasures.erase_on_request,
    StepKind.DELETE_AT_PROVIDER: due_erasures.delete_at_provider,
}

log = logging.getLogger(__name__)


def run_step(step_id: int) -> None:
    """Do one step, unless somebody else does or did, or it is not yet due.

    Where the newest short recordings come first, a call for one recording means the one whose turn it is.
    """
    here = current_worker_context()
    run_step_in(here, whose_turn(here, step_id))
    flush_spans()  # most pools fork for a step, and the fork ends now


def whose_turn(here: WorkerContext, step_id: int) -> int:
    """The step that is done when this one is called: there are as many calls as steps, in whatever order they come."""
    if here.settings.speech.order != "newest_short":
        return step_id
    with here.store.read() as session:
        if not speech_order.is_heard(session, step_id):
            return step_id
        return speech_order.next_to_hear(session) or step_id


def run_step_in(here: WorkerContext, step_id: int, runners: dict[StepKind, Runner] = RUNNERS) -> None:
    """``run_step`` in a given workshop."""
    lease = steps.claim_step(here.store, step_id, lease_seconds=LEASE_SECONDS)
    if lease is None:
        return
    try:
        # The folder outlives the runner: what is saved may still lie in it.
        with (
            traced_steps(here.store, [lease]),
            LeaseHeartbeat(here.store, lease),
            work_folder(here.work_dir, lease) as folder,
        ):
            end_step(here, lease, _interruptible(here, lease, folder, runners[lease.kind]))
    except LeaseLost:
        log.warning("step %d (%s): taken over by somebody else, or erased: nothing saved", step_id, lease.kind)


def _interruptible(here: WorkerContext, lease: Lease, folder: Path, runner: Runner) -> Save | Judged:
    try:
        with interruptible():
            return attempt_step(here, lease, folder, runner)
    except StepInterrupted:
        return _only(Later("its worker was stopped", after=timedelta(0)))


def attempt_step(here: WorkerContext, lease: Lease, folder: Path, runner: Runner) -> Save | Judged:
    """How to save what a runner found out, or why it found out nothing."""
    try:
        return runner(here, lease, folder)
    except Exception as error:  # noqa: BLE001 — whatever it is becomes an ending
        return _only(_blamed(here, lease, error))


def end_step(here: WorkerContext, lease: Lease, save: Save | Judged) -> None:
    """Save what was found out together with the end of the step; raises ``LeaseLost``."""
    try:
        _save(here, lease, save)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 — likewise
        # What was found out is given up with its transaction; the reason is kept.
        _save(here, lease, _only(_blamed(here, lease, error)))


def as_save(here: WorkerContext, save: Save | Judged) -> Save:
    """How to save what was found out, compared with what is stored now."""
    if not isinstance(save, Judged):
        return save
    with here.store.read() as session:
        return save.judge(session)


def _save(here: WorkerContext, lease: Lease, save: Save | Judged) -> None:
    save = as_save(here, save)
    with here.store.write() as session:
        steps.end_step(session, lease, save(session))


def _only(ending: Ending) -> Save:
    return lambda _session: ending


def _blamed(here: WorkerContext, lease: Lease, error: Exception) -> Ending:
    with here.store.read() as session:
        ending = step_ending_of(error, age=utc_now() - session.get_one(Step, lease.step_id).created_at)
    log.warning("step %d (%s): %s", lease.step_id, lease.kind, ending, exc_info=error)
    return ending


def count_killed_step(here: WorkerContext, step_id: int, why: str) -> None:
    """Count a step whose process was killed while its worker lives; one that had just ended is left as it is."""
    try:
        with here.store.write() as session:
            step = session.get(Step, step_id)
            if step is None or step.state is not StepState.OPEN or step.lease_until is None:
                return
            steps.end_step(session, _lease_of(step), Failed(why))
    except LeaseLost:
        return


def _lease_of(step: Step) -> Lease:
    return Lease(
        step_id=step.id,
        kind=step.kind,
        queue=step.queue,
        intake_id=step.intake_id,
        part_id=step.part_id,
        message_id=step.message_id,
        token=step.token,
        attempts=step.attempts,
    )

"""Taking, doing and ending a step: whatever the runner does, the step ends somewhere visible."""

import os
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.enums import Reading, StepKind, StepState
from gateway.intake.part_media import save_transcript
from inbox.errors import StoreBusy
from inbox.jobs import steps
from inbox.jobs.steps import Done, Ending, Lease, NeedsPerson
from inbox.models import Part, Step, Transcript
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.workers.conftest import Waiting
from transcription.base.values import EngineMissing, Word
from transcription.base.values import Transcript as Heard
from workers.pools.step_runner import RUNNERS, count_killed_step, run_step_in
from workers.runtime import lease_heartbeat, step_interruption
from workers.runtime.worker_context import WorkerContext

SECRET = "résidente@exemple.fr"
Save = Callable[[Session], Ending]


def hears_a_word(here: WorkerContext, lease: Lease, _folder: Path) -> Save:
    def save(session: Session) -> Ending:
        part = session.get_one(Part, lease.part_id)
        heard = Heard("test", "none", "fr", (Word("banc", 0.9, 0.0, 0.4),), 0.1)
        save_transcript(session, part.media[0].id, heard)
        return Done()

    return save


def crashes(_here: WorkerContext, _lease: Lease, _folder: Path) -> Save:
    raise ValueError(SECRET)


def crashes_while_saving(here: WorkerContext, lease: Lease, folder: Path) -> Save:
    def save(session: Session) -> Ending:
        hears_a_word(here, lease, folder)(session)
        raise ValueError(SECRET)

    return save


def finds_no_model(_here: WorkerContext, _lease: Lease, _folder: Path) -> Save:
    raise EngineMissing("There is no speech model for fr.")


def leaves_it_to_a_person(_here: WorkerContext, _lease: Lease, _folder: Path) -> Save:
    return lambda _session: NeedsPerson("Nobody speaks in this recording.")


def do(workshop: WorkerContext, waiting: Waiting, runner: object) -> Step:
    run_step_in(workshop, waiting.step_id, dict.fromkeys(StepKind, runner))  # type: ignore[dict-item, misc]
    return look(workshop, waiting)


def look(workshop: WorkerContext, waiting: Waiting) -> Step:
    with workshop.store.read() as session:
        step = session.get_one(Step, waiting.step_id)
        session.expunge(step)
        return step


def make_due(workshop: WorkerContext) -> None:
    with workshop.store.write() as session:
        session.execute(update(Step).values(not_before=utc_now() - timedelta(seconds=1)))


def transcripts_of(workshop: WorkerContext) -> int:
    with workshop.store.read() as session:
        return session.query(Transcript).count()


def test_every_kind_of_step_has_a_runner() -> None:
    assert set(RUNNERS) == {kind for kind in StepKind if not kind.queue.is_light}


def test_what_was_found_out_and_the_end_are_saved_together(workshop: WorkerContext, recording: Waiting) -> None:
    step = do(workshop, recording, hears_a_word)
    assert (step.state, step.lease_until, transcripts_of(workshop)) == (StepState.DONE, None, 1)
    with workshop.store.read() as session:
        assert session.get_one(Part, recording.part_id).reading is Reading.READ


def test_done_twice_is_done_once(workshop: WorkerContext, recording: Waiting) -> None:
    do(workshop, recording, hears_a_word)
    do(workshop, recording, hears_a_word)
    assert transcripts_of(workshop) == 1


@pytest.mark.parametrize("runner", [crashes, crashes_while_saving], ids=["while reading", "while saving"])
def test_the_third_failure_is_quarantine_and_quotes_nobody(
    workshop: WorkerContext, recording: Waiting, runner: object
) -> None:
    seen = []
    for _ in range(3):
        step = do(workshop, recording, runner)
        seen.append((step.state, step.attempts))
        make_due(workshop)
    assert seen == [(StepState.OPEN, 1), (StepState.OPEN, 2), (StepState.QUARANTINED, 3)]
    assert step.reason
    assert step.reason.startswith("ValueError at ")
    assert transcripts_of(workshop) == 0
    with workshop.store.read() as session:
        assert session.get_one(Part, recording.part_id).reading is Reading.NEEDS_PERSON


def test_an_engine_that_is_missing_is_waited_for_and_not_counted(workshop: WorkerContext, recording: Waiting) -> None:
    for _ in range(5):
        step = do(workshop, recording, finds_no_model)
        make_due(workshop)
    assert (step.state, step.attempts, step.lease_until) == (StepState.OPEN, 0, None)
    assert step.not_before > utc_now() - timedelta(seconds=10)
    assert "no speech model" in str(step.reason)


def test_a_person_is_told_why(workshop: WorkerContext, recording: Waiting) -> None:
    assert do(workshop, recording, leaves_it_to_a_person).state is StepState.NEEDS_PERSON
    with workshop.store.read() as session:
        part = session.get_one(Part, recording.part_id)
        assert (part.reading, part.reading_reason) == (Reading.NEEDS_PERSON, "Nobody speaks in this recording.")


def test_a_worker_that_lost_its_lease_saves_nothing(workshop: WorkerContext, recording: Waiting) -> None:
    def takes_too_long(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        with here.store.write() as session:
            session.execute(update(Step).values(lease_until=utc_now() - timedelta(seconds=1)))
        assert steps.claim_step(here.store, lease.step_id) is not None, "somebody else takes it over"
        return hears_a_word(here, lease, folder)

    step = do(workshop, recording, takes_too_long)
    assert (step.state, transcripts_of(workshop)) == (StepState.OPEN, 0)
    assert step.lease_until is not None, "the other one still holds it"


def test_a_lease_is_kept_while_the_runner_works(
    workshop: WorkerContext, recording: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_heartbeat, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr("workers.pools.step_runner.LEASE_SECONDS", 0.3)
    monkeypatch.setattr(lease_heartbeat, "LEASE_SECONDS", 0.3)
    taken_meanwhile = []

    def works_longer_than_its_lease(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        for _ in range(6):
            time.sleep(0.1)
            taken_meanwhile.append(steps.claim_step(here.store, lease.step_id))
        return hears_a_word(here, lease, folder)

    assert do(workshop, recording, works_longer_than_its_lease).state is StepState.DONE
    assert taken_meanwhile == [None] * 6


TROUBLE = {
    "the database is busy": StoreBusy("waited 30 s for the database"),
    "the database is gone": OperationalError("UPDATE", None, Exception("server closed the connection")),
    "the disk fails before anything is written": sqlite3.OperationalError("disk I/O error"),
}


@pytest.mark.parametrize("error", TROUBLE.values(), ids=TROUBLE)
def test_a_lease_outlives_beats_that_fail(
    workshop: WorkerContext, recording: Waiting, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(lease_heartbeat, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr("workers.pools.step_runner.LEASE_SECONDS", 0.5)
    monkeypatch.setattr(lease_heartbeat, "LEASE_SECONDS", 0.5)
    really, to_fail, taken_meanwhile = steps.renew_lease, [error, error], []

    def fails_twice(store: Store, lease: Lease, seconds: float) -> bool:
        if to_fail:
            raise to_fail.pop()
        return really(store, lease, seconds)

    def works_longer_than_its_lease(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        for _ in range(8):
            time.sleep(0.1)
            taken_meanwhile.append(steps.claim_step(here.store, lease.step_id))
        return hears_a_word(here, lease, folder)

    monkeypatch.setattr(steps, "renew_lease", fails_twice)
    assert do(workshop, recording, works_longer_than_its_lease).state is StepState.DONE
    assert (to_fail, taken_meanwhile) == ([], [None] * 8)


def test_media_in_the_clear_are_private_and_gone_afterwards(workshop: WorkerContext, recording: Waiting) -> None:
    seen: list[tuple[int, bool]] = []

    def looks_around(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        (folder / "recording").write_bytes(b"x")
        Path(tempfile.mkdtemp(prefix="a-reader-of-its-own-")).joinpath("page").write_bytes(b"x")
        seen.append((folder.stat().st_mode & 0o777, folder.is_relative_to(here.settings.data_dir)))
        raise ValueError(SECRET)

    do(workshop, recording, looks_around)
    assert seen == [(0o700, True)]
    assert list(workshop.work_dir.iterdir()) == []


def test_a_stopped_worker_gives_the_step_back_uncounted(workshop: WorkerContext, recording: Waiting) -> None:
    step_interruption.interrupt_steps_on_signal(lambda: 0)

    def hears_a_long_recording(_here: WorkerContext, _lease: Lease, _folder: Path) -> Save:
        threading.Timer(0.2, os.kill, (os.getpid(), step_interruption.INTERRUPT_SIGNAL)).start()
        time.sleep(10)
        raise AssertionError("was not interrupted")

    try:
        step = do(workshop, recording, hears_a_long_recording)
    finally:
        signal.signal(step_interruption.INTERRUPT_SIGNAL, signal.SIG_DFL)
    assert (step.state, step.attempts, step.lease_until) == (StepState.OPEN, 0, None)
    assert step.not_before <= utc_now()


def test_the_signal_is_harmless_while_nothing_can_be_given_back() -> None:
    step_interruption.interrupt_steps_on_signal(lambda: 0)
    try:
        os.kill(os.getpid(), step_interruption.INTERRUPT_SIGNAL)
        time.sleep(0.01)
    finally:
        signal.signal(step_interruption.INTERRUPT_SIGNAL, signal.SIG_DFL)


def test_a_step_that_kills_its_process_is_counted_at_once(workshop: WorkerContext, recording: Waiting) -> None:
    why = "the process working on it was killed (signal 9)"
    for attempts in (1, 2, 3):
        assert steps.claim_step(workshop.store, recording.step_id) is not None
        count_killed_step(workshop, recording.step_id, why)
        step = look(workshop, recording)
        assert (step.attempts, step.reason, step.lease_until) == (attempts, why, None)
        make_due(workshop)
    assert step.state is StepState.QUARANTINED


def test_a_process_killed_after_its_step_ended_changes_nothing(workshop: WorkerContext, recording: Waiting) -> None:
    do(workshop, recording, hears_a_word)
    count_killed_step(workshop, recording.step_id, "killed")
    count_killed_step(workshop, 4711, "killed")
    assert look(workshop, recording).state is StepState.DONE

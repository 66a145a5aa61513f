"""An engine that is missing, crashes or hangs: the recording stays in front of a person and is read when it is back."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config.enums import Channel, MediumKind, Reading, StepKind, StepState
from inbox.contributions import transcripts
from inbox.jobs import steps
from inbox.models import Part, Step, Transcript
from inbox.models.column_types import utc_now
from tests.transcription import engines
from tests.transcription.sounds import DEMO_MODEL, needs_voice, speak
from tests.workers.conftest import Waiting, add_part
from transcription.audio.speech_engine import SpeechEngine
from workers.pools.step_runner import run_step_in, whose_turn
from workers.runtime.worker_context import WorkerContext

pytestmark = needs_voice

# What the step's state and counted attempts are after each of three tries, and what it says.
FAILING = {
    "crashes": (
        engines.engine_crashes_while_hearing,
        [(StepState.OPEN, 1), (StepState.OPEN, 2), (StepState.QUARANTINED, 3)],
        "ended",
    ),
    "hangs": (
        engines.engine_hangs_while_hearing,
        [(StepState.OPEN, 1), (StepState.OPEN, 2), (StepState.QUARANTINED, 3)],
        "did not finish",
    ),
    "is missing": (
        engines.engine_is_not_installed,
        [(StepState.OPEN, 0), (StepState.OPEN, 0), (StepState.OPEN, 0)],
        "not installed",
    ),
}


@pytest.mark.parametrize(("child", "states", "says"), FAILING.values(), ids=FAILING)
def test_a_recording_waits_for_its_engine(
    child: tuple[str, ...],
    states: list[tuple[StepState, int]],
    says: str,
    workshop: WorkerContext,
    tmp_path: Path,
) -> None:
    limits = workshop.settings.limits.model_copy(update={"speech_seconds": 1})
    settings = workshop.settings.model_copy(update={"limits": limits})
    here = replace(workshop, settings=settings, readers=replace(workshop.readers, settings=settings))
    sound = speak("les bus ne passent pas assez souvent", tmp_path / "said.wav").read_bytes()
    waiting = add_part(here.store, Channel.VOICEMAIL, MediumKind.RECORDING, sound, "CA" + 32 * "2")
    here.readers._engines[DEMO_MODEL.name, "fr"] = SpeechEngine(DEMO_MODEL, child=child)
    seen = []
    for _ in states:
        seen.append(do(here, waiting))
        make_due(here)
    assert [(state, attempts) for state, attempts, _ in seen] == states
    assert says in seen[-1][2]
    with here.store.read() as session:
        assert session.scalars(select(Transcript)).all() == []
        quarantined = states[-1][0] is StepState.QUARANTINED
        part = session.get_one(Part, waiting.part_id)
        assert part.reading is (Reading.NEEDS_PERSON if quarantined else Reading.WAITING)

    here.readers.close()
    limits = limits.model_copy(update={"speech_seconds": 60})
    settings = settings.model_copy(update={"limits": limits})
    here = replace(here, settings=settings, readers=replace(here.readers, settings=settings))
    with here.store.write() as session:
        if quarantined:
            steps.replay_step(session, waiting.step_id)
    assert do(here, waiting)[0] is StepState.DONE
    with here.store.read() as session:
        [transcript] = session.scalars(select(Transcript))
        heard = transcripts.transcript_text(transcripts.transcript_words(session, transcript))
    assert heard == "Les bus ne passent pas assez souvent"
    here.readers.close()


def do(here: WorkerContext, waiting: Waiting) -> tuple[StepState, int, str]:
    run_step_in(here, waiting.step_id)
    with here.store.read() as session:
        step = session.get_one(Step, waiting.step_id)
        assert step.kind is StepKind.READ_SPEECH
        return step.state, step.attempts, step.reason or ""


def make_due(here: WorkerContext) -> None:
    with here.store.write() as session:
        for step in session.scalars(select(Step).where(Step.state == StepState.OPEN)):
            step.not_before = utc_now()


def test_a_call_for_a_recording_means_the_one_whose_turn_it_is(workshop: WorkerContext, tmp_path: Path) -> None:
    sound = speak("oui", tmp_path / "said.wav").read_bytes()
    first, second = (
        add_part(workshop.store, Channel.VOICEMAIL, MediumKind.RECORDING, sound, f"CA{number}" + 31 * "2").step_id
        for number in (1, 2)
    )
    speech = workshop.settings.speech.model_copy(update={"order": "newest_short"})
    here = replace(workshop, settings=workshop.settings.model_copy(update={"speech": speech}))
    assert [whose_turn(workshop, first), whose_turn(here, first), whose_turn(here, second)] == [first, second, second]
    assert steps.claim_step(here.store, second) is not None
    assert [whose_turn(here, first), whose_turn(here, second)] == [first, first]
    assert steps.claim_step(here.store, first) is not None
    assert [whose_turn(here, first), whose_turn(here, second)] == [first, second], "nothing is left to be done"

"""Steps: taken once, ended once, never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config.enums import Queue, Reading, StepKind, StepState
from inbox.jobs import retry_limits, steps
from inbox.models import Part, Step
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.database import Store
from inbox.storage.unit_of_work import unit_of
from tests.inbox import makers

MINUTE = timedelta(minutes=1)


@pytest.fixture
def contribution(store: Store) -> int:
    return makers.voicemail(store)


@pytest.fixture
def step(store: Store, contribution: int) -> int:
    return makers.reading_steps(store, contribution)[0]


def row(store: Store, step_id: int) -> Step:
    with store.read() as session:
        found = session.get_one(Step, step_id)
        session.expunge(found)
        return found


def finish(store: Store, lease: steps.Lease, ending: steps.Ending) -> None:
    with store.write() as session:
        steps.end_step(session, lease, ending)


def make_due(store: Store, step_id: int) -> None:
    with store.write() as session:
        session.get_one(Step, step_id).not_before = utc_now() - MINUTE


def fail_for_good(store: Store, step_id: int, why: str = "the recording is broken") -> None:
    for _ in range(retry_limits.MAX_ATTEMPTS):
        make_due(store, step_id)
        lease = steps.claim_step(store, step_id)
        assert lease is not None
        finish(store, lease, steps.Failed(why))


def test_added_once_and_woken_once(store: Store):
    woken: list[tuple[Queue, int]] = []
    store.after_commit(woken.extend)
    with store.write() as session:
        made = makers.part(session, makers.intake(session), "Un banc")
        first = steps.add_step(session, StepKind.SUGGEST_THEMES, part=made.id)
        assert steps.add_step(session, StepKind.SUGGEST_THEMES, part=made.id).id == first.id
        later = steps.add_step(session, StepKind.FETCH_MEDIA, part=made.id, not_before=utc_now() + MINUTE)
    assert woken == [(Queue.THEMES, first.id)]
    assert (later.queue, later.state, later.attempts) == (Queue.FETCH, StepState.OPEN, 0)


def test_added_by_many_at_once(store: Store):
    with store.write() as session:
        made = makers.part(session, makers.intake(session), "Un banc")

    def add(_: int) -> int:
        with store.write() as session:
            return steps.add_step(session, StepKind.FETCH_MEDIA, part=made.id).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(add, range(8)))) == 1


def test_taken_by_one_of_many(store: Store, step: int):
    with ThreadPoolExecutor(4) as pool:
        leases = list(pool.map(lambda _: steps.claim_step(store, step), range(8)))
    assert len([lease for lease in leases if lease]) == 1


def test_not_taken_before_its_time(store: Store, step: int):
    with store.write() as session:
        session.get_one(Step, step).not_before = utc_now() + MINUTE
    assert steps.claim_step(store, step) is None
    assert steps.claim_step(store, step, now=utc_now() + 2 * MINUTE) is not None


def test_heartbeat_keeps_it(store: Store, step: int):
    lease = steps.claim_step(store, step, lease_seconds=30)
    assert lease is not None
    assert steps.renew_lease(store, lease, 300)
    assert steps.claim_step(store, step, now=utc_now() + MINUTE) is None


def test_old_token_saves_nothing(store: Store, step: int):
    old = steps.claim_step(store, step, lease_seconds=0.001)
    new = steps.claim_step(store, step, now=utc_now() + MINUTE)
    assert old is not None
    assert new is not None
    assert new.token > old.token
    assert not steps.renew_lease(store, old)

    def save_too_late() -> None:
        with store.write() as session:
            session.get_one(Part, old.part_id).reading_reason = "saved by the one who lost it"
            steps.end_step(session, old, steps.Done())

    with pytest.raises(steps.LeaseLost):
        save_too_late()
    with store.read() as session:
        assert session.get_one(Part, old.part_id).reading_reason is None
    finish(store, new, steps.Done())


def test_ended_once(store: Store, step: int):
    lease = steps.claim_step(store, step)
    assert lease is not None
    finish(store, lease, steps.Later("not ready", after=timedelta(0)))
    # A beat that was on its way when the step ended must not hold it again.
    assert not steps.renew_lease(store, lease)
    with pytest.raises(steps.LeaseLost):
        finish(store, lease, steps.Done())
    assert steps.claim_step(store, step, now=utc_now() + MINUTE) is not None


def test_lease_that_ran_out_but_nobody_took_is_good(store: Store, step: int):
    lease = steps.claim_step(store, step, lease_seconds=-5)
    assert lease is not None
    finish(store, lease, steps.Done())
    assert row(store, step).state is StepState.DONE


ENDINGS = [
    pytest.param(steps.Done(), (StepState.DONE, 0, None, Reading.NEEDS_PERSON), id="done, without a word read"),
    pytest.param(steps.Later("not ready"), (StepState.OPEN, 0, "not ready", Reading.WAITING), id="later"),
    pytest.param(steps.Failed("it broke"), (StepState.OPEN, 1, "it broke", Reading.WAITING), id="failed once"),
    pytest.param(
        steps.NeedsPerson("nobody speaks"),
        (StepState.NEEDS_PERSON, 0, "nobody speaks", Reading.NEEDS_PERSON),
        id="needs a person",
    ),
]


@pytest.mark.parametrize(("ending", "expected"), ENDINGS)
def test_endings(store: Store, contribution: int, step: int, ending: steps.Ending, expected: tuple[object, ...]):
    lease = steps.claim_step(store, step)
    assert lease is not None
    finish(store, lease, ending)
    ended = row(store, step)
    assert (ended.state, ended.attempts, ended.reason, makers.state_of(store, contribution).reading) == expected
    assert ended.lease_until is None
    assert (ended.ended_at is None) == (ended.state is StepState.OPEN)


def test_later_may_name_a_time(store: Store, step: int):
    until = utc_now() + timedelta(hours=3)
    lease = steps.claim_step(store, step)
    assert lease is not None
    finish(store, lease, steps.Later("the engine is missing", until=until))
    assert row(store, step).not_before == until


def test_third_failure_goes_into_quarantine_and_is_replayed(store: Store, contribution: int, step: int):
    fail_for_good(store, step)
    with store.read() as session:
        (found,) = steps.quarantined_steps(session)
        (part_id,) = makers.parts_of(session, contribution)
        assert found == steps.Quarantined(
            step_id=step,
            kind=StepKind.READ_SPEECH,
            state=StepState.QUARANTINED,
            reason="the recording is broken",
            attempts=3,
            since=found.since,
            intake_id=None,
            part_id=part_id,
            message_id=None,
            contribution_id=contribution,
        )
        assert session.get_one(Part, part_id).reading_reason == "the recording is broken"
    person = makers.moderator(store)
    with store.write() as session:
        replayed = steps.replay_step(session, step, person)
        assert (replayed.state, replayed.attempts, replayed.reason) == (StepState.OPEN, 0, None)
        assert unit_of(session).woken == [(Queue.SPEECH, step)]
        assert [e.action for e in history.history_of(session, f"part:{part_id}")] == ["replay"]
    assert makers.state_of(store, contribution).reading is Reading.WAITING
    makers.hear(store, contribution, "un banc devant la mairie")
    assert makers.state_of(store, contribution).reading is Reading.READ
    with store.read() as session:
        assert session.get_one(Part, part_id).reading_reason is None
        assert steps.quarantined_steps(session) == []


def test_worker_that_dies_every_time_does_not_go_on_for_ever(store: Store, step: int):
    now = utc_now()
    for _ in range(retry_limits.MAX_ATTEMPTS):
        assert steps.claim_step(store, step, lease_seconds=60, now=now) is not None
        now += 2 * MINUTE
    assert steps.claim_step(store, step, now=now) is None
    ended = row(store, step)
    assert (ended.state, ended.reason) == (StepState.QUARANTINED, retry_limits.LOST_WORKER)


def test_replaying_what_was_erased(store: Store, step: int):
    with store.write() as session:
        session.get_one(Step, step).state = StepState.DROPPED
    for missing in (step, 999_999):
        with pytest.raises(steps.NotReplayable), store.write() as session:
            steps.replay_step(session, missing)


def test_replaying_what_is_open_changes_nothing(store: Store, step: int):
    lease = steps.claim_step(store, step)
    with store.write() as session:
        steps.replay_step(session, step)
    assert lease is not None
    finish(store, lease, steps.Done())


def test_again_takes_it_from_its_worker(store: Store, step: int):
    lease = steps.claim_step(store, step)
    assert lease is not None
    with store.write() as session:
        steps.add_step(session, StepKind.READ_SPEECH, part=lease.part_id, again=True)
    with pytest.raises(steps.LeaseLost):
        finish(store, lease, steps.Done())
    assert steps.claim_step(store, step) is not None


def test_a_long_queue_hides_no_other(store: Store):
    for _ in range(3):
        makers.voicemail(store)
    makers.text_message(store, "Un banc")
    with store.read() as session:
        found = [queue for queue, _ in steps.overdue_steps(session, utc_now() + MINUTE, limit=2)]
    assert sorted(found) == [Queue.SPEECH, Queue.SPEECH, Queue.THEMES]


def test_overdue_is_what_nobody_holds(store: Store, step: int):
    now = utc_now() + MINUTE
    with store.read() as session:
        assert (Queue.SPEECH, step) in steps.overdue_steps(session, now)
    steps.claim_step(store, step, lease_seconds=3600)
    with store.read() as session:
        assert (Queue.SPEECH, step) not in steps.overdue_steps(session, now)
        assert (Queue.SPEECH, step) in steps.overdue_steps(session, now + timedelta(hours=2))
        assert [s.id for s in steps.open_steps_of(session, row(store, step).part_id or 0)] == [step]


def test_intake_no_part_could_be_made_of_stands_in_front_of_a_person(store: Store):
    with store.write() as session:
        scan = makers.intake(session)
        split = steps.add_step(session, StepKind.SPLIT_PAGES, intake=scan.id)
    lease = steps.claim_step(store, split.id)
    assert lease is not None
    finish(store, lease, steps.NeedsPerson("the file is encrypted"))
    with store.read() as session:
        assert [(q.intake_id, q.reason) for q in steps.quarantined_steps(session)] == [
            (scan.id, "the file is encrypted")
        ]
    with store.write() as session:
        makers.contribution_of(session, makers.part(session, session.merge(scan), "Un banc"))
        assert steps.quarantined_steps(session) == []


def test_two_readings_of_one_contribution_end_at_once(store: Store):
    """Each sees the other's ending, whoever is first: the contribution never stays waiting for ever."""
    with store.write() as session:
        inside = makers.intake(session)
        parts = [makers.part(session, inside, media=[makers.MediumKind.RECORDING]) for _ in range(2)]
        made = makers.contribution_of(session, *parts)
    leases = [steps.claim_step(store, step_id) for step_id in makers.reading_steps(store, made.id)]

    def end(lease: steps.Lease | None) -> None:
        assert lease is not None
        finish(store, lease, steps.NeedsPerson("nobody speaks"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(end, leases))
    assert makers.state_of(store, made.id).reading is Reading.NEEDS_PERSON
    with store.read() as session:
        assert session.scalar(select(func.count()).where(Part.reading == Reading.WAITING)) == 0


def test_what_waits_longest_in_quarantine_comes_first_from_page_to_page(store: Store, contribution: int):
    kinds = [StepKind.READ_PAGES, StepKind.SUGGEST_THEMES, StepKind.FETCH_MEDIA]
    now = utc_now()
    with store.write() as session:
        (part_id,) = makers.parts_of(session, contribution)
        # The first two began to wait in the same moment.
        made = [
            Step(kind=kind, queue=kind.queue, part_id=part_id, state=StepState.QUARANTINED, ended_at=now - age)
            for kind, age in zip(kinds, [timedelta(days=9), timedelta(days=9), timedelta(days=20)], strict=True)
        ]
        session.add_all(made)
        session.flush()
        first, second, oldest = (one.id for one in made)
    with store.read() as session:
        walked, behind = [], None
        while page := steps.quarantined_steps(session, 1, behind=behind):
            behind = page[-1].step_id
            walked.append(behind)
        assert walked == [oldest, first, second]
        assert [one.step_id for one in steps.quarantined_steps(session, 2, ahead_of=second)] == [oldest, first]
        assert [one.step_id for one in steps.quarantined_steps(session, 2, behind=999_999)] == [oldest, first]

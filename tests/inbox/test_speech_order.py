"""Which recording is listened to next, and how many come before one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from config.enums import StepState
from inbox.jobs import speech_order, steps
from inbox.models import Medium, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.inbox import makers

MINUTE = timedelta(minutes=1)

# Name, minutes that it has waited, seconds as told (None: not), bytes; in the order in which they came.
CAME = (
    ("long, waits for two hours", 120, 1_800.0, 0),
    ("short, old", 40, 60.0, 0),
    ("long", 30, 600.0, 0),
    ("large", 20, None, 5_000_000),
    ("short", 10, 119.0, 0),
    ("small", 5, None, 300_000),
    ("short, just come", 1, 30.0, 0),
)
NEWEST_SHORT = (
    "long, waits for two hours",
    "short, just come",
    "small",
    "short",
    "short, old",
    "long",
    "large",
)


@pytest.fixture
def waiting(store: Store) -> dict[str, tuple[int, int]]:
    """The contribution and the step of each."""
    found = {}
    for name, minutes, seconds, size in CAME:
        contribution = makers.voicemail(store)
        (step_id,) = makers.reading_steps(store, contribution)
        with store.write() as session:
            step = session.get_one(Step, step_id)
            step.created_at = step.not_before = utc_now() - minutes * MINUTE
            medium = session.scalars(select(Medium).where(Medium.part_id == step.part_id)).one()
            medium.seconds, medium.size = seconds, size
        found[name] = (contribution, step_id)
    return found


def test_the_newest_short_ones_come_first_but_nobody_waits_for_ever(store: Store, waiting: dict[str, tuple[int, int]]):
    names = {step: name for name, (_, step) in waiting.items()}
    heard = []
    while True:
        with store.read() as session:
            step_id = speech_order.next_to_hear(session)
        if step_id is None:
            break
        heard.append(names[step_id])
        assert steps.claim_step(store, step_id) is not None
    assert tuple(heard) == NEWEST_SHORT


@pytest.mark.parametrize(
    ("newest_short", "order"),
    [(False, tuple(name for name, *_ in CAME)), (True, NEWEST_SHORT)],
    ids=["arrival", "short"],
)
def test_the_place_in_the_queue(
    newest_short: bool, order: tuple[str, ...], store: Store, waiting: dict[str, tuple[int, int]]
):
    with store.read() as session:
        places = {
            name: speech_order.ahead_of(session, contribution, newest_short=newest_short)
            for name, (contribution, _) in waiting.items()
        }
    assert places == {name: place for place, name in enumerate(order)}


def test_what_is_being_listened_to_comes_before_and_what_was_heard_has_no_place(
    store: Store, waiting: dict[str, tuple[int, int]]
):
    steps.claim_step(store, waiting["large"][1])
    with store.write() as session:
        session.get_one(Step, waiting["short"][1]).state = StepState.DONE
    with store.read() as session:
        first = speech_order.ahead_of(session, waiting["short, just come"][0], newest_short=True)
        heard = speech_order.ahead_of(session, waiting["short"][0], newest_short=True)
    assert (first, heard) == (2, None)


def test_only_recordings_are_listened_to(store: Store, waiting: dict[str, tuple[int, int]]):
    contribution = makers.text_message(store, "Un banc")
    with store.read() as session:
        other = session.scalar(select(Step.id).where(Step.kind != "read_speech").limit(1))
        assert other is None or not speech_order.is_heard(session, other)
        assert speech_order.is_heard(session, waiting["long"][1])
        assert speech_order.ahead_of(session, contribution, newest_short=True) is None

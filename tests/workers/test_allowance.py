"""When a text may go out: hours, days, so many a minute and to one number, and what is too late to be said at all."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from channels.base.values import Address, DeliveryStatus, Outgoing
from config.enums import AddressKind, ArrivalKind, Channel, MessageState, Purpose, StepState
from config.settings.sections.texting_section import Texting, next_opening
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.receipts import compose_receipt
from inbox.models import Arrival, Contribution, Intake, Message, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.workers.test_send import PHONE, Outside, outside, queue
from workers.pools.step_runner import run_step_in

__all__ = ["outside"]

PARIS = ZoneInfo("Europe/Paris")
RULES = Texting(not_before=time(9), not_after=time(19), not_on=("saturday", "sunday"))

OPENINGS = {
    "early on a working day": ((2026, 3, 4, 6, 0), (2026, 3, 4, 9, 0)),
    "late on a working day": ((2026, 3, 4, 22, 0), (2026, 3, 5, 9, 0)),
    "on Friday evening": ((2026, 3, 6, 20, 0), (2026, 3, 9, 9, 0)),
    "on Sunday at noon": ((2026, 3, 8, 12, 0), (2026, 3, 9, 9, 0)),
    "in the night summer time begins": ((2026, 3, 29, 1, 30), (2026, 3, 30, 9, 0)),
}


@pytest.mark.parametrize(("now", "opening"), OPENINGS.values(), ids=OPENINGS)
def test_the_next_opening(now: tuple[int, ...], opening: tuple[int, ...]) -> None:
    assert next_opening(datetime(*now, tzinfo=PARIS), RULES) == datetime(*opening, tzinfo=PARIS)  # type: ignore[misc]


def with_rules(outside: Outside, **rules: object) -> Outside:
    texting = Texting.model_validate(rules)
    settings = outside.here.settings.model_copy(update={"texting": texting})
    return replace(outside, here=replace(outside.here, settings=settings))


def closed_now() -> dict[str, object]:
    """Nothing but immediate answers goes out today."""
    today = datetime.now(PARIS).strftime("%A").lower()
    return {"not_on": [today]}


def make_old(store: Store, **age: float) -> None:
    with store.write() as session:
        session.execute(update(Message).values(created_at=utc_now() - timedelta(**age)))


def test_an_immediate_answer_goes_out_at_any_hour(outside: Outside) -> None:
    outside = with_rules(outside, **closed_now())
    queue(outside.here.store, PHONE)
    assert outside.send() == (StepState.DONE, MessageState.SENT)


def test_what_was_found_late_is_not_answered_in_the_middle_of_the_night(outside: Outside) -> None:
    outside = with_rules(outside, **closed_now())
    queue(outside.here.store, PHONE)
    with outside.here.store.write() as session:
        session.execute(update(Arrival).values(arrived_at=utc_now() - timedelta(minutes=16)))
    assert outside.send() == (StepState.OPEN, MessageState.QUEUED)
    assert outside.texts() == []


def test_a_late_one_waits_for_the_hours_and_is_not_counted_as_failed(outside: Outside) -> None:
    outside = with_rules(outside, **closed_now())
    queue(outside.here.store, PHONE)
    make_old(outside.here.store, minutes=16)
    assert outside.send() == (StepState.OPEN, MessageState.QUEUED)
    assert outside.texts() == []
    with outside.here.store.read() as session:
        step = session.scalars(select(Step).where(Step.message_id.is_not(None))).one()
        assert (step.attempts, step.not_before.astimezone(PARIS).time()) == (0, time(8))
        assert session.scalars(select(Message.sent_at)).one() is None


def send_all(outside: Outside) -> list[StepState]:
    with outside.here.store.read() as session:
        due = session.scalars(select(Step.id).where(Step.message_id.is_not(None)).order_by(Step.id)).all()
    for step_id in due:
        run_step_in(outside.here, step_id)
    with outside.here.store.read() as session:
        return list(session.scalars(select(Step.state).where(Step.id.in_(due)).order_by(Step.id)))


def queue_many(store: Store, numbers: list[str]) -> None:
    for place, number in enumerate(numbers):
        to = Address(AddressKind.PHONE, number)
        with store.write() as session:
            arrived = IncomingMessage(Channel.SMS, "account", f"it {place}", ArrivalKind.WEBHOOK, b"raw", sender=to)
            [made] = create_contributions(
                session, store_message(session, arrived).intake_id, [NewPart("it", Channel.SMS, body="x")]
            )
            outgoing = Outgoing(Channel.SMS, to, f"No {place}")
            compose_receipt.queue_message(session, outgoing, Purpose.RECEIPT, session.get_one(Contribution, made))


def test_so_many_a_minute_and_each_of_the_others_in_its_turn(outside: Outside) -> None:
    outside = with_rules(outside, per_minute=2)
    queue_many(outside.here.store, [f"+3361234567{n}" for n in range(7)])
    assert send_all(outside) == [StepState.DONE] * 2 + [StepState.OPEN] * 5
    assert outside.texts() == ["No 0", "No 1"]
    with outside.here.store.read() as session:
        sending = [Step.state == StepState.OPEN, Step.message_id.is_not(None)]
        due = session.scalars(select(Step.not_before).where(*sending).order_by(Step.id)).all()
    minutes = [round((when - utc_now()).total_seconds() / 60) for when in due]
    assert minutes == [1, 1, 2, 2, 3]


def test_so_many_to_one_number_and_no_fewer_to_others(outside: Outside) -> None:
    outside = with_rules(outside, per_person_and_day=2)
    queue_many(outside.here.store, [PHONE.value] * 3 + ["+33612345678"])
    assert send_all(outside) == [StepState.DONE, StepState.DONE, StepState.OPEN, StepState.DONE]
    with outside.here.store.read() as session:
        first = session.scalars(select(Message.sent_at).order_by(Message.id)).first()
        sending = [Step.state == StepState.OPEN, Step.message_id.is_not(None)]
        waits = session.scalars(select(Step.not_before).where(*sending)).one()
        assert first is not None
        assert waits == first + timedelta(days=1)


def test_an_answer_to_yesterdays_keyword_is_not_sent(outside: Outside) -> None:
    store = outside.here.store
    with store.write() as session:
        arrived = IncomingMessage(Channel.SMS, "account", "it", ArrivalKind.WEBHOOK, b"raw", sender=PHONE)
        intake = session.get_one(Intake, store_message(session, arrived).intake_id)
        compose_receipt.queue_message(session, Outgoing(Channel.SMS, PHONE, "Aide"), Purpose.STATE, intake)
    make_old(store, days=2)
    assert outside.send() == (StepState.DONE, MessageState.FAILED)
    assert outside.texts() == []


def test_a_status_that_came_before_the_identifier_is_not_undone_by_it(outside: Outside) -> None:
    """The provider tells of the delivery while we are still waiting for its answer to our request."""
    store = outside.here.store
    queue(store, PHONE)
    provider = outside.telephone.api
    answer = provider.answer

    def delivered_at_once(asked: object) -> object:
        given = answer(asked)  # type: ignore[arg-type]
        if provider.sent:
            told = DeliveryStatus(provider.sent[-1].sid, "delivered", message_id=1)
            with store.write() as session:
                compose_receipt.record_delivery_status(session, outside.here.settings, told)
        return given

    provider.answer = delivered_at_once  # type: ignore[method-assign,assignment]
    assert outside.send() == (StepState.DONE, MessageState.DELIVERED)
    with store.read() as session:
        assert session.scalars(select(Message.provider_id)).one() == provider.sent[0].sid


def test_what_failed_at_the_provider_is_sent_anew_when_a_person_tries_again(outside: Outside) -> None:
    store = outside.here.store
    queue(store, PHONE)
    outside.send()
    with store.write() as session:
        session.execute(update(Message).values(state=MessageState.FAILED))
        session.execute(update(Step).values(state=StepState.OPEN))
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    assert len(outside.texts()) == 2
    with store.read() as session:
        assert session.scalar(select(func.count(Message.id))) == 1
        assert datetime.now(UTC) - timedelta(minutes=1) < session.scalars(select(Message.sent_at)).one()  # type: ignore[operator]


def test_the_same_words_sent_before_do_not_pass_for_what_a_crash_left_open(outside: Outside) -> None:
    """Two keywords of one day can be answered alike: the first answer proves nothing of the second."""
    store = outside.here.store
    for number in (1, 2):
        with store.write() as session:
            arrived = IncomingMessage(Channel.SMS, "account", f"it {number}", ArrivalKind.WEBHOOK, b"raw", sender=PHONE)
            intake = session.get_one(Intake, store_message(session, arrived).intake_id)
            compose_receipt.queue_message(session, Outgoing(Channel.SMS, PHONE, "Aide"), Purpose.STATE, intake)
        if number == 1:
            assert send_all(outside) == [StepState.DONE]
    with store.write() as session:
        session.execute(update(Message).where(Message.id == 2).values(sent_at=utc_now()))
    assert send_all(outside) == [StepState.DONE] * 2
    assert outside.texts() == ["Aide", "Aide"]

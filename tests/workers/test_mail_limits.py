"""Ten mails to one address in a day, whoever wrote how often; what is over is not sent, and its history says why."""

from sqlalchemy import select, update

from channels.base.values import Address, Outgoing
from config.enums import AddressKind, ArrivalKind, Channel, MessageState, Purpose
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.receipts import compose_receipt
from inbox.models import Contribution, History, Message, Step
from inbox.models.column_types import utc_now
from tests.workers.test_send import Outside, outside
from workers.pools.step_runner import run_step_in
from workers.tasks.send_message import MOST_MAILS_A_DAY

__all__ = ["outside"]
LEA, PAUL = Address(AddressKind.EMAIL, "lea@maison.example"), Address(AddressKind.EMAIL, "paul@maison.example")


def answer(there: Outside, to: Address, number: int) -> None:
    """Queue a receipt for one more contribution of somebody, and send it."""
    with there.here.store.write() as session:
        key = f"{to.value}-{number}"
        arrived = IncomingMessage(Channel.EMAIL, "avis", key, ArrivalKind.MAIL, key.encode(), sender=to)
        part = NewPart("body", Channel.EMAIL, body="Des bancs.")
        contribution = session.get_one(
            Contribution, create_contributions(session, store_message(session, arrived).intake_id, [part])[0]
        )
        compose_receipt.queue_message(
            session, Outgoing(Channel.EMAIL, to, "Reçu.", "Reçu"), Purpose.RECEIPT, contribution
        )
        session.execute(update(Step).values(not_before=utc_now()))
        step_id = session.scalars(select(Step.id).where(Step.message_id.is_not(None)).order_by(Step.id.desc())).first()
    assert step_id is not None
    run_step_in(there.here, step_id)


def test_ten_a_day_to_one_address(outside: Outside) -> None:
    for number in range(MOST_MAILS_A_DAY + 2):
        answer(outside, LEA, number)
    answer(outside, PAUL, 1)
    assert [to for _, (to,), _ in outside.postbox.mails] == [LEA.value] * MOST_MAILS_A_DAY + [PAUL.value]
    with outside.here.store.read() as session:
        states = list(session.scalars(select(Message.state).order_by(Message.id)))
        past = [entry.details for entry in session.scalars(select(History).where(History.action == "not_sent"))]
    assert past == [{"because": "many_today"}] * 2
    assert states == [MessageState.SENT] * 10 + [MessageState.FAILED] * 2 + [MessageState.SENT]

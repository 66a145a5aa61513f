"""Sending: once as far as the outside allows, never against somebody's wish, in the words that were queued."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from channels.base.values import Address, Outgoing
from channels.providers.twilio.section import Twilio
from config.enums import AddressKind, ArrivalKind, Channel, MessageState, Purpose, StepState
from config.settings.schema import Settings
from config.settings.sections.mail_section import Smtp
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.reading.readers import Readers
from gateway.receipts import compose_receipt
from inbox.consultations import contributors
from inbox.models import Contribution, Message, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.standins.telephone import Telephone
from tests.standins.web import free_port
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

PHONE = Address(AddressKind.PHONE, "+33639981234")
MAIL = Address(AddressKind.EMAIL, "lea@maison.example")
BODY = "Votre avis est bien arrivé. No 482 915 307."


class Postbox:
    """Takes every mail; answers the next ones as told."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.answers: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))  # type: ignore[attr-defined]
        return "250 OK"


def send_the_one_message(here: WorkerContext) -> tuple[StepState, MessageState]:
    """Try it once, now; what became of its step and of itself."""
    with here.store.write() as session:
        session.execute(update(Step).values(not_before=utc_now()))
        step_id = session.scalars(select(Step.id).where(Step.message_id.is_not(None))).one()
    run_step_in(here, step_id)
    with here.store.read() as session:
        return session.get_one(Step, step_id).state, session.scalars(select(Message)).one().state


@dataclass
class Outside:
    here: WorkerContext
    telephone: Telephone
    postbox: Postbox

    def send(self) -> tuple[StepState, MessageState]:
        return send_the_one_message(self.here)

    def texts(self) -> list[str]:
        return [sent.body for sent in self.telephone.api.sent]


@pytest.fixture
def outside(sqlite_store: Store, tmp_path: Path) -> Iterator[Outside]:
    postbox = Postbox()
    port = free_port()
    smtp = Controller(postbox, hostname="127.0.0.1", port=port)
    smtp.start()
    with Telephone("http://127.0.0.1:9") as telephone:
        settings = Settings(
            folder=tmp_path,
            twilio=Twilio(
                account_sid=telephone.api.account_sid,
                auth_tokens=(telephone.api.auth_token,),
                api_base=telephone.base,
                sender="+33644630000",
            ),
            smtp=Smtp(host="127.0.0.1", port=port, tls="none", sender="avis@brest.example"),
        )
        with Readers(settings) as readers:
            yield Outside(WorkerContext(settings, sqlite_store, readers), telephone, postbox)
    smtp.stop()


def queue(
    store: Store, to: Address, headers: tuple[tuple[str, str], ...] = (), purpose: Purpose = Purpose.RECEIPT
) -> int:
    channel = Channel.EMAIL if to.kind is AddressKind.EMAIL else Channel.SMS
    with store.write() as session:
        arrived = IncomingMessage(channel, "account", "it", ArrivalKind.WEBHOOK, b"raw", sender=to)
        [contribution] = create_contributions(
            session, store_message(session, arrived).intake_id, [NewPart("it", channel, body="x")]
        )
        outgoing = Outgoing(channel, to, BODY, subject="Votre avis", headers=headers)
        compose_receipt.queue_message(session, outgoing, purpose, session.get_one(Contribution, contribution))
        return session.scalars(select(Message.id)).one()


def test_a_text_goes_out_once(outside: Outside) -> None:
    queue(outside.here.store, PHONE)
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    [sent] = outside.telephone.api.sent
    assert (sent.to, sent.sender, sent.body) == (PHONE.value, "+33644630000", BODY)
    assert sent.status_callback == "http://127.0.0.1:8080/hooks/sms/status?m=1"
    with outside.here.store.read() as session:
        assert session.scalars(select(Message.provider_id)).one() == sent.sid


def test_a_crash_after_the_provider_took_it_sends_no_second_text(outside: Outside) -> None:
    queue(outside.here.store, PHONE)
    outside.send()
    with outside.here.store.write() as session:
        session.execute(update(Message).values(state=MessageState.QUEUED, provider_id=None))
        session.execute(update(Step).values(state=StepState.OPEN))
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    [sent] = outside.telephone.api.sent
    with outside.here.store.read() as session:
        assert session.scalars(select(Message.provider_id)).one() == sent.sid


def test_a_crash_before_the_provider_took_it_sends_it(outside: Outside) -> None:
    queue(outside.here.store, PHONE)
    with outside.here.store.write() as session:
        session.execute(update(Message).values(sent_at=utc_now()))
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    assert outside.texts() == [BODY]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ((429, 20429), (StepState.OPEN, MessageState.QUEUED)),
        ((503, 0), (StepState.OPEN, MessageState.QUEUED)),
        ((400, 21614), (StepState.NEEDS_PERSON, MessageState.FAILED)),
    ],
    ids=["slow down", "provider down", "not a mobile"],
)
def test_what_the_provider_refuses(
    outside: Outside, refusal: tuple[int, int], expected: tuple[StepState, MessageState]
) -> None:
    outside.telephone.api.refusals.append(refusal)
    queue(outside.here.store, PHONE)
    assert outside.send() == expected
    assert outside.texts() == []
    if expected[0] is StepState.OPEN:
        assert outside.send() == (StepState.DONE, MessageState.SENT)


def test_who_opted_out_here_is_sent_nothing(outside: Outside) -> None:
    queue(outside.here.store, PHONE)
    with outside.here.store.write() as session:
        contributors.opt_out(session, PHONE.kind, PHONE.value, outside.here.settings.town)
    assert outside.send() == (StepState.DONE, MessageState.FAILED)
    assert outside.texts() == []


def test_who_opted_out_at_the_provider_is_remembered(outside: Outside) -> None:
    outside.telephone.api.opted_out.add(PHONE.value)
    queue(outside.here.store, PHONE)
    assert outside.send() == (StepState.DONE, MessageState.FAILED)
    with outside.here.store.read() as session:
        assert contributors.has_opted_out(session, PHONE.kind, PHONE.value, outside.here.settings.town)


@pytest.mark.parametrize(
    ("purpose", "comes_back_to"),
    [(Purpose.RECEIPT, "<>"), (Purpose.STATE, "<>"), (Purpose.ANSWER, "avis@brest.example")],
)
def test_what_no_person_wrote_comes_back_to_nobody(outside: Outside, purpose: Purpose, comes_back_to: str) -> None:
    queue(outside.here.store, MAIL, headers=(("Auto-Submitted", "auto-replied"),), purpose=purpose)
    assert outside.send() == (StepState.DONE, MessageState.SENT)
    [(sender, to, raw)] = outside.postbox.mails
    assert (sender, to) == (comes_back_to, [MAIL.value])
    assert b"Auto-Submitted: auto-replied" in raw
    assert b"From: avis@brest.example" in raw


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 4.3.0 Try again later", (StepState.OPEN, MessageState.QUEUED)),
        ("554 5.7.1 No", (StepState.NEEDS_PERSON, MessageState.FAILED)),
    ],
    ids=["later", "never"],
)
def test_what_the_mail_server_refuses(outside: Outside, answer: str, expected: tuple[StepState, MessageState]) -> None:
    outside.postbox.answers.append(answer)
    queue(outside.here.store, MAIL)
    assert outside.send() == expected
    with outside.here.store.read() as session:
        reason = session.scalars(select(Step.reason).where(Step.message_id.is_not(None))).one()
    assert MAIL.value not in reason


def test_without_a_mail_server_it_waits_and_says_what_to_set(outside: Outside) -> None:
    settings = outside.here.settings.model_copy(update={"smtp": Smtp()})
    outside.here = replace(outside.here, settings=settings)
    queue(outside.here.store, MAIL)
    assert outside.send() == (StepState.OPEN, MessageState.QUEUED)
    with outside.here.store.read() as session:
        reason = session.scalars(select(Step.reason).where(Step.message_id.is_not(None))).one()
    assert "smtp.host" in reason

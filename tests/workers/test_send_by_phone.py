"""Texts that go out by an Android telephone: once, whatever gets lost on the way, and in the same hours."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from channels.providers.android.section import Phone
from config.enums import MessageState, StepState
from config.settings.schema import Settings
from gateway.reading.readers import Readers
from inbox.models import Message, Step
from inbox.storage.database import Store
from tests.standins.android_phone import AndroidPhone
from tests.standins.web import LoopbackServer
from tests.workers.test_send import BODY, PHONE, queue, send_the_one_message
from workers.runtime.worker_context import WorkerContext


@dataclass
class Sending:
    here: WorkerContext
    phone: AndroidPhone

    def send(self) -> tuple[StepState, MessageState]:
        return send_the_one_message(self.here)


@pytest.fixture
def sending(sqlite_store: Store, tmp_path: Path) -> Iterator[Sending]:
    phone = AndroidPhone()
    with LoopbackServer(phone.answer) as server:
        known = Phone(api_base=server.base, user=phone.user, password=SecretStr(phone.password))
        settings = Settings(folder=tmp_path, town="brest", phone=known)
        with Readers(settings) as readers:
            yield Sending(WorkerContext(settings, sqlite_store, readers), phone)


def test_a_text_goes_out_once_under_our_own_name(sending: Sending) -> None:
    queue(sending.here.store, PHONE)
    assert sending.send() == (StepState.DONE, MessageState.SENT)
    assert sending.phone.sent == {"portevoix-brest-1": (PHONE.value, BODY)}
    with sending.here.store.read() as session:
        assert session.scalars(select(Message.provider_id)).one() == "portevoix-brest-1"


def test_an_answer_that_gets_lost_sends_no_second_text(sending: Sending) -> None:
    sending.phone.loses_answers = 1
    queue(sending.here.store, PHONE)
    assert sending.send() == (StepState.OPEN, MessageState.QUEUED)
    assert sending.send() == (StepState.DONE, MessageState.SENT)
    assert len(sending.phone.sent) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (429, (StepState.OPEN, MessageState.QUEUED)),
        (503, (StepState.OPEN, MessageState.QUEUED)),
        (404, (StepState.OPEN, MessageState.QUEUED)),
        (400, (StepState.NEEDS_PERSON, MessageState.FAILED)),
    ],
    ids=["slow down", "not there now", "wrong address", "no such number"],
)
def test_what_the_telephone_refuses(sending: Sending, status: int, expected: tuple[StepState, MessageState]) -> None:
    sending.phone.refusals.append(status)
    queue(sending.here.store, PHONE)
    assert sending.send() == expected
    assert sending.phone.sent == {}


def test_a_telephone_that_is_off_is_waited_for(sending: Sending) -> None:
    off = sending.here.settings.phone.model_copy(update={"api_base": "http://127.0.0.1:9"})
    here = replace(sending.here, settings=sending.here.settings.model_copy(update={"phone": off}))
    queue(here.store, PHONE)
    assert Sending(here, sending.phone).send() == (StepState.OPEN, MessageState.QUEUED)
    with here.store.read() as session:
        step = session.scalars(select(Step).where(Step.message_id.is_not(None))).one()
        assert (step.attempts, "telephone cannot be reached" in (step.reason or "")) == (0, True)
    assert sending.send() == (StepState.DONE, MessageState.SENT)


def test_a_wrong_password_is_told_with_its_remedy(sending: Sending) -> None:
    sending.phone.password = "changed-in-the-app"
    queue(sending.here.store, PHONE)
    assert sending.send() == (StepState.OPEN, MessageState.QUEUED)
    with sending.here.store.read() as session:
        reason = session.scalars(select(Step.reason).where(Step.message_id.is_not(None))).one()
    assert "phone.api_base" in str(reason)
    assert PHONE.value not in str(reason)

"""What is erased here is deleted at the provider too: the text, its pictures, the call, its recordings, our answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.providers.twilio.calls import parse_call
from channels.providers.twilio.texts import TEXTS
from channels.sms import text_message
from config.enums import MessageState, StepKind, StepState
from config.settings.schema import Settings
from gateway.ingest.ingest import PostedWebhook, ingest_call_request, ingest_text, store_recording
from gateway.reading.readers import Readers
from inbox.erasure.erase import delete_medium_file, erase_contribution
from inbox.models import Medium, Message, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.at_once import understand_at_once
from tests.standins.provider_api import Sent, new_sid
from tests.standins.provider_lists import call_facts, end_call
from tests.standins.telephone import Call, Telephone
from tests.workers.unheard_town import account_at
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

NUMBER, RESIDENT = "+33298000000", "+33639980001"
NOBODY_LISTENS = "http://127.0.0.1:9"


@dataclass
class Town:
    """A gateway that has taken something in, and its provider."""

    here: WorkerContext
    provider: Telephone

    def text(self, pictures: list[tuple[str, bytes]]) -> None:
        fields = dict(self.provider.text(RESIDENT, NUMBER, "Plus de bancs", pictures).fields)
        with self.here.store.write() as session:
            ingest_text(session, text_message.parse_text_message(fields, TEXTS)[0], PostedWebhook(b"webhook", {}))

    def call(self, recordings: int) -> None:
        call = Call(new_sid("CA"))
        api = self.provider.api
        api.calls.append(call_facts(api.account_sid, call.sid, RESIDENT, NUMBER))
        fields = {"AccountSid": api.account_sid, "CallSid": call.sid, "From": RESIDENT, "To": NUMBER}
        with self.here.store.write() as session:
            intake = ingest_call_request(session, parse_call(fields), PostedWebhook(b"webhook", {})).intake_id
            for _ in range(recordings):
                told = parse_call(fields | self.provider._keep_recording(call, b"RIFF" + bytes(16_040)))
                assert told.recording is not None
                store_recording(session, self.here.settings, intake, told.recording)

    def answer(self) -> None:
        """Our receipt went out."""
        with self.here.store.write() as session:
            message = session.scalars(select(Message)).one()
            message.state, message.sent_at, message.provider_id = MessageState.DELIVERED, utc_now(), new_sid("SM")
            self.provider.api.sent.append(Sent(message.provider_id, RESIDENT, NUMBER, "reçu", None, "delivered"))

    def erase(self) -> None:
        with self.here.store.write() as session:
            erase_contribution(session, 1, None, "test")

    def delete_at_provider(self) -> StepState:
        with self.here.store.write() as session:
            step = session.scalars(select(Step).where(Step.kind == StepKind.DELETE_AT_PROVIDER)).one()
            step.not_before = utc_now()
        run_step_in(self.here, step.id)
        with self.here.store.read() as session:
            return session.get_one(Step, step.id).state

    def left(self) -> dict[str, int]:
        api = self.provider.api
        kept = {"texts": api.received, "calls": api.calls, "recordings": api.recordings, "pictures": api.pictures}
        return {name: len(rows) for name, rows in (kept | {"answers": api.sent}).items() if len(rows)}


@pytest.fixture
def town(sqlite_store: Store, tmp_path: Path) -> Iterator[Town]:
    with Telephone(NOBODY_LISTENS) as provider:
        settings = Settings(folder=tmp_path, twilio=account_at(provider))
        with Readers(settings) as readers:
            understand_at_once(sqlite_store, settings)
            yield Town(WorkerContext(settings, sqlite_store, readers), provider)


ARRIVED: dict[str, tuple[Callable[[Town], None], dict[str, int]]] = {
    "a text": (lambda town: town.text([]), {"texts": 1}),
    "a text with two pictures": (
        lambda town: town.text([("image/png", b"one"), ("image/png", b"two")]),
        {"texts": 1, "pictures": 2},
    ),
    "a call with two recordings": (lambda town: town.call(2), {"calls": 1, "recordings": 2}),
}


@pytest.mark.parametrize(("arrives", "there"), ARRIVED.values(), ids=ARRIVED.keys())
def test_deleted(town: Town, arrives: Callable[[Town], None], there: dict[str, int]) -> None:
    arrives(town)
    town.answer()
    for listed in town.provider.api.calls:
        end_call(listed)
    assert town.left() == there | {"answers": 1}
    town.erase()
    assert town.delete_at_provider() is StepState.DONE
    assert town.left() == {}
    asked = len(town.provider.api.asked)
    with town.here.store.write() as session:
        step = session.scalars(select(Step).where(Step.kind == StepKind.DELETE_AT_PROVIDER)).one()
        step.state = StepState.OPEN
    assert town.delete_at_provider() is StepState.DONE, "what is gone already is deleted"
    assert len(town.provider.api.asked) > asked


def test_a_recording_whose_time_is_over_goes_and_the_call_stays(town: Town) -> None:
    town.call(1)
    end_call(town.provider.api.calls[0])
    town.answer()
    with town.here.store.write() as session:
        medium = session.scalars(select(Medium)).one()
        medium.locator = vault_of(session).put_file(session, medium.part.key_id, b"RIFF")
        medium.sealed_source = None
    with town.here.store.write() as session:
        delete_medium_file(session, session.scalars(select(Medium)).one())
    assert town.delete_at_provider() is StepState.DONE
    assert town.left() == {"calls": 1, "answers": 1}


AWAITED: dict[str, tuple[StepState, StepState, dict[str, int]]] = {
    # label: how fetching the other recording stands, what becomes of deleting, what is left at the provider
    "still to be fetched": (StepState.OPEN, StepState.OPEN, {"calls": 1, "recordings": 2}),
    "to be tried again by a person": (StepState.QUARANTINED, StepState.OPEN, {"calls": 1, "recordings": 2}),
    "can never be fetched": (StepState.NEEDS_PERSON, StepState.DONE, {"calls": 1}),
}


@pytest.mark.parametrize(("fetching", "ends", "left"), AWAITED.values(), ids=AWAITED.keys())
def test_what_may_still_be_fetched_is_not_deleted(
    town: Town, fetching: StepState, ends: StepState, left: dict[str, int]
) -> None:
    town.call(2)
    end_call(town.provider.api.calls[0])
    with town.here.store.write() as session:
        medium = session.scalars(select(Medium).order_by(Medium.id)).first()
        assert medium is not None
        medium.locator = vault_of(session).put_file(session, medium.part.key_id, b"RIFF")
        delete_medium_file(session, medium)
        session.scalars(select(Step).where(Step.kind == StepKind.FETCH_MEDIA)).one().state = fetching
    assert (town.delete_at_provider(), town.left()) == (ends, left)


def test_a_call_that_goes_on_is_deleted_later(town: Town) -> None:
    town.call(1)
    town.erase()
    assert town.delete_at_provider() is StepState.OPEN
    assert town.left() == {"calls": 1}
    end_call(town.provider.api.calls[0])
    assert town.delete_at_provider() is StepState.DONE
    assert town.left() == {}


KEPT = {
    "the town wants it so": {"erases": False},
    "another account's": {"account_sid": "AC" + "9" * 32},
    "no provider any more": {"account_sid": ""},
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT.keys())
def test_left_at_the_provider(town: Town, change: dict[str, object]) -> None:
    town.text([])
    town.erase()
    twilio = town.here.settings.twilio.model_copy(update=change)
    settings = town.here.settings.model_copy(update={"twilio": twilio})
    town.here = WorkerContext(settings, town.here.store, town.here.readers)
    assert town.delete_at_provider() is StepState.DONE
    assert (town.left(), town.provider.api.asked) == ({"texts": 1}, [])

"""Erasing by text, joining, and statuses on both database servers; which number a receipt names, who it comes from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from channels.base.callers import phone_address
from channels.base.values import DeliveryStatus, IncomingText
from channels.intent.keyword_commands import keyword_command_in
from channels.providers.twilio.section import Twilio
from config.enums import MessageState, Queue, StepKind, StepState
from config.settings.loader import Settings
from config.settings.sections.texting_section import Texting
from config.wording.consultation import Addresses, read_consultation
from gateway.ingest.ingest import PostedWebhook, ingest_text
from gateway.reading.readers import Readers
from gateway.receipts import compose_receipt
from inbox.consultations import consultation_versions
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Message, Step
from inbox.models.column_types import utc_now
from inbox.records import message_lookup, references
from inbox.storage.database import Store
from workers.pools.light_steps import drain_light_queue
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext
from workers.tasks.send_message import sender_of

ACCOUNT = "AC" + "0" * 32
NUMBER, PARKS = "+33298000000", "+33298111111"


def configured(tmp_path: Path, **twilio: str) -> Settings:
    known = {"sender": NUMBER, "receives": NUMBER, **twilio}
    provider = Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr("t"),), **known)
    return Settings(folder=tmp_path, twilio=provider, texting=Texting(undo_hours=0))


def text(store: Store, settings: Settings, number: int, body: str, **more: object) -> None:
    usual = IncomingText(
        ACCOUNT, f"SM{number:032x}", phone_address("+33639980001", "FR"), NUMBER, body, command=keyword_command_in(body)
    )
    with store.write() as session:
        ingest_text(session, replace(usual, **more), PostedWebhook(b"%d" % number, {}))  # type: ignore[arg-type]
    with Readers(settings) as readers:
        drain_light_queue(WorkerContext(settings, store, readers), Queue.URGENT)


def bodies(store: Store) -> list[str]:
    with store.read() as session:
        sent = session.scalars(select(Message).order_by(Message.id)).all()
        return [str(words["body"]) for one in sent if (words := message_lookup.words_of(session, one))]


def test_asked_back_confirmed_and_erased(store: Store, tmp_path: Path) -> None:
    settings = configured(tmp_path)
    text(store, settings, 1, "Un secret de voisinage")
    with store.read() as session:
        reference = references.reference_of(session, 1)
    text(store, settings, 2, f"EFFACER {reference}")
    text(store, settings, 3, "OUI")
    with store.read() as session:
        step_id = session.scalars(select(Step.id).where(Step.kind == StepKind.ERASE)).one()
    with Readers(settings) as readers:
        here = WorkerContext(settings, store, readers)
        for _ in range(2):
            run_step_in(here, step_id)
    with store.read() as session:
        assert session.get_one(Step, step_id).state is StepState.DONE
        assert session.get_one(Contribution, 1).erased_at is not None
        assert count_ledger(session).balanced


def test_from_elsewhere_it_stands_in_quarantine_once(store: Store, tmp_path: Path) -> None:
    settings = configured(tmp_path)
    text(store, settings, 1, "Un secret")
    with store.read() as session:
        reference = references.reference_of(session, 1)
    for number in range(2, 5):
        text(store, settings, number, f"EFFACER {reference}", sender=None)
    with store.read() as session:
        assert session.scalar(select(func.count(Step.id)).where(Step.kind == StepKind.ERASE)) == 1


def test_texts_are_joined_by_when_they_came_in(store: Store, tmp_path: Path) -> None:
    settings = configured(tmp_path)
    then = datetime.now(UTC) - timedelta(hours=5)
    for number, minutes in enumerate((0, 9, 18, 40, -9), start=1):
        text(store, settings, number, f"Banc {number}", sent_at=then + timedelta(minutes=minutes))
    with store.read() as session:
        made = session.scalars(select(Contribution).order_by(Contribution.id)).all()
        assert [len(one.parts) for one in made] == [4, 1]


@pytest.mark.parametrize("known", [True, False], ids=["identifier known", "not yet"])
def test_statuses_find_their_message(store: Store, tmp_path: Path, known: bool) -> None:
    settings = configured(tmp_path)
    text(store, settings, 1, "Un banc")
    with store.write() as session:
        session.execute(update(Message).values(sent_at=utc_now(), provider_id="SMx" if known else None))
    with store.write() as session:
        compose_receipt.record_delivery_status(
            session, settings, DeliveryStatus("SMx", "delivered", message_id=None if known else 1)
        )
    with store.read() as session:
        assert session.scalars(select(Message.state)).one() is MessageState.DELIVERED


WRITTEN_TO = {
    "a number that can be answered": ({}, NUMBER, ""),
    "a name: the number that was written to": ({"sender": "BREST"}, PARKS, PARKS),
    "a name: the number the town names": ({"sender": "BREST", "named_in_texts": "38123"}, PARKS, "38123"),
    "a name, through a messaging service": ({"sender": "BREST"}, "MG" + "1" * 32, NUMBER),
    "no sender set: the number that receives": ({"sender": ""}, NUMBER, ""),
}


@pytest.mark.parametrize(("twilio", "to", "named"), WRITTEN_TO.values(), ids=WRITTEN_TO)
def test_which_number_a_receipt_names(
    sqlite_store: Store, tmp_path: Path, twilio: dict[str, str], to: str, named: str
) -> None:
    text(sqlite_store, configured(tmp_path, **twilio), 1, "Un banc", addressed_to=to)
    [receipt] = bodies(sqlite_store)
    assert (f" au {named}." in receipt) if named else (" au +" not in receipt and " au 38123" not in receipt)


def test_a_consultations_own_sender(sqlite_store: Store, tmp_path: Path) -> None:
    settings = configured(tmp_path)
    first = read_consultation(settings.consultation_files[0])
    parks = first.model_copy(update={"slug": "parcs", "sender": "PARCS", "addresses": Addresses(phones=(PARKS,))})
    with sqlite_store.write() as session:
        for consultation in (first, parks):
            consultation_versions.import_consultation(session, consultation)
    text(sqlite_store, settings, 1, "Un jet d'eau", addressed_to=PARKS)
    text(sqlite_store, settings, 2, "AIDE", addressed_to=PARKS)
    text(sqlite_store, settings, 3, "AIDE", addressed_to=NUMBER)
    assert [PARKS in body for body in bodies(sqlite_store)] == [True, True, False]
    with sqlite_store.read() as session:
        messages = session.scalars(select(Message).order_by(Message.id)).all()
        assert [sender_of(session, settings, message) for message in messages] == ["PARCS", "PARCS", NUMBER]

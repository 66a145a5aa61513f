"""Our receipts meet fifty programs that answer mail: no loop goes on, and none that marks itself hears from us."""

import hashlib
import os
import random
from datetime import timedelta
from email import message_from_bytes
from email.message import Message as Received
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.email import compose
from channels.email.parse import parse_mail
from channels.values import Outgoing
from config.names import MessageState, NotContribution
from config.schema import Settings
from config.sections import Smtp
from gateway.correspondence import take_in_letter
from gateway.doors import take_in_mail
from gateway.letters import mail_parts
from gateway.receipts import address_of
from inbox.columns import utc_now
from inbox.ledger import ledger
from inbox.models import Contribution, Message, Part
from inbox.store import Store
from inbox.vault import vault_of
from tests.standins.answering_machines import MACHINES, MARKED, Machine

ROUNDS = int(os.environ.get("PORTEVOIX_ROUNDS", "12"))
"""A thousand when measured."""
TOWN = "avis@ville.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path, smtp=Smtp(host="127.0.0.1", tls="none", sender=TOWN))


def test_there_are_fifty_models() -> None:
    assert len({machine.label for machine in MACHINES}) == len(MACHINES) >= 50
    assert len(MARKED) >= 30


def receive(store: Store, settings: Settings, raw: bytes, folder: Path) -> Received | None:
    """Take a mail in; what we send in reply, as the other side receives it."""
    mail = parse_mail(raw)
    with store.write() as session:
        digest = hashlib.sha256(raw).hexdigest()
        intake = take_in_mail(session, account=TOWN, raw=raw, digest=digest, addressed_to=TOWN).intake_id
        take_in_letter(session, settings, intake, mail, mail_parts(mail, folder))
        message = session.scalar(select(Message).where(Message.state == MessageState.QUEUED))
        return _sent(session, message) if message else None


def _sent(session: Session, message: Message) -> Received:
    assert message.sealed_body is not None
    body = vault_of(session).open_json(session, message.key_id, message.sealed_body)
    body["headers"] = tuple(map(tuple, body["headers"]))
    to = address_of(session, session.get_one(Contribution, message.contribution_id))
    assert to is not None
    message.state = MessageState.SENT
    return message_from_bytes(compose.to_bytes(Outgoing(message.channel, to, **body), sender=TOWN, at=utc_now()))


def let_time_pass(store: Store, seconds: float) -> None:
    """Everything so far was that much longer ago."""
    with store.write() as session:
        for table in (Message, Part):
            # What is compared is at most the latest twenty.
            for row in session.scalars(select(table).order_by(table.id.desc()).limit(25)):
                row.created_at -= timedelta(seconds=seconds)


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.label for machine in MACHINES])
def test_a_loop_ends(sqlite_store: Store, settings: Settings, tmp_path: Path, machine: Machine) -> None:
    chance = random.Random(machine.label)
    heard: Received | None = None
    sent = 0
    for number in range(ROUNDS):
        # Whether it hears from us again or not, it goes on answering the last it got.
        answered = receive(sqlite_store, settings, machine.answer(heard, number, chance), tmp_path)
        sent += answered is not None
        heard = answered or heard
        let_time_pass(sqlite_store, machine.wait)
    assert sent <= (0 if machine.marked else 1)
    with sqlite_store.read() as session:
        counted = ledger(session)
        assert counted.balanced, counted.problems
        assert counted.units == ROUNDS
        kinds = set(session.scalars(select(Part.not_contribution).distinct()))
    assert machine.marked or kinds <= {None, NotContribution.THANKS}

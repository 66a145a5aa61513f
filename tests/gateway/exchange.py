"""Our receipts and a program that answers mail, round after round: every mail is parsed, taken in and answered.

Straight through ``take_in_letter``: neither the mailbox, nor a step, nor the SMTP server is passed through, so what
those hold back besides (ten mails a day to an address, who floods us waits) is not counted in our favour.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import Message as Received
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.base.values import Outgoing
from channels.email import compose
from channels.email.parse import parse_mail
from config.enums import MessageState, NotContribution
from config.settings.schema import Settings
from config.settings.sections.mail_section import Smtp
from gateway.reading.mail_parts import mail_parts
from gateway.receipts.compose_receipt import message_recipient
from inbox.listings.ledger import count_ledger
from inbox.models import Intake, Message, Part
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.fixtures_mail import take_in_letter, take_in_mail
from tests.opened import json_in
from tests.standins.answering_machines import Machine

TOWN = "avis@ville.example"
_COMPARED = 25
"""Rows that are made older each round: what is compared is at most the latest twenty."""


@dataclass(frozen=True)
class Outcome:
    """What an exchange came to."""

    sent: int
    units: int
    balanced: bool
    kinds: frozenset[NotContribution | None]


def town(folder: Path) -> Settings:
    """A town that sends mail."""
    return Settings(folder=folder, smtp=Smtp(host="127.0.0.1", tls="none", sender=TOWN))


def exchange(store: Store, machine: Machine, rounds: int, folder: Path) -> Outcome:
    """So many mails of a program, each an answer to the last it got from us, whether it hears from us again or not."""
    settings = town(folder)
    chance = random.Random(machine.label)
    heard: Received | None = None
    sent = 0
    for number in range(rounds):
        raw = machine.answer(heard, number, chance)
        mail = parse_mail(raw)
        with store.write() as session:
            digest = hashlib.sha256(raw).hexdigest()
            intake = take_in_mail(session, account=TOWN, raw=raw, digest=digest, addressed_to=TOWN).intake_id
            take_in_letter(session, settings, intake, mail, mail_parts(mail, folder))
            queued = session.scalar(select(Message).where(Message.state == MessageState.QUEUED))
            if queued is not None:
                heard = _sent(session, queued)
                sent += 1
            _let_time_pass(session, machine.wait)
    with store.read() as session:
        counted = count_ledger(session)
        kinds = frozenset(session.scalars(select(Part.not_contribution).distinct()))
    return Outcome(sent, counted.units, counted.balanced, kinds)


def _sent(session: Session, message: Message) -> Received:
    """A receipt on its way, as the other side receives it."""
    assert message.sealed_body is not None
    body = json_in(message)
    body["headers"] = tuple(map(tuple, body["headers"]))
    to = message_recipient(session, message)
    assert to is not None
    message.state = MessageState.SENT
    return message_from_bytes(compose.to_bytes(Outgoing(message.channel, to, **body), sender=TOWN, at=utc_now()))


def _let_time_pass(session: Session, seconds: float) -> None:
    """Everything so far was that much longer ago."""
    session.flush()
    for table, when in ((Message, "created_at"), (Part, "created_at"), (Intake, "received_at")):
        latest = session.execute(select(table.id, getattr(table, when)).order_by(table.id.desc()).limit(_COMPARED))
        older = [{"id": id_, when: at - timedelta(seconds=seconds)} for id_, at in latest]
        if older:
            session.execute(update(table), older)


def flaws(machine: Machine, rounds: int, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome: more was sent than may be, a mail was lost, or a person taken for a machine."""
    most = 0 if machine.marked else 1
    found = {
        f"{outcome.sent} sent, {most} allowed": outcome.sent > most,
        f"{outcome.units} counted": outcome.units != rounds,
        "the ledger does not balance": not outcome.balanced,
        "taken for a machine": not machine.marked and not outcome.kinds <= {None, NotContribution.THANKS},
    }
    return [flaw for flaw, holds in found.items() if holds]

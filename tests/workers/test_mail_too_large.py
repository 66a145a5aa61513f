"""A mail over the limit: its beginning is a contribution a person looks at, and its sender is told, but no machine."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from channels.email.mime.problems import MailProblem
from config.enums import MessageState, Purpose, StepKind
from config.settings.sections.mail_section import Smtp
from gateway.ingest.ingest import RawMail, ingest_mails
from gateway.intake.truncated_mail import TruncatedMail
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Message, Part
from inbox.records import references
from tests.opened import json_in, text_in
from tests.workers.test_runners import do_all
from workers.runtime.worker_context import WorkerContext

TOWN = "avis@ville.example"
BEGINNING = """\
From: {sender}
{head}Subject: Photos
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Voici les photos du trottoir, numéro {number}.
--b
Content-Type: image/jpeg; name=une.jpg
Content-Transfer-Encoding: base64

/9j/4AAQ"""
OUTLINE = ("text/plain (32 B)", "image/jpeg une.jpg (90000000 B)")


@pytest.fixture
def town(workshop: WorkerContext) -> WorkerContext:
    smtp = Smtp(host="127.0.0.1", tls="none", sender=TOWN)
    return replace(workshop, settings=workshop.settings.model_copy(update={"smtp": smtp}))


def receive(here: WorkerContext, number: int, sender: str = "anne@poste.example", head: str = "") -> None:
    raw = BEGINNING.format(sender=sender, head=head, number=number).encode()
    with here.store.write() as session:
        cut = TruncatedMail(size=90_000_200, outline=OUTLINE)
        ingest_mails(session, [RawMail("avis", raw, f"{number}", TOWN, cut=cut)])
    do_all(here, StepKind.TAKE_APART)


def sent(here: WorkerContext) -> list[tuple[Purpose, MessageState, str, dict[str, str]]]:
    with here.store.read() as session:
        found = []
        for message in session.scalars(select(Message).order_by(Message.id)):
            assert message.sealed_body is not None
            body = json_in(message)
            found.append((message.purpose, message.state, body["body"], dict(body["headers"])))
        return found


def test_its_beginning_and_structure_are_kept_and_its_sender_is_told(town: WorkerContext) -> None:
    receive(town, 1)
    with town.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert part.reading_reason == MailProblem.LEFT_BEHIND.value
        assert part.sealed_body is not None
        assert text_in(part) == ("Voici les photos du trottoir, numéro 1.")
        assert part.sealed_aside is not None
        aside = json_in(part, "sealed_aside")
        assert {"kind": "structure", "text": "\n".join(OUTLINE)} in aside
        assert count_ledger(session).balanced
    [(purpose, state, body, _)] = sent(town)
    assert (purpose, state) == (Purpose.RECEIPT, MessageState.QUEUED)
    assert "trop volumineux" in body
    assert f"moins de {town.settings.limits.mail_mb} Mo" in body


def test_in_a_thread_that_has_its_receipt_it_is_told_once(town: WorkerContext) -> None:
    receive(town, 1)
    with town.store.read() as session:
        reference = references.reference_of(session, session.scalars(select(Contribution.id)).one())
    head = f"In-Reply-To: <receipt.{reference}@ville.example>\n"
    for number in (2, 3):
        receive(town, number, head=head)
    messages = sent(town)
    assert [purpose for purpose, *_ in messages] == [Purpose.RECEIPT, Purpose.STATE]
    identifiers = [headers["Message-ID"] for *_, headers in messages]
    assert len(set(identifiers)) == 2
    # An answer to this one belongs to the contribution too.
    receive(town, 4, head=f"In-Reply-To: {identifiers[1]}\n")
    with town.store.read() as session:
        assert len(session.scalars(select(Contribution)).one().parts) == 4


def test_it_is_told_also_where_no_receipt_is_due_for_another_reason(town: WorkerContext) -> None:
    with town.store.write() as session:
        whole = b"From: anne@poste.example\nSubject: Bancs\n\nIl faut des bancs."
        ingest_mails(session, [RawMail("avis", whole, "whole", TOWN)])
    do_all(town, StepKind.TAKE_APART)
    for number in (1, 2):  # at once after it, which is how a machine answers
        receive(town, number)
    assert [(purpose, "60 Mo" in body) for purpose, _, body, _ in sent(town)] == [
        (Purpose.RECEIPT, False),
        (Purpose.STATE, True),
    ]


MACHINES = {
    "an automatic reply": ("anne@poste.example", "Auto-Submitted: auto-replied\n"),
    "a list": ("anne@poste.example", "List-Id: <quartier.liste.example>\n"),
    "nobody's address": ("no-reply@boutique.example", ""),
    "an empty envelope sender": ("anne@poste.example", "Return-Path: <>\n"),
}


@pytest.mark.parametrize(("sender", "head"), MACHINES.values(), ids=MACHINES)
def test_no_machine_is_told(town: WorkerContext, sender: str, head: str) -> None:
    receive(town, 1, sender=sender, head=head)
    assert sent(town) == []

"""Replies to our receipts: who joins what, what only thanks, and what comes back."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.base.values import Address
from channels.email.parse import parse_mail
from channels.intent.thanks import only_thanks
from config.enums import AddressKind, MessageState, NotContribution, Purpose
from config.settings.schema import Settings
from config.settings.sections.mail_section import Smtp
from gateway.ingest.ingest import RawMail, ingest_mails
from gateway.intake.new_parts import QUOTES_MORE
from gateway.mail.quoted_words import mails_sent_about
from gateway.reading.mail_parts import mail_parts
from gateway.receipts.compose_receipt import message_recipient, reply_address
from inbox.erasure.erase import erase_contribution
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Contributor, ContributorAddress, Intake, Message, Part
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.storage.database import Store
from tests.fixtures_mail import take_in_letter, take_in_mail
from tests.opened import json_in

TOWN = "avis@ville.example"


@dataclass
class Mailbox:
    """A town's mailbox, and what comes of the mails in it."""

    store: Store
    settings: Settings
    folder: Path

    def receive(self, head: str, body: str, times: int = 1) -> int | None:
        """Take a mail in; its contribution, if it is one."""
        raw = f"{head}\nTo: {TOWN}\n\n{body}\n".encode()
        mail = parse_mail(raw)
        for _ in range(times):
            with self.store.write() as session:
                digest = hashlib.sha256(raw).hexdigest()
                intake = take_in_mail(session, account=TOWN, raw=raw, digest=digest, addressed_to=TOWN).intake_id
                found = take_in_letter(session, self.settings, intake, mail, mail_parts(mail, self.folder))[0]
        return found

    def reference(self, contribution: int | None) -> str:
        assert contribution is not None
        with self.store.read() as session:
            return references.reference_of(session, contribution)

    def receipts(self) -> list[MessageState]:
        with self.store.read() as session:
            return list(session.scalars(select(Message.state).order_by(Message.id)))

    def actions(self, contribution: int | None) -> list[str]:
        with self.store.read() as session:
            return [entry.action for entry in history.history_of(session, f"contribution:{contribution}")]


@pytest.fixture
def mailbox(sqlite_store: Store, tmp_path: Path) -> Mailbox:
    settings = Settings(folder=tmp_path, smtp=Smtp(host="127.0.0.1", tls="none", sender=TOWN))
    return Mailbox(sqlite_store, settings, tmp_path)


ANNE = "From: anne@poste.example\nMessage-ID: <1@poste.example>\nSubject: Bancs"


def test_a_reply_joins_and_gets_no_second_receipt(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    reference = mailbox.reference(first)
    head = f"From: anne@poste.example\nSubject: Re: Bancs\nIn-Reply-To: <receipt.{reference}@ville.example>"
    assert mailbox.receive(head, "Et des arbres.", times=2) == first
    assert mailbox.receipts() == [MessageState.QUEUED]
    with mailbox.store.read() as session:
        assert count_ledger(session).units == 2
        assert count_ledger(session).balanced


JOINING = {
    "by a later reference": "From: anne@poste.example\nReferences: <receipt.{ref}@ville.example> <9@poste.example>",
    "in the thread of her own mail": "From: anne@poste.example\nIn-Reply-To: <1@poste.example>",
    "by the number in the subject": "From: anne@poste.example\nSubject: suite du {spaced}",
}


@pytest.mark.parametrize("head", JOINING.values(), ids=JOINING)
def test_other_ways_to_go_on(mailbox: Mailbox, head: str) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    ref = mailbox.reference(first)
    spaced = f"{ref[:3]} {ref[3:6]} {ref[6:]}"
    assert mailbox.receive(head.format(ref=ref, spaced=spaced), "Et des arbres.") == first
    assert len(mailbox.receipts()) == 1


def test_another_person_never_joins(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    ref = mailbox.reference(first)
    cites = mailbox.receive("From: rose@poste.example\nSubject: Bus", f"Comme le {ref}, je veux des bus.")
    assert cites not in (None, first)
    assert len(mailbox.receipts()) == 2
    answers = mailbox.receive(f"From: eve@poste.example\nIn-Reply-To: <receipt.{ref}@ville.example>", "Des vélos.")
    assert answers not in (None, first, cites)
    assert len(mailbox.receipts()) == 2  # the thread has had its receipt
    assert "no_receipt" in mailbox.actions(answers)


def test_a_contribution_has_no_more_parts_than_a_person_would_write(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    head = f"From: anne@poste.example\nIn-Reply-To: <receipt.{mailbox.reference(first)}@ville.example>"
    joined = [mailbox.receive(head, f"Et {number} arbres.") for number in range(31)]
    assert joined[:29] == [first] * 29
    assert first not in joined[29:]
    assert len(mailbox.receipts()) == 1


def test_a_second_mail_later_gets_its_own_receipt(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    with mailbox.store.write() as session:
        for row in (*session.scalars(select(Message)), *session.scalars(select(Part))):
            row.created_at = row.created_at.replace(year=row.created_at.year - 1)
        for intake in session.scalars(select(Intake)):
            intake.received_at = intake.received_at.replace(year=intake.received_at.year - 1)
    second = mailbox.receive("From: anne@poste.example\nSubject: Bus", "Un bus le soir, s'il vous plaît.")
    assert second not in (None, first)
    assert len(mailbox.receipts()) == 2


@pytest.mark.parametrize(
    ("minutes", "receipts"), [((300, 120, 1), 3), ((300, 299.5, 120), 2)], ids=["apart", "at once"]
)
def test_after_an_outage_mails_that_came_apart_each_get_their_receipt(
    mailbox: Mailbox, minutes: tuple[float, ...], receipts: int
) -> None:
    now = utc_now()
    for number, (ago, said) in enumerate(zip(minutes, ("Des bancs.", "Un bus le soir.", "Des arbres."), strict=True)):
        raw = f"From: anne@poste.example\nSubject: Avis {number}\n\n{said}\n".encode()
        came = RawMail(TOWN, raw, str(number), TOWN, came_at=now - timedelta(minutes=ago))
        with mailbox.store.write() as session:
            intake = ingest_mails(session, [came])[0].intake_id
            mail = parse_mail(raw)
            take_in_letter(session, mailbox.settings, intake, mail, mail_parts(mail, mailbox.folder))
    assert len(mailbox.receipts()) == receipts


TIMES = {
    "a week ago": (timedelta(days=7), timedelta(days=7)),
    "years ago, as an old mail that was moved here": (timedelta(days=2000), timedelta()),
    "tomorrow": (timedelta(days=-1), timedelta()),
}


@pytest.mark.parametrize(("said", "taken"), TIMES.values(), ids=TIMES)
def test_when_a_mail_came_is_the_servers_word_if_it_can_be(mailbox: Mailbox, said: timedelta, taken: timedelta) -> None:
    now = utc_now()
    with mailbox.store.write() as session:
        ingest_mails(session, [RawMail(TOWN, b"x", "x", TOWN, came_at=now - said)])
        received_at = session.scalars(select(Intake.received_at)).one()
    assert abs(received_at - (now - taken)) < timedelta(minutes=1)


def test_thanks_for_a_receipt_join_nothing(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    head = f"From: anne@poste.example\nIn-Reply-To: <receipt.{mailbox.reference(first)}@ville.example>"
    assert mailbox.receive(head, "Merci beaucoup !\n\nCordialement,\nAnne") is None
    with mailbox.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert [part.not_contribution for part in parts] == [None, NotContribution.THANKS]
        assert session.get_one(Contribution, first).parts == [parts[0]]


def test_thanks_out_of_the_blue_are_what_somebody_has_to_say(mailbox: Mailbox) -> None:
    assert mailbox.receive("From: anne@poste.example\nSubject: Fête", "Merci !") is not None


BOUNCE = """\
From: MAILER-DAEMON@poste.example
Return-Path: <>
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b"""
BOUNCED = "--b\n\nfailed\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <receipt.{ref}@ville.example>\n\nx\n--b--"


def test_a_bounce_is_linked_to_the_receipt_it_returns(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    assert mailbox.receive(BOUNCE, BOUNCED.format(ref=mailbox.reference(first)), times=2) is None
    assert mailbox.receipts() == [MessageState.FAILED]
    assert mailbox.actions(first).count("receipt_returned") == 1


def test_what_came_back_is_noted_of_that_answer_and_of_no_other(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    other = mailbox.receive("From: rose@poste.example\nSubject: Bus", "Un bus.")
    ref = mailbox.reference(first)
    with mailbox.store.write() as session:
        for contribution in (first, other):
            part = session.get_one(Contribution, contribution).parts[0]
            told = {"intake_id": part.intake_id, "key_id": part.intake.key_id, "channel": part.channel}
            session.add(Message(**told, purpose=Purpose.STATE, state=MessageState.SENT))
    receipt, told_rose = MessageState.QUEUED, MessageState.SENT
    with mailbox.store.read() as session:
        intakes = [session.get_one(Contribution, one).parts[0].intake_id for one in (first, other)]
    # Rose's intake, under Anne's reference: that is forged, and nothing of hers came back.
    for again, told_anne in ((intakes[1], MessageState.SENT), (intakes[0], MessageState.FAILED)):
        mailbox.receive(f"X-Number: {again}\n{BOUNCE}", BOUNCED.format(ref=f"{ref}.{again}"))
        assert mailbox.receipts() == [receipt, receipt, told_anne, told_rose]


def test_an_out_of_office_reply_is_linked_to_the_receipt_it_answers(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    head = "From: anne@poste.example\nAuto-Submitted: auto-replied\nIn-Reply-To: "
    assert mailbox.receive(f"{head}<receipt.{mailbox.reference(first)}@ville.example>", "Absente.", times=2) is None
    assert mailbox.actions(first).count("answered_by_machine") == 1
    assert mailbox.receipts() == [MessageState.QUEUED]


ELSEWHERE = {
    "a bounce with a copy of what it returns": (
        "From: MAILER-DAEMON@poste.example\nReturn-Path: <>\nSubject: failure notice",
        "Hi. This is the qmail-send program.\n\n--- Below this line is a copy of the message.\n\n"
        "Message-ID: <receipt.{ref}@ville.example>\nSubject: Re: Bancs\n",
        "receipt_returned",
    ),
    "an absence that names the number only": (
        "From: anne@poste.example\nSubject: Réponse automatique : No {ref}",
        "Absente.",
        "answered_by_machine",
    ),
    "an absence in the thread of her own mail": (
        "From: anne@poste.example\nAuto-Submitted: auto-replied\nReferences: <1@poste.example>",
        "Absente.",
        "answered_by_machine",
    ),
}


@pytest.mark.parametrize(("head", "body", "action"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_machines_that_name_what_they_answer_elsewhere(mailbox: Mailbox, head: str, body: str, action: str) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    ref = mailbox.reference(first)
    assert mailbox.receive(head.format(ref=ref), body.format(ref=ref)) is None
    assert mailbox.actions(first).count(action) == 1


def test_a_strangers_absence_that_names_a_number_is_linked_to_nothing(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    ref = mailbox.reference(first)
    # By its subject alone nobody knows whether a person wrote it: it is read, and never answered.
    other = mailbox.receive(f"From: eve@poste.example\nSubject: Réponse automatique : {ref}", "Absente.")
    assert other not in (None, first)
    assert "answered_by_machine" not in mailbox.actions(first)


ENVELOPE = "Return-Path: <anne@envoi.example>\n"


def test_a_receipt_goes_to_the_envelope_sender_and_its_address_is_erased_with_the_contribution(
    mailbox: Mailbox,
) -> None:
    first = mailbox.receive(ENVELOPE + ANNE, "Il faut des bancs.")
    assert first is not None
    with mailbox.store.write() as session:
        to = message_recipient(session, session.scalars(select(Message)).one())
        assert to == Address(AddressKind.EMAIL, "anne@envoi.example")
        assert reply_address(session, session.get_one(Contribution, first)) == Address(
            AddressKind.EMAIL, "anne@poste.example"
        )
        assert len(session.scalars(select(ContributorAddress)).all()) == 2
        erase_contribution(session, first, None, "asked")
        assert session.scalars(select(ContributorAddress)).all() == []
        assert session.scalars(select(Contributor)).all() == []


def test_whoever_writes_through_another_address_goes_on_all_the_same(mailbox: Mailbox) -> None:
    first = mailbox.receive(ENVELOPE + ANNE, "Il faut des bancs.")
    assert (
        mailbox.receive(f"{ENVELOPE}From: anne@poste.example\nIn-Reply-To: <1@poste.example>", "Et des arbres.")
        == first
    )
    assert len(mailbox.receipts()) == 1


def test_one_envelope_sender_under_many_names_is_one_address(mailbox: Mailbox) -> None:
    found = [mailbox.receive(f"{ENVELOPE}From: a{n}@poste.example\nSubject: {n}", f"Avis {n}") for n in range(3)]
    assert None not in found
    assert len(set(found)) == 3
    assert len(mailbox.receipts()) == 1


def test_a_bounce_of_nothing_of_ours_is_kept(mailbox: Mailbox) -> None:
    assert mailbox.receive(BOUNCE, BOUNCED.format(ref="482915307")) is None
    with mailbox.store.read() as session:
        assert session.scalars(select(Part.not_contribution)).one() is NotContribution.BOUNCE


THANKS = {
    "merci": True,
    "Merci beaucoup pour votre réponse rapide. Bonne journée !": True,
    "Bonjour Madame, bien reçu, je vous remercie. Bonne soirée": True,
    "Thank you very much, have a nice day": True,
    "Bonjour": False,
    "": False,
    "Merci, mais rien n'est fait": False,
    "Merci de réparer le banc": False,
    "Merci. Et le banc ?": False,
    "Merci ?": False,
    "Merci pour le bus": False,
}


@pytest.mark.parametrize(("text", "thanks"), THANKS.items(), ids=THANKS)
def test_what_only_thanks(text: str, thanks: bool) -> None:
    assert only_thanks(text) is thanks


def test_what_is_quoted_of_ours_is_proven_and_an_answer_within_it_is_told(mailbox: Mailbox) -> None:
    first = mailbox.receive(ANNE, "Il faut des bancs.")
    ref = mailbox.reference(first)
    with mailbox.store.read() as session:
        ours = [line for line in mails_sent_about(session, ref).splitlines() if line]
    head = f"{ANNE}\nIn-Reply-To: <receipt.{ref}@ville.example>"
    attribution = f"Le 12/03/2026 à 10:11, Ville <{TOWN}> a écrit :"
    quoted = "\n".join(f"> {line}" for line in ours)
    mailbox.receive(head, f"Et rue Foch aussi.\n\n{attribution}\n{quoted}")
    mailbox.receive(head, f"Voir ci-dessous.\n\n{attribution}\n> {ours[0]}\n> un arbre place Guérin\n> {ours[-1]}")
    with mailbox.store.read() as session:
        _, plain, among = session.scalars(select(Part).order_by(Part.id)).all()
        assert plain.reading_reason is None
        assert among.reading_reason is not None
        assert QUOTES_MORE in among.reading_reason
        assert plain.sealed_aside is not None
        beside = json_in(plain, "sealed_aside")
        assert [one["evidence"] for one in beside if one["kind"] == "quote"] == ["ours"]

"""Receipts by mail: to whom, in which thread, and how they are marked."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base.values import Address, Outgoing
from channels.email.classify.automatic_mail import reason_not_to_answer, recognise_automatic_mail
from channels.email.compose import AnsweredMail, compose_receipt_mail, find_answerable, to_bytes
from channels.email.parse import Mail, parse_mail
from channels.email.replied_to import receipt_answered
from config.enums import AddressKind, Channel, NotContribution
from config.wording.message_catalog import resident_text

ANNE = Address(AddressKind.EMAIL, "anne@poste.example")
TOWN = Address(AddressKind.EMAIL, "avis@ville.example")
MAIL = Mail(
    sender=ANNE,
    answer_to=ANNE,
    subject="Bancs",
    message_id="<2@poste.example>",
    references=("<1@poste.example>",),
    body="Des bancs",
)
AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)

ANSWERED = {
    "a person": (MAIL, AnsweredMail(ANNE, "Bancs", "<2@poste.example>", ("<1@poste.example>",))),
    "only In-Reply-To": (
        replace(MAIL, references=(), in_reply_to="<0@poste.example>"),
        AnsweredMail(ANNE, "Bancs", "<2@poste.example>", ("<0@poste.example>",)),
    ),
    "a program": (replace(MAIL, machine=NotContribution.AUTOMATIC_REPLY), None),
    "one that wants no answer": (replace(MAIL, never_answer="list"), None),
    "nobody": (replace(MAIL, sender=None, answer_to=None), None),
    "ourselves": (replace(MAIL, sender=TOWN, answer_to=TOWN), None),
    "ourselves by return path": (replace(MAIL, answer_to=TOWN), None),
    "an address beyond ASCII": (replace(MAIL, answer_to=Address(AddressKind.EMAIL, "andré@poste.example")), None),
}


@pytest.mark.parametrize(("mail", "expected"), ANSWERED.values(), ids=ANSWERED)
def test_answerable(mail: Mail, expected: AnsweredMail | None) -> None:
    assert find_answerable(mail, own=["AVIS@ville.example"]) == expected


def compose(answered: AnsweredMail, language: str = "fr") -> Outgoing:
    return compose_receipt_mail(
        answered, language, None, reference="482915307", sender=TOWN.value, received=date(2026, 3, 12), link=""
    )


def test_a_receipt() -> None:
    assert compose(AnsweredMail(ANNE, "Bancs", "<2@poste.example>", ("<1@poste.example>",))) == Outgoing(
        Channel.EMAIL,
        ANNE,
        resident_text("email_receipt", "fr", None, reference="482915307", received=date(2026, 3, 12), link=""),
        OURS,
        (
            ("Auto-Submitted", "auto-replied"),
            ("X-Auto-Response-Suppress", "All"),
            ("Message-ID", "<receipt.482915307@ville.example>"),
            ("In-Reply-To", "<2@poste.example>"),
            ("References", "<1@poste.example> <2@poste.example>"),
        ),
    )


OURS = resident_text("email_receipt_subject", "fr", None, reference="482915307")


@pytest.mark.parametrize("subject", ["", "Bancs", "Re: Bancs", "Votre compte est bloqué : http://ici.example"])
def test_a_receipt_does_not_carry_the_subject_of_what_it_answers(subject: str) -> None:
    assert compose(AnsweredMail(ANNE, subject)).subject == OURS


def test_without_a_message_id_there_is_no_thread() -> None:
    names = [name for name, _ in compose(AnsweredMail(ANNE, "Bancs", "<a b@x>")).headers]
    assert "In-Reply-To" not in names
    assert "References" not in names


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    ids = tuple(f"<{number}@poste.example>" for number in range(100))
    cited = dict(compose(AnsweredMail(ANNE, "x", "<last@poste.example>", ids)).headers)["References"].split()
    assert (cited[0], cited[-1], len(cited)) == ("<0@poste.example>", "<last@poste.example>", 21)


def test_the_message_that_is_sent() -> None:
    raw = to_bytes(compose(AnsweredMail(ANNE, "Déchets", "<2@poste.example>")), sender=TOWN.value, at=AT)
    message = message_from_bytes(raw, policy=policy.default)
    assert message["From"] == "avis@ville.example"
    assert message["To"] == "anne@poste.example"
    assert message["Subject"] == OURS
    assert message["Date"] == "Thu, 12 Mar 2026 09:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-replied"
    body = message.get_body()
    assert body is not None
    assert "482 915 307" in body.get_content()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_our_own_receipt_would_not_be_answered_by_us() -> None:
    raw = to_bytes(compose(AnsweredMail(ANNE, "Bancs")), sender=TOWN.value, at=AT)
    message = message_from_bytes(raw)
    assert recognise_automatic_mail(message) is NotContribution.AUTOMATIC_REPLY
    assert reason_not_to_answer(message)
    assert find_answerable(parse_mail(raw)) is None


@given(subject=st.text(max_size=200), message_id=st.text(max_size=60))
def test_nothing_a_resident_writes_becomes_a_header(subject: str, message_id: str) -> None:
    mail = parse_mail(
        b"From: anne@poste.example\nSubject: "
        + subject.encode("utf-8", "replace")
        + b"\nMessage-ID: <"
        + message_id.encode("utf-8", "replace")
        + b">\n\nbancs"
    )
    answered = find_answerable(mail)
    if answered is None:
        return
    raw = to_bytes(compose(answered), sender=TOWN.value, at=AT)
    names = [line.split(b":")[0] for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    allowed = {
        b"From", b"To", b"Subject", b"Date", b"Auto-Submitted", b"X-Auto-Response-Suppress", b"Message-ID",
        b"In-Reply-To", b"References", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version",
    }  # fmt: skip
    assert set(names) <= allowed
    assert len(names) == len(set(names))


REPLIES = {
    "to our receipt": (replace(MAIL, in_reply_to="<receipt.482915307@ville.example>"), "482915307"),
    "later in the thread": (
        replace(MAIL, in_reply_to="<x@y.example>", references=("<receipt.482915307@ville.example>", "<x@y.example>")),
        "482915307",
    ),
    "returned": (replace(MAIL, about="<receipt.482915307@ville.example>"), "482915307"),
    "to something else": (replace(MAIL, in_reply_to="<receipt.48291530@ville.example>"), None),
    "to nothing": (replace(MAIL, references=()), None),
}


@pytest.mark.parametrize(("mail", "reference"), REPLIES.values(), ids=REPLIES)
def test_receipt_answered(mail: Mail, reference: str | None) -> None:
    assert receipt_answered(mail) == reference

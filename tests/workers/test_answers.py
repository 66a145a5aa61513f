"""Answers of the town: each contribution by its own way, once, and whoever cannot be reached with the reason."""

from __future__ import annotations

import email
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from channels.base.values import Address
from channels.email.parse import parse_mail
from config.answer_states import AnswerState, GivenState, Outcome, Unreachable, Way
from config.enums import AddressKind, ArrivalKind, Channel, MessageState, StepState
from gateway.answers import answer_dispatch
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.intake.contribute import NewPart
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.receipts import compose_receipt
from inbox.answers import answer_preview, deliveries, drafting
from inbox.answers.drafting import AnswerChanged, AnswerContent, AnswerGone, NobodyChosen, SecondPersonNeeded
from inbox.answers.selection import RecipientSelection
from inbox.consultations import contributors
from inbox.listings.visibility import EVERYTHING
from inbox.models import Answer, Contribution, ContributionLink, ContributionOutcome, GivenAnswer, Message, Step
from inbox.models.column_types import utc_now
from tests.fixtures_mail import take_in_letter
from tests.workers.answered_town import FIXED, SLUG, Town, mail, mobile
from tests.workers.test_send import Outside, outside
from workers.pools.step_runner import run_step_in
from workers.tasks import rate_limits

__all__ = ["outside"]

LETTER = Address(AddressKind.POSTAL, "Rose Le Gall, 3 rue du Port, 29000 Exemple")


@pytest.fixture
def town(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Town:
    # Sending hours are tried in test_allowance; here it must not matter when the tests run.
    monkeypatch.setattr(rate_limits, "is_sending_time", lambda _here, _rules: True)
    found = Town(outside.here.store, outside.here.settings)
    found.open()
    return found


def send_all(outside: Outside) -> None:
    """Every step that is due, once."""
    with outside.here.store.write() as session:
        session.execute(update(Step).where(Step.state == StepState.OPEN).values(not_before=utc_now()))
        due = session.scalars(select(Step.id).where(Step.state == StepState.OPEN, Step.message_id.is_not(None))).all()
    for one in due:
        run_step_in(outside.here, one)


# How it came, from where -> by which way it is answered generally, and to one alone; and why not.
WAYS: dict[str, tuple[Channel, Address | None, tuple[object, ...], tuple[object, ...]]] = {
    "text": (Channel.SMS, mobile(1), (Way.TEXT, GivenState.SENDING, None), (Way.TEXT, GivenState.SENDING, None)),
    "text from a fixed line": (
        Channel.SMS,
        FIXED,
        (None, GivenState.UNREACHABLE, Unreachable.NO_TEXTS),
        (None, GivenState.UNREACHABLE, Unreachable.NO_TEXTS),
    ),
    "text from nobody": (
        Channel.SMS,
        None,
        (None, GivenState.UNREACHABLE, Unreachable.WITHHELD),
        (None, GivenState.UNREACHABLE, Unreachable.WITHHELD),
    ),
    "call": (Channel.VOICEMAIL, FIXED, (Way.PHONE, GivenState.TO_HEAR, None), (Way.PHONE, GivenState.TO_HEAR, None)),
    "call, withheld": (
        Channel.VOICEMAIL,
        None,
        (Way.PHONE, GivenState.TO_HEAR, None),
        (None, GivenState.UNREACHABLE, Unreachable.WITHHELD),
    ),
    "mail": (Channel.EMAIL, mail("lea"), (Way.MAIL, GivenState.SENDING, None), (Way.MAIL, GivenState.SENDING, None)),
    "paper": (Channel.PAPER, None, (Way.NOTICE, GivenState.TO_PRINT, None), (Way.NOTICE, GivenState.TO_PRINT, None)),
    "paper with a mobile": (
        Channel.PAPER,
        mobile(2),
        (Way.TEXT, GivenState.SENDING, None),
        (Way.TEXT, GivenState.SENDING, None),
    ),
    "paper with a fixed line": (
        Channel.PAPER,
        FIXED,
        (Way.NOTICE, GivenState.TO_PRINT, None),
        (Way.NOTICE, GivenState.TO_PRINT, None),
    ),
    "letter with an address": (
        Channel.PAPER,
        LETTER,
        (Way.LETTER, GivenState.TO_PRINT, None),
        (Way.LETTER, GivenState.TO_PRINT, None),
    ),
}


@pytest.mark.parametrize("case", WAYS)
@pytest.mark.parametrize("general", [True, False])
def test_each_is_answered_the_way_it_came(case: str, general: bool, town: Town) -> None:
    channel, sender, to_all, to_one = WAYS[case]
    made = town.comes(channel, sender)
    answer = town.answers(RecipientSelection(numbers=(made,)), is_general=general)
    dispatch_due_answers(town.store, town.settings)
    assert town.given(answer) == [to_all if general else to_one]
    assert town.state(answer) is AnswerState.GIVEN


def test_a_text_says_what_becomes_of_it_and_how_to_contest(town: Town, outside: Outside) -> None:
    made = town.comes(Channel.SMS, mobile(1))
    town.answers(RecipientSelection(numbers=(made,)), outcome=Outcome.KEPT)
    dispatch_due_answers(town.store, town.settings)
    send_all(outside)
    said = outside.texts()[-1]
    assert "Votre idée est retenue. Le banc sera posé en mai." in said
    assert "AUTRE" in said
    with town.store.read() as session:
        assert session.get_one(ContributionOutcome, made).outcome is Outcome.KEPT


def test_a_mail_is_answered_in_its_thread(town: Town, outside: Outside) -> None:
    town.comes(Channel.EMAIL, mail("lea"))
    answer = town.answers(RecipientSelection(consultation=SLUG), is_general=True)
    dispatch_due_answers(town.store, town.settings)
    send_all(outside)
    [(sender, to, raw)] = outside.postbox.mails
    sent = email.message_from_bytes(raw)
    assert (sender, to) == ("avis@brest.example", ["lea@maison.example"])
    assert sent["Subject"] == "Re: Le banc"
    assert sent["In-Reply-To"].endswith("@maison.example>")
    assert sent["References"].split()[-1] == sent["In-Reply-To"]
    assert sent["Message-ID"].startswith("<answer.")
    assert f".{answer}@" in sent["Message-ID"]


def test_nobody_is_told_the_same_twice(town: Town, outside: Outside) -> None:
    first = [town.comes(Channel.SMS, mobile(1), f"avis {n}") for n in range(3)]
    answer = town.answers(RecipientSelection(consultation=SLUG))
    for _ in range(3):
        dispatch_due_answers(town.store, town.settings)
    assert [state for _way, state, _why in town.given(answer)] == [
        GivenState.SENDING,
        GivenState.TOGETHER,
        GivenState.TOGETHER,
    ]
    send_all(outside)
    assert len([text for text in outside.texts() if "répond" in text]) == 1
    with pytest.raises(NobodyChosen):  # they have their answer
        town.answers(RecipientSelection(consultation=SLUG))
    town.answers(RecipientSelection(numbers=tuple(first), again=True))


def test_killed_between_two_transactions_it_goes_on(
    town: Town, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        town.comes(Channel.SMS, mobile(number))
    answer = town.answers(RecipientSelection(consultation=SLUG))
    monkeypatch.setattr(answer_dispatch, "AT_ONCE", 5)
    real, calls = answer_dispatch._give_one, Counter[str]()

    def dies(*given: object) -> None:
        calls["all"] += 1
        if calls["all"] in (4, 9, 15):  # within a transaction: what it did is gone with it
            raise KeyboardInterrupt
        real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(answer_dispatch, "_give_one", dies)
    for _ in range(4):
        try:
            dispatch_due_answers(town.store, town.settings)
        except KeyboardInterrupt:
            continue
    send_all(outside)
    send_all(outside)
    assert Counter(sent.to for sent in outside.telephone.api.sent if "répond" in sent.body) == {
        mobile(number).value: 1 for number in range(12)
    }
    assert town.state(answer) is AnswerState.GIVEN


def test_an_opt_out_holds_before_and_after_it_left(town: Town, outside: Outside) -> None:
    early, late = town.comes(Channel.SMS, mobile(1)), town.comes(Channel.SMS, mobile(2))
    opts_out(town, mobile(1))
    answer = town.answers(RecipientSelection(numbers=(early, late)))
    dispatch_due_answers(town.store, town.settings)
    opts_out(town, mobile(2))
    send_all(outside)
    assert town.given(answer) == [
        (None, GivenState.UNREACHABLE, Unreachable.OPTED_OUT),
        (Way.TEXT, GivenState.UNREACHABLE, Unreachable.OPTED_OUT),
    ]
    assert [text for text in outside.texts() if "répond" in text] == []


def opts_out(town: Town, address: Address) -> None:
    with town.store.write() as session:
        contributors.opt_out(session, address.kind, address.value, town.settings.town)


def test_what_has_not_left_can_be_withdrawn(town: Town, outside: Outside) -> None:
    made = [town.comes(Channel.SMS, mobile(1)), town.comes(Channel.VOICEMAIL, FIXED)]
    answer = town.answers(RecipientSelection(numbers=tuple(made)), outcome=Outcome.KEPT)
    dispatch_due_answers(town.store, town.settings)
    with town.store.write() as session:
        assert drafting.withdraw_answer(session, answer, town.official) == 2
        assert drafting.withdraw_answer(session, answer, town.official) == 0
    send_all(outside)
    assert [text for text in outside.texts() if "répond" in text] == []
    assert {state for _way, state, _why in town.given(answer)} == {GivenState.WITHDRAWN}
    with town.store.read() as session:
        assert session.get(ContributionOutcome, made[0]) is None


def test_it_waits_before_it_leaves(town: Town) -> None:
    made = town.comes(Channel.SMS, mobile(1))
    with town.store.write() as session:
        one = drafting.create_draft(
            session, RecipientSelection(numbers=(made,)), AnswerContent({"fr": "Oui."}), town.official, EVERYTHING
        )
        drafting.submit_answer(session, one.id, town.official, one.revision, wait=timedelta(minutes=10))
        answer = one.id
    assert dispatch_due_answers(town.store, town.settings) == 0
    with town.store.write() as session:
        session.get_one(Answer, answer).leaves_at = utc_now()
    assert dispatch_due_answers(town.store, town.settings) == 1


def test_a_second_person_approves_where_the_town_wants_it(town: Town) -> None:
    town.open_again(second_person=True)
    made = town.comes(Channel.SMS, mobile(1))
    with town.store.write() as session:
        one = drafting.create_draft(
            session, RecipientSelection(numbers=(made,)), AnswerContent({"fr": "Oui."}), town.official, EVERYTHING
        )
        assert drafting.submit_answer(session, one.id, town.official, one.revision) is AnswerState.TO_APPROVE
        with pytest.raises(SecondPersonNeeded):
            drafting.approve_answer(session, one.id, town.official, one.revision)
        with pytest.raises(AnswerChanged):
            drafting.approve_answer(session, one.id, town.colleague, one.revision - 1)
        drafting.approve_answer(session, one.id, town.colleague, one.revision)
        assert one.state is AnswerState.LEAVING
        with pytest.raises(AnswerGone):
            drafting.update_draft(session, one.id, AnswerContent({"fr": "Non."}), town.official, one.revision)


def test_costs_are_as_foretold(town: Town, outside: Outside) -> None:
    for number in range(6):
        town.comes(Channel.SMS, mobile(number))
    town.comes(Channel.PAPER, None)
    words = "Le banc sera posé en mai 2027, et une fontaine viendra en juin de la même année. " * 2
    with town.store.write() as session:
        one = drafting.create_draft(
            session, RecipientSelection(consultation=SLUG), AnswerContent({"fr": words}), town.official, EVERYTHING
        )
        shown = answer_preview.preview_answer(
            session, town.settings, one, partial(compose_receipt.reply_number, town.settings)
        )
        drafting.submit_answer(session, one.id, town.official, one.revision)
        answer = one.id
    dispatch_due_answers(town.store, town.settings)
    assert (shown.contributions, shown.ways) == (7, {Way.TEXT: 6, Way.NOTICE: 1})
    with town.store.read() as session:
        spent = session.scalar(select(func.sum(GivenAnswer.segments)).where(GivenAnswer.answer_id == answer))
    assert shown.segments == spent == 6 * shown.longest_segments
    assert shown.longest_segments > 1


def test_what_the_provider_refuses_is_shown(town: Town, outside: Outside) -> None:
    town.comes(Channel.EMAIL, mail("lea"))
    answer = town.answers(RecipientSelection(consultation=SLUG))
    dispatch_due_answers(town.store, town.settings)
    outside.postbox.answers.append("550 no such person")
    send_all(outside)
    assert town.given(answer) == [(Way.MAIL, GivenState.UNREACHABLE, Unreachable.REFUSED)]
    with town.store.read() as session:
        assert session.scalars(select(Message.state).where(Message.purpose == "answer")).one() is MessageState.FAILED


# --- what comes back by mail ---


def answered_mail(town: Town, outside: Outside) -> tuple[int, str]:
    """A mail that was answered: its contribution, and the answer's Message-ID."""
    made = town.comes(Channel.EMAIL, mail("lea"))
    town.answers(RecipientSelection(numbers=(made,)), is_general=True)
    dispatch_due_answers(town.store, town.settings)
    send_all(outside)
    return made, str(email.message_from_bytes(outside.postbox.mails[-1][2])["Message-ID"])


def takes_in(town: Town, raw: bytes) -> list[int | None]:
    """A mail, as the step takes it in."""
    parsed = parse_mail(raw)
    with town.store.write() as session:
        arrived = IncomingMessage(
            Channel.EMAIL, "account", str(len(raw)), ArrivalKind.MAIL, raw, consultation_slug=SLUG
        )
        intake = store_message(session, arrived).intake_id
        part = NewPart("body", Channel.EMAIL, body=parsed.body, not_contribution=parsed.machine)
        return take_in_letter(session, town.settings, intake, parsed, [part])


REPLY = """From: {sender}
Return-Path: <{sender}>
To: avis@brest.example
Subject: Re: Le banc
Message-ID: <reply@maison.example>
In-Reply-To: {about}
References: <1@maison.example> {about}

{words}
"""


@pytest.mark.parametrize(
    ("sender", "words", "linked"),
    [
        ("lea@maison.example", "Non, je parlais de la place du Marché, pas de la rue.", True),
        ("lea@maison.example", "Merci beaucoup !", None),
        ("voisin@ailleurs.example", "Moi aussi je voudrais un banc devant chez moi.", False),
    ],
)
def test_a_reply_is_a_voice_of_its_own(
    sender: str, words: str, linked: bool | None, town: Town, outside: Outside
) -> None:
    about, identifier = answered_mail(town, outside)
    [made] = takes_in(town, REPLY.format(sender=sender, about=identifier, words=words).encode())
    assert made != about
    assert (made is None) is (linked is None)
    with town.store.read() as session:
        links = session.execute(select(ContributionLink.from_id, ContributionLink.to_id)).all()
        assert [tuple(one) for one in links] == ([(made, about)] if linked else [])
        if linked:
            shown = deliveries.answer_context(session, session.get_one(Contribution, made))
            assert shown.is_reply
            assert shown.after is not None


BOUNCE = """From: MAILER-DAEMON@mx.example
To: avis@brest.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; lea@maison.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: {about}
Subject: Re: Le banc
--b--
"""


def test_an_answer_that_comes_back_is_shown_as_not_arrived(town: Town, outside: Outside) -> None:
    made, identifier = answered_mail(town, outside)
    assert takes_in(town, BOUNCE.format(about=identifier).encode()) == [None]
    with town.store.read() as session:
        [delivery] = deliveries.answers_of_contribution(session, made)
    assert (delivery.state, delivery.why) == ("unreachable", Unreachable.REFUSED)

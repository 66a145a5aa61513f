"""By telephone: what is counted, what others said, and the answer to one's own reference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from channels.base.call_steps import CallStep, Gather, GoTo, Say
from channels.base.values import Address, IncomingCall
from channels.voice import CallFacts, Place, Position, SpokenState, SpokenVoices, answer_call, demand_of_request
from config.enums import AddressKind, ArrivalKind, Channel, Moderation, Role
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.settings.sections.voicemail_section import Voicemail
from config.wording.consultation import read_consultation
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.ingest import published_voices
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.receipts import status_lookup
from inbox.accounts import staff
from inbox.accounts.passwords import PasswordHash
from inbox.answers import deliveries, drafting
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import RecipientSelection
from inbox.consultations import consultation_versions
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, Intake
from inbox.records import references
from inbox.storage.database import Store

ASKED = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
HERS, HIS = (Address(AddressKind.PHONE, f"+3329800123{n}") for n in (4, 5))


@pytest.fixture
def town(sqlite_store: Store) -> Store:
    with sqlite_store.write() as session:
        consultation_versions.import_consultation(session, ASKED)
        staff.create_person(session, "nour", "Nour", PasswordHash("x"), [Role.MODERATOR])
    return sqlite_store


def calls(store: Store, number: int, sender: Address | None, moderation: Moderation = Moderation.PUBLISHED) -> int:
    with store.write() as session:
        arrived = IncomingMessage(
            Channel.VOICEMAIL,
            "a",
            f"CA{number}",
            ArrivalKind.WEBHOOK,
            b"raw",
            sender=sender,
            consultation_slug=ASKED.slug,
        )
        [made] = create_contributions(
            session,
            store_message(session, arrived).intake_id,
            [NewPart("it", Channel.VOICEMAIL, body=f"Avis numéro {number}")],
        )
        assert made is not None
        session.execute(update(Contribution).where(Contribution.id == made).values(moderation=moderation))
        return made


def test_what_is_counted_adds_up_and_what_is_heard_was_published(town: Store) -> None:
    for number in range(7):
        calls(town, number, HERS if number else None, Moderation.IN_REVIEW if number == 3 else Moderation.PUBLISHED)
    with town.read() as session:
        pages = [published_voices.published_voices_page(session, Settings(), ASKED, page) for page in (1, 2, 3)]
    counts = {name: int(str(count)) for name, count in pages[0].counts.items()}
    assert counts.pop("arrived") == sum(counts.values()) == 7
    heard = [words for page in pages for words, _language in page.voices]
    assert heard == [f"Avis numéro {n}" for n in (6, 5, 4, 2, 1, 0)]
    assert [page.are_more for page in pages] == [True, False, False]


def test_nothing_is_heard_of_what_is_not_public(town: Store) -> None:
    calls(town, 1, HERS)
    with town.write() as session:
        consultation_versions.import_consultation(session, ASKED.model_copy(update={"public": False}))
    with town.read() as session:
        assert published_voices.published_voices_page(session, Settings(), ASKED, 1).counts == {}
        assert published_voices.published_voices_page(session, Settings(), None, 1).counts == {}


# Who calls -> what is told of a general answer, and of an individual one.
CALLERS = {
    "the same number": (HERS, "answered", "answered"),
    "another number": (HIS, "answered", "answered_in_person"),
    "a withheld number": (None, "answered", "answered_in_person"),
}


@pytest.mark.parametrize("case", CALLERS)
def test_an_answer_is_heard_by_its_reference(case: str, town: Store, tmp_path: Path) -> None:
    caller, general, individual = CALLERS[case]
    settings = Settings(folder=tmp_path)
    for is_general, told in ((True, general), (False, individual)):
        made = calls(town, 10 + is_general, HERS)
        with town.write() as session:
            meant = AnswerContent({"fr": "Le lampadaire sera réparé."}, is_general=is_general)
            answer = drafting.create_draft(session, RecipientSelection(numbers=(made,)), meant, 1, EVERYTHING)
            drafting.submit_answer(session, answer.id, 1, answer.revision)
        dispatch_due_answers(town, settings)
        with town.write() as session:
            number = references.reference_of(session, made)
            arrived = IncomingMessage(
                Channel.VOICEMAIL, "a", f"CAagain{is_general}", ArrivalKind.WEBHOOK, b"raw", sender=caller
            )
            intake = session.get_one(Intake, store_message(session, arrived).intake_id)
            state = status_lookup.keyed_status(session, settings, intake, number, "fr", ASKED)
            assert state.name == told
            assert ("Le lampadaire sera réparé." in str(state.facts)) is (told == "answered")
            [delivery] = deliveries.answers_of_contribution(session, made)
            assert delivery.state == ("heard" if told == "answered" else "to_hear")


def keyed(store: Store, settings: Settings, caller: Address | None, number: str, call: str) -> str:
    with store.write() as session:
        arrived = IncomingMessage(Channel.VOICEMAIL, "a", call, ArrivalKind.WEBHOOK, b"raw", sender=caller)
        intake = session.get_one(Intake, store_message(session, arrived).intake_id)
        return status_lookup.keyed_status(session, settings, intake, number, "fr", ASKED).name


def test_many_guesses_of_whoever_end_for_all_but_authors(town: Store, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, voicemail=Voicemail(missed_lookups_per_hour=3))
    made = calls(town, 1, HERS)
    with town.read() as session:
        hers = references.reference_of(session, made)
    nobodys = [f"4829153{n}" for n in range(10, 15)]
    numbers = [digits + references.check_digit(digits) for digits in (one[:8] for one in nobodys)]
    told = [keyed(town, settings, None, one, f"CAguess{place}") for place, one in enumerate(numbers[:3])]
    assert told == ["unknown"] * 3
    assert keyed(town, settings, None, numbers[0], "CAguess0") == "later"  # the limit is reached
    assert keyed(town, settings, HIS, numbers[3], "CAguess4") == "later"
    assert keyed(town, settings, HIS, hers, "CAguess5") == "later"  # that it leads somewhere is not told either
    assert keyed(town, settings, HERS, hers, "CAhers") == "published"


# --- as it is said ---


def said_at(place: Place, digits: str, **facts: object) -> tuple[list[str], list[CallStep]]:
    """What is heard at a place, and the steps."""
    call = IncomingCall("AC", "CA", HERS, "+33298000000", digits=digits)
    known = CallFacts("https://town.example/hooks/voice", ASKED, date(2026, 3, 1), **facts)  # type: ignore[arg-type]
    steps = list(answer_call(place, call, known))
    inner = [one for step in steps for one in (step.said if isinstance(step, Gather) else [step])]
    return [one.text for one in inner if isinstance(one, Say)], steps


@pytest.mark.parametrize("language", ["fr", "en"])
def test_key_4_leads_to_what_others_said_and_on(language: str) -> None:
    _words, [lead] = said_at(Place(Position.KEY, language), "4")
    assert isinstance(lead, GoTo)
    assert "/others" in lead.address
    counts = {"arrived": 9, "published": 4, "waiting": 3, "set_aside": 1, "others": 1}
    others = SpokenVoices(counts, (("Plus de bancs.", "fr"), ("More benches.", "en")), are_more=True)
    words, [gather, onward] = said_at(Place(Position.OTHERS, language), "", others=others)
    assert words[0].startswith("9 messages")
    assert words[1:3] == ["Plus de bancs.", "More benches."]
    assert "4" in words[3]
    assert isinstance(gather, Gather)
    assert "/others" in gather.action
    assert "n=2" in gather.action
    assert isinstance(onward, GoTo)  # to the tone
    assert (
        demand_of_request(Place(Position.OTHERS, language, tries=2), IncomingCall("", "", None, "", digits="4")).others
        == 2
    )
    again, _steps = said_at(Place(Position.OTHERS, language, tries=2), "4", others=others)
    assert again[0] == "Plus de bancs."  # the ledger is told once
    nothing, _steps = said_at(Place(Position.OTHERS, language), "")
    assert len(nothing) == 1
    _words, [other, _tone] = said_at(Place(Position.OTHERS, language, tries=2), "2", others=others)
    assert isinstance(other, Gather)  # 2 is a state, here as anywhere
    assert other.digits == 9


@pytest.mark.parametrize("name", ["answered", "answered_in_person", "decided"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_state_with_an_answer_is_said(name: str, language: str) -> None:
    facts = {"reference": "482915307", "outcome": "Votre idée est retenue", "answer": "Le banc viendra."}
    words, _steps = said_at(Place(Position.STATE, language), "", state=SpokenState(name, ASKED, facts))
    assert "4, 8, 2" in words[0]
    assert ("Le banc viendra." in words[0]) is (name == "answered")

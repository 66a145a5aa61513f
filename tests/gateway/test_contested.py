"""« Ce n'est pas ça »: what we understood is told to its author only; that it is not it goes to a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from channels.base.values import CommandKind
from channels.intent.keyword_commands import keyword_command_in
from channels.intent.said_otherwise import says_otherwise
from config.enums import Moderation, Role
from config.settings.loader import Settings
from gateway.answers.answer_dispatch import dispatch_due_answers
from inbox.answers import drafting
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import RecipientSelection
from inbox.desk import contests
from inbox.listings.filters import ContributionFilter
from inbox.listings.narrowing import few_contribution_ids
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contest, Contribution, ContributionLink, Person, PersonRole
from inbox.models.column_types import utc_now
from inbox.records import answer_messages, references
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session
from tests.gateway.conftest import Provider, call_fields
from tests.gateway.test_votes import answers

SAID = "Il n'y a presque plus de bus le dimanche soir."
OTHERS = "+33611111111"

# What is texted -> the keyword it is.
WORDS: dict[str, CommandKind | None] = {
    "COMPRIS 482915307": CommandKind.UNDERSTOOD,
    "compris 482 915 307 svp": CommandKind.UNDERSTOOD,
    "understood no 482915307": CommandKind.UNDERSTOOD,
    "Compris": None,
    "AUTRE 482915307": CommandKind.CONTEST,
    "Autre": CommandKind.CONTEST,
    "Bonjour, ce n'est pas ça !": CommandKind.CONTEST,
    "C'est pas ça": CommandKind.CONTEST,
    "that's not it": CommandKind.CONTEST,
    "Autre chose : le banc": None,
    "AUTRE je parlais du samedi": None,
    "ce n'est pas ça le problème": None,
}


@pytest.mark.parametrize("text", WORDS)
def test_which_texts_ask_for_it(text: str) -> None:
    found = keyword_command_in(text)
    assert (found.kind if found else None) == WORDS[text]


OTHERWISE = {
    "AUTRE je parlais du samedi": True,
    "Other: the night bus": True,
    "Autre": False,
    "Autrement, tout va bien": False,
}


@pytest.mark.parametrize("text", OTHERWISE)
def test_which_texts_put_an_answer_right(text: str) -> None:
    assert says_otherwise(text) is OTHERWISE[text]


def said(provider: Provider, store: Store, text: str = SAID) -> tuple[int, str]:
    """A text that came, and its reference."""
    provider.text(text, 1)
    with store.read() as session:
        contribution = session.scalars(select(Contribution)).one()
        return contribution.id, references.reference_of(session, contribution.id)


def contested(store: Store) -> list[int]:
    with store.read() as session:
        waiting = few_contribution_ids(ContributionFilter(appealed=True))
        assert waiting is not None
        found = [one.contribution_id for one in session.scalars(select(Contest))]
        assert sorted(session.scalars(waiting)) == sorted(found)
        return found


def test_by_text(provider: Provider, gateway_store: Store) -> None:
    number, reference = said(provider, gateway_store)
    provider.text(f"COMPRIS {reference}", 2)
    provider.text(f"COMPRIS {reference}", 3, OTHERS)
    provider.text("COMPRIS 111111118", 4)
    told = answers(gateway_store)[1:]
    assert [SAID in one for one in told] == [True, False, False]
    assert f"AUTRE {reference}" in told[0]
    assert contested(gateway_store) == []
    provider.text(f"AUTRE {reference}", 5)
    provider.text("Ce n'est pas ça", 6)
    assert contested(gateway_store) == [number]
    assert ["noté" in one for one in answers(gateway_store)[4:]] == [True, True]


def test_pas_ca_of_somebody_who_has_said_nothing_is_what_they_say(provider: Provider, gateway_store: Store) -> None:
    provider.text("Ce n'est pas ça", 1)
    with gateway_store.read() as session:
        assert len(session.scalars(select(Contribution)).all()) == 1
    assert contested(gateway_store) == []


def test_words_after_an_answer_stand_beside_it(
    provider: Provider, gateway_store: Store, gateway_settings: Settings
) -> None:
    number, _reference = said(provider, gateway_store)
    _answer(gateway_store, gateway_settings, number)
    provider.text("AUTRE je parlais du samedi", 2)
    with gateway_store.read() as session:
        link = session.scalars(select(ContributionLink)).one()
        assert (link.to_id, link.kind) == (number, answer_messages.REPLY)
    assert contested(gateway_store) == [number]


def _answer(store: Store, settings: Settings, number: int) -> None:
    """The town has answered it by text."""
    with store.write() as session:
        official = _person(session)
        session.get_one(Contribution, number).moderation = Moderation.PUBLISHED
        session.flush()
        meant = AnswerContent({"fr": "Un bus de plus, le dimanche."})
        answer = drafting.create_draft(session, RecipientSelection(numbers=(number,)), meant, official, EVERYTHING)
        drafting.submit_answer(session, answer.id, official, answer.revision)
        answer.leaves_at = utc_now()
    assert dispatch_due_answers(store, settings) == 1


def _person(session: Session) -> int:
    person = Person(login="ofi", name="Ofi", password_hash="x", roles=[PersonRole(role=Role.OFFICIAL)])
    session.add(person)
    session.flush()
    return person.id


def heard(provider: Provider, place: str, digits: str, **fields: str) -> str:
    return provider.post(f"/hooks/voice/{place}", call_fields(Digits=digits, **fields)).get_data(as_text=True)


def test_by_telephone(provider: Provider, gateway_store: Store) -> None:
    number, reference = said(provider, gateway_store)
    state = heard(provider, "state?l=fr", reference)
    assert "Si nous avons mal compris" in state
    assert f"/told?l=fr&amp;c={reference}" in state
    assert "presque plus de bus" in heard(provider, f"told?l=fr&c={reference}", "3")
    assert "pas encore lu" in heard(provider, f"told?l=fr&c={reference}", "1")
    assert contested(gateway_store) == []
    assert "C'est noté" in heard(provider, f"contest?l=fr&c={reference}", "1").replace("&#39;", "'").replace("’", "'")
    assert contested(gateway_store) == [number]


def test_from_another_telephone_no_word_is_told(provider: Provider, gateway_store: Store) -> None:
    number, reference = said(provider, gateway_store)
    for call, sender in enumerate((OTHERS, "anonymous", "+266696687"), 1):
        told = heard(provider, f"told?l=fr&c={reference}", "3", From=sender, CallSid=f"CA{call:032}")
        assert "bus" not in told
        assert "sur le t" in told
    assert "Tapez" in heard(provider, "told?l=fr", "2")
    with gateway_store.write() as session:
        person = _person(session)
        contests.lodge(session, number, session.get_one(Contribution, number).channel)
        assert contests.settle(session, number, by=person) is True
        assert contests.settle(session, number, by=person) is False

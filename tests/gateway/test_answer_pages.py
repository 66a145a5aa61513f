"""The pages on which the town answers, without scripts: passages that are put in, and what is kept of them."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from channels.base.values import Address
from config.enums import AddressKind, Channel, Role
from config.settings.loader import Settings
from inbox.accounts import staff
from inbox.answers import canned_passages, drafting
from inbox.models import Answer, CannedPassage
from inbox.storage.database import Store
from tests.inbox.pages.conftest import token_of
from tests.signed_in import sign_in_as
from tests.workers.answered_town import Town


class Desk:
    """An official's browser."""

    def __init__(self, client: FlaskClient, person: int) -> None:
        self.client = client
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        sign_in_as(client, person)

    def post(self, path: str, **values: object) -> str:
        """What the page says afterwards."""
        data = {"csrf_token": token_of(self.client), **{name.replace("_", "-"): one for name, one in values.items()}}
        return self.client.post(path, data=data, follow_redirects=True).text

    def get(self, path: str) -> str:
        return self.client.get(path).text


@pytest.fixture
def desk(client: FlaskClient, gateway_store: Store) -> Desk:
    with gateway_store.write() as session:
        made = staff.create_person(session, "elu", "Elu", staff.PasswordHash("x"), [Role.OFFICIAL])
        person = made.id
    return Desk(client, person)


@pytest.fixture
def town(gateway_store: Store, gateway_settings: Settings, desk: Desk) -> Town:
    found = Town(gateway_store, gateway_settings)
    found.open()
    return found


def begin(desk: Desk) -> str:
    """A draft to everybody; the address of its page."""
    desk.post("/answers/new?consultation=rues-et-places")
    return "/answers/1"


def test_a_passage_is_put_in_without_scripts(desk: Desk, town: Town, gateway_store: Store) -> None:
    town.comes(Channel.SMS, Address(AddressKind.PHONE, "+33639980001"))
    assert "Give it a name" in desk.post("/answers/passages", name="", words_fr="Merci.")
    assert "Saved" in desk.post("/answers/passages", name="Merci", words_fr="Merci à vous.", words_en="Thank you.")
    desk.post("/answers/passages", name="Bancs", words_fr="Les bancs sont posés en mai.", consultation="1")
    page = begin(desk)
    shown = desk.get(page)
    assert shown.index('data-passage="Les bancs sont posés en mai." data-key="1"') < shown.index(
        'data-passage="Merci à vous." data-key="2"'
    )
    desk.post(page, revision="1", words_fr="Bonjour.", words_en="", general="1", passage="1")
    with gateway_store.read() as session:
        answer = session.scalars(select(Answer)).one()
        assert dict(drafting.current_wording(session, answer).words) == {
            "fr": "Bonjour.\n\nMerci à vous.",
            "en": "Thank you.",
        }
        assert answer.state == "draft"


def test_a_passage_is_changed_and_taken_away(desk: Desk, town: Town, gateway_store: Store) -> None:
    desk.post("/answers/passages", name="Merci", words_fr="Merci.")
    assert "Change “Merci”" in desk.get("/answers/passages?passage=1")
    desk.post("/answers/passages", name="Merci", words_fr="Grand merci.", passage="1")
    with gateway_store.read() as session:
        assert session.scalars(select(CannedPassage)).one().body == {"fr": "Grand merci."}
    desk.post("/answers/passages", do="remove", passage="1")
    with gateway_store.read() as session:
        assert canned_passages.passages_for(session, 1) == []


def test_results_are_published_and_a_consultation_concluded(desk: Desk, town: Town) -> None:
    page = "/results/rues-et-places"
    assert "It still listens" in desk.post(page, do="conclude")
    town.open_again(opens=date(2020, 1, 1), closes=date(2020, 2, 1))
    assert "Publish the results first" in desk.post(page, do="conclude")
    assert "It stands on the public page" in desk.post(page, do="publish", kind="results", words_fr="212 personnes.")
    assert "212 personnes." in desk.get(page)
    assert "The consultation is concluded" in desk.post(page, do="conclude")

"""Published contributions that are supported as projects are, and only while they are published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from channels.base.values import Address
from config.enums import AddressKind, Channel, Moderation
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from config.wording.projects import Project
from inbox.consultations import consultation_versions
from inbox.consultations.consultation_versions import NumberTaken
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, VoteTotal
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.votes import counting, supported_contributions
from inbox.votes.supported_contributions import CannotBeSupported
from inbox.web.administration.consultation_values import _projects
from tests.gateway.conftest import Provider, call_fields
from tests.gateway.test_answer_pages import Desk, desk, town
from tests.gateway.test_votes import answers
from tests.workers.answered_town import SLUG, Town

__all__ = ["desk", "town"]

WORDS = "Un banc devant chez Rose"


@pytest.fixture
def opinion(town: Town) -> int:
    return town.comes(Channel.SMS, Address(AddressKind.PHONE, "+33639980001"), WORDS)


def page_of(opinion: int) -> str:
    return f"/contributions/{opinion}"


def offer(desk: Desk, opinion: int) -> str:
    return desk.post(f"{page_of(opinion)}/support")


def counted(town: Town, settings: Settings) -> dict[int, int]:
    """Close the consultation, and count."""
    today = utc_now().astimezone(settings.zone).date()
    with town.store.write() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        asked = consultation_versions.as_consultation(version)
        counting.count_votes(session, version.consultation_id, asked, today + timedelta(days=9_999), settings.zone)
        return {row.project: row.voices for row in session.scalars(select(VoteTotal)) if row.voices}


def test_it_is_supported_by_text_key_and_taken_back(
    desk: Desk, town: Town, opinion: int, provider: Provider, gateway_settings: Settings, gateway_store: Store
) -> None:
    assert "number 100" in offer(desk, opinion)
    assert "number 100" in offer(desk, opinion)  # it has the number it has
    assert "YES 100" in desk.get(page_of(opinion))
    provider.text("OUI 100", 1, sender="+33639980002")
    provider.text("OUI 100", 2, sender="+33639980003")
    provider.text("NON 100", 3, sender="+33639980003")
    provider.text("OUI 101", 4, sender="+33639980004")
    keyed = provider.post("/hooks/voice/vote?l=fr", call_fields(5, "+33298001111", Digits="100"))
    assert "voix est bien" in keyed.text
    assert any("Aucun projet" in one for one in answers(gateway_store))
    assert counted(town, gateway_settings) == {100: 2}


def test_only_what_is_published(desk: Desk, town: Town, opinion: int, provider: Provider, gateway_store: Store) -> None:
    with town.store.write() as session:
        session.execute(update(Contribution).values(moderation=Moderation.IN_REVIEW))
        with pytest.raises(CannotBeSupported):
            supported_contributions.offer_for_support(session, opinion, town.official)
        session.execute(update(Contribution).values(moderation=Moderation.PUBLISHED))
    offer(desk, opinion)
    with town.store.write() as session:
        session.execute(update(Contribution).values(moderation=Moderation.IN_REVIEW))
    provider.text("OUI 100", 1)
    assert any("Aucun projet" in one for one in answers(gateway_store))


def test_its_words_are_shown_while_they_are_published_and_stand_nowhere_else(
    desk: Desk, town: Town, opinion: int, client: FlaskClient
) -> None:
    offer(desk, opinion)
    page = client.get(f"/consultations/{SLUG}?lang=fr").text
    assert f'href="/consultations/{SLUG}/published/{opinion}' in page
    assert "OUI 100" in client.get(f"/consultations/{SLUG}/published/{opinion}?lang=fr").text
    with town.store.write() as session:
        for version in consultation_versions.current_versions_by_slug(session):
            assert "Rose" not in str(version.body)
        erase_contribution(session, opinion, town.official, "error")
    page = client.get(f"/consultations/{SLUG}?lang=fr").text
    assert "n’est plus publié" in page
    assert WORDS not in page


def test_taken_off_it_is_no_project_any_more(desk: Desk, town: Town, opinion: int) -> None:
    offer(desk, opinion)
    assert "taken off the list" in desk.post(f"{page_of(opinion)}/support", do="withdraw")
    with town.store.read() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        assert consultation_versions.as_consultation(version).projects == ()


def test_editing_the_consultation_keeps_what_a_number_stands_for() -> None:
    kept = [{"number": 100, "label": {"fr": "x"}, "contribution": 7}, {"number": 2, "label": {"fr": "y"}, "about": {}}]
    typed = MultiDict([("projects.fr", "100 Un avis\n2 Un banc\n3 Une fontaine")])
    assert [one.get("contribution") for one in _projects(typed, kept, ["fr"])] == [7, None, None]


def numbers(store: Store) -> dict[int, int | None]:
    """The projects in force, and what each cites."""
    with store.read() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        return {one.number: one.contribution for one in consultation_versions.as_consultation(version).projects}


def test_it_stays_when_the_file_is_taken_in_again(desk: Desk, town: Town, opinion: int) -> None:
    asked = read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml")
    with town.store.write() as session:
        consultation_versions.import_file(session, asked)
    offer(desk, opinion)
    later = asked.model_copy(update={"question": {"fr": "Et quoi encore ?", "en": "What else?"}})
    for file in (asked, later, later):
        with town.store.write() as session:
            made = consultation_versions.import_file(session, file)
            assert consultation_versions.as_consultation(made).question == file.question
        assert numbers(town.store) == {100: opinion}
    with town.store.write() as session:
        other = town_project(100)
        with pytest.raises(NumberTaken):
            consultation_versions.import_file(session, later.model_copy(update={"projects": (other,)}))
    with town.store.write() as session:
        consultation_versions.import_file(session, later.model_copy(update={"projects": (town_project(3),)}))
    assert numbers(town.store) == {3: None, 100: opinion}


def test_what_was_edited_on_the_pages_stays_though_the_file_cites_nothing(desk: Desk, town: Town, opinion: int) -> None:
    asked = read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml")
    offer(desk, opinion)
    with town.store.write() as session:
        made = consultation_versions.import_file(session, asked)
        edited = consultation_versions.as_consultation(made).model_copy(
            update={"title": {"fr": "Autre", "en": "Other"}}
        )
        consultation_versions.save_edited_version(session, edited, town.official, made.number)
        file = consultation_versions.as_consultation(made).model_copy(update={"projects": ()})
        assert consultation_versions.was_edited_since(session, file)


def town_project(number: int) -> Project:
    return Project(number=number, label={"fr": "Un banc", "en": "A bench"})


def test_callers_hear_how_to_support_it(desk: Desk, town: Town, opinion: int, provider: Provider) -> None:
    heard = provider.post("/hooks/voice/others?l=fr", call_fields(1, "+33298001111")).text
    assert WORDS in heard
    assert "soutenir" not in heard
    offer(desk, opinion)
    assert "touche 5, puis 100" in provider.post("/hooks/voice/others?l=fr", call_fields(2, "+33298001111")).text

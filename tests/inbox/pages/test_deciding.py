"""One contribution: corrected, confirmed, published, set aside, taken back, sorted; never over somebody else's work."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from config.enums import Moderation, TextOrigin
from inbox.contributions import erasure_wishes, text_versions
from inbox.erasure import erasure_requests
from inbox.models import Contribution
from inbox.models.column_types import utc_now
from inbox.records import references
from tests.inbox.makers import text_message
from tests.inbox.pages.conftest import Inbox, post


class Desk:
    """A moderator at the page of one contribution."""

    def __init__(self, inbox: Inbox, name: str) -> None:
        self.inbox = inbox
        self.client: FlaskClient = inbox.client("mod")
        self.id = inbox.seeded.contributions[name]
        self.path = f"/contributions/{self.id}"

    @property
    def page(self) -> str:
        return self.client.get(self.path).text

    @property
    def revision(self) -> int:
        with self.inbox.store.read() as session:
            return session.get_one(Contribution, self.id).revision

    @property
    def state(self) -> tuple[Moderation, TextOrigin | None, str]:
        with self.inbox.store.read() as session:
            contribution = session.get_one(Contribution, self.id)
            wording = text_versions.current_text(session, contribution)
            return (contribution.moderation, wording.origin if wording else None, wording.body if wording else "")

    def do(self, action: str, **values: object):  # type: ignore[no-untyped-def]
        return post(self.client, f"{self.path}/{action}", {"revision": self.revision, **values}, page=self.path)

    def undo(self) -> str:
        found = re.search(rf'action="{self.path}/(undo/\d+)"', self.page)
        assert found is not None, "nothing can be taken back"
        return self.client.get(self.do(found[1]).location).text


def test_a_correction_is_in_force_and_the_machines_reading_stays_beside_it(inbox: Inbox) -> None:
    desk = Desk(inbox, "call")
    answer = desk.do("text", body="Le dernier bus passe trop tôt.\r\nIl manque un banc.\r\n")
    assert (answer.status_code, answer.location) == (302, f"{desk.path}#outcome")
    assert desk.state == (
        Moderation.IN_REVIEW,
        TextOrigin.PERSON,
        "Le dernier bus passe trop tôt.\nIl manque un banc.",
    )
    page = desk.page
    assert "The text is saved and confirmed." in page
    assert "2 versions of the text" in page
    assert "What the machine had read" in page
    assert "Text corrected" in page


def test_a_correction_over_a_newer_version_is_refused_and_kept(inbox: Inbox) -> None:
    desk = Desk(inbox, "call")
    seen = desk.revision
    desk.do("text", body="Ce que la première personne a entendu.")
    answer = desk.do("text", revision=seen, body="Ce que la seconde a entendu.")
    assert answer.status_code == 409
    assert "Somebody else was quicker" in answer.text
    assert "Ce que la seconde a entendu.</textarea>" in answer.text
    assert desk.state[2] == "Ce que la première personne a entendu."
    # The page sent back shows the newest version, so that sending it again is a decision made with open eyes.
    assert f'name="revision" type="hidden" value="{desk.revision}"' in answer.text


@pytest.mark.parametrize("body", ["", "   \r\n "], ids=["nothing", "spaces"])
def test_an_empty_wording_is_refused_beside_its_field(inbox: Inbox, body: str) -> None:
    desk = Desk(inbox, "call")
    before = desk.state
    answer = desk.do("text", body=body)
    assert answer.status_code == 422
    assert "Write what you hear or read" in answer.text
    assert desk.state == before


def test_a_machines_text_is_published_only_with_its_confirmation(inbox: Inbox) -> None:
    desk = Desk(inbox, "scan")
    desk.do("publish")
    assert "confirm it first" in desk.page
    assert desk.state[:2] == (Moderation.IN_REVIEW, TextOrigin.MACHINE)
    desk.do("publish", confirm=1)
    assert desk.state[:2] == (Moderation.PUBLISHED, TextOrigin.PERSON)


def test_what_a_resident_wrote_is_published_as_it_is_and_can_be_taken_back(inbox: Inbox) -> None:
    desk = Desk(inbox, "text")
    desk.do("publish")
    assert desk.state[:2] == (Moderation.PUBLISHED, TextOrigin.RESIDENT)
    assert "Taken back." in desk.undo()
    assert desk.state[0] is Moderation.IN_REVIEW


def test_setting_aside_needs_a_reason_and_shows_it(inbox: Inbox) -> None:
    desk = Desk(inbox, "text")
    for reason in ("", "because"):
        answer = desk.do("set-aside", reason=reason)
        assert answer.status_code == 422
        assert '<p class="error" id="reason-error">Choose a reason' in answer.text
    desk.do("set-aside", reason="names_a_person")
    assert desk.state[0] is Moderation.SET_ASIDE
    assert "Set aside: <strong>Accuses or identifies a person</strong>" in desk.page
    desk.do("reopen")
    assert desk.state[0] is Moderation.IN_REVIEW


@pytest.mark.parametrize("action", ["publish", "set-aside", "reopen"])
@pytest.mark.parametrize("revision", [0, 9999, "", "x"])
def test_a_decision_on_an_outdated_page_changes_nothing(inbox: Inbox, action: str, revision: object) -> None:
    desk = Desk(inbox, "text")
    before = desk.state
    desk.do(action, revision=revision, reason="insulting")
    assert desk.state == before


def test_a_decision_that_is_not_open_here_is_refused_in_words(inbox: Inbox) -> None:
    desk = Desk(inbox, "text")
    desk.do("reopen")
    assert "not possible in its present state" in desk.page


def test_nothing_can_be_published_without_a_text(inbox: Inbox) -> None:
    desk = Desk(inbox, "unheard")
    assert "It can be published once somebody has written its text." in desk.page
    desk.do("publish", confirm=1)
    assert "It has no text yet" in desk.page
    desk.do("text", body="Il demande un banc.")
    assert "Needs a person" not in desk.page
    desk.do("publish")
    assert desk.state[0] is Moderation.PUBLISHED


def test_themes_are_kept_removed_and_added(inbox: Inbox) -> None:
    desk = Desk(inbox, "call")
    assert "because of: bus" in desk.page
    desk.do("themes/keep", name="mobilite")
    desk.do("themes/remove", name="eclairage")
    desk.do("themes", theme="", word="bus de nuit")
    desk.do("themes", theme="mobilier", word="")
    page = desk.page
    names = re.findall(r'<span class="tag-name">.*?</svg><span>([^<]+?)\s*<br', page)
    assert names == ["Getting around", "bus de nuit", "Benches, toilets and street furniture"]
    assert "kept by Maëlle Le Gall" in page
    assert "put by Maëlle Le Gall" in page
    assert desk.do("themes", theme="", word=" ").status_code == 422
    assert desk.do("themes", theme="", word="x" * 65).status_code == 422


def test_what_was_merged_leads_to_what_speaks_for_it(inbox: Inbox) -> None:
    desk = Desk(inbox, "texts")
    answer = desk.client.get(f"/contributions/{desk.id + 1}")
    assert (answer.status_code, answer.location) == (302, desk.path)


@pytest.mark.parametrize("by", ["with", "with_reference"])
def test_two_halves_of_one_voice_are_joined_by_number_and_separated_again(inbox: Inbox, by: str) -> None:
    desk = Desk(inbox, "call")
    desk.id = text_message(inbox.store, "Il manque un banc,")
    desk.path = f"/contributions/{desk.id}"
    other = text_message(inbox.store, "et un arbre.")
    with inbox.store.write() as session:
        reference = references.reference_of(session, other) or references.issue_reference(
            session, contribution_id=other
        )
    # What is ticked elsewhere on the page goes along, and is not meant.
    desk.do("join", **{"other": "7-3", by: f"{reference[:3]} {reference[3:]}"})
    assert desk.state[2] == "Il manque un banc,\n\net un arbre."
    assert "Joined with another contribution" in desk.undo()
    assert desk.state[2] == "Il manque un banc,"


def test_what_is_not_there_says_so(inbox: Inbox) -> None:
    desk = Desk(inbox, "text")
    desk.path = "/contributions/999999"
    assert desk.client.get(desk.path).status_code == 404
    assert "There is nothing here" in desk.client.get(desk.path).text
    assert "There is nothing here" in desk.client.get(desk.do("publish").location).text


def test_a_mails_own_words_stand_apart_from_what_it_quotes(inbox: Inbox) -> None:
    page = Desk(inbox, "mail").page
    assert "Quoted mail" in page
    said = page.split("data-reading>")[1].split("</section>")[0]
    assert "La piste cyclable du boulevard" in said
    assert "a écrit" not in said


def test_a_machines_reading_never_stands_between_quotation_marks(inbox: Inbox) -> None:
    for name in ("call", "scan"):
        said = Desk(inbox, name).page.split("data-reading>")[1].split("</section>")[0]
        assert not re.search("[«»“”]|&#34;|<q>|<blockquote", said)


SURE = {"erase-reason": "author", "erase-sure": "y"}

REFUSED_ERASURES = {
    "no reason": {"erase-sure": "y"},
    "not sure": {"erase-reason": "author"},
    "an old page": {**SURE, "revision": 0},
}


@pytest.mark.parametrize("sent", REFUSED_ERASURES.values(), ids=REFUSED_ERASURES)
def test_nothing_is_erased_by_a_slip(inbox: Inbox, sent: dict[str, object]) -> None:
    desk = Desk(inbox, "call")
    desk.do("erase", **sent)
    assert desk.state[2] != ""


def test_what_is_erased_is_gone_from_the_list_and_its_page(inbox: Inbox) -> None:
    desk = Desk(inbox, "call")
    answer = desk.do("erase", **SURE)
    assert (answer.status_code, answer.location) == (302, "/contributions")
    assert "It is erased" in desk.client.get(answer.location).text
    assert desk.client.get(desk.path).status_code == 404
    assert desk.state[2] == ""


def asks_to_erase(desk: Desk, *, in_hours: int) -> None:
    """Its author has asked for it to be erased, by text, and has confirmed it."""
    with desk.inbox.store.write() as session:
        (part, *_) = session.get_one(Contribution, desk.id).parts
        erasure_requests.confirm_erasure(session, desk.id, part.intake_id, utc_now() + timedelta(hours=in_hours))


def test_an_erasure_can_be_taken_back_while_it_is_on_its_way(inbox: Inbox) -> None:
    desk = Desk(inbox, "call")
    assert "asked by text for it to be erased" not in desk.page
    asks_to_erase(desk, in_hours=24)
    assert "asked by text for it to be erased" in desk.page
    assert "It is kept: the erasure is taken back." in desk.client.get(desk.do("keep").location).text
    page = desk.page
    assert "asked by text for it to be erased" not in page
    assert "The erasure was taken back" in page
    assert "No erasure is on its way any more." in desk.client.get(desk.do("keep").location).text


def test_officials_see_that_it_will_be_erased_and_cannot_keep_it(inbox: Inbox) -> None:
    desk = Desk(inbox, "published")
    asks_to_erase(desk, in_hours=24)
    official = inbox.client("elu")
    page = official.get(desk.path).text
    assert "asked by text for it to be erased" in page
    assert "/keep" not in page
    assert post(official, f"{desk.path}/keep", {}, page=desk.path).status_code == 403


def wishes_it_erased(desk: Desk) -> None:
    """Its author has said so by text, in other words than the keyword."""
    with desk.inbox.store.write() as session:
        (part, *_) = session.get_one(Contribution, desk.id).parts
        erasure_wishes.record_wish(session, part.id, desk.id, besides=True)


def test_a_wish_to_be_erased_is_shown_holds_back_and_can_be_settled(inbox: Inbox) -> None:
    desk = Desk(inbox, "text")
    assert "wishes it to be erased" not in desk.page
    wishes_it_erased(desk)
    assert "Its author wishes it to be erased." in desk.page
    assert "The person wishes it to be erased, and was told how" in desk.page
    assert "settle the wish, then publish" in desk.client.get(desk.do("publish").location).text
    assert "The wish is settled" in desk.client.get(desk.do("wish").location).text
    assert "Its author wishes it to be erased." not in desk.page
    assert "There is no open wish any more." in desk.client.get(desk.do("wish").location).text
    assert "Published." in desk.client.get(desk.do("publish").location).text


@pytest.mark.parametrize("name", ["text", "scan", "call"])
def test_a_service_request_has_its_page_after_it_was_passed_on(inbox: Inbox, name: str) -> None:
    desk = Desk(inbox, name)
    desk.do("pass-on", service="Éclairage public")
    assert "Éclairage public" in desk.page
    assert desk.state[0] is Moderation.PUBLISHED

"""Drafts over HTTP: tokens nobody can forge, sealed copies of browsers, nothing in logs, officials see none."""

from __future__ import annotations

import html
import logging
import re
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask.testing import FlaskClient
from sqlalchemy import update

from config.enums import Moderation, TextOrigin
from inbox.errors import StoreBusy
from inbox.models import Contribution
from inbox.web.base import typed_text
from tests.inbox.pages.conftest import Inbox, post
from tests.inbox.pages.test_deciding import Desk

MASKED = "Quelqu'un gare toujours son camion devant l'école zygomatique."


class Page:
    """A page of a contribution as a browser without scripts has it open."""

    def __init__(self, desk: Desk, client: FlaskClient | None = None) -> None:
        self.desk, self.client = desk, client or desk.client
        text = self.client.get(desk.path).text
        form = text.split('<form id="desk"')[1].split("</form>")[0]
        self.hidden = {
            re.search(r'name="(\w+)"', field)[1]: html.unescape(re.search(r'value="([^"]*)"', field)[1])  # type: ignore[index]
            for field in re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
        }
        self.body = html.unescape(re.search(r"<textarea[^>]*>\r?\n(.*?)</textarea>", text, re.DOTALL)[1])  # type: ignore[index]
        self.key = re.search(r'data-local-key="([^"]+)"', text)[1]  # type: ignore[index]

    def press(self, action: str, body: str | None = None, **values: object):  # type: ignore[no-untyped-def]
        sent = {**self.hidden, "body": self.body if body is None else body, **values}
        return self.client.post(f"{self.desk.path}/{action}", data=sent)

    def hand_in(self, **values: object):  # type: ignore[no-untyped-def]
        return self.client.post("/drafts", data={"sheet": self.hidden["sheet"], "typed": "1", **values})


@pytest.fixture
def desk(inbox: Inbox) -> Desk:
    return Desk(inbox, "text")


def sealed(key: str, body: str) -> str:
    nonce = b"n" * 12
    return b64encode(nonce + AESGCM(b64decode(key)).encrypt(nonce, body.encode(), None)).decode()


def test_publish_saves_what_stands_in_the_box_and_both_can_be_taken_back(desk: Desk) -> None:
    before = desk.state
    Page(desk).press("publish", MASKED)
    assert desk.state == (Moderation.PUBLISHED, TextOrigin.PERSON, MASKED)
    desk.undo()
    assert desk.state == (Moderation.IN_REVIEW, TextOrigin.PERSON, MASKED)
    desk.undo()
    assert desk.state == before


def test_publish_with_an_emptied_box_asks(desk: Desk) -> None:
    before = desk.state
    Page(desk).press("publish", " \r\n")
    assert desk.state == before
    assert "Write what the contribution says" in desk.page


LINE_BREAKS = ["Un banc.\r\nUn arbre.\r\n", "Un banc.\n\nUn arbre.", "\n\nUn banc.", "Un banc. "]


@pytest.mark.parametrize("body", LINE_BREAKS)
def test_a_text_sent_back_untouched_is_no_correction(desk: Desk, body: str) -> None:
    desk.do("text", body=body)
    with desk.inbox.store.write() as session:
        session.execute(update(Contribution).values(moderation=Moderation.IN_REVIEW, set_aside_reason=None))
    revision = desk.revision
    page = Page(desk)
    page.press("publish", page.body.replace("\n", "\r\n"))
    assert desk.state[0] is Moderation.PUBLISHED
    assert desk.revision == revision + 1, "published, and nothing else"


def test_the_token_of_a_page_cannot_be_forged_or_used_for_another(desk: Desk) -> None:
    page, elsewhere = Page(desk), Page(Desk(desk.inbox, "call"))
    token = page.hidden["sheet"]
    # The last character carries bits that base64 does not use; the first of the signature is all signature.
    signed, _, signature = token.rpartition(".")
    forged = f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for wrong in ("", "x", forged, token.replace(".", "", 1)):
        assert page.client.post("/drafts", data={"sheet": wrong, "typed": "1", "body": MASKED}).status_code == 410
    page.press("themes/keep", MASKED, name="mobilite", sheet=elsewhere.hidden["sheet"])
    assert Page(desk).body != MASKED


def test_a_copy_a_browser_sealed_is_opened_and_one_that_does_not_open_is_given_up(desk: Desk) -> None:
    page, other = Page(desk), Page(Desk(desk.inbox, "call"))
    for wrong in ("", "=", "äöü", b64encode(b"short").decode(), sealed(other.key, MASKED)):
        assert page.hand_in(sealed=wrong).status_code == 410
    answer = page.hand_in(sealed=sealed(page.key, MASKED))
    assert answer.json == {"kept": True, "is_new": True, "signed_in": True}
    assert page.hand_in(sealed=sealed(page.key, MASKED)).json["is_new"] is False  # type: ignore[index]
    assert Page(desk).body == MASKED


@pytest.mark.parametrize("number", ["", "-1", "x", "1" * 30, "1.5"])
def test_a_number_that_is_none_is_refused(desk: Desk, number: str) -> None:
    assert Page(desk).hand_in(body=MASKED, typed=number).status_code == 410


def test_an_erased_contribution_keeps_nothing(desk: Desk) -> None:
    page = Page(desk)
    page.press("erase", **{"erase-reason": "author", "erase-sure": "y"})
    assert page.hand_in(body=MASKED).status_code == 410


def test_a_draft_is_kept_for_its_writer_even_by_a_browser_that_is_signed_out(desk: Desk) -> None:
    page = Page(desk)
    stranger = desk.inbox.client()
    answer = stranger.post(f"{desk.path}/publish", data={**page.hidden, "body": MASKED})
    assert (answer.status_code, answer.location) == (302, f"/sign-in?next={desk.path}")
    assert stranger.get(desk.path).status_code == 302, "nobody is signed in by it"
    assert desk.state[0] is Moderation.IN_REVIEW
    assert Page(desk).body == MASKED


def test_a_colleague_sees_it_folded_away_and_an_official_does_not(desk: Desk) -> None:
    Page(desk).press("leave", MASKED)
    colleague = Page(desk, desk.inbox.client("admin"))
    assert colleague.body != MASKED
    assert MASKED in html.unescape(colleague.client.get(desk.path).text)
    official = desk.inbox.client("elu")
    for path in (desk.path, "/contributions", "/contributions/export.csv"):
        assert "zygomatique" not in official.get(path).text
    assert "data-local-key" not in official.get(desk.path).text


def test_thrown_away_it_is_gone(desk: Desk) -> None:
    before = Page(desk).body
    Page(desk).press("leave", MASKED)
    draft = re.search(r'data-draft="(\d+)"', desk.page)
    assert draft is not None
    answer = Page(desk).press(f"drafts/{draft[1]}/discard")
    assert "The draft is thrown away." in desk.client.get(answer.location).text
    assert Page(desk).body == before


def test_nothing_typed_stands_in_a_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = Page(desk)
        page.hand_in(body=MASKED)
        page.press("publish", MASKED)
        page.press("publish", MASKED + " Encore.")
    assert "zygomatique" not in caplog.text


def test_a_long_text_goes_along_with_every_button(desk: Desk) -> None:
    long = "Un banc. " * 200_000
    Page(desk).press("publish", long)
    assert desk.state == (Moderation.PUBLISHED, TextOrigin.PERSON, long.strip())


def test_a_text_that_cannot_be_kept_is_handed_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(desk)

    def busy(*_given: object) -> None:
        raise StoreBusy("every time")

    monkeypatch.setattr(typed_text, "save_typed_text", busy)
    answer = page.press("publish", MASKED)
    assert answer.status_code == 503
    assert html.escape(MASKED, quote=False).replace("'", "&#39;") in answer.text


def test_saving_needs_the_session_and_its_token_as_before(desk: Desk) -> None:
    page = Page(desk)
    for values in ({"csrf_token": ""}, {"csrf_token": "x"}):
        page.press("publish", MASKED, **values)
        assert desk.state[0] is Moderation.IN_REVIEW
    assert post(desk.client, f"{desk.path}/leave", {"to": "list"}).location == "/contributions"

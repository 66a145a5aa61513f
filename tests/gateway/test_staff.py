"""What staff hand in: letters and calls typed in for somebody, and scanned files."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from config.enums import Channel, Reading, Role, TextOrigin
from config.settings.loader import Settings
from gateway.web import upload_page
from gateway.web.app import create_app
from inbox.accounts import passwords, staff
from inbox.contributions import text_versions
from inbox.models import Contribution, Intake, Part
from inbox.storage.database import Store
from tests.inbox.pages.conftest import post, token_of
from tests.inbox.pages.seed import PASSWORD
from tests.signed_in import sign_in_as


@pytest.fixture
def app(gateway_settings: Settings, gateway_store: Store) -> Flask:
    return create_app(gateway_settings, gateway_store)


@pytest.fixture
def moderator(app: Flask, gateway_store: Store) -> FlaskClient:
    with gateway_store.write() as session:
        person = staff.create_person(session, "mod", "Léna", passwords.hash_password(PASSWORD), [Role.MODERATOR]).id
    client = app.test_client()
    sign_in_as(client, person)
    return client


def count(store: Store, model: type) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


LETTER = {
    "once": "made with the form",
    "channel": "paper",
    "consultation": "rues-et-places",
    "text": "Plus de bancs",
    "language": "fr",
    "answer_to": "",
}

SENT_AGAIN = {
    "the same": ({}, 1),
    "other words, after going back": ({"text": "Moins de voitures"}, 2),
    "the same words in another form": ({"once": "made with another form"}, 2),
    "a form without its mark": ({"once": ""}, 2),
}


@pytest.mark.parametrize(("changes", "contributions"), SENT_AGAIN.values(), ids=SENT_AGAIN)
def test_a_letter_typed_in_once_is_one_contribution(
    moderator: FlaskClient, gateway_store: Store, changes: dict[str, str], contributions: int
) -> None:
    for form in (LETTER, LETTER | changes):
        answer = post(moderator, "/enter", dict(form))
        assert answer.status_code == 302
        assert re.fullmatch(r"/enter/\d+", answer.location or "")
    assert (count(gateway_store, Contribution), count(gateway_store, Intake)) == (contributions, contributions)


def test_a_slip_is_printed_by_who_typed_the_letter_and_by_nobody_else(
    moderator: FlaskClient, app: Flask, gateway_store: Store
) -> None:
    path = post(moderator, "/enter", dict(LETTER)).location or ""
    slip = moderator.get(path).text
    assert re.search(r'class="receipt-number">\d{3}\s\d{3}\s\d{3}<', slip)
    assert "votre avis est bien arrivé" in slip
    assert LETTER["text"] not in slip
    assert moderator.get("/enter/999").status_code == 404
    with gateway_store.write() as session:
        other = staff.create_person(session, "other", "Other", passwords.hash_password(PASSWORD), [Role.CENTRE]).id
    client = app.test_client()
    sign_in_as(client, other)
    assert client.get(path).status_code == 404


def test_what_staff_typed_needs_no_reading(moderator: FlaskClient, gateway_store: Store) -> None:
    post(moderator, "/enter", dict(LETTER))
    with gateway_store.read() as session:
        contribution = session.scalars(select(Contribution)).one()
        wording = text_versions.current_text(session, contribution)
        assert wording is not None
        assert (wording.body, wording.origin) == (LETTER["text"], TextOrigin.PERSON)
        assert (contribution.channel, contribution.reading) == (Channel.PAPER, Reading.READ)
        assert session.scalars(select(Part.contributor_id)).one() is None


@pytest.mark.parametrize(("field", "value"), [("text", "  "), ("answer_to", "12"), ("consultation", "none")])
def test_a_form_that_is_not_right_stores_nothing(
    moderator: FlaskClient, gateway_store: Store, field: str, value: str
) -> None:
    assert post(moderator, "/enter", LETTER | {field: value}).status_code == 422
    assert count(gateway_store, Intake) == 0


def test_a_file_handed_in_twice_is_one_batch(moderator: FlaskClient, gateway_store: Store) -> None:
    for _ in range(2):
        form = {
            "csrf_token": token_of(moderator),
            "files": (io.BytesIO(b"%PDF-1.7"), "scan0001.pdf"),
            "consultation": "rues-et-places",
            "pages_per_form": "1",
        }
        assert moderator.post("/upload", data=form).status_code == 302
    assert count(gateway_store, Intake) == 1


def test_an_upload_lies_in_the_clear_only_where_it_is_swept(app: Flask, gateway_settings: Settings) -> None:
    with app.app_context(), upload_page._kept(FileStorage(io.BytesIO(b"%PDF-1.7"))) as (path, _):
        assert path.is_relative_to(gateway_settings.work_dir)
    assert list(gateway_settings.work_dir.iterdir()) == []


TOO_LATE = {
    "the session ended": ({"token": "of a session that is over"}, {}, 401),
    "the form is from before": ({}, {"csrf_token": "x"}, 400),
}


@pytest.mark.parametrize(("session", "form", "status"), TOO_LATE.values(), ids=TOO_LATE)
def test_a_letter_that_comes_too_late_is_handed_back(
    moderator: FlaskClient, gateway_store: Store, session: dict[str, int], form: dict[str, str], status: int
) -> None:
    letter = LETTER | {"text": "Plus de bancs <rue Foch>"}
    sent = letter | {"csrf_token": token_of(moderator)} | form
    with moderator.session_transaction() as kept:
        kept.update(session)
    answer = moderator.post("/enter", data=sent)
    assert answer.status_code == status
    assert "Plus de bancs &lt;rue Foch&gt;</textarea>" in answer.text
    assert count(gateway_store, Intake) == 0


def test_a_letter_from_nobody_is_not_shown_to_anybody(app: Flask) -> None:
    answer = app.test_client().post("/enter", data=dict(LETTER))
    assert (answer.status_code, LETTER["text"] in answer.text) == (302, False)


def test_what_is_too_large_to_be_taken_says_so(moderator: FlaskClient, app: Flask) -> None:
    letter = LETTER | {"text": "bancs " * 10}
    app.config["MAX_CONTENT_LENGTH"] = 20
    assert moderator.post("/enter", data=letter).status_code == 413

"""The API: who may ask, what each role sees, pages, errors as problem details, and its document."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from config.enums import Role
from config.settings.loader import Settings
from gateway.web.api.openapi import openapi_document, openapi_json
from gateway.web.app import create_app
from inbox.accounts import api_tokens, passwords, staff
from inbox.accounts.api_tokens import ApiRight
from inbox.contributions import moderation
from inbox.models import Contribution
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store
from tests.gateway.conftest import Provider
from tests.inbox.pages.seed import PASSWORD

WORDS = ("Il manque un banc place de la Liberté.", "Le tramway est en retard.", "La rue est sombre le soir.")


@pytest.fixture
def app(gateway_settings: Settings, gateway_store: Store) -> Flask:
    return create_app(gateway_settings, gateway_store)


@pytest.fixture
def tokens(gateway_store: Store, provider: Provider) -> dict[str, str]:
    """A token of each role; three contributions, the first of which is published."""
    for number, words in enumerate(WORDS, 1):
        provider.text(words, number, f"+3361234567{number}")
    with gateway_store.write() as session:
        person = staff.create_person(session, "ada", "Ada", passwords.hash_password(PASSWORD), [Role.ADMINISTRATOR]).id
        moderation.decide_contribution(session, 1, "publish", by=person, expect_revision=None)
        return {role.value: api_tokens.create_token(session, role.value, role, person) for role in api_tokens.ROLES}


def asked(app: Flask, path: str, token: str | None, **more: object):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client().open(f"/api/v1{path}", headers=headers, **more)


def ids(app: Flask, path: str, token: str) -> list[int]:
    return [one["id"] for one in asked(app, path, token).get_json()["contributions"]]


SEEN = {
    "an official sees what is published": ("official", "/contributions", [1]),
    "a moderator sees all": ("moderator", "/contributions", [3, 2, 1]),
    "a page": ("moderator", "/contributions?limit=2", [3, 2]),
    "the next page": ("moderator", "/contributions?limit=2&before=2", [1]),
    "by state": ("moderator", "/contributions?moderation=in_review", [3, 2]),
    "what is not to be seen is not found by its state": ("official", "/contributions?moderation=in_review", []),
    "by channel": ("moderator", "/contributions?channel=email", []),
    "of another consultation": ("moderator", "/contributions?consultation=parcs", []),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_each_role_sees(app: Flask, tokens: dict[str, str], name: str) -> None:
    role, path, expected = SEEN[name]
    assert ids(app, path, tokens[role]) == expected


WRONG = {
    "no token": ("/contributions", None, 401),
    "a token of nobody": ("/contributions", "pvx_guessed", 401),
    "a slip in a parameter": ("/contributions?chanel=sms", "moderator", 400),
    "no such channel": ("/contributions?channel=fax", "moderator", 400),
    "too many at once": ("/contributions?limit=201", "moderator", 400),
    "twice": ("/contributions?limit=2&limit=3", "moderator", 400),
    "not there": ("/contributions/99", "moderator", 404),
    "not for an official": ("/contributions/2", "official", 404),
    "no such consultation": ("/consultations/parcs/ledger", "moderator", 404),
    "no such page": ("/nothing", "moderator", 404),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_as_problem_details(app: Flask, tokens: dict[str, str], name: str) -> None:
    path, token, status = WRONG[name]
    answer = asked(app, path, tokens.get(token, token) if token else None)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status


RIGHTS = {
    "reading only": ([ApiRight.READ], {"/contributions": 200, "/export": 403, "/answers/9": 403}),
    "export only": ([ApiRight.EXPORT], {"/contributions": 403, "/export": 200, "/consultations": 403}),
    "answering only": ([ApiRight.ANSWER], {"/contributions": 403, "/answers/9": 404}),
    "faults only": ([ApiRight.FAULTS], {"/consultations": 403, "/export": 403}),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_token_does_what_its_rights_say(app: Flask, gateway_store: Store, tokens: dict[str, str], name: str) -> None:
    rights, expected = RIGHTS[name]
    with gateway_store.write() as session:
        token = api_tokens.create_token(session, name, Role.MODERATOR, 1, rights)
    assert {path: asked(app, path, token).status_code for path in expected} == expected


def test_a_centres_token_sees_questions_and_numbers_only(app: Flask, tokens: dict[str, str]) -> None:
    assert ids(app, "/contributions", tokens["centre"]) == []
    assert asked(app, "/contributions/1", tokens["centre"]).status_code == 404
    assert asked(app, "/consultations/rues-et-places/ledger", tokens["centre"]).get_json()["arrived"] == 3
    assert asked(app, "/export", tokens["centre"]).status_code == 403


def test_a_revoked_token_opens_nothing(app: Flask, tokens: dict[str, str], gateway_store: Store) -> None:
    assert asked(app, "/consultations", tokens["official"]).status_code == 200
    with gateway_store.write() as session:
        for row in api_tokens.all_tokens(session):
            api_tokens.revoke_token(session, row.id, row.made_by_id, utc_now())
    assert asked(app, "/consultations", tokens["official"]).status_code == 401


def test_who_asks_too_often_waits(app: Flask, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "A_MINUTE", 3)
    answers = [asked(app, "/consultations", tokens["official"]) for _ in range(8)]
    refused = [one for one in answers if one.status_code == 429]
    assert len(refused) >= 2  # a minute may end in between
    assert all(int(one.headers["Retry-After"]) <= 61 for one in refused)


def test_what_is_read_leaves_a_row(app: Flask, tokens: dict[str, str], gateway_store: Store) -> None:
    asked(app, "/contributions", tokens["moderator"])
    asked(app, "/contributions/1", tokens["moderator"])
    asked(app, "/export", tokens["official"])
    found = [(one.action, one.subject, one.count) for one in gateway_store.openings.newest()]
    assert sorted(found) == [
        ("exported", "contributions (token 1)", None),
        ("listed", "contributions (token 2)", 3),
        ("seen", "contribution:1 (token 2)", None),
    ]


def test_export_is_all_that_fits(app: Flask, tokens: dict[str, str]) -> None:
    lines = asked(app, "/export", tokens["moderator"]).get_data(as_text=True).splitlines()
    assert [json.loads(line)["text"] for line in lines] == list(WORDS[::-1])


def test_an_answer(app: Flask, tokens: dict[str, str], gateway_store: Store) -> None:
    said = {"contributions": [1, 2], "words": {"fr": "Le banc sera posé en mai."}, "general": True}
    made = asked(app, "/answers", tokens["official"], method="POST", json=said)
    assert (made.status_code, made.get_json()["state"]) == (201, "draft")
    sent = asked(app, "/answers", tokens["moderator"], method="POST", json={**said, "contributions": [3], "send": True})
    assert (sent.status_code, sent.get_json()["state"]) == (201, "leaving")
    shown = asked(app, f"/answers/{sent.get_json()['id']}", tokens["official"]).get_json()
    assert (shown["state"], shown["to"]) == ("leaving", 1)
    for body, status in (({}, 422), ({**said, "contributions": [99]}, 409), ({**said, "more": 1}, 422)):
        assert asked(app, "/answers", tokens["official"], method="POST", json=body).status_code == status
    for media_type in ("", "text/plain", "application/x-www-form-urlencoded", "application/xml"):
        wrong = asked(app, "/answers", tokens["official"], method="POST", data="{}", content_type=media_type)
        assert wrong.status_code == 415, media_type


GOOD = '"contributions": [1], "words": {"fr": "Oui.", "en": "Yes."}'
MISFITS = {
    "a further property": f'{{{GOOD}, "more": 1}}',
    "null for a truth": f'{{{GOOD}, "send": null}}',
    "a number for a truth": f'{{{GOOD}, "general": 0}}',
    "a word for a truth": f'{{{GOOD}, "send": "true"}}',
    "an unknown outcome": f'{{{GOOD}, "outcome": "maybe"}}',
    "a list for an outcome": f'{{{GOOD}, "outcome": ["kept"]}}',
    "a name twice": f'{{{GOOD}, "contributions": [2]}}',
    "a language twice": '{"contributions": [1], "words": {"fr": "Oui.", "fr": "Non."}}',
    "no words": '{"contributions": [1], "words": {}}',
    "words that are null": '{"contributions": [1], "words": {"fr": null}}',
    "an unprintable word": '{"contributions": [1], "words": {"fr": "a\\u0000b"}}',
    "half a character": '{"contributions": [1], "words": {"fr": "\\ud800"}}',
    "no language": '{"contributions": [1], "words": {"français": "Oui."}}',
    "a truth for a number": '{"contributions": [true], "words": {"fr": "Oui."}}',
    "part of a number": '{"contributions": [1.5], "words": {"fr": "Oui."}}',
    "words for a number": '{"contributions": ["1"], "words": {"fr": "Oui."}}',
    "no number": '{"contributions": [NaN], "words": {"fr": "Oui."}}',
    "a list": "[]",
    "null": "null",
    "nothing": "",
}


@pytest.mark.parametrize("kind", MISFITS)
def test_a_body_that_does_not_fit_writes_no_answer(app: Flask, tokens: dict[str, str], kind: str) -> None:
    body, sort = MISFITS[kind], "application/json; charset=utf-8"
    told = asked(app, "/answers", tokens["official"], method="POST", data=body, content_type=sort)
    assert (told.status_code, told.mimetype) == (422, "application/problem+json")
    assert asked(app, "/answers/1", tokens["official"]).status_code == 404


def test_the_document_is_valid_and_served(app: Flask) -> None:
    validate(openapi_document())
    served = app.test_client().get("/api/v1/openapi.json").get_data(as_text=True)
    assert served == openapi_json()


def test_every_route_is_described(app: Flask) -> None:
    routes = {
        (method, rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {
        (method.upper(), path) for path, operations in openapi_document()["paths"].items() for method in operations
    }


def test_a_reference_is_shown_to_those_who_may_see_it(app: Flask, tokens: dict[str, str], gateway_store: Store) -> None:
    shown = asked(app, "/contributions/1", tokens["official"]).get_json()
    with gateway_store.read() as session:
        assert shown["reference"] == references.reference_of(session, session.get_one(Contribution, 1).id)
    assert (shown["text"], shown["consultation"], shown["read_by_machine"]) == (WORDS[0], "rues-et-places", False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

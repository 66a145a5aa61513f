"""Numbers that no row can have, in every address and every form, on both servers: not found, never a failure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.enums import Role
from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.models import Person
from inbox.models.staff_rows import PersonRole
from inbox.storage.database import Store
from inbox.web.base.row_ids import DIGITS
from tests.signed_in import sign_in_as

TOO_LARGE = {
    "one digit more than a row can have": "1" + DIGITS * "0",
    "one more than 31 bits": str(2**31),
    "the largest of 64 bits": str(2**63 - 1),
    "beyond 64 bits": str(2**64),
    "five thousand digits": "9" * 5000,
    "other digits than ours": "٣٤",
}
NUMBER = re.compile(r"<int:(\w+)>")


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Flask:
    app = create_app(Settings(folder=tmp_path), store)
    app.testing = False  # as it answers in earnest: a failure is a 500
    return app


@pytest.fixture
def client(app: Flask, store: Store) -> FlaskClient:
    """A browser of somebody who may do everything."""
    with store.write() as session:
        roles = [PersonRole(role=role) for role in Role]
        session.add(Person(login="all", name="All", password_hash="x", roles=roles))
    client = app.test_client()
    sign_in_as(client, 1)
    return client


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every route with a number in it, and how it is asked for."""
    rules = [rule for rule in app.url_map.iter_rules() if NUMBER.search(rule.rule)]
    return [(method, rule.rule) for rule in rules for method in sorted((rule.methods or set()) & {"GET", "POST"})]


def token_of(client: FlaskClient) -> str:
    return client.get("/upload").text.split('name="csrf_token" value="')[1].split('"')[0]


def test_in_every_address(app: Flask, client: FlaskClient) -> None:
    token, asked = token_of(client), addresses(app)
    assert len(asked) > 15
    for number in TOO_LARGE.values():
        for method, rule in asked:
            address = NUMBER.sub(number, rule)
            answer = client.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert answer.status_code == 404, f"{method} {address[:80]}"
            one_is_there = NUMBER.sub("1", rule, count=1)
            if NUMBER.search(one_is_there):
                answer = client.open(NUMBER.sub(number, one_is_there), method=method, data={"csrf_token": token})
                assert answer.status_code == 404, f"{method} {one_is_there}"


PAGES = ("/contributions", "/batches", "/ledger", "/quarantine", "/status", "/upload", "/contributions/export.csv")
FIELDS = ("before", "after", "page", "revision", "pages_per_form", "number", "id", "m", "u", "consultation", "q")


@pytest.mark.parametrize("number", TOO_LARGE.values(), ids=TOO_LARGE)
def test_in_every_query_and_form(client: FlaskClient, app: Flask, number: str) -> None:
    fields = dict.fromkeys(FIELDS, number)
    for page in PAGES:
        assert client.get(page, query_string=fields).status_code in (200, 404), page
        others = {name: value for name, value in fields.items() if name != "before"}
        assert client.get(page, query_string=others).status_code in (200, 404), page
    token = token_of(client)
    for method, rule in addresses(app):
        if method == "POST":
            answer = client.post(NUMBER.sub("1", rule), data={**fields, "csrf_token": token})
            assert answer.status_code < 500, rule
    for page in ("/upload", "/enter"):
        answer = client.post(page, data={**fields, "csrf_token": token})
        assert answer.status_code < 500, page


def test_what_is_before_a_number_no_row_can_have_is_not_found(client: FlaskClient) -> None:
    for page in ("/contributions", "/batches"):
        assert client.get(page, query_string={"before": DIGITS * "9"}).status_code == 200
        assert client.get(page, query_string={"before": 2**31}).status_code == 404
        assert client.get(page, query_string={"before": "soon"}).status_code == 200

"""Links that open once: for the first account, and for whoever was invited; and for nobody else, nor twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from config.enums import Role
from config.settings.loader import Settings
from inbox.accounts import one_time_links, passwords, staff
from inbox.accounts.authentication import authenticate
from inbox.models import OneTimeLink, Person
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.inbox.pages.conftest import make_app, post
from workers.processes.supervisor import set_up_link

FIRST = {
    "name": "Maud Le Gall",
    "login": "Maud",
    "password": "quatre mots qui durent",
    "again": "quatre mots qui durent",
}


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Flask:
    return make_app(store, tmp_path)


@pytest.fixture
def path(store: Store, tmp_path: Path) -> str:
    """What `portevoix up` prints, without the host."""
    link = set_up_link(store, Settings(folder=tmp_path))
    assert link is not None
    return link.removeprefix("http://127.0.0.1:8080")


def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def roles_of(store: Store) -> dict[str, list[Role]]:
    with store.read() as session:
        return {person.login: [role.role for role in person.roles] for person in staff.list_people(session)}


def test_the_first_account_is_an_administrators_and_signed_in(app: Flask, store: Store, path: str) -> None:
    client = browser(app)
    assert "becomes the administrator" in client.get(path).text
    assert post(client, path, dict(FIRST)).location == "/"
    assert roles_of(store) == {"maud": [Role.ADMINISTRATOR]}
    assert "Maud Le Gall" in client.get("/account").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "court", "again": "court"},
        {"again": "quatre mots qui changent"},
        {"login": ""},
        {"login": "\N{ZERO WIDTH SPACE}"},
        {"name": " "},
    ],
    ids=["short", "not the same", "no name to sign in with", "an invisible one", "no name"],
)
def test_a_slip_makes_nothing_and_uses_nothing_up(app: Flask, store: Store, path: str, wrong: dict) -> None:
    client = browser(app)
    assert post(client, path, FIRST | wrong).status_code == 422
    assert roles_of(store) == {}
    assert post(client, path, dict(FIRST)).status_code == 302


def opens(app: Flask, path: str) -> bool:
    client = browser(app)
    shown = client.get(path).status_code == 200
    answer = post(client, path, FIRST | {"login": "intrus"})
    assert (answer.status_code == 302) is shown
    return shown


def age(store: Store) -> None:
    with store.write() as session:
        session.execute(update(OneTimeLink).values(ends_at=utc_now()))


def use(app: Flask, path: str) -> None:
    post(browser(app), path, dict(FIRST))


ENDS = {
    "it was used": lambda app, store, path: use(app, path),
    "the gateway was started again": lambda app, store, path: set_up_link(store, Settings(folder=Path("/"))),
    "a day went by": lambda app, store, path: age(store),
    "somebody was added on the command line": lambda app, store, path: add(store),
}


def add(store: Store) -> int:
    with store.write() as session:
        return staff.create_person(
            session, "lena", "Léna", passwords.hash_password("quatre mots qui durent"), [Role.CENTRE]
        ).id


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_link_for_the_first_account_ends(app: Flask, store: Store, path: str, end) -> None:
    end(app, store, path)
    before = roles_of(store)
    assert not opens(app, path)
    assert roles_of(store) == before


@pytest.mark.parametrize("made_up", ["/set-up/x", "/set-up/%00", "/set-up/" + "A" * 43, "/set-up/1"])
def test_a_made_up_link_opens_nothing(app: Flask, store: Store, path: str, made_up: str) -> None:
    assert not opens(app, made_up)
    with store.read() as session:
        stored = session.execute(text("SELECT * FROM one_time_link")).one()
    assert [value for value in map(str, stored) if opens(app, f"/set-up/{value}")] == []


def test_where_there_is_an_account_no_link_is_made(store: Store, tmp_path: Path) -> None:
    add(store)
    assert set_up_link(store, Settings(folder=tmp_path)) is None


# --- invitations -----------------------------------------------------------------------------------


@pytest.fixture
def invited(store: Store) -> str:
    number = add(store)
    with store.write() as session:
        return f"/set-up/{one_time_links.create_invitation(session, number, utc_now())}"


CHOSEN = {"password": "cinq mots que je choisis", "again": "cinq mots que je choisis"}


def test_an_invitation_sets_the_invited_persons_password_once(app: Flask, store: Store, invited: str) -> None:
    client = browser(app)
    assert "Léna, choose the password" in client.get(invited).text
    assert post(client, invited, CHOSEN | {"login": "someone"}).location == "/"
    assert "Léna" in client.get("/account").text
    assert authenticate(store, "lena", CHOSEN["password"]) is not None
    assert browser(app).get(invited).status_code == 404
    assert roles_of(store) == {"lena": [Role.CENTRE]}


@pytest.mark.parametrize("end", ["a new one", "time", "closed"])
def test_an_invitation_ends(app: Flask, store: Store, invited: str, end: str) -> None:
    with store.write() as session:
        if end == "a new one":
            one_time_links.create_invitation(session, session.scalars(select(Person.id)).one(), utc_now())
        elif end == "time":
            later = utc_now() - one_time_links.INVITATION_LASTS - timedelta(seconds=1)
            session.execute(update(OneTimeLink).values(made_at=later, ends_at=later))
        else:
            staff.deactivate(session, "lena")
    assert browser(app).get(invited).status_code == 404
    assert post(browser(app), invited, dict(CHOSEN)).status_code == 404
    assert authenticate(store, "lena", CHOSEN["password"]) is None

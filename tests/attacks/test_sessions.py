"""A stolen cookie: worth nothing after signing out, after a working day, on a shared desk after half an hour."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from config.enums import Role
from inbox.accounts import passwords, sign_in_sessions, staff
from inbox.models import Person, SignInSession
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.web.base import guard
from tests.attacks.busy_store import writing
from tests.inbox.pages.conftest import Inbox, filled, inbox, post
from tests.inbox.pages.seed import PASSWORD
from tests.signed_in import sign_in_as

__all__ = ["filled", "inbox"]

COOKIE = "session"
"""As the pages of the tests name it."""


def copied(inbox: Inbox, client: FlaskClient) -> FlaskClient:
    """A thief's browser, with what stood in the cookie of this one."""
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    thief = inbox.client()
    thief.set_cookie(COOKIE, cookie.value)
    return thief


def is_in(client: FlaskClient, page: str = "/account") -> bool:
    return client.get(page).status_code == 200


def sign_in(inbox: Inbox, login: str = "mod") -> FlaskClient:
    client = inbox.client()
    assert post(client, "/sign-in", {"login": login, "password": PASSWORD}).status_code == 302
    return client


ENDINGS: dict[str, Callable[[Inbox, FlaskClient], object]] = {
    "signing out": lambda inbox, owner: post(owner, "/sign-out", {}, page="/account"),
    "signing out everywhere": lambda inbox, owner: post(owner, "/account/sessions/end", {}, page="/account"),
    "signing out everywhere, elsewhere": lambda inbox, owner: post(
        inbox.client("mod"), "/account/sessions/end", {}, page="/account"
    ),
    "ending that session elsewhere": lambda inbox, owner: end_the_first(inbox.client("mod"), inbox),
    "a new password": lambda inbox, owner: change(
        inbox, lambda rows: staff.change_password(rows, "mod", passwords.hash_password("quatre mots tout neufs"))
    ),
    "other roles": lambda inbox, owner: change(inbox, lambda rows: staff.set_roles(rows, "mod", [Role.OFFICIAL])),
    "closing the account": lambda inbox, owner: change(inbox, lambda rows: staff.deactivate(rows, "mod")),
    "the end of the day": lambda inbox, owner: age(inbox.store, began=sign_in_sessions.LASTS),
}


def change(inbox: Inbox, act: Callable[..., object]) -> None:
    with inbox.store.write() as rows:
        act(rows)


def age(store: Store, *, began: timedelta = timedelta(0), seen: timedelta = timedelta(0)) -> None:
    with store.write() as rows:
        now = utc_now()
        rows.execute(update(SignInSession).values(began_at=now - began, seen_at=now - seen))


def end_the_first(client: FlaskClient, inbox: Inbox) -> None:
    with inbox.store.read() as rows:
        first = rows.scalars(select(SignInSession.id).order_by(SignInSession.id)).first()
    assert post(client, f"/account/sessions/{first}/end", {}, page="/account").location == "/account"


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_copied_cookie_ends_with_its_session(inbox: Inbox, end: Callable[[Inbox, FlaskClient], object]) -> None:
    owner = sign_in(inbox)
    thief = copied(inbox, owner)
    assert is_in(thief)
    end(inbox, owner)
    assert not is_in(thief)
    assert not is_in(owner)


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used all day"])
def test_eight_hours_are_all(inbox: Inbox, used: bool) -> None:
    client = inbox.client()
    sign_in_as(client, inbox.seeded.people["mod"], ago=sign_in_sessions.LASTS - timedelta(minutes=1))
    assert is_in(client)
    if used:
        age(inbox.store, began=sign_in_sessions.LASTS, seen=timedelta(minutes=1))
        assert not is_in(client)


# Role, minutes unused -> whether the session goes on.
IDLE = [("centre", 29, True), ("centre", 31, False), ("mod", 31, True), ("elu", 120, True)]


@pytest.mark.parametrize(("login", "minutes", "goes_on"), IDLE)
def test_a_shared_desk_is_not_left_signed_in(inbox: Inbox, login: str, minutes: int, goes_on: bool) -> None:
    client = inbox.client(login)
    age(inbox.store, began=timedelta(minutes=minutes), seen=timedelta(minutes=minutes))
    assert is_in(client) is goes_on
    if goes_on:  # using it has put the end off
        age(inbox.store, began=timedelta(minutes=minutes), seen=timedelta(minutes=0))
        assert is_in(client)


def test_using_a_session_puts_its_end_off_but_no_page_waits_for_that(inbox: Inbox) -> None:
    client = inbox.client("centre")
    age(inbox.store, began=timedelta(minutes=40), seen=timedelta(minutes=20))
    with writing(inbox.store):
        assert is_in(client)
    assert is_in(client)
    with inbox.store.read() as rows:
        seen = rows.scalars(select(SignInSession.seen_at)).one()
    assert utc_now() - seen < timedelta(minutes=1)


def test_nothing_can_be_read_in_the_cookie_nor_used_of_the_database(inbox: Inbox) -> None:
    client = sign_in(inbox)
    client.get("/contributions?q=Kermarec+cancer")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    raw = cookie.value + urlsafe_b64decode(cookie.value.split(".")[0] + "==").decode("latin-1")
    assert not re.search(r"(?i)kermarec|cancer|token|csrf|person", raw)
    assert "q=Kermarec" in client.get(f"/contributions/{inbox.seeded.contributions['text']}").text
    with inbox.store.read() as rows:
        stored = rows.execute(text("SELECT * FROM sign_in_session")).one()
    for value in map(str, stored):
        thief = inbox.client()
        with thief.session_transaction() as made:
            made["token"] = value
        assert not is_in(thief)


@pytest.mark.parametrize("forged", ["", "x", "AQ", "e30.aaaa.bbbb", "A" * 4000, "é"])
def test_a_made_up_cookie_opens_nothing(inbox: Inbox, forged: str) -> None:
    client = inbox.client()
    client.set_cookie(COOKIE, forged)
    assert client.get("/account").status_code == 302
    assert client.get("/sign-in").status_code == 200


def test_one_cannot_end_somebody_elses_session(inbox: Inbox) -> None:
    owner, other = sign_in(inbox), inbox.client("elu")
    with inbox.store.read() as rows:
        number = rows.scalars(
            select(SignInSession.id).join(Person, Person.id == SignInSession.person_id).where(Person.login == "mod")
        ).one()
    assert post(other, f"/account/sessions/{number}/end", {}, page="/account").status_code == 404
    assert is_in(owner)


# --- the password once more --------------------------------------------------------------------------


def late(inbox: Inbox, login: str = "mod") -> FlaskClient:
    """Signed in so long ago that the password is asked for again."""
    client = inbox.client()
    sign_in_as(client, inbox.seeded.people[login], ago=timedelta(hours=1))
    return client


def is_erased(inbox: Inbox, number: int) -> bool:
    return inbox.client("mod").get(f"/contributions/{number}").status_code == 404


def test_erasing_asks_for_the_password_and_loses_nothing_of_the_form(inbox: Inbox) -> None:
    client, number = late(inbox), inbox.seeded.contributions["text"]
    path = f"/contributions/{number}/erase"
    form = {"erase-reason": "author", "erase-sure": "y", "revision": 2}
    asked = post(client, path, form, page=f"/contributions/{number}")
    assert (asked.status_code, is_erased(inbox, number)) == (403, False)
    assert 'name="erase-reason" value="author"' in asked.text
    wrong = post(client, path, {**form, "confirm_password": "not it"}, page=f"/contributions/{number}")
    assert (wrong.status_code, is_erased(inbox, number)) == (403, False)
    post(client, path, {**form, "confirm_password": PASSWORD}, page=f"/contributions/{number}")
    assert is_erased(inbox, number)


def test_exporting_asks_for_the_password_and_leads_on(inbox: Inbox) -> None:
    client = late(inbox, "elu")
    path = "/contributions/export.csv?channel=sms"
    asked = client.get(path)
    assert (asked.status_code, asked.mimetype) == (403, "text/html")
    target = re.search(r'name="next" value="([^"]+)"', asked.text)
    assert target is not None
    answer = post(client, "/confirm", {"next": target[1], "confirm_password": PASSWORD}, page="/account")
    assert answer.location == path
    assert client.get(path).mimetype == "text/csv"


def test_somebody_elses_password_confirms_nothing(inbox: Inbox) -> None:
    client = late(inbox)
    with inbox.store.write() as rows:
        staff.change_password(rows, "elu", passwords.hash_password("celui d'une autre"))
    answer = post(client, "/confirm", {"next": "/", "confirm_password": "celui d'une autre"}, page="/account")
    assert answer.status_code == 403
    assert client.get("/contributions/export.csv").status_code == 403


def test_whatever_administrators_change_asks_for_the_password(inbox: Inbox) -> None:
    client, asked = late(inbox, "admin"), []
    for rule in inbox.app.url_map.iter_rules():
        access = guard.access_of(inbox.app, rule.endpoint)
        if access is not None and access.roles == {Role.ADMINISTRATOR} and "POST" in (rule.methods or ()):
            path = re.sub(r"<(?:\w+:)?\w+>", "1", rule.rule)
            asked.append((path, "confirm_password" in post(client, path, {}, page="/account").text))
    assert len(asked) > 10
    assert [path for path, asks in asked if not asks] == []

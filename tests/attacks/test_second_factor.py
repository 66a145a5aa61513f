"""The second factor: a right password alone opens nothing, codes are taken once, and guessing them stops."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from inbox.accounts import one_time_links, passwords, second_factors, staff
from inbox.accounts.sign_in_limits import OF_CODES
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.web.accounts import code_pages
from tests.inbox.pages.conftest import Inbox, filled, inbox, post
from tests.inbox.pages.seed import PASSWORD

__all__ = ["filled", "inbox"]


@pytest.fixture
def secret(inbox: Inbox) -> str:
    """The moderator's, whose second factor is on since an hour ago."""
    with inbox.store.write() as rows:
        number = inbox.seeded.people["mod"]
        second_factors.begin_enrolment(rows, number)
        found = second_factors.pending_secret(rows, number)
        assert found is not None
        before = utc_now() - timedelta(hours=1)
        assert second_factors.confirm_enrolment(rows, number, code_at(found, before), before) is not None
    return found


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def now_code(secret: str, periods: int = 0) -> str:
    return pyotp.TOTP(secret).at(utc_now() + periods * timedelta(seconds=30))


def give_password(inbox: Inbox) -> FlaskClient:
    client = inbox.client()
    answer = post(client, "/sign-in", {"login": "mod", "password": PASSWORD, "next": "/ledger"})
    assert answer.location.startswith("/sign-in/code")
    return client


def give_code(client: FlaskClient, code: str):  # type: ignore[no-untyped-def]
    return post(client, "/sign-in/code", {"code": code, "next": "/ledger"}, page="/sign-in/code")


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_password_and_code_open_and_lead_on(inbox: Inbox, secret: str) -> None:
    client = give_password(inbox)
    assert not is_in(client)
    assert give_code(client, now_code(secret)).location == "/ledger"
    assert is_in(client)


WRONG = {
    "none": lambda secret: "",
    "another's": lambda secret: now_code("A" * 32),
    "too old": lambda secret: now_code(secret, -3),
    "of later": lambda secret: now_code(secret, 3),
    "with other figures": lambda secret: "".join(chr(0x660 + int(digit)) for digit in now_code(secret)),
    "one figure more": lambda secret: now_code(secret) + "0",
    "a recovery code of nobody": lambda secret: "aaaaa-aaaaa",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_code_opens_nothing(inbox: Inbox, secret: str, wrong) -> None:
    client = give_password(inbox)
    assert give_code(client, wrong(secret)).status_code == 422
    assert not is_in(client)


def test_a_code_is_taken_once(inbox: Inbox, secret: str) -> None:
    code = now_code(secret, 1)  # of the newest half minute that is taken: those before it are used up as well
    assert give_code(give_password(inbox), code).status_code == 302
    for again in (code, now_code(secret), now_code(secret, -1)):
        assert give_code(give_password(inbox), again).status_code == 422


def test_guessing_codes_stops(inbox: Inbox, secret: str) -> None:
    client = give_password(inbox)
    for _ in range(OF_CODES.from_address_for_login):
        give_code(client, "000000")
    answer = give_code(client, now_code(secret))
    assert (answer.status_code, "Too many" in answer.text, is_in(client)) == (422, True, False)


SKIPPED = {
    "without the password": lambda inbox, client: inbox.client(),
    "too late": lambda inbox, client: later(client),
    "after the password was changed": lambda inbox, client: changed(inbox, client),
    "after the account was closed": lambda inbox, client: closed(inbox, client),
    "with a made-up half": lambda inbox, client: made_up(inbox),
}


def later(client: FlaskClient) -> FlaskClient:
    with client.session_transaction() as cookie:
        person, at, mark = cookie["half"]
        cookie["half"] = [person, at - code_pages._HALF_LASTS.total_seconds() - 1, mark]
    return client


def changed(inbox: Inbox, client: FlaskClient) -> FlaskClient:
    with inbox.store.write() as rows:
        staff.change_password(rows, "mod", passwords.hash_password("quatre mots tout neufs"))
    return client


def closed(inbox: Inbox, client: FlaskClient) -> FlaskClient:
    with inbox.store.write() as rows:
        staff.deactivate(rows, "mod")
    return client


def made_up(inbox: Inbox) -> FlaskClient:
    client = inbox.client()
    with client.session_transaction() as cookie:
        cookie["half"] = [inbox.seeded.people["mod"], utc_now().timestamp(), "x"]
    return client


@pytest.mark.parametrize("skip", SKIPPED.values(), ids=SKIPPED)
def test_the_code_alone_opens_nothing(inbox: Inbox, secret: str, skip) -> None:
    client = skip(inbox, give_password(inbox))
    assert client.get("/sign-in/code").location == "/sign-in"
    post(client, "/sign-in/code", {"code": now_code(secret)}, page="/sign-in")
    assert not is_in(client)


def test_a_link_for_a_forgotten_password_does_not_go_round_it(inbox: Inbox, secret: str) -> None:
    with inbox.store.write() as rows:
        token = one_time_links.create_invitation(rows, inbox.seeded.people["mod"], utc_now())
    client = inbox.client()
    form = {"password": "quatre mots tout neufs", "again": "quatre mots tout neufs"}
    assert post(client, f"/set-up/{token}", form).location.startswith("/sign-in/code")
    assert not is_in(client)
    give_code(client, now_code(secret))
    assert is_in(client)


def test_set_up_on_the_page_and_recovery_codes_each_once(inbox: Inbox) -> None:
    client, elsewhere = inbox.client("elu"), inbox.client("elu")
    page = "/account/second-factor"
    post(client, f"{page}/begin", {}, page=page)
    shown = client.get(page).text
    assert "<svg" in shown
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', shown)
    assert found is not None
    secret = found[1].replace(" ", "")
    assert post(client, page, {"code": "000000"}, page=page).status_code == 422
    assert is_in(elsewhere)
    codes = re.findall(r"<li>(\w{5}-\w{5})</li>", post(client, page, {"code": now_code(secret)}, page=page).text)
    assert (len(set(codes)), is_in(elsewhere)) == (10, False)
    assert secret not in client.get(page).text
    for code, opens in ((codes[0], True), (codes[0], False), (codes[1].replace("-", " ").upper(), True)):
        browser = inbox.client()
        post(browser, "/sign-in", {"login": "elu", "password": PASSWORD})
        give_code(browser, code)
        assert is_in(browser) is opens
    assert "8 recovery codes are left" in client.get(page).text
    post(client, f"{page}/remove", {}, page=page)
    browser = inbox.client()
    post(browser, "/sign-in", {"login": "elu", "password": PASSWORD})
    assert is_in(browser)


def test_setting_up_again_does_not_take_the_place_of_one_that_is_on(inbox: Inbox, secret: str) -> None:
    with inbox.store.write() as rows:
        second_factors.begin_enrolment(rows, inbox.seeded.people["mod"])
        assert second_factors.pending_secret(rows, inbox.seeded.people["mod"]) is None
    give_code(client := give_password(inbox), now_code(secret))
    assert is_in(client)


def test_neither_secret_nor_recovery_code_stands_in_the_database(inbox: Inbox, secret: str) -> None:
    with inbox.store.write() as rows:
        person = rows.get_one(Person, inbox.seeded.people["mod"])
        codes = second_factors.new_recovery_codes(rows, person.id)
    with inbox.store.read() as rows:
        stored = repr([rows.execute(text(f"SELECT * FROM {t}")).all() for t in ("second_factor", "recovery_code")])
    assert not [one for one in (secret, *codes, *(code.replace("-", "") for code in codes)) if one in stored]

"""Security keys: registered and used in Chromium's own virtual authenticator, and nothing but their answer opens."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from inbox.accounts import second_factors, security_keys
from inbox.accounts.security_keys import Challenge, KeyRefused, Site
from inbox.accounts.sign_in_limits import OF_CODES
from inbox.models import SecurityKey
from inbox.models.column_types import utc_now
from tests.attacks.soft_key import SoftKey
from tests.inbox.pages.browsing import DESKTOP, PHONE, browser, listen
from tests.inbox.pages.conftest import Inbox, filled, inbox, post
from tests.inbox.pages.seed import PASSWORD
from tests.inbox.pages.test_browser import violations

__all__ = ["browser", "filled", "inbox"]

SITE = Site("avis.ville.example", "https://avis.ville.example", "Portevoix")


# --- what of an answer counts ------------------------------------------------------------------------


@dataclass
class Keyed:
    """An inbox whose moderator has registered a key."""

    inbox: Inbox
    key: SoftKey
    person: int

    def answers(self, answer: str, challenge: Challenge, person: int | None = None) -> bool:
        with self.inbox.store.write() as rows:
            return security_keys.is_answered(rows, SITE, person or self.person, answer, challenge, utc_now())


@pytest.fixture
def keyed(inbox: Inbox) -> Keyed:
    key, person = SoftKey(SITE.host, SITE.origin), inbox.seeded.people["mod"]
    challenge = security_keys.new_challenge(utc_now())
    with inbox.store.write() as rows:
        codes = second_factors.add_key(rows, SITE, person, "blue", key.register(challenge.value), challenge)
    assert codes is not None
    return Keyed(inbox, key, person)


def test_a_key_opens_and_its_answer_does_so_once(keyed: Keyed) -> None:
    older = security_keys.new_challenge(utc_now())
    challenge = security_keys.new_challenge(utc_now() + timedelta(milliseconds=1))
    answer = keyed.key.sign(challenge.value)
    assert keyed.answers(answer, challenge)
    assert not keyed.answers(answer, challenge)
    assert not keyed.answers(keyed.key.sign(older.value), older)


WRONG = {
    "another site": lambda key: SoftKey.of(key, host="avis.ville.test"),
    "another origin": lambda key: SoftKey.of(key, origin="https://avis.ville.example.evil.test"),
    "plain http": lambda key: SoftKey.of(key, origin="http://avis.ville.example"),
    "another port": lambda key: SoftKey.of(key, origin="https://avis.ville.example:8443"),
    "another key under its name": lambda key: SoftKey.of(SoftKey(SITE.host, SITE.origin), credential=key.credential),
    "a key nobody registered": lambda key: SoftKey(SITE.host, SITE.origin),
    "nobody was there": lambda key: SoftKey.of(key, flags=0),
    "made for registering": lambda key: SoftKey.of(key, kind="webauthn.create"),
    "a copy that signed less often": lambda key: SoftKey.of(key, count=0, still=True),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_not_the_keys_answer_here_opens_nothing(keyed: Keyed, wrong) -> None:
    challenge = security_keys.new_challenge(utc_now())
    keyed.answers(keyed.key.sign(challenge.value), challenge)
    challenge = security_keys.new_challenge(utc_now() + timedelta(seconds=1))
    assert not keyed.answers(wrong(keyed.key).sign(challenge.value), challenge)
    assert keyed.answers(keyed.key.sign(challenge.value), challenge)


def test_a_key_opens_its_owners_account_only(keyed: Keyed) -> None:
    challenge = security_keys.new_challenge(utc_now())
    assert not keyed.answers(keyed.key.sign(challenge.value), challenge, keyed.inbox.seeded.people["admin"])


def test_another_challenge_is_not_answered(keyed: Keyed) -> None:
    challenge, other = security_keys.new_challenge(utc_now()), security_keys.new_challenge(utc_now())
    assert not keyed.answers(keyed.key.sign(other.value), challenge)


def damaged(answer: str) -> Iterator[str]:
    """An answer with one thing wrong each: cut, of other types, deep, long, with every byte string spoilt."""
    yield from ("", "{}", "[]", "null", "1", '"x"', "[" * 30_000, "{" * 100, answer[:-1], answer + " " * 40_000)
    whole = json.loads(answer)
    for name in whole:
        for other in (None, 7, [], {}, "", "%%%", "A" * 5):
            yield json.dumps({**whole, name: other})
        yield json.dumps({key: value for key, value in whole.items() if key != name})
    for name, value in whole["response"].items():
        for other in (
            None,
            7,
            [],
            "",
            "é",
            value[:-4],
            value[4:],
            ("B" if value[:1] == "A" else "A") + value[1:],
            "oWNmbXRn",
            "gICA",
        ):
            yield json.dumps({**whole, "response": {**whole["response"], name: other}})


def test_damaged_answers_are_refused_and_nothing_else(keyed: Keyed) -> None:
    challenge = security_keys.new_challenge(utc_now())
    whole = keyed.key.sign(challenge.value)
    answers = list(damaged(whole))
    assert len(answers) > 70
    assert [one for one in answers if keyed.answers(one, challenge)] == []
    assert keyed.answers(whole, challenge)
    new = SoftKey(SITE.host, SITE.origin).register(challenge.value)
    assert [one for one in damaged(new) if registers(keyed, one, challenge)] == []
    assert registers(keyed, new, challenge)


def registers(keyed: Keyed, answer: str, challenge: Challenge, login: str = "mod") -> bool:
    with keyed.inbox.store.write() as rows:
        try:
            security_keys.add(rows, SITE, keyed.inbox.seeded.people[login], "x", answer, challenge)
        except KeyRefused:
            return False
    return True


def test_a_key_is_registered_once_whoever_brings_it(keyed: Keyed) -> None:
    challenge = security_keys.new_challenge(utc_now())
    for login in ("mod", "admin"):
        assert not registers(keyed, keyed.key.register(challenge.value), challenge, login)


SITES = {
    "https://avis.ville.example": ("avis.ville.example", "https://avis.ville.example"),
    "https://avis.ville.example:8443": ("avis.ville.example", "https://avis.ville.example:8443"),
    "http://localhost:8080": ("localhost", "http://localhost:8080"),
    "http://avis.ville.example": None,
    "http://127.0.0.1:8080": None,
    "https://192.0.2.7": None,
    "https://[2001:db8::1]": None,
    "": None,
}


@pytest.mark.parametrize(("address", "expected"), SITES.items())
def test_keys_are_for_addresses_at_which_browsers_have_them(address: str, expected: tuple[str, str] | None) -> None:
    site = security_keys.site_of(address, "x")
    assert (site and (site.host, site.origin)) == expected


# --- the pages, without a browser --------------------------------------------------------------------


def at_site(inbox: Inbox) -> None:
    found = inbox.app.extensions["portevoix"]
    found["settings"] = found["settings"].model_copy(update={"public_url": SITE.origin})


def half_in(inbox: Inbox) -> FlaskClient:
    client = inbox.client()
    post(client, "/sign-in", {"login": "mod", "password": PASSWORD, "next": "/ledger"})
    return client


def asked_on(client: FlaskClient) -> bytes:
    """What the page asks a key to sign."""
    found = re.search(r'data-key-options="([^"]+)"', client.get("/sign-in/code?next=/ledger").text)
    assert found is not None
    return SoftKey.read(json.loads(unescape(found[1]))["challenge"])


def give_key(client: FlaskClient, answer: str):  # type: ignore[no-untyped-def]
    return post(client, "/sign-in/key", {"credential": answer, "next": "/ledger"})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_password_and_key_open_and_lead_on(keyed: Keyed) -> None:
    at_site(keyed.inbox)
    client = half_in(keyed.inbox)
    assert not is_in(client)
    assert give_key(client, keyed.key.sign(asked_on(client))).location == "/ledger"
    assert is_in(client)


def test_the_key_without_the_password_opens_nothing(keyed: Keyed) -> None:
    at_site(keyed.inbox)
    challenge = asked_on(half_in(keyed.inbox))
    stranger = keyed.inbox.client()
    assert give_key(stranger, keyed.key.sign(challenge)).location == "/sign-in"
    assert not is_in(stranger)


def test_an_answer_is_taken_once_and_not_without_having_been_asked_for(keyed: Keyed) -> None:
    at_site(keyed.inbox)
    client = half_in(keyed.inbox)
    with client.session_transaction() as cookie:
        before = dict(cookie)
    answer = keyed.key.sign(asked_on(client))
    with client.session_transaction() as cookie:
        copied = dict(cookie)
    assert give_key(client, answer).status_code == 302
    for kept in (copied, before):
        thief = keyed.inbox.client()
        with thief.session_transaction() as cookie:
            cookie.update(kept)
        assert give_key(thief, answer).status_code == 422
        assert not is_in(thief)


def test_guessing_at_keys_stops_with_that_at_codes(keyed: Keyed) -> None:
    at_site(keyed.inbox)
    client = half_in(keyed.inbox)
    for number in range(OF_CODES.from_address_for_login):
        if number % 2:
            give_key(client, "{}")
        else:
            post(client, "/sign-in/code", {"code": "000000"}, page="/sign-in")
    answer = give_key(client, keyed.key.sign(asked_on(client)))
    assert (answer.status_code, "Too many" in answer.text, is_in(client)) == (422, True, False)


def test_keys_of_others_are_neither_named_nor_removed(keyed: Keyed) -> None:
    with keyed.inbox.store.read() as rows:
        number = rows.scalars(select(SecurityKey.id)).one()
    for path, form in ((f"{number}/name", {"name": "mine"}), (f"{number}/remove", {})):
        answer = post(keyed.inbox.client("admin"), f"/account/security-keys/{path}", dict(form), page="/account")
        assert answer.status_code == 404
    with keyed.inbox.store.read() as rows:
        assert [one.name for one in security_keys.list_keys(rows, keyed.person)] == ["blue"]


def test_without_a_name_in_the_address_the_page_says_what_is_missing(keyed: Keyed) -> None:
    assert "public_url" in keyed.inbox.client("mod").get("/account/security-keys").text


# --- in a browser ------------------------------------------------------------------------------------


@pytest.fixture
def at_localhost(inbox: Inbox) -> Iterator[str]:
    """The pages at the one address without https at which browsers have keys."""
    server = make_server("127.0.0.1", 0, inbox.app, threaded=True)
    address = f"http://localhost:{server.server_port}"
    found = inbox.app.extensions["portevoix"]
    found["settings"] = found["settings"].model_copy(update={"public_url": address})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()


def with_key(page: Page) -> str:
    """Put a virtual key into the browser (Chrome DevTools protocol, domain WebAuthn); its number."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False}
    return str(tools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})["authenticatorId"])


def password_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name you sign in with").fill("mod")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.browser
def test_a_key_is_registered_named_used_and_removed_in_a_browser(
    browser: Browser, at_localhost: str, inbox: Inbox
) -> None:
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", base_url=at_localhost)  # type: ignore[arg-type]
    page = context.new_page()
    complaints = listen(page)
    with_key(page)
    password_in(page)
    page.wait_for_url("**/contributions")
    page.goto("/account/security-keys")
    page.get_by_label("Name of the key").fill("blue key")
    page.get_by_role("button", name="Register it").click()
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/account/security-keys")
    # The same key once more: the browser says so before anything is sent.
    page.get_by_label("Name of the key", exact=True).fill("again")
    page.get_by_role("button", name="Register it").click()
    page.get_by_text("No key answered, or it is registered already").wait_for()
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found += violations(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{width} pixels wide"] if width > size["width"] else []
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.get_by_label("Name of the key “blue key”").fill("drawer")
    page.get_by_role("button", name="Rename blue key").click()
    page.get_by_label("Name of the key “drawer”").wait_for()
    page.get_by_role("button", name="Sign out").click()
    password_in(page)
    page.wait_for_url(re.compile("/sign-in/code"))
    found += violations(page)
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/contributions")
    page.goto("/account/security-keys")
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("From now on the password alone is asked for").wait_for()
    context.close()
    assert (found, complaints) == ([], [])


@pytest.mark.browser
def test_without_script_a_recovery_code_still_opens(browser: Browser, at_localhost: str, keyed: Keyed) -> None:
    with keyed.inbox.store.write() as rows:
        code = second_factors.new_recovery_codes(rows, keyed.person)[0]
    context = browser.new_context(java_script_enabled=False, locale="en-GB", base_url=at_localhost)
    page = context.new_page()
    password_in(page)
    assert not page.get_by_role("button", name="Use your security key").is_visible()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/contributions")
    page.goto("/account/security-keys")
    assert page.get_by_text("The codes of a telephone work without").is_visible()
    context.close()

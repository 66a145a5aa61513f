"""Signing in by a provider outside: what it says counts for one sign-in here, of an account that exists, and signed."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select, text, update

from config.settings.sections.sign_in_section import Oidc
from inbox.accounts import openid_provider, second_factors, staff
from inbox.accounts.openid_provider import Attempt, OpenIdProvider, ProviderRefused
from inbox.models import Person
from inbox.models.column_types import utc_now
from tests.inbox.pages.conftest import Inbox, filled, inbox, post
from tests.standins.openid import CLIENT, SECRET, OpenIdServer

__all__ = ["filled", "inbox"]

HERE = "https://avis.ville.example"
RETURN = f"{HERE}/sign-in/outside/return"
MAIL = "mod@ville.example"


@dataclass
class Both:
    """An inbox, and the provider that its settings name."""

    inbox: Inbox
    provider: OpenIdServer

    def begin(self, client: FlaskClient) -> str:
        """Go to the provider, and be sent back: to this address."""
        return self.provider.sign_in(client.get("/sign-in/outside?next=/ledger").location)

    def enters(self, client: FlaskClient | None = None) -> bool:
        client = client or self.inbox.client()
        client.get(self.begin(client))
        return is_in(client)

    def people(self) -> int:
        with self.inbox.store.read() as rows:
            return len(rows.scalars(select(Person.id)).all())


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.fixture
def both(inbox: Inbox) -> Iterator[Both]:
    server = OpenIdServer(RETURN)
    with server.http:
        oidc = Oidc(issuer=server.issuer, client_id=CLIENT, client_secret=SecretStr(SECRET))
        found = inbox.app.extensions["portevoix"]
        found["settings"] = found["settings"].model_copy(update={"public_url": HERE, "oidc": oidc})
        with inbox.store.write() as rows:
            rows.execute(update(Person).where(Person.login == "mod").values(login=MAIL))
        yield Both(inbox, server)


def test_whom_it_names_comes_in_and_is_led_on(both: Both) -> None:
    client = both.inbox.client()
    assert "Sign in with ProConnect" in client.get("/sign-in").text
    assert client.get(both.begin(client)).location == "/ledger"
    assert is_in(client)


@pytest.mark.parametrize("signs_user", [False, True])
def test_the_address_may_stand_at_the_userinfo_address(both: Both, signs_user: bool) -> None:
    both.provider.mail_in_token, both.provider.signs_user = False, signs_user
    assert both.enters()


def changed(**claims: Any) -> Callable[[OpenIdServer], None]:
    def order(server: OpenIdServer) -> None:
        server.spoil = lambda told: {**told, **claims}

    return order


def without(name: str) -> Callable[[OpenIdServer], None]:
    def order(server: OpenIdServer) -> None:
        server.spoil = lambda told: {key: value for key, value in told.items() if key != name}

    return order


def set_to(**values: Any) -> Callable[[OpenIdServer], None]:
    return lambda server: vars(server).update(values)


FAULTS = {
    "another nonce": changed(nonce="x" * 43),
    "a nonce that is no text": changed(nonce=7),
    "no nonce": without("nonce"),
    "another audience": changed(aud="elsewhere"),
    "another audience besides": changed(aud=[CLIENT, "elsewhere"]),
    "no audience": without("aud"),
    "given to another": changed(azp="elsewhere"),
    "another issuer": changed(iss="https://elsewhere.example"),
    "expired": changed(exp=1_700_000_000, iat=1_699_999_000),
    "never expires": without("exp"),
    "of tomorrow": changed(iat=4_000_000_000),
    "names nobody": without("sub"),
    "an empty name": changed(sub=""),
    "a name that is no text": changed(sub=["s-1"]),
    "not signed": set_to(method="none"),
    "signed with the secret": set_to(method="HS256"),
    "signed with another key": set_to(other_key=True),
    "an address nobody verified": changed(email_verified=False),
    "verified by a word": changed(email_verified="true"),
    "says nothing of verifying": without("email_verified"),
    "no token at all": set_to(kept="x"),
    "a token in pieces": set_to(kept="a.b.c"),
    "speaks of somebody else besides": set_to(mail_in_token=False, told_of="s-2"),
}


@pytest.mark.parametrize("order", FAULTS.values(), ids=FAULTS)
def test_what_does_not_count_lets_nobody_in(both: Both, order: Callable[[OpenIdServer], None]) -> None:
    order(both.provider)
    client = both.inbox.client()
    assert client.get(both.begin(client)).location == "/sign-in"
    assert not is_in(client)


def test_a_token_of_an_earlier_sign_in_lets_nobody_in(both: Both) -> None:
    assert both.enters()
    both.provider.kept = both.provider.given[0]
    assert not both.enters()


def test_what_the_browser_was_sent_back_with_counts_once_and_in_that_browser(both: Both) -> None:
    client, thief = both.inbox.client(), both.inbox.client()
    back = both.begin(client)
    assert (thief.get(back).location, is_in(thief)) == ("/sign-in", False)
    both.begin(thief)  # with a sign-in of his own begun, too
    assert (thief.get(back).location, is_in(thief)) == ("/sign-in", False)
    with client.session_transaction() as cookie:
        copied = dict(cookie)
    assert client.get(back).location == "/ledger"
    with thief.session_transaction() as cookie:
        cookie.clear()
        cookie.update(copied)
    assert (thief.get(back).location, is_in(thief)) == ("/sign-in", False)


def test_a_provider_that_calls_itself_otherwise_is_not_gone_to(both: Both) -> None:
    both.provider.called = "https://elsewhere.example"
    assert both.inbox.client().get("/sign-in/outside").location == "/sign-in"


BACK = {
    "no code": lambda back: back.replace("code=", "kode="),
    "another code": lambda back: back.replace("code=code-", "code=code-9"),
    "no state": lambda back: back.replace("state=", "stat="),
    "another state": lambda back: back[:-3] + "abc",
    "an error": lambda back: back.split("?")[0] + "?error=access_denied",
}


@pytest.mark.parametrize("change", BACK.values(), ids=BACK)
def test_coming_back_otherwise_lets_nobody_in(both: Both, change: Callable[[str], str]) -> None:
    client = both.inbox.client()
    assert client.get(change(both.begin(client))).location == "/sign-in"
    assert not is_in(client)


def test_no_account_is_made_and_a_closed_one_stays_closed(both: Both) -> None:
    before = both.people()
    both.provider.user = {"sub": "s-9", "email": "somebody@ville.example", "email_verified": True}
    assert not both.enters()
    both.provider.user = {"sub": "s-1", "email": MAIL, "email_verified": True}
    with both.inbox.store.write() as rows:
        staff.deactivate(rows, MAIL)
    assert not both.enters()
    assert both.people() == before


def test_an_account_stays_with_whom_it_was_first_though_the_address_goes_on(both: Both) -> None:
    assert both.enters()
    both.provider.user = {"sub": "s-2", "email": MAIL, "email_verified": True}
    assert not both.enters()
    both.provider.user = {"sub": "s-1", "email": "married@ville.example", "email_verified": True}
    assert both.enters()
    with both.inbox.store.read() as rows:
        assert "s-1" not in repr(rows.execute(text("SELECT * FROM outside_identity")).all())


def test_a_login_that_is_no_address_is_nobodys(both: Both) -> None:
    both.provider.user = {"sub": "s-3", "email": "admin", "email_verified": True}
    assert not both.enters()


def test_the_second_factor_is_asked_for_all_the_same(both: Both) -> None:
    with both.inbox.store.write() as rows:
        person = both.inbox.seeded.people["mod"]
        second_factors.begin_enrolment(rows, person)
        secret = second_factors.pending_secret(rows, person)
        assert secret is not None
        earlier = utc_now().replace(year=2025)
        assert second_factors.confirm_enrolment(rows, person, pyotp.TOTP(secret).at(earlier), earlier)
    client = both.inbox.client()
    assert client.get(both.begin(client)).location.startswith("/sign-in/code")
    assert not is_in(client)
    post(client, "/sign-in/code", {"code": pyotp.TOTP(secret).at(utc_now())}, page="/sign-in/code")
    assert is_in(client)
    assert "id_token_hint" in post(client, "/sign-out", {}, page="/account").text


def test_signing_out_ends_the_session_and_leads_to_the_providers(both: Both) -> None:
    client = both.inbox.client()
    assert both.enters(client)
    page = post(client, "/sign-out", {}, page="/account").text
    assert not is_in(client)
    address = page.split('href="' + both.provider.issuer + "/end?")[1].split('"')[0].replace("&amp;", "&")
    said = parse_qs(urlsplit("?" + address).query)
    assert (said["id_token_hint"], said["post_logout_redirect_uri"]) == (both.provider.given, [f"{HERE}/sign-in"])


def test_without_a_provider_in_the_settings_there_are_no_such_pages(inbox: Inbox) -> None:
    client = inbox.client()
    assert "ProConnect" not in client.get("/sign-in").text
    assert [client.get(f"/sign-in/outside{rest}").status_code for rest in ("", "/return")] == [404, 404]


def test_a_provider_that_is_away_is_told_and_the_password_still_opens(both: Both) -> None:
    found = both.inbox.app.extensions["portevoix"]
    away = found["settings"].oidc.model_copy(update={"issuer": "http://127.0.0.1:9"})
    found["settings"] = found["settings"].model_copy(update={"oidc": away})
    page = both.inbox.client().get("/sign-in/outside", follow_redirects=True)
    assert "did not sign you in" in page.text


class Endless(BaseHTTPRequestHandler):
    """A provider whose answers have no end: large ones, slow ones, packed ones."""

    def do_GET(self) -> None:
        """As the path says."""
        self.send_response(302 if "away" in self.path else 200)
        if "away" in self.path:
            self.send_header("Location", "/.well-known/openid-configuration")
        if "packed" in self.path:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(OSError):
            if "slow" in self.path:
                for _ in range(200):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            elif "packed" in self.path:
                self.wfile.write(gzip.compress(b" " * 50_000_000))
            else:
                for _ in range(1000):
                    self.wfile.write(b" " * 100_000)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("how", ["large", "slow", "packed", "away"])
def test_an_answer_without_end_is_left_soon(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openid_provider, "_WHOLE_ANSWER", 0.5)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        oidc = Oidc(issuer=f"http://127.0.0.1:{server.server_port}/{how}", client_id="x", client_secret="y")
        began = time.monotonic()
        with pytest.raises(ProviderRefused):
            OpenIdProvider(oidc, "http://back.example").address_for(Attempt.new())
        assert time.monotonic() - began < 4
    finally:
        server.shutdown()

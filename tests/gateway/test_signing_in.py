"""Signing in to a real mail server: with OAuth2 tokens, over TLS that is verified, and what is said when it fails."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from imapclient.exceptions import LoginError
from pydantic import SecretStr
from sqlalchemy import select

from config.probe import run_probe
from config.settings.schema import Settings
from config.settings.sections.mail_section import Mailbox, OAuth2
from gateway.mail import imap_auth
from gateway.mail.imap_auth import TROUBLES, ImapSignIn, TokenRefused, imap_error_remedy
from gateway.probes.mail_probes import mail_probes
from inbox.accounts import mail_tokens
from inbox.errors import StoreBusy
from inbox.models import MailToken
from inbox.storage.database import Store
from tests.standins.dovecot import Dovecot
from tests.standins.mail_line import Fault, MailLine
from tests.standins.tokens import TokenServer
from tests.standins.web import Answer
from tests.workers.test_mailbox import pytestmark as pytestmark


@pytest.fixture(scope="module")
def place() -> Iterator[TokenServer]:
    made = TokenServer("avis")
    with made.http:
        yield made


@pytest.fixture(scope="module")
def server(place: TokenServer) -> Iterator[Dovecot]:
    with Dovecot({"avis": "secret"}, place.introspection_url) as running:
        yield running


@pytest.fixture
def tokens(place: TokenServer) -> TokenServer:
    place.mailbox, place.refresh_token, place.rotates, place.lasts = "avis", "refresh-0", False, 3600
    for kept in (place.good, place.asked, place.answers):
        kept.clear()
    return place


def mailbox(server: Dovecot, tokens: TokenServer, **oauth2: object) -> Mailbox:
    values = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "app-secret"} | oauth2
    return Mailbox(
        name="avis@brest.example", host="127.0.0.1", port=server.port, tls="none", user="avis", oauth2=OAuth2(**values)
    )


def enter(sign_in: ImapSignIn) -> None:
    with sign_in.client() as client:
        assert client.folder_exists("INBOX")


@pytest.mark.parametrize(
    ("oauth2", "grant"),
    [
        ({}, {"grant_type": "client_credentials"}),
        ({"refresh_token": "refresh-0"}, {"grant_type": "refresh_token", "refresh_token": "refresh-0"}),
        ({"scope": "imap"}, {"grant_type": "client_credentials", "scope": "imap"}),
    ],
    ids=["the application itself", "in somebody's name", "with a scope"],
)
def test_a_token_is_fetched_and_signs_in(
    server: Dovecot, tokens: TokenServer, oauth2: dict[str, str], grant: dict[str, str]
) -> None:
    sign_in = ImapSignIn(mailbox(server, tokens, **oauth2), 5)
    enter(sign_in)
    enter(sign_in)
    assert tokens.asked == [{"client_id": "app", "client_secret": "app-secret", **grant}], "once for both"


def test_a_token_is_renewed_before_it_runs_out(
    server: Dovecot, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens.rotates = True
    sign_in = ImapSignIn(mailbox(server, tokens, refresh_token="refresh-0"), 5)
    enter(sign_in)
    now = time.monotonic()
    monkeypatch.setattr(imap_auth.time, "monotonic", lambda: now + tokens.lasts - imap_auth.RENEWED_BEFORE + 1)
    enter(sign_in)
    first, second = (asked["refresh_token"] for asked in tokens.asked)
    assert first == "refresh-0" != second


def test_a_refresh_token_that_was_replaced_outlives_a_restart(
    server: Dovecot, tokens: TokenServer, sqlite_store: Store
) -> None:
    tokens.rotates = True
    box = mailbox(server, tokens, refresh_token="refresh-0")
    for _ in range(3):
        enter(ImapSignIn(box, 5, store=sqlite_store))
    first, second, third = (asked["refresh_token"] for asked in tokens.asked)
    assert (first, len({first, second, third})) == ("refresh-0", 3)
    kept = tokens.refresh_token
    with sqlite_store.read() as session:
        assert mail_tokens.newest_refresh_token(session, box.name, "refresh-0") == kept
        assert kept.encode() not in session.scalars(select(MailToken.sealed)).one()
        assert mail_tokens.newest_refresh_token(session, box.name, "set-anew") == "set-anew"
        assert mail_tokens.newest_refresh_token(session, "another@brest.example", "refresh-0") == "refresh-0"
    with pytest.raises(TokenRefused, match="invalid_grant"):
        enter(ImapSignIn(box, 5))
    tokens.refresh_token = "set-anew"
    enter(ImapSignIn(mailbox(server, tokens, refresh_token="set-anew"), 5, store=sqlite_store))
    with sqlite_store.read() as session:
        assert mail_tokens.newest_refresh_token(session, box.name, "set-anew") == tokens.refresh_token


def test_doctor_and_watcher_replace_the_refresh_token_in_turn(
    server: Dovecot, tokens: TokenServer, sqlite_store: Store, tmp_path: Path
) -> None:
    tokens.rotates, tokens.lasts = True, 0
    box = mailbox(server, tokens, refresh_token="refresh-0")
    watcher = ImapSignIn(box, 5, store=sqlite_store)
    (doctor,) = mail_probes(Settings(folder=tmp_path, mailboxes=(box,)), lambda: sqlite_store)
    for _ in range(2):
        enter(watcher)
        assert run_probe(doctor).problem == ""
    (too_early,) = mail_probes(Settings(folder=tmp_path, mailboxes=(box,)), None)
    assert run_probe(too_early).version.startswith("not tried before there is a database")
    assert len(tokens.asked) == 4


def test_a_refresh_token_that_cannot_be_written_is_not_lost(
    server: Dovecot, tokens: TokenServer, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens.rotates = True
    box = mailbox(server, tokens, refresh_token="refresh-0")
    sign_in = ImapSignIn(box, 5, store=sqlite_store)
    with monkeypatch.context() as busy:
        busy.setattr(sqlite_store, "write", refuse)
        with pytest.raises(StoreBusy) as caught:
            enter(sign_in)
    assert imap_error_remedy(caught.value).startswith("our own database does not let us: Try again")
    enter(sign_in)
    assert len(tokens.asked) == 1
    with sqlite_store.read() as session:
        assert mail_tokens.newest_refresh_token(session, box.name, "refresh-0") == tokens.refresh_token


def refuse() -> None:
    raise StoreBusy


def test_a_token_that_is_refused_is_renewed_once(server: Dovecot, tokens: TokenServer) -> None:
    sign_in = ImapSignIn(mailbox(server, tokens), 5)
    enter(sign_in)
    tokens.good.clear()
    enter(sign_in)
    assert len(tokens.asked) == 2
    tokens.mailbox = "somebody-else"
    with pytest.raises(LoginError):
        enter(sign_in)
    assert len(tokens.asked) == 3, "a second refusal is a real one"


def test_another_program_may_keep_the_token(server: Dovecot, tokens: TokenServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("fresh\n")
    tokens.good.add("fresh")
    sign_in = ImapSignIn(mailbox(server, tokens, token_url="", token_file=file), 5)
    enter(sign_in)
    file.write_text("")
    with pytest.raises(TokenRefused, match="is empty"):
        enter(sign_in)
    file.unlink()
    with pytest.raises(TokenRefused, match=r"cannot be read \(FileNotFoundError\)"):
        enter(sign_in)
    file.write_text("fresher")
    tokens.good = {"fresher"}
    enter(sign_in)
    assert tokens.asked == []


REFUSALS = [
    ("the secret is wrong", None, "the token_url gives out no token (invalid_client): check the section oauth2"),
    ("no JSON", Answer(200, b"<html>"), "the token_url gives out no token (status 200): check the section oauth2"),
    ("a list", Answer(200, b"[1]"), "the token_url gives out no token (status 200): check the section oauth2"),
    ("no token", Answer.of_json({}), "the token_url gives out no token (status 200): check the section oauth2"),
    ("a redirect", Answer(302, headers={"Location": "http://127.0.0.1/"}),
     "the token_url gives out no token (status 302): check the section oauth2"),
    ("out of order", Answer(503), "the token_url gives out no token (status 503): check the section oauth2"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "said"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_is_said_when_there_is_no_token(
    server: Dovecot, tokens: TokenServer, answer: Answer | None, said: str
) -> None:
    secret = "app-secret" if answer else "geheim"
    tokens.answers = [answer] if answer else []
    with pytest.raises(TokenRefused) as caught:
        enter(ImapSignIn(mailbox(server, tokens, client_secret=secret), 5))
    assert imap_error_remedy(caught.value) == said


@pytest.mark.parametrize("holds_on", [True, False], ids=["and is silent", "and ends"])
def test_a_token_that_breaks_off_is_none(server: Dovecot, tokens: TokenServer, *, holds_on: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def break_off() -> None:
            near = door.accept()[0]
            with near:
                near.recv(65536)
                near.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token"')
                if holds_on:
                    near.recv(1)

        thread = threading.Thread(target=break_off)
        thread.start()
        url = f"http://127.0.0.1:{door.getsockname()[1]}/token"
        with pytest.raises(TokenRefused, match="the token_url cannot be reached"):
            enter(ImapSignIn(mailbox(server, tokens, token_url=url), 1))
        thread.join(5)


def plainly(server: Dovecot, **changed: object) -> Mailbox:
    values = {"host": "127.0.0.1", "port": server.tls_port, "ca_file": server.certificate.path} | changed
    return Mailbox(name="avis@brest.example", user="avis", password="secret", **values)


def test_a_password_may_have_accents() -> None:
    with Dovecot({"avis": "été à Brest"}) as running:
        box = plainly(running)
        enter(ImapSignIn(box.model_copy(update={"password": SecretStr("été à Brest")}), 5))
        with pytest.raises(LoginError):
            enter(ImapSignIn(box.model_copy(update={"password": SecretStr("été")}), 5))


def test_a_certificate_that_is_not_valid_ends_it_before_the_password_is_said(server: Dovecot) -> None:
    enter(ImapSignIn(plainly(server), 5))
    # 127.1 is another name of 127.0.0.1, which the certificate does not have.
    for changed in ({"ca_file": None}, {"host": "127.1"}):
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            enter(ImapSignIn(plainly(server, **changed), 5))
        assert imap_error_remedy(caught.value).startswith("its certificate is not valid")


def test_a_certificate_that_has_run_out_ends_it() -> None:
    with Dovecot({"avis": "secret"}, certificate_days=-1) as expired:
        sign_in = ImapSignIn(plainly(expired), 5)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            enter(sign_in)


def test_a_line_that_hides_starttls_never_hears_the_password(server: Dovecot) -> None:
    with MailLine(server.port) as line:
        line.faults = [
            Fault("STARTTLS", says=b"TAG BAD Unknown command\r\n", times=9),
            login := Fault("LOGIN", cut=True),
        ]
        with pytest.raises(TROUBLES):
            enter(ImapSignIn(plainly(server, port=line.port, tls="starttls"), 5))
        assert login.struck == 0

"""Signing in to a mailbox: TLS that is verified, then a password or an OAuth2 token.

The watcher opens connections with it, and so does the doctor, which tries from this room what the settings lead to.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from config.bounded_answers import read_bounded
from config.settings.sections.mail_section import Mailbox
from inbox.accounts import mail_tokens
from inbox.errors import InboxError
from inbox.storage.database import Store
from inbox.storage.disk_errors import cannot_be_written

RENEWED_BEFORE = 120.0
"""Seconds before its end at which a token is exchanged for a new one."""
SHORTEST_LIFE = 60.0
_MOST_BYTES = 64 * 1024


class TokenRefused(Exception):
    """No access token was to be had; the message says why, without any secret."""


TROUBLES = (IMAPClientError, OSError, ssl.SSLError, TokenRefused)
"""What a server or the way to it can do to us; IMAPClient's errors are imaplib's own."""


class AccessTokens:
    """The access token of one mailbox, renewed before it runs out."""

    def __init__(self, mailbox: Mailbox, seconds: float, store: Store | None) -> None:
        """Without a store, refresh tokens that the provider replaces are remembered here alone."""
        self._account = mailbox.name
        self._oauth2 = mailbox.oauth2
        self._seconds = seconds
        self._store = store
        self._token = ""
        self._until = 0.0
        self._configured = mailbox.oauth2.refresh_token.get_secret_value()
        self._not_kept = ""
        """What the provider gave in place of the refresh token, and is not stored yet."""

    def current(self) -> str:
        """A token to sign in with; raises ``TokenRefused``, and what a store raises that cannot be written."""
        if self._oauth2.token_file is not None:
            try:
                token = self._oauth2.token_file.read_text(encoding="ascii", errors="replace").strip()
            except OSError as error:
                raise TokenRefused(f"the file of the access token cannot be read ({type(error).__name__})") from None
            if not token:
                raise TokenRefused("the file of the access token is empty")
            return token
        if time.monotonic() >= self._until:
            self._renew()
        if self._not_kept and self._store is not None:
            with self._store.write() as session:
                mail_tokens.save_refresh_token(session, self._account, self._configured, self._not_kept)
            self._not_kept = ""
        return self._token

    def forget(self) -> None:
        """The mail server refused it: ask for another one next time."""
        self._until = 0.0

    def _refresh_token(self) -> str:
        if self._not_kept or self._store is None or not self._configured:
            return self._not_kept or self._configured
        # Read each time: the doctor signs in too, and may have been given another one.
        with self._store.read() as session:
            return mail_tokens.newest_refresh_token(session, self._account, self._configured)

    def _renew(self) -> None:
        oauth2 = self._oauth2
        refresh_token = self._refresh_token()
        asked = {
            "grant_type": "refresh_token" if refresh_token else "client_credentials",
            "client_id": oauth2.client_id,
            "client_secret": oauth2.client_secret.get_secret_value(),
            "refresh_token": refresh_token,
            "scope": oauth2.scope,
        }
        try:
            with requests.post(
                oauth2.token_url,
                data={key: value for key, value in asked.items() if value},
                timeout=self._seconds,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body, status = read_bounded(answer, _MOST_BYTES, self._seconds), answer.status_code
        except requests.RequestException as error:
            raise TokenRefused(f"the token_url cannot be reached ({type(error).__name__})") from None
        self._keep(status, body)

    def _keep(self, status: int, body: bytes) -> None:
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        token = said.get("access_token") if isinstance(said, dict) else None
        if status != requests.codes.ok or not isinstance(token, str) or not token:
            # RFC 6749, 5.2: a short code, such as invalid_grant; the description may name the mailbox.
            code = said.get("error") if isinstance(said, dict) else None
            known = code if isinstance(code, str) and code.isidentifier() else f"status {status}"
            raise TokenRefused(f"the token_url gives out no token ({known})")
        life = said.get("expires_in")
        seconds = float(life) if isinstance(life, int | float | str) and str(life).isdecimal() else 3600.0
        self._token = token
        self._until = time.monotonic() + max(seconds - RENEWED_BEFORE, min(seconds, SHORTEST_LIFE) / 2)
        if self._configured and isinstance(said.get("refresh_token"), str):
            self._not_kept = said["refresh_token"]


class ImapSignIn:
    """One mailbox's way in."""

    def __init__(
        self,
        mailbox: Mailbox,
        connect_seconds: float,
        answer_seconds: float | None = None,
        answered: Callable[[], object] = lambda: None,
        store: Store | None = None,
    ) -> None:
        """``answered`` is called after each answer: a server may be slow with every one of them, and not be dead.

        ``store`` remembers the refresh tokens that a provider replaces.
        """
        self._mailbox = mailbox
        self._answered = answered
        self._timeout = SocketTimeout(connect=connect_seconds, read=answer_seconds or mailbox.answer_seconds)
        self._tokens = AccessTokens(mailbox, connect_seconds, store) if mailbox.oauth2.configured else None

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A signed-in connection; raises one of ``TROUBLES``.

        Where a store keeps refresh tokens, also ``InboxError`` and what a database raises that is not there.
        """
        client = self._signed_in()
        try:
            yield client
        finally:
            client.shutdown()

    def _signed_in(self) -> IMAPClient:
        try:
            return self._tried()
        except LoginError:
            if self._tokens is None:
                raise
            # It may have been withdrawn before its time; refused again, on a new connection, it is a real refusal.
            self._tokens.forget()
            self._answered()
            return self._tried()

    def _tried(self) -> IMAPClient:
        client = self._connected()
        try:
            self._answered()
            if self._tokens is None:
                user, password = self._mailbox.user, self._mailbox.password.get_secret_value()
                # imaplib writes LOGIN in ASCII alone.
                (client.login if f"{user}{password}".isascii() else client.plain_login)(user, password)
            else:
                token = self._tokens.current()
                self._answered()
                client.oauth2_login(self._mailbox.user, token)
            self._answered()
        except BaseException:
            client.shutdown()
            raise
        return client

    def _connected(self) -> IMAPClient:
        mailbox = self._mailbox
        tls = None
        if mailbox.tls != "none":
            tls = ssl.create_default_context(cafile=str(mailbox.ca_file) if mailbox.ca_file else None)
        client = IMAPClient(
            mailbox.host,
            port=mailbox.port,
            ssl=mailbox.tls == "ssl",
            ssl_context=tls if mailbox.tls == "ssl" else None,
            timeout=self._timeout,
        )
        try:
            if mailbox.tls == "starttls":
                self._answered()
                client.starttls(tls)
        except BaseException:
            client.shutdown()
            raise
        return client


_REMEDIES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not valid: have it renewed, or set ca_file if it is your own"),
    (LoginError, "it refuses the sign-in: check user and password, or oauth2"),
    (ssl.SSLError, "no encrypted connection came about: check port and tls"),
    (TimeoutError, "it does not answer: check host and port, and the network"),
    (ConnectionError, "it takes no connection or ended it: check host and port, and the server"),
    (OSError, "it cannot be reached: check host and port, and the network"),
    (IMAPClientError, "it answers with an error: look into the server’s log if it lasts"),
)


def imap_error_remedy(error: BaseException) -> str:
    """What is wrong with a mailbox's server or our disk, and what to do; never in its words, which may name people."""
    if cannot_be_written(error):
        return "the data directory cannot be written: make room on its disk"
    if isinstance(error, TokenRefused):
        return f"{error}: check the section oauth2"
    if isinstance(error, InboxError):
        return f"our own database does not let us: {error.remedy} ({type(error).__name__})"
    return next((said for kind, said in _REMEDIES if isinstance(error, kind)), "it answers nonsense")

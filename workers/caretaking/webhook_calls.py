"""Webhooks of ours, sent: to public addresses, or to those of the town's own network that its settings name."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from urllib.parse import urlsplit

from channels.base.public_addresses import is_public
from config.settings.loader import Settings
from inbox.administration import webhooks
from inbox.administration.webhooks import DueCall
from inbox.models.column_types import utc_now
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)

SECONDS = 10.0
"""For one call, its connection included."""
_READ_BYTES = 4096


class AddressForbidden(Exception):
    """An address that is not called, with why."""


def send_due_webhooks(here: WatcherContext) -> None:
    """Make the calls that are due, each once; none from a copy to practise on."""
    if here.settings.practice:
        return
    with here.store.read() as session:
        found = webhooks.due_calls(session, utc_now())
    for call in found:
        delivered, said = attempt_webhook(here.settings, call)
        with here.store.write() as session:
            webhooks.record_attempt(session, call.id, said, utc_now(), delivered=delivered)


def attempt_webhook(settings: Settings, call: DueCall) -> tuple[bool, str]:
    """Make one call; whether it was taken (2xx), and what it met."""
    try:
        status = _post(settings, call)
    except AddressForbidden as refused:
        return False, str(refused)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return False, f"not reached ({type(error).__name__})"
    return 200 <= status < 300, f"answered {status}"


def _post(settings: Settings, call: DueCall) -> int:
    parts = urlsplit(call.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connection = _Pinned(host, port, resolve_allowed_address(settings, call.url), secure=secure)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Portevoix",
            **webhooks.signature_headers(call, utc_now()),
        }
        connection.request("POST", target, body=call.body, headers=headers)
        answer = connection.getresponse()
        answer.read(_READ_BYTES)
        return answer.status
    finally:
        connection.close()


def resolve_allowed_address(settings: Settings, url: str) -> str:
    """The address to connect to: looked up once, so that none later leads elsewhere. Raises ``AddressForbidden``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    own = host in settings.webhooks.private_hosts
    if parts.scheme not in ("https", *(["http"] if own else [])) or "@" in parts.netloc:
        raise AddressForbidden("only https is called")
    found = socket.getaddrinfo(host, parts.port or 443, proto=socket.IPPROTO_TCP)
    addresses = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
    if not own and not all(map(is_public, addresses)):
        raise AddressForbidden("not a public address; name the host in webhooks.private_hosts if it is the town's")
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name leads to meanwhile; follows no redirect."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        """Connect to the address, and ask for the certificate of the name."""
        plain = socket.create_connection((self._address, self.port), SECONDS)
        context = ssl.create_default_context() if self._secure else None
        self.sock = context.wrap_socket(plain, server_hostname=self.host) if context else plain

"""Fetching recordings and pictures from the provider, over a given HTTP session, and from nobody else."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests

from channels.base.errors import NotFetched, NotReady, ProviderError
from channels.base.public_addresses import is_public
from channels.providers.twilio.account import NETWORK_TIMEOUT, Account
from config.bounded_answers import AnswerTooLong, AnswerTooSlow, bounded_pieces

_MOST_REDIRECTS = 3


def fetch(
    session: requests.Session,
    account: Account,
    url: str,
    sink: BinaryIO,
    *,
    most_bytes: int,
    seconds: float,
    is_public: Callable[[str], bool] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Write a recording or a picture to ``sink`` and return the content type claimed for it.

    Credentials go to the provider's own hosts only; redirects are followed without them, over
    https, to public addresses (``is_public``, by host name; looked up by default). Raises
    ``NotReady`` while the file does not exist, ``NotFetched``, or ``ProviderError``.
    """
    deadline = clock() + seconds
    if not _is_providers(account, url):
        raise NotFetched("not a host of the provider", "Add the host to twilio.media_hosts if it is the provider's.")
    for _ in range(_MOST_REDIRECTS + 1):
        own = _is_providers(account, url)
        if not own and not (urlsplit(url).scheme == "https" and (is_public or _resolves_publicly)(_host(url))):
            raise NotFetched("redirected to a foreign address", "Look at the file in the provider's console.")
        try:
            with session.get(
                url,
                auth=(account.sid, account.token) if own else _no_credentials,
                timeout=NETWORK_TIMEOUT,
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                _copy(answer, sink, most_bytes, deadline, clock)
                return str(answer.headers.get("Content-Type", "")).split(";")[0].strip().lower()
        except requests.RequestException as error:
            raise NotReady("the file's host cannot be reached") from error
    raise NotFetched("too many redirects", "Look at the file in the provider's console.")


def _copy(
    answer: requests.Response, sink: BinaryIO, most_bytes: int, deadline: float, clock: Callable[[], float]
) -> None:
    """Write the body, within its limits."""
    if answer.status_code != 200:
        if answer.status_code in (404, 409, 425, 429) or answer.status_code >= 500:
            raise NotReady(f"not there yet ({answer.status_code})")
        raise ProviderError(answer.status_code, "Check the account and its token.", retryable=False)
    try:
        for piece in bounded_pieces(answer, most_bytes, deadline - clock(), clock):
            sink.write(piece)
    except AnswerTooLong as error:
        raise NotFetched("larger than allowed", "Raise limits.media_mb, then replay the step.") from error
    except AnswerTooSlow as error:
        raise NotReady("too slow") from error


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication that adds none: without one, requests would look into ~/.netrc."""
    return request


def _is_providers(account: Account, url: str) -> bool:
    """Whether this is the provider: the configured interface itself, or https to one of its hosts."""
    parts, base = urlsplit(url), urlsplit(account.api_base)
    if "@" in parts.netloc or "\\" in url:
        return False
    if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
        return True
    return parts.scheme == "https" and parts.netloc.removesuffix(":443") in account.media_hosts


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _resolves_publicly(host: str) -> bool:
    """Whether every address of the host is a public one."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)}
    except OSError as error:
        raise NotReady("the file's host is unknown") from error
    return bool(found) and all(is_public(one.split("%")[0]) for one in found)

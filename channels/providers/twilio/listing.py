"""Asking the provider what it has: a call's recordings, and whether a text went out."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from channels.base.errors import NotReady, ProviderError
from channels.base.values import Recording
from channels.providers.twilio.account import NETWORK_TIMEOUT, Account
from channels.providers.twilio.proof import recording_url

_PAGE = 100


def list_recordings(session: requests.Session, account: Account, call_sid: str) -> list[Recording]:
    """Every recording of a call, oldest first; raises ``NotReady`` or ``ProviderError``."""
    found = ask(
        session, account, resource_url(account, "Recordings.json"), {"CallSid": call_sid, "PageSize": str(_PAGE)}
    )
    recordings = [one for one in found.get("recordings", []) if one.get("call_sid") == call_sid]
    return [
        Recording(
            external_id=str(one["sid"]),
            url=recording_url(account.api_base, account.sid, str(one["sid"])),
            seconds=int(one.get("duration") or 0),
            absent=one.get("status") in ("absent", "failed", "deleted"),
        )
        for one in reversed(recordings)
    ]


def find_sent(
    session: requests.Session, account: Account, *, to: str, body: str, since: date, known: Container[str] = ()
) -> str | None:
    """The identifier of a text with this body that went to this number on or after a day (UTC); None if none did.

    ``known`` are those of other messages, which may say the same.
    """
    found = ask(
        session,
        account,
        resource_url(account, "Messages.json"),
        {"To": to, "DateSent>": since.isoformat(), "PageSize": str(_PAGE)},
    )
    for one in found.get("messages", []):
        is_ours = one.get("to") == to and one.get("body") == body and one["sid"] not in known
        if is_ours and str(one.get("direction", "")).startswith("outbound"):
            return str(one["sid"])
    return None


def find_placed(
    session: requests.Session, account: Account, *, to: str, since: datetime, known: Container[str] = ()
) -> str | None:
    """The identifier of a call of ours that went to this number since then; None if none did."""
    query = {"To": to, "StartTime>": since.date().isoformat(), "PageSize": str(_PAGE)}
    for one in ask(session, account, resource_url(account, "Calls.json"), query).get("calls", []):
        is_ours = one.get("to") == to and str(one.get("direction", "")).startswith("outbound")
        if is_ours and one["sid"] not in known and _made(one) >= since:
            return str(one["sid"])
    return None


def _made(listed: Mapping[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(str(listed.get("date_created"))).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def resource_url(account: Account, resource: str) -> str:
    """The address of a resource of the account."""
    return f"{account.api_base}/2010-04-01/Accounts/{account.sid}/{resource}"


def ask(
    session: requests.Session, account: Account, address: str, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the provider answers at one of its own addresses; raises ``NotReady`` or ``ProviderError``."""
    try:
        answer = session.get(
            address, params=query, auth=(account.sid, account.token), timeout=NETWORK_TIMEOUT, allow_redirects=False
        )
        if answer.status_code == 429 or answer.status_code >= 500:
            raise NotReady(f"the provider asks to wait ({answer.status_code})")
        if answer.status_code != 200:
            raise ProviderError(answer.status_code, "Check the account and its token.", retryable=True)
        content = answer.json()
    except requests.RequestException as error:
        raise NotReady("the provider cannot be reached") from error
    return content if isinstance(content, dict) else {}

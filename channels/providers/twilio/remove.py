"""Deleting what the provider keeps of a text or a call; what is not there any more is deleted."""

from __future__ import annotations

import re

import requests

from channels.base.errors import NotReady, ProviderError
from channels.providers.twilio.account import NETWORK_TIMEOUT, Account
from channels.providers.twilio.entries import list_pictures
from channels.providers.twilio.listing import list_recordings, resource_url

_TEXT = re.compile(r"[SM]M[0-9a-fA-F]{32}")


def is_text(identifier: str) -> bool:
    """Whether this is the provider's identifier of a text."""
    return bool(_TEXT.fullmatch(identifier))


def delete_text(session: requests.Session, account: Account, message_sid: str, *, files_only: bool = False) -> None:
    """Delete a text and its pictures, or these alone.

    Raises ``NotReady`` while the text is still on its way, or ``ProviderError``.
    """
    for picture in list_pictures(session, account, message_sid):
        _delete(session, account, f"{picture.url}.json")
    if not files_only:
        _delete(session, account, resource_url(account, f"Messages/{message_sid}.json"))


def delete_call(session: requests.Session, account: Account, call_sid: str, *, files_only: bool = False) -> None:
    """Delete a call's recordings and the call itself, which holds both numbers, or the recordings alone.

    Raises as ``delete_text`` does.
    """
    for recording in list_recordings(session, account, call_sid):
        _delete(session, account, resource_url(account, f"Recordings/{recording.external_id}.json"))
    if not files_only:
        _delete(session, account, resource_url(account, f"Calls/{call_sid}.json"))


def _delete(session: requests.Session, account: Account, address: str) -> None:
    try:
        answer = session.delete(
            address, auth=(account.sid, account.token), timeout=NETWORK_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        raise NotReady("the provider cannot be reached") from error
    if answer.status_code in (204, 404):
        return
    # 409, and its error 20009: a message or a call that has not ended cannot be deleted yet.
    if answer.status_code in (409, 429) or answer.status_code >= 500:
        raise NotReady(f"the provider asks to wait ({answer.status_code})")
    raise ProviderError(answer.status_code, "Delete it in the provider's console, then replay.", retryable=True)

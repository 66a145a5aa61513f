"""Sending texts through the provider's interface, over a given HTTP session, and reading its refusals."""

from __future__ import annotations

import requests

from channels.base.errors import ChannelError, NotReady, OptedOut, ProviderError
from channels.base.values import Outgoing
from channels.providers.twilio.account import NETWORK_TIMEOUT, Account

_SLOW_DOWN = {20429, 14107, 30022}  # too many requests, too many messages, queue of the sender's number full
_OPTED_OUT = {21610}
_NEVER = {13223, 13224, 13227, 21211, 21214, 21215, 21217, 21401, 21408, 21612, 21614, 21635}
"""No such number, no mobile, no such country."""


def send_message(
    session: requests.Session, account: Account, outgoing: Outgoing, *, sender: str, status_callback: str = ""
) -> str:
    """Hand a text over to the provider and return its identifier.

    ``sender`` is a number, a name or a messaging service ("MG…"). Raises ``NotReady`` when told to
    slow down or unreachable before anything was sent, ``OptedOut``, or ``ProviderError``.
    """
    form = {"To": outgoing.to.value, "Body": outgoing.body}
    form["MessagingServiceSid" if sender.startswith("MG") and len(sender) == 34 else "From"] = sender
    if status_callback:
        form["StatusCallback"] = status_callback
    return create(session, account, "Messages.json", form)


def create(session: requests.Session, account: Account, resource: str, form: dict[str, str]) -> str:
    """Have the provider make a message or a call; its identifier. Raises as ``send_message``."""
    try:
        answer = session.post(
            f"{account.api_base}/2010-04-01/Accounts/{account.sid}/{resource}",
            data=form,
            auth=(account.sid, account.token),
            timeout=NETWORK_TIMEOUT,
            allow_redirects=False,
        )
    except requests.ConnectTimeout as error:
        raise NotReady("the provider cannot be reached") from error
    except requests.RequestException as error:
        # It may have been sent. A receipt that comes twice is better than none, so it counts and is tried again.
        raise ProviderError(0, "Check the network and the provider's status page.", retryable=True) from error
    content = _json_of(answer)
    if answer.status_code == 201 and content.get("sid"):
        return str(content["sid"])
    raise _error_of(answer.status_code, content)


def _json_of(answer: requests.Response) -> dict[str, object]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _error_of(status: int, content: dict[str, object]) -> ChannelError:
    """The provider's error as one of ours."""
    code = content.get("code")
    number = code if isinstance(code, int) else status
    if number in _OPTED_OUT:
        return OptedOut("the number has opted out")
    if number in _SLOW_DOWN or status == 429 or status >= 500:
        return NotReady(f"the provider asks to wait ({number})")
    if number in _NEVER:
        return ProviderError(number, "This number takes no texts, or no calls.", retryable=False)
    return ProviderError(number, "See the provider's page for this error number.", retryable=status not in (401, 403))

"""What ``portevoix doctor`` asks about the account."""

from __future__ import annotations

import requests

from channels.providers.twilio.account import Account
from config.probe import Probe, Unavailable

PROBE_SECONDS = 5.0


def account_probe(account: Account) -> Probe:
    """Whether account and token are right, and the interface can be reached."""
    remedy = "check the section twilio of the settings, and the network"
    return Probe("telephone provider", "brings texts and calls", lambda: _ask(account), remedy)


def _ask(account: Account) -> str:
    try:
        status = requests.get(
            f"{account.api_base}/2010-04-01/Accounts/{account.sid}.json",
            auth=(account.sid, account.token),
            timeout=PROBE_SECONDS,
            allow_redirects=False,
        ).status_code
    except requests.RequestException as error:
        raise Unavailable(f"{account.api_base} cannot be reached") from error
    if status != requests.codes.ok:
        raise Unavailable(f"it answers {status}: the account or its token is wrong")
    return "account and token are right"

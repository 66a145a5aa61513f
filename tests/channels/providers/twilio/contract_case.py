"""The account of Twilio's that the contract is tried with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from channels.base.provider_requests import HookRequest
from channels.providers.twilio.section import Twilio
from tests.channels.providers.contract_case import RESIDENT, Outside
from tests.channels.signing import sign
from tests.standins.telephone import Telephone

NUMBER, PUBLIC = "+33298000000", "https://avis.ville.example"
PATH = "/hooks/sms"


@contextmanager
def outside(_folder: Path) -> Iterator[Outside]:
    """The stand-in of its interface."""
    with Telephone("http://127.0.0.1:9") as telephone:
        account, token = telephone.api.account_sid, telephone.api.auth_token

        def signed(body: bytes) -> HookRequest:
            pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
            headers = {"X-Twilio-Signature": sign(token, PUBLIC + PATH, pairs)}
            return HookRequest(PATH, body, headers, PUBLIC, content_type="application/x-www-form-urlencoded")

        def request(words: str) -> HookRequest:
            sid = f"SM{abs(hash(words)):032x}"
            named = {"AccountSid": account, "MessageSid": sid, "From": RESIDENT, "To": NUMBER}
            return signed(urlencode({**named, "Body": words, "NumMedia": "0"}).encode())

        yield Outside(
            Twilio(account_sid=account, auth_tokens=(token, "older-token"), api_base=telephone.base, receives=NUMBER),
            lambda: [(one.to, one.body) for one in telephone.api.sent],
            secrets=(token, "older-token"),
            unreachable={"api_base": "http://127.0.0.1:9"},
            request=request,
            signed=signed,
            forged=_forged,
        )


def _forged(request: HookRequest) -> dict[str, HookRequest]:
    return {
        "a word more": replace(request, body=request.body + b"+x"),
        "another address": replace(request, raw_path=f"{PATH}?m=1"),
        "no signature": replace(request, headers={}),
        "another signature": replace(request, headers={"X-Twilio-Signature": sign("forger", PUBLIC + PATH, [])}),
    }

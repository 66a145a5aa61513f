"""The telephone that the contract is tried with."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from channels.base.provider_requests import HookRequest
from channels.providers.android.section import Phone
from tests.channels.providers.contract_case import RESIDENT, Outside
from tests.standins.android_phone import AndroidPhone
from tests.standins.web import LoopbackServer

KEY, TIME = "signing-key-of-the-app", "1795255200"


def signed(body: bytes) -> HookRequest:
    """As the app posts it."""
    signature = hmac.new(KEY.encode(), body + TIME.encode(), hashlib.sha256).hexdigest()
    return HookRequest("/hooks/phone", body, {"X-Signature": signature, "X-Timestamp": TIME})


def request(words: str) -> HookRequest:
    """A text."""
    payload = {
        "messageId": "b3c1a7",
        "message": words,
        "sender": RESIDENT,
        "receivedAt": "2026-11-12T08:00:00.000+01:00",
    }
    return signed(json.dumps({"deviceId": "ffff01", "event": "sms:received", "payload": payload}).encode())


def _forged(request: HookRequest) -> dict[str, HookRequest]:
    return {
        "a space more": replace(request, body=request.body + b" "),
        "another time": replace(request, headers={**request.headers, "X-Timestamp": "1795255201"}),
        "no signature": replace(request, headers={"X-Timestamp": TIME}),
        "another signature": replace(request, headers={"X-Timestamp": TIME, "X-Signature": "0" * 64}),
    }


@contextmanager
def outside(_folder: Path) -> Iterator[Outside]:
    """The stand-in of its app."""
    phone = AndroidPhone()
    with LoopbackServer(phone.answer) as server:
        yield Outside(
            Phone(
                signing_keys=(SecretStr(KEY), SecretStr("older-key")),
                api_base=server.base,
                user=phone.user,
                password=SecretStr(phone.password),
            ),
            lambda: list(phone.sent.values()),
            secrets=(KEY, "older-key", phone.password),
            unreachable={"api_base": "http://127.0.0.1:9"},
            request=request,
            signed=signed,
            forged=_forged,
        )

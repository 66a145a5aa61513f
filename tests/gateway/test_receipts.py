"""Which number our texts name for writing back."""

from __future__ import annotations

import pytest

from channels.providers.twilio.section import Twilio
from config.settings.loader import Settings
from gateway.receipts.compose_receipt import reply_number

# What is set, the number that was written to, and the number that our texts name.
SENDERS = {
    "a number": ({"sender": "+33 6 00 00 00 00"}, None, ""),
    "a short code": ({"sender": "38000"}, None, ""),
    "a name": ({"sender": "Brest", "receives": "+33298000000"}, None, "+33298000000"),
    "a name and a number for texts": (
        {"sender": "Brest", "receives": "+33298000000", "named_in_texts": "38000"},
        None,
        "38000",
    ),
    "a messaging service": ({"sender": "MG" + "a" * 32, "receives": "+33298000000"}, None, "+33298000000"),
    "a name, and another number was written to": (
        {"sender": "Brest", "receives": "+33298000000"},
        "+33600000000",
        "+33600000000",
    ),
    "a number, and another one was written to": ({"sender": "+33600000000"}, "+33600000001", ""),
}


@pytest.mark.parametrize(("twilio", "written_to", "named"), SENDERS.values(), ids=SENDERS)
def test_texts_name_a_number_where_the_sender_cannot_receive(
    twilio: dict[str, str], written_to: str | None, named: str
) -> None:
    account = {"account_sid": "AC" + "0" * 32, "auth_tokens": ["a token"]}
    settings = Settings(twilio=Twilio(**account, **twilio))
    assert reply_number(settings, None, written_to) == named

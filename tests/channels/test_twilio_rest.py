"""What we ask of the provider: sending, fetching; and to whom credentials are shown."""

import base64
import itertools
import json
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests

from channels.base.errors import ChannelError
from channels.base.values import Address, Outgoing
from channels.providers.twilio import api as twilio
from config.enums import AddressKind, Channel
from tests.channels.provider import Answer, Provider, session_with

ACCOUNT = twilio.Account("AC" + "0" * 32, "secret")
TEXT = Outgoing(Channel.SMS, Address(AddressKind.PHONE, "+33639980001"), "Votre avis est bien arrivé.")
SENT = Answer(201, json.dumps({"sid": "SM" + "1" * 32, "status": "queued"}).encode())
CREDENTIALS = "Basic " + base64.b64encode(f"{ACCOUNT.sid}:secret".encode()).decode()


def refusal(status: int, code: int | None = None) -> Answer:
    return Answer(status, json.dumps({"code": code, "message": "…"}).encode() if code else b"<html>")


@pytest.mark.parametrize(
    ("sender", "field"), [("VilleExemple", "From"), ("+33639980000", "From"), ("MG" + "2" * 32, "MessagingServiceSid")]
)
def test_sending(sender: str, field: str) -> None:
    provider = Provider(SENT)
    sid = twilio.send_message(
        session_with(provider), ACCOUNT, TEXT, sender=sender, status_callback="https://town.example/hooks/sms/status"
    )
    asked = provider.asked[0]
    assert sid == "SM" + "1" * 32
    assert (asked.method, asked.url) == (
        "POST",
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Messages.json",
    )
    assert asked.headers["Authorization"] == CREDENTIALS
    assert parse_qs(str(asked.body)) == {
        "To": ["+33639980001"],
        "Body": ["Votre avis est bien arrivé."],
        field: [sender],
        "StatusCallback": ["https://town.example/hooks/sms/status"],
    }


NOT_SENT = {
    "opted out": (refusal(400, 21610), twilio.OptedOut, False),
    "too many requests": (refusal(429, 20429), twilio.NotReady, True),
    "too many requests, without a reason": (refusal(429), twilio.NotReady, True),
    "the provider is down": (refusal(503), twilio.NotReady, True),
    "no such number": (refusal(400, 21211), twilio.ProviderError, False),
    "a fixed line": (refusal(400, 21614), twilio.ProviderError, False),
    "wrong token": (refusal(401, 20003), twilio.ProviderError, False),
    "something new": (refusal(400, 99999), twilio.ProviderError, True),
    "created, but nothing was": (Answer(201, b"{}"), twilio.ProviderError, True),
    "an answer that is no JSON": (Answer(201, b"[]"), twilio.ProviderError, True),
    "a redirect": (Answer(302, b"", {"Location": "https://evil.example"}), twilio.ProviderError, True),
    "never connected": (Answer(fails=requests.ConnectTimeout()), twilio.NotReady, True),
    "connection lost: perhaps sent": (Answer(fails=requests.ConnectionError()), twilio.ProviderError, True),
}


@pytest.mark.parametrize(("answer", "error", "retryable"), NOT_SENT.values(), ids=NOT_SENT)
def test_not_sent(answer: Answer, error: type[ChannelError], retryable: bool) -> None:
    provider = Provider(answer)
    with pytest.raises(error) as raised:
        twilio.send_message(session_with(provider), ACCOUNT, TEXT, sender="VilleExemple")
    assert type(raised.value) is error
    assert raised.value.retryable is retryable
    assert raised.value.remedy
    assert "secret" not in str(raised.value)
    assert len(provider.asked) == 1


RECORDING = twilio.recording_url(ACCOUNT.api_base, ACCOUNT.sid, "RE" + "7" * 32)
STAND_IN = twilio.Account(ACCOUNT.sid, "secret", api_base="http://127.0.0.1:5000", media_hosts=())
WAV = Answer(200, b"RIFF....", {"Content-Type": "audio/x-wav; rate=8000"})


def to(url: str) -> Answer:
    return Answer(307, b"", {"Location": url})


def public(host: str) -> bool:
    """A name server that knows one private host."""
    return host != "intranet.example"


FETCHED = {
    "a recording": (ACCOUNT, RECORDING, [WAV], [True]),
    "from the media host": (ACCOUNT, "https://media.twiliocdn.com/x", [WAV], [True]),
    "with the port said": (ACCOUNT, "https://api.twilio.com:443/x", [WAV], [True]),
    "from the stand-in that is configured": (STAND_IN, "http://127.0.0.1:5000/x", [WAV], [True]),
    "redirected to storage, without credentials": (
        ACCOUNT,
        RECORDING,
        [to("https://storage.example/y"), WAV],
        [True, False],
    ),
    "redirected within": (ACCOUNT, RECORDING, [to("/elsewhere"), WAV], [True, True]),
    "redirected three times": (
        ACCOUNT,
        RECORDING,
        [to("https://a.example/"), to("https://b.example/"), to("https://c.example/"), WAV],
        [True, False, False, False],
    ),
}


@pytest.mark.parametrize(("account", "url", "answers", "shown"), FETCHED.values(), ids=FETCHED)
def test_fetched(account: twilio.Account, url: str, answers: list[Answer], shown: list[bool]) -> None:
    provider, sink = Provider(*answers), BytesIO()
    kind = twilio.fetch(session_with(provider), account, url, sink, most_bytes=100, seconds=10, is_public=public)
    assert (kind, sink.getvalue()) == ("audio/x-wav", b"RIFF....")
    assert [asked.headers.get("Authorization") == CREDENTIALS for asked in provider.asked] == shown
    assert all(asked.headers.get("Authorization") in (None, CREDENTIALS) for asked in provider.asked)


NOT_FETCHED = {
    "a foreign host is never asked": (ACCOUNT, "https://evil.example/x", [], twilio.NotFetched),
    "without encryption": (ACCOUNT, "http://api.twilio.com/x", [], twilio.NotFetched),
    "a name that only begins like it": (ACCOUNT, "https://api.twilio.com.evil.example/x", [], twilio.NotFetched),
    "another behind an at sign": (ACCOUNT, "https://api.twilio.com@evil.example/x", [], twilio.NotFetched),
    "another port": (ACCOUNT, "https://api.twilio.com:8443/x", [], twilio.NotFetched),
    "a backslash": (ACCOUNT, "https://evil.example\\@api.twilio.com/x", [], twilio.NotFetched),
    "a file of ours": (ACCOUNT, "file:///etc/passwd", [], twilio.NotFetched),
    "another port of the stand-in's machine": (STAND_IN, "http://127.0.0.1:6379/x", [], twilio.NotFetched),
    "redirected to a private address": (ACCOUNT, RECORDING, [to("https://intranet.example/")], twilio.NotFetched),
    "redirected out of encryption": (ACCOUNT, RECORDING, [to("http://storage.example/")], twilio.NotFetched),
    "redirected for ever": (ACCOUNT, RECORDING, [to(RECORDING)] * 4, twilio.NotFetched),
    "too large": (ACCOUNT, RECORDING, [Answer(200, b"x" * 101)], twilio.NotFetched),
    "not there yet": (ACCOUNT, RECORDING, [Answer(404)], twilio.NotReady),
    "the provider is down": (ACCOUNT, RECORDING, [Answer(503)], twilio.NotReady),
    "slow down": (ACCOUNT, RECORDING, [Answer(429)], twilio.NotReady),
    "wrong token": (ACCOUNT, RECORDING, [Answer(401)], twilio.ProviderError),
    "gone for good": (ACCOUNT, RECORDING, [Answer(410)], twilio.ProviderError),
    "connection lost": (ACCOUNT, RECORDING, [Answer(fails=requests.ConnectionError())], twilio.NotReady),
}


@pytest.mark.parametrize(("account", "url", "answers", "error"), NOT_FETCHED.values(), ids=NOT_FETCHED)
def test_not_fetched(account: twilio.Account, url: str, answers: list[Answer], error: type[ChannelError]) -> None:
    provider = Provider(*answers)
    with pytest.raises(error) as raised:
        twilio.fetch(session_with(provider), account, url, BytesIO(), most_bytes=100, seconds=10, is_public=public)
    assert type(raised.value) is error
    assert not provider.answers


def test_a_host_that_dribbles_is_left() -> None:
    times = itertools.count(step=11.0)
    with pytest.raises(twilio.NotReady):
        twilio.fetch(
            session_with(Provider(WAV)),
            ACCOUNT,
            RECORDING,
            BytesIO(),
            most_bytes=100,
            seconds=10,
            clock=lambda: next(times),
        )


def test_loopback_is_no_public_address() -> None:
    provider = Provider(to("https://localhost/"))
    with pytest.raises(twilio.NotFetched):
        twilio.fetch(session_with(provider), ACCOUNT, RECORDING, BytesIO(), most_bytes=100, seconds=10)


def test_a_netrc_file_gives_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine storage.example login anna password hush\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    provider = Provider(to("https://storage.example/y"), WAV)
    twilio.fetch(session_with(provider), ACCOUNT, RECORDING, BytesIO(), most_bytes=100, seconds=10, is_public=public)
    assert "Authorization" not in provider.asked[1].headers

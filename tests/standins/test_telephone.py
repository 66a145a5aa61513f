"""The telephone provider signs, phones, serves and refuses as the real one does."""

from __future__ import annotations

import io
import json
import os
import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.standins.telephone import Telephone, sign
from tests.standins.web import Answer, Asked, LoopbackServer

# From https://www.twilio.com/docs/usage/security and the provider's own library's tests.
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SIGNED = [
    pytest.param(
        [
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ],
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        id="the documentation's own call",
    ),
    pytest.param(
        [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "5678")],
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        id="a repeated field counts once per value",
    ),
]


@pytest.mark.parametrize(("fields", "expected"), SIGNED)
def test_signature(fields: list[tuple[str, str]], expected: str) -> None:
    assert sign(URL, fields, TOKEN) == expected


def test_signature_against_the_collected_vectors() -> None:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS names no corpus")
    vectors = json.loads((Path(corpus) / "twilio/signature_vectors/vectors.json").read_text())
    of_forms = [one for one in vectors if one["valid"] and "signed" not in one["name"] and "body" not in one]
    plain = [one for one in of_forms if "bodySHA256" not in one["url"]]
    assert plain
    for one in plain:
        fields = [tuple(pair) for pair in one.get("params_list", [])] or list(one["params"].items())
        assert sign(one["url"], fields, one["auth_token"]) == one["signature"], one["name"]


GREETING = """<Response>
  <Say language="fr-FR">Bonjour</Say>
  <Gather numDigits="1" action="/hooks/voice/key"><Say>Touche 2</Say></Gather>
  <Record action="voice/after?l=fr" recordingStatusCallback="/hooks/recorded"/>
  <Redirect>/hooks/voice/again</Redirect>
</Response>"""


class Gateway:
    """A gateway in one page: greets, records, then says a number."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.server = LoopbackServer(self.answer)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        documents = {
            "/hooks/sms": "<Response/>",
            "/hooks/voice": GREETING,
            "/hooks/voice/key": "<Response><Say>Votre suite</Say><Hangup/></Response>",
            "/hooks/voice/after": "<Response><Say>Merci, 4, 8, 2</Say><Hangup/></Response>",
            "/hooks/voice/again": "<Response><Say>Nous n'avons rien entendu</Say><Hangup/></Response>",
            "/hooks/recorded": "",
        }
        return Answer(200, documents[asked.path].encode(), "text/xml")

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    with gateway.server:
        yield gateway


@pytest.fixture
def provider(gateway: Gateway) -> Iterator[Telephone]:
    with Telephone(gateway.server.base, recording_not_ready=1) as provider:
        yield provider


def one_second() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000)
    return target.getvalue()


def test_a_text_is_posted_signed_and_listed(gateway: Gateway, provider: Telephone) -> None:
    delivery = provider.text("+33639980001", "+33261910000", "plus de bancs à l'ombre, s'il vous plaît")
    asked = gateway.asked[0]
    assert (delivery.status, asked.path) == (200, "/hooks/sms")
    assert asked.headers["x-twilio-signature"] == sign(provider.text_hook, asked.form(), provider.api.auth_token)
    assert dict(asked.form())["Body"] == "plus de bancs à l'ombre, s'il vous plaît"
    assert [message["sid"] for message in provider.api.received] == [delivery.sid]
    assert provider.again(delivery).fields == delivery.fields
    assert gateway.asked[1].headers["x-twilio-signature"] == asked.headers["x-twilio-signature"]


CALLS = [
    pytest.param(
        {"speech": one_second()},
        ["Bonjour", "Touche 2", "Merci, 4, 8, 2"],
        {"/hooks/voice", "/hooks/voice/after", "/hooks/recorded"},
        id="speaks and stays for the number",
    ),
    pytest.param(
        {"speech": one_second(), "hangs_up": "after_speaking"},
        ["Bonjour", "Touche 2"],
        {"/hooks/voice", "/hooks/recorded"},
        id="hangs up after speaking: only the callback tells",
    ),
    pytest.param(
        {"speech": None},
        ["Bonjour", "Touche 2", "Nous n'avons rien entendu"],
        {"/hooks/voice", "/hooks/voice/again"},
        id="says nothing: the verb after Record is reached",
    ),
    pytest.param(
        {"speech": None, "keys": ["2"]},
        ["Bonjour", "Touche 2", "Votre suite"],
        {"/hooks/voice", "/hooks/voice/key"},
        id="presses a key",
    ),
    pytest.param(
        {"speech": one_second(), "hangs_up": "at_greeting"},
        ["Bonjour", "Touche 2"],
        {"/hooks/voice"},
        id="hangs up at once",
    ),
]


@pytest.mark.parametrize(("how", "said", "paths"), CALLS)
def test_a_call_follows_the_documents(
    gateway: Gateway, provider: Telephone, how: dict[str, object], said: list[str], paths: set[str]
) -> None:
    call = provider.call("+33639980001", "+33261910000", callback_first=True, **how)  # type: ignore[arg-type]
    assert call.said == said
    assert set(gateway.paths()) == paths
    assert {dict(asked.form())["CallSid"] for asked in gateway.asked} == {call.sid}
    assert {delivery.status for delivery in call.deliveries} == {200}


def test_a_recording_is_late_and_needs_credentials(provider: Telephone) -> None:
    call = provider.call("+33639980001", "+33261910000", one_second(), callback_first=True)
    (callback,) = [one for one in call.deliveries if one.url.endswith("/hooks/recorded")]
    url = dict(callback.fields)["RecordingUrl"] + ".wav"
    login = (provider.api.account_sid, provider.api.auth_token)
    assert "From" not in dict(callback.fields)
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, auth=login, timeout=5).status_code == 404
    assert requests.get(url, auth=login, timeout=5).content == one_second()
    assert requests.delete(url.removesuffix(".wav") + ".json", auth=login, timeout=5).status_code == 204
    assert provider.api.deleted == call.recordings


def test_a_picture_is_stored_elsewhere_and_wants_no_credentials_there(provider: Telephone) -> None:
    delivery = provider.text("+33639980001", "+33261910000", "", [("image/jpeg", b"\xff\xd8picture")])
    url = dict(delivery.fields)["MediaUrl0"]
    login = (provider.api.account_sid, provider.api.auth_token)
    first = requests.get(url, auth=login, timeout=5, allow_redirects=False)
    assert (first.status_code, urlsplit(first.headers["Location"]).netloc != urlsplit(url).netloc) == (307, True)
    assert requests.get(first.headers["Location"], timeout=5).content == b"\xff\xd8picture"
    assert provider.api.leaked_credentials == 0
    requests.get(first.headers["Location"], auth=login, timeout=5)
    assert provider.api.leaked_credentials == 1


SENDING = [
    pytest.param({"To": "+33639980001", "From": "Brest", "Body": "bien reçu"}, 201, None, id="sent"),
    pytest.param({"To": "+33639980001", "From": "Brest"}, 400, 21604, id="without a body"),
    pytest.param({"To": "+33639980002", "From": "Brest", "Body": "x"}, 400, 21610, id="to a number that opted out"),
]


@pytest.mark.parametrize(("fields", "status", "code"), SENDING)
def test_sending(provider: Telephone, fields: dict[str, str], status: int, code: int | None) -> None:
    provider.api.opted_out.add("+33639980002")
    got = provider_post(provider, fields)
    assert (got.status_code, got.json().get("code")) == (status, code)
    sent = provider.wait_for_text("+33639980001", seconds=0)
    assert (sent is not None) == (status == 201)


def test_slow_down_then_sent(provider: Telephone) -> None:
    provider.api.refusals.append((429, 20429))
    fields = {"To": "+33639980001", "From": "Brest", "Body": "bien arrivé"}
    assert [provider_post(provider, fields).status_code for _ in range(2)] == [429, 201]


def test_lists_come_in_pages(provider: Telephone) -> None:
    for number in range(3):
        provider.text("+33639980001", "+33261910000", f"message {number}")
    login = (provider.api.account_sid, provider.api.auth_token)
    path: str | None = f"/2010-04-01/Accounts/{provider.api.account_sid}/Messages.json?PageSize=2"
    bodies = []
    while path:
        page = requests.get(provider.base + path, auth=login, timeout=5).json()
        bodies += [message["body"] for message in page["messages"]]
        path = page["next_page_uri"]
    assert bodies == ["message 2", "message 1", "message 0"]


def test_nobody_answers(provider: Telephone, gateway: Gateway) -> None:
    provider._connect_to = "http://127.0.0.1:9"
    delivery = provider.text("+33639980001", "+33261910000", "perdu ?")
    assert delivery.status == 0
    assert provider.api.received[0]["body"] == "perdu ?"


def provider_post(provider: Telephone, fields: dict[str, str]) -> requests.Response:
    login = (provider.api.account_sid, provider.api.auth_token)
    url = f"{provider.base}/2010-04-01/Accounts/{provider.api.account_sid}/Messages.json"
    return requests.post(url, data=fields, auth=login, timeout=5)


def test_query_strings_are_kept_as_sent(gateway: Gateway, provider: Telephone) -> None:
    provider.call("+33639980001", "+33261910000", one_second(), callback_first=True)
    (after,) = [asked for asked in gateway.asked if asked.path == "/hooks/voice/after"]
    assert after.query == {"l": "fr"}
    signed = sign(gateway.server.base + "/hooks/voice/after?l=fr", after.form(), provider.api.auth_token)
    assert after.headers["x-twilio-signature"] == signed
    assert dict(parse_qsl(after.body.decode()))["RecordingDuration"] == "1"

"""The app's proof, and its settings: who may post an event, and where texts may be handed over in the clear."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from channels.base.errors import RequestRefused
from channels.base.values import DeliveryStatus, Fields
from channels.providers.android import webhook
from channels.providers.android.section import Phone
from channels.sms import text_message

KEY, TIME = "key", "1795255200"
BODY = b'{"event": "sms:received", "payload": {"message": "x"}}'


def signature(body: bytes = BODY, key: str = KEY, time: str = TIME) -> str:
    return hmac.new(key.encode(), body + time.encode(), hashlib.sha256).hexdigest()


REFUSED = {
    "no signature": ("missing_signature", {"signature": None}),
    "an empty one": ("missing_signature", {"signature": ""}),
    "no key set": ("no_token", {"keys": []}),
    "another key": ("wrong_signature", {"signature": signature(key="x")}),
    "another time": ("wrong_signature", {"timestamp": "1795255201"}),
    "no time": ("wrong_signature", {"timestamp": None}),
    "another body": ("wrong_signature", {"body": BODY + b" "}),
    "in base64": ("wrong_signature", {"signature": "Zm9yZ2Vk"}),
    "not even ASCII": ("wrong_signature", {"signature": "é" * 64}),
}


def check(**changed: object) -> Fields:
    asked = {"keys": [KEY], "body": BODY, "signature": signature(), "timestamp": TIME, **changed}
    return webhook.check_request(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(("reason", "changed"), REFUSED.values(), ids=REFUSED)
def test_refused(reason: str, changed: dict[str, object]) -> None:
    with pytest.raises(RequestRefused) as refused:
        check(**changed)
    assert refused.value.reason == reason


def test_accepted_in_either_case_of_the_digits() -> None:
    assert check()["payload.message"] == "x"
    assert check(signature=signature().upper())["payload.message"] == "x"


@given(st.binary(max_size=200), st.text(max_size=70), st.text(max_size=12))
def test_nothing_but_refused_is_raised(body: bytes, claimed: str, time: str) -> None:
    with pytest.raises(RequestRefused):
        check(body=body, signature=claimed, timestamp=time)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


@given(json_values, st.dictionaries(st.sampled_from(["messageId", "sender", "receivedAt", "message"]), json_values))
def test_whatever_is_signed_is_a_text_or_refused(device: object, payload: dict[str, object]) -> None:
    body = json.dumps({"deviceId": device, "event": "sms:received", "payload": payload}).encode()
    fields = check(body=body, signature=signature(body))
    try:
        [text] = text_message.parse_text_message(fields, webhook.TEXTS)
    except RequestRefused:
        return
    text.body.encode()
    text.addressed_to.encode()


STATUSES = {
    "sent": ("sms:sent", "portevoix-brest-12", DeliveryStatus("portevoix-brest-12", "sent", message_id=12)),
    "failed": ("sms:failed", "portevoix-le-mans-3", DeliveryStatus("portevoix-le-mans-3", "failed", message_id=3)),
    "somebody else's": ("sms:sent", "zXDYfTmTVf3iMd16zzdBj", None),
    "no status": ("sms:received", "portevoix-brest-12", None),
    "a number too long for any row": ("sms:sent", "portevoix-brest-" + "9" * 30, None),
}


@pytest.mark.parametrize(("event", "name", "expected"), STATUSES.values(), ids=STATUSES)
def test_status(event: str, name: str, expected: DeliveryStatus | None) -> None:
    assert webhook.parse_status(Fields({"event": event, "payload.messageId": name})) == expected


@pytest.mark.parametrize(
    "url", ["https://api.sms-gate.app/3rdparty/v1", "http://192.168.1.10:8080", "http://127.0.0.1:1"]
)
def test_where_a_telephone_may_be(url: str) -> None:
    assert Phone(api_base=url, user="u", password=SecretStr("p")).sends


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_base": "http://sms.example/v1", "user": "u", "password": "p"},
        {"api_base": "http://192.168.1.10:8080", "user": "", "password": "p"},
        {"api_base": "http://192.168.1.10:8080", "user": "u"},
    ],
    ids=["in the clear through the world", "no user", "no password"],
)
def test_where_it_may_not(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Phone.model_validate(wrong)

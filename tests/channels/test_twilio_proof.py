"""The provider's proof: who may post a webhook, and what may not pass for one."""

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote_plus, urlencode, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.base.errors import RequestRefused
from channels.base.values import DeliveryStatus, Fields
from channels.providers.twilio import api as twilio
from tests.channels.payloads import ACCOUNT, body, fields
from tests.channels.signing import sign, sign_body

TOKEN = "12345"
PUBLIC = "https://town.example"
PATH = "/hooks/sms"


def check(raw: bytes, signature: str | None, **other: object) -> Fields:
    asked = {"tokens": [TOKEN], "public_url": PUBLIC, "raw_path": PATH, "account": ACCOUNT, **other}
    return twilio.check_request(body=raw, signature=signature, **asked)  # type: ignore[arg-type]


def signed(raw: bytes, url: str = PUBLIC + PATH, token: str = TOKEN) -> str:
    return sign(token, url, list(twilio.parse_form(raw).pairs))


TEXT = body("sms/plain")

ACCEPTED = {
    "as signed": {},
    "the second of two tokens": {"tokens": ["new", TOKEN]},
    "a slash after the public address": {"public_url": f"{PUBLIC}/"},
    "our own address is of no matter": {"seen_url": "http://127.0.0.1:8080"},
    "a charset beside the content type": {"content_type": "application/x-www-form-urlencoded; charset=UTF-8"},
    "no content type": {"content_type": ""},
    "whatever account when none is set": {"account": ""},
}


@pytest.mark.parametrize("other", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(other: dict[str, object]) -> None:
    assert check(TEXT, signed(TEXT), **other)["Body"] == "Plus de bancs rue de Siam, devant la médiathèque"


REFUSED = {
    "no signature": ("missing_signature", None, {}),
    "an empty signature": ("missing_signature", "", {}),
    "no token set": ("no_token", signed(TEXT), {"tokens": []}),
    "another's token": ("wrong_signature", signed(TEXT, token="54321"), {}),
    "cut short": ("wrong_signature", signed(TEXT)[:-1], {}),
    "not even ASCII": ("wrong_signature", "é" * 28, {}),
    "not base64": ("wrong_signature", "\udc80", {}),
    "another path": ("wrong_signature", signed(TEXT, PUBLIC + "/hooks/voice"), {}),
    "another query": ("wrong_signature", signed(TEXT), {"raw_path": PATH + "?a=1"}),
    "signed for the address seen": (
        "wrong_url",
        signed(TEXT, "http://127.0.0.1:8080" + PATH),
        {"seen_url": "http://127.0.0.1:8080/"},
    ),
    "another account": ("wrong_account", signed(TEXT), {"account": "AC" + "f" * 32}),
    "a body that is no form, hash missing": (
        "wrong_signature",
        sign_body(TOKEN, PUBLIC + PATH),
        {"content_type": "application/json"},
    ),
}


@pytest.mark.parametrize(("reason", "signature", "other"), REFUSED.values(), ids=REFUSED)
def test_refused(reason: str, signature: str | None, other: dict[str, object]) -> None:
    with pytest.raises(RequestRefused) as refused:
        check(TEXT, signature, **other)
    assert refused.value.reason == reason
    assert refused.value.remedy


def test_one_altered_byte_is_refused() -> None:
    signature = signed(TEXT)
    with pytest.raises(RequestRefused):
        check(TEXT.replace(b"bancs", b"bencs"), signature)


def test_a_form_of_too_many_fields_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        check(b"&".join(b"a%d=1" % i for i in range(1000)), "x")
    assert refused.value.reason == "malformed"


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
values = st.one_of(st.text(max_size=40), st.sampled_from(["", " ", "é ", "a&b=c", "1+1", "\u00a0", "👍"]))
hosts = st.sampled_from(
    [
        "town.example",
        "town.example:8443",
        "127.0.0.1:8080",
        "[2001:db8::1]",
        "[2001:db8::1]:8443",
        "user:pw@town.example",
    ]
)
queries = st.sampled_from(["", "?l=fr", "?l=fr&n=2", "?q=%C3%A9+%20", "?a=1&a=2", "?empty=", "?x=%26"])


@given(
    pairs=st.lists(st.tuples(names, values), max_size=15),
    scheme=st.sampled_from(["https", "http"]),
    host=hosts,
    query=queries,
)
@example(pairs=[("A", "1"), ("A", "1"), ("A", "0")], scheme="https", host="[2001:db8::1]:8443", query="?l=fr")
def test_agrees_with_an_independent_implementation(
    pairs: list[tuple[str, str]], scheme: str, host: str, query: str
) -> None:
    url = f"{scheme}://{host}"
    raw = urlencode(pairs).encode()
    asked = {"public_url": url, "raw_path": PATH + query, "account": ""}
    assert check(raw, sign(TOKEN, url + PATH + query, pairs), **asked).pairs == tuple(pairs)
    with pytest.raises(RequestRefused):
        check(raw, sign(TOKEN, url + PATH + query, [*pairs, ("extra", "")]), **asked)


@given(host=hosts, scheme=st.sampled_from(["https", "http"]))
def test_signed_with_or_without_the_port(host: str, scheme: str) -> None:
    """The provider's back ends differ in whether they sign the port."""
    parts = urlsplit(f"{scheme}://{host}")
    name = host if parts.port is None else host.rpartition(":")[0]
    port = parts.port or {"https": 443, "http": 80}[scheme]
    for variant in (name, f"{name}:{port}"):
        signature = sign(TOKEN, f"{scheme}://{variant}{PATH}", [("a", "1")])
        check(b"a=1", signature, public_url=f"{scheme}://{host}", account="")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_nothing_else_than_refused_is_raised(raw: bytes, signature: str) -> None:
    with pytest.raises(RequestRefused):
        check(raw, signature)


def test_bytes_that_are_no_utf8_are_replaced_and_the_rest_kept() -> None:
    assert twilio.parse_form(b"Body=caf%E9&Empty=&Body=2").pairs == (
        ("Body", "caf\ufffd"),
        ("Empty", ""),
        ("Body", "2"),
    )


SID = "SM" + "1" * 32
OTHER = "SM" + "f" * 32

IDENTITIES = {
    "well formed": ([("MessageSid", SID), ("SmsMessageSid", SID)], SID),
    "a picture message": ([("MessageSid", "MM" + "a" * 32)], "MM" + "a" * 32),
    "a reply names the message it answers": ([("MessageSid", SID), ("OriginalRepliedMessageSid", OTHER)], SID),
    "posted twice alike": ([("MessageSid", SID), ("MessageSid", SID)], SID),
}


@pytest.mark.parametrize(("pairs", "expected"), IDENTITIES.values(), ids=IDENTITIES)
def test_identity(pairs: list[tuple[str, str]], expected: str) -> None:
    assert twilio.provider_identifier(Fields(pairs), "MessageSid", "SM|MM") == expected


# A=1B2 signs like A=1 with B=2: what such cutting can make of a signed request.
CUT_UP = {
    "missing": [],
    "empty": [("MessageSid", "")],
    "of another kind": [("MessageSid", "CA" + "1" * 32)],
    "swallowing the next field": [("MessageSid", f"{SID}NumMedia0")],
    "cut short": [("MessageSid", SID[:-1])],
    "posted twice, different": [("MessageSid", SID), ("MessageSid", OTHER)],
    "with a line end": [("MessageSid", f"{SID}\n")],
    "another in the text": [("MessageSid", SID), ("Body", f"bonjourFrom+33639980001MessageSid{OTHER}")],
    "the genuine one in a value": [("MessageSid", OTHER), ("Zrest", f"From+33639980001MessageSid{SID}")],
    "the genuine one across two fields": [("MessageSid", OTHER), ("ZFrom", "+33639980001M"), ("essageSid", SID)],
}


@pytest.mark.parametrize("pairs", CUT_UP.values(), ids=CUT_UP)
def test_cut_up_requests_are_no_new_message(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(RequestRefused) as refused:
        twilio.provider_identifier(Fields(pairs), "MessageSid", "SM|MM")
    assert refused.value.reason == "malformed"


STATUSES = {
    "on its way": ({"MessageStatus": "sending"}, None),
    "sent": ({"MessageStatus": "sent"}, DeliveryStatus(SID, "sent")),
    "delivered": ({"MessageStatus": "delivered"}, DeliveryStatus(SID, "delivered")),
    "undelivered": ({"MessageStatus": "undelivered", "ErrorCode": "30005"}, DeliveryStatus(SID, "failed", "30005")),
    "opted out": (
        {"MessageStatus": "failed", "ErrorCode": "21610"},
        DeliveryStatus(SID, "failed", "21610", opted_out=True),
    ),
    "unheard of": ({"MessageStatus": "teleported"}, None),
    "none": ({}, None),
}


@pytest.mark.parametrize(("posted", "expected"), STATUSES.values(), ids=STATUSES)
def test_status(posted: dict[str, str], expected: DeliveryStatus | None) -> None:
    assert twilio.parse_status(Fields({"MessageSid": SID, **posted})) == expected


def _vectors() -> list[dict[str, object]]:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: the provider's own vectors are not at hand")
    vectors: list[dict[str, object]] = json.loads(
        (Path(corpus) / "twilio/signature_vectors/vectors.json").read_text(encoding="utf-8")
    )
    return vectors


def test_the_providers_own_vectors() -> None:
    for vector in _vectors():
        parts = urlsplit(str(vector["url"]))
        params = vector.get("params")
        listed = vector.get("params_list", [])
        pairs = list(params.items()) if isinstance(params, dict) else [(name, value) for name, value in listed]
        is_json = "body" in vector
        asked = {
            "tokens": [vector["auth_token"]],
            "public_url": f"{parts.scheme}://{parts.netloc}",
            "raw_path": f"{parts.path}?{parts.query}",
            "content_type": "application/json" if is_json else "application/x-www-form-urlencoded",
            "account": "",
        }
        raw = str(vector["body"]).encode() if is_json else urlencode(pairs, quote_via=quote_plus).encode()
        check(raw, str(vector["signature"]), **asked)
        forged = base64.b64encode(bytes(reversed(base64.b64decode(str(vector["signature"]))))).decode()
        with pytest.raises(RequestRefused):
            check(raw, forged, **asked)
        if is_json:
            with pytest.raises(RequestRefused):
                check(raw + b" ", str(vector["signature"]), **asked)


def test_every_payload_of_ours_is_accepted_when_signed() -> None:
    folder = Path(__file__).parent.parent / "payloads"
    found = sorted(folder.glob("*/*.form"))
    assert len(found) >= 20
    for path in found:
        raw = path.read_bytes().strip()
        assert check(raw, signed(raw)) == fields(str(path.relative_to(folder).with_suffix("")))

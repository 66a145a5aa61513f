"""5,000 generated requests: our check agrees with one written a second time; nothing forged is stored, nothing is 500.

The second implementation (``tests.channels.signing``) follows the provider's documentation and shares
nothing with the first. Every run of the tests generates 5,000 anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import func, select

from channels.base.errors import RequestRefused
from channels.providers.twilio import api as twilio
from channels.providers.twilio.section import Twilio
from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.models import Arrival, Intake, Refusal
from inbox.storage.database import Store
from tests.channels.signing import sign, sign_body
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN

# With the profile of make soak 4000 and 1000.
CHECKED = max(400, 2 * settings().max_examples)
POSTED = max(100, settings().max_examples // 2)
OLD_TOKEN = "token-before-the-change"
SID, OTHER = "SM" + "1" * 32, "SM" + "f" * 32

characters = st.characters(codec="utf-8")
awkward = st.sampled_from(
    [
        "",
        " ",
        "  ",
        "\u00a0",
        "+",
        "%",
        "%2B",
        "&",
        "=",
        "a=b&c",
        "é",
        "e\u0301",
        "👍",
        "\u202e",
        "\r\n",
        "\t",
        "'",
        '"',
    ]
)
names = st.one_of(
    st.sampled_from(["Body", "From", "A", "a", "AB", "Ä", "Media.Url", " x "]),
    st.text(characters, min_size=1, max_size=9),
)
values = st.one_of(awkward, st.text(characters, max_size=30))
hosts = st.sampled_from(
    [
        "avis.ville.example",
        "AVIS.ville.example",
        "xn--bcher-kva.example",
        "127.0.0.1",
        "[2001:db8::1]",
        "[::1]",
        "user:pass@avis.ville.example",
        "user@avis.ville.example",
        "u%40x:p%3A@[2001:db8::1]",
    ]
)
ports = st.sampled_from(["", ":80", ":443", ":8080", ":8443"])
paths = st.sampled_from(
    ["/hooks/sms", "/hooks/sms/", "/hooks/voice/speak", "/a%20b/%C3%A9", "/avis//hooks/sms", "/hooks/sms;x=1"]
)
queries = st.one_of(
    st.just(""),
    st.lists(st.tuples(names, values), min_size=1, max_size=4).map(lambda pairs: "?" + urlencode(pairs)),
    st.sampled_from(["?", "?a", "?a=&b", "?a=1&a=2", "?q=a+b", "?q=a%20b", "?x=%e9", "?l=fr&n=2"]),
)


@dataclass(frozen=True)
class Generated:
    """A request as the outside may send it, and the address and token it was signed with."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    pairs: tuple[tuple[str, str], ...]
    body: bytes | None
    """A body that is no form."""

    @property
    def public_url(self) -> str:
        return f"{self.scheme}://{self.host}{self.port}"

    @property
    def raw_path(self) -> str:
        return self.path + self.query


@st.composite
def requests_of_the_outside(draw: st.DrawFn) -> Generated:
    pairs = draw(st.lists(st.tuples(names, values), max_size=12))
    if pairs and draw(st.booleans()):
        pairs += draw(st.lists(st.sampled_from(pairs), max_size=3))  # repeated, value for value
    pairs = draw(st.permutations(pairs))
    body = draw(st.one_of(st.none(), st.binary(max_size=60), st.dictionaries(names, values, max_size=3).map(_json)))
    query = draw(queries)
    if body is not None:
        query += ("&" if query else "?") + "bodySHA256=" + hashlib.sha256(body).hexdigest()
    where = (draw(st.sampled_from(["https", "http"])), draw(hosts), draw(ports), draw(paths))
    return Generated(*where, query, tuple(pairs), body)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def agreed(request: Generated, url: str, token: str) -> str:
    """The signature, as the second implementation makes it."""
    return sign_body(token, url) if request.body is not None else sign(token, url, list(request.pairs))


def ours(request: Generated, signature: str | None, raw_path: str | None = None, **changed: Any) -> bool:
    """Whether our check accepts the request."""
    form = request.body is None
    asked: dict[str, Any] = {
        "tokens": [TOKEN, OLD_TOKEN],
        "public_url": request.public_url,
        "raw_path": raw_path or request.raw_path,
        "body": urlencode(request.pairs).encode() if request.body is None else request.body,
        "signature": signature,
        "content_type": "application/x-www-form-urlencoded" if form else "application/json",
        "seen_url": "http://proxy.internal:5000",
    }
    try:
        fields = twilio.check_request(**asked | changed)
    except RequestRefused:
        return False
    assert not form or fields.pairs == request.pairs
    return True


def urls_the_provider_signs(request: Generated) -> set[str]:
    """The address as configured, with its port and without: the provider's back ends differ."""
    standard = {"https": ":443", "http": ":80"}[request.scheme]
    return {f"{request.scheme}://{request.host}{port}{request.raw_path}" for port in {"", request.port or standard}}


@settings(max_examples=CHECKED, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    request=requests_of_the_outside(),
    token=st.sampled_from([TOKEN, OLD_TOKEN, "somebody-elses"]),
    signed_url=st.sampled_from(["as configured", "port", "proxy", "host", "scheme", "path", "query"]),
    signature_of=st.sampled_from(["it", "it", "it", "more", "less", "none", "blank", "cut"]),
)
def test_our_check_agrees_with_the_second_one(
    request: Generated, token: str, signed_url: str, signature_of: str
) -> None:
    """Accepted if, and only if, the second implementation makes the same signature for an address of ours."""
    url = {
        "as configured": request.public_url + request.raw_path,
        "port": f"{request.scheme}://{request.host}{request.raw_path}",
        "proxy": "http://proxy.internal:5000" + request.raw_path,
        "host": f"{request.scheme}://other.example{request.raw_path}",
        "scheme": f"{'http' if request.scheme == 'https' else 'https'}://{request.host}{request.port}{request.raw_path}",
        "path": f"{request.public_url}/x{request.raw_path}",
        "query": f"{request.public_url}{request.raw_path}&x",
    }[signed_url]
    pairs = request.pairs
    if signature_of == "more":
        pairs = (*pairs, ("Zz", "1"))
    elif signature_of == "less":
        pairs = pairs[1:]
    made = agreed(Generated(**{**vars(request), "pairs": pairs}), url, token)
    signature = {"none": None, "blank": "", "cut": made[:-1]}.get(signature_of, made)
    valid = {
        agreed(request, address, one) for address in urls_the_provider_signs(request) for one in (TOKEN, OLD_TOKEN)
    }
    assert ours(request, signature) is (signature in valid)


# --- through the door ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[tuple[FlaskClient, Store]]:
    """One gateway for a thousand requests: each is told from the others by its own identifier."""
    data, keys = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("keys")
    shutil.copy(sqlite_template, data / "portevoix.sqlite")
    provider = Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr(TOKEN),), sender=NUMBER, receives=NUMBER)
    configured = Settings(public_url=PUBLIC_URL, data_dir=data, keys_dir=keys, twilio=provider)
    store = Store.open(configured)
    yield create_app(configured, store).test_client(), store
    store.close()


def genuine(number: int, body: str) -> list[tuple[str, str]]:
    sid = f"SM{number:032x}"
    usual = {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "From": "+33639980001", "To": NUMBER}
    return list({**usual, "Body": body, "NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01"}.items())


def stored(store: Store) -> tuple[int, int]:
    with store.read() as session:
        return session.scalar(select(func.count(Intake.id))) or 0, session.scalar(select(func.count(Arrival.id))) or 0


def cut_anew(pairs: list[tuple[str, str]], first: int, length: int) -> list[tuple[str, str]]:
    """The same signed string, cut differently: a name and its value moved into the field before, or part of them."""
    kept = sorted(set(pairs))
    place = first % (len(kept) - 1)
    before, after = kept[place], kept[place + 1]
    glued = after[0] + after[1]
    # Mostly where the order of the fields stays, for only then the signature fits.
    cut = (0, len(glued))[length % 2] if first % 3 else length % (len(glued) + 1)
    rest = [(glued[cut : cut + 1 + length % 7], glued[cut + 1 + length % 7 :])] if cut < len(glued) else []
    return [*kept[:place], (before[0], before[1] + glued[:cut]), *rest, *kept[place + 2 :]]


_numbers = iter(range(1, 1_000_000))


@settings(max_examples=POSTED, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=values,
    alteration=st.sampled_from(
        [
            "unsigned",
            "blank",
            "forged",
            "other token",
            "body",
            "field",
            *["cut"] * 4,
            "json",
            "bytes",
            "host",
        ]
    ),
    first=st.integers(0, 12),
    length=st.integers(0, 60),
    noise=st.text(max_size=30),
)
def test_nothing_forged_is_stored_and_nothing_altered_is_a_second_message(
    door: tuple[FlaskClient, Store], body: str, alteration: str, first: int, length: int, noise: str
) -> None:
    client, store = door
    pairs, url = genuine(next(_numbers), body), f"{PUBLIC_URL}/hooks/sms"
    right = sign(TOKEN, url, pairs)

    def post(raw: bytes, signature: str | None, kind: str = "application/x-www-form-urlencoded", **headers: str) -> int:
        given_headers = {**headers} if signature is None else {"X-Twilio-Signature": signature, **headers}
        overrides = {"RAW_URI": "/hooks/sms"}
        return client.post(
            "/hooks/sms", data=raw, content_type=kind, headers=given_headers, environ_overrides=overrides
        ).status_code

    raw = urlencode(pairs).encode()
    before = stored(store)
    if alteration == "cut":
        # By the scheme's own weakness it may fit: then it is refused, or the message itself, never another one.
        altered = cut_anew(pairs, first, length)
        fits = sign(TOKEN, url, altered) == right
        assert post(urlencode(altered).encode(), right) in ((200, 403) if fits else (403,))
        assert post(raw, right) == 200
        assert stored(store)[0] == before[0] + 1
        return
    refused = {
        "unsigned": lambda: post(raw, None),
        "blank": lambda: post(raw, ""),
        "forged": lambda: post(raw, quote(noise) or "x"),
        "other token": lambda: post(raw, sign("another", url, pairs)),
        "body": lambda: post(urlencode([*pairs[:-4], ("Body", body + "!"), *pairs[-3:]]).encode(), right),
        "field": lambda: post(raw + b"&" + quote_plus(noise or "x").encode() + b"=1", right),
        "json": lambda: post(json.dumps(dict(pairs)).encode(), right, "application/json"),
        "bytes": lambda: post(noise.encode() + b"\xff&=&=%zz", right),
        "host": lambda: post(raw, sign(TOKEN, "https://evil.example/hooks/sms", pairs), Host="evil.example"),
    }[alteration]
    assert refused() == 403
    assert stored(store) == before


def test_the_refusals_were_counted_with_their_reasons(door: tuple[FlaskClient, Store]) -> None:
    client, store = door
    client.post("/hooks/sms", data=b"Body=x")
    with store.read() as session:
        assert "missing_signature" in set(session.scalars(select(Refusal.reason)))
    assert urlsplit(PUBLIC_URL).scheme == "https"


PROXIES = {
    "none": {},
    "a proxy that tells scheme and host": {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"},
    "several": {"X-Forwarded-For": "1.2.3.4, 10.0.0.1", "Forwarded": "for=1.2.3.4;proto=http;host=evil.example"},
    "one that names its own port": {"Host": "127.0.0.1:8080", "X-Forwarded-Port": "8080"},
    "one that names no host we know": {"Host": "[::1]"},
    "one that adds a header of ours twice": {"X-Original-URL": "/hooks/voice", "X-Rewrite-URL": "/admin"},
}


@pytest.mark.parametrize("headers", PROXIES.values(), ids=PROXIES)
@pytest.mark.parametrize("trusted", [0, 1])
def test_what_proxies_add_changes_nothing(
    door: tuple[FlaskClient, Store], headers: dict[str, str], trusted: int
) -> None:
    """The address that is signed is the configured one, whatever stands in between."""
    client, store = door
    configured = client.application.extensions["portevoix"]["settings"]
    behind = configured.model_copy(update={"web": configured.web.model_copy(update={"trusted_proxies": trusted})})
    posted = genuine(next(_numbers), "Un banc")
    before = stored(store)[0]
    for url, status in ((f"{PUBLIC_URL}/hooks/sms", 200), ("http://evil.example/hooks/sms", 403)):
        answer = (
            create_app(behind, store)
            .test_client()
            .post(
                "/hooks/sms",
                data=urlencode(posted),
                content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": sign(TOKEN, url, posted), **headers},
                environ_overrides={"RAW_URI": "/hooks/sms"},
            )
        )
        assert answer.status_code == status
    assert stored(store)[0] == before + 1


SWALLOWED = {
    "the next field's name and value": [("MessageSid", f"{SID}NumMedia0")],
    "a second identifier in the words": [("MessageSid", OTHER), ("Body", f"xMessageSid{SID}")],
}


@pytest.mark.parametrize("pairs", SWALLOWED.values(), ids=SWALLOWED)
def test_a_signed_request_whose_identifier_swallowed_something_is_refused(
    door: tuple[FlaskClient, Store], pairs: list[tuple[str, str]]
) -> None:
    client, store = door
    posted = list({**dict(genuine(7, "x")), **dict(pairs)}.items())
    before = stored(store)
    answer = client.post(
        "/hooks/sms",
        data=urlencode(posted),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": sign(TOKEN, f"{PUBLIC_URL}/hooks/sms", posted)},
        environ_overrides={"RAW_URI": "/hooks/sms"},
    )
    assert answer.status_code == 403
    assert stored(store) == before

"""A provider of sign-ins (OpenID Connect Core 1.0, RFC 7636), with faults to order.

Checks what a strict one checks: the redirect address, the client's secret, the code once, and PKCE.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from tests.standins.web import Answer, Asked, LoopbackServer

CLIENT, SECRET = "portevoix", "client-secret"
Claims = dict[str, Any]


def _plain(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@dataclass
class OpenIdServer:
    """Signs in whoever is set as ``user``; use ``http`` as a context manager."""

    return_address: str
    user: Claims = field(default_factory=lambda: {"sub": "s-1", "email": "mod@ville.example", "email_verified": True})
    spoil: Callable[[Claims], Claims] = dict
    """What it does to the claims before signing them."""
    method: str = "RS256"
    """« none » for no signature; « HS256 » for one with the client's secret."""
    other_key: bool = False
    """Whether it signs with a key it does not publish."""
    mail_in_token: bool = True
    signs_user: bool = False
    """Whether it signs what it says of a person at the userinfo address, as ProConnect does."""
    told_of: str = ""
    """Of whom it speaks at the userinfo address, when of somebody else."""
    called: str = ""
    """What it calls itself, when otherwise than it should."""
    kept: str = ""
    """An ID token it gives in place of a new one."""
    given: list[str] = field(default_factory=list)
    farewells: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.hidden = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.codes: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)
        self.http = LoopbackServer(self._answer)

    @property
    def issuer(self) -> str:
        return str(self.http.base)

    def sign_in(self, address: str) -> str:
        """What the browser is sent back with after this address: path and query at the gateway."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, self.return_address)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert len(asked["code_challenge"]) == 43
        assert min(len(asked["nonce"]), len(asked["state"])) >= 22
        code = f"code-{next(self._numbers)}"
        self.codes[code] = asked
        return f"{urlsplit(self.return_address).path}?{urlencode({'code': code, 'state': asked['state']})}"

    def _answer(self, asked: Asked) -> Answer:
        pages: dict[str, Callable[[Asked], Answer]] = {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": lambda _asked: Answer.of_json(KeySet([self.key]).as_dict(private=False)),
            "/token": self._token,
            "/user": self._user,
        }
        page = pages.get(asked.path)
        return page(asked) if page is not None else Answer(404)

    def _metadata(self, _asked: Asked) -> Answer:
        base = self.issuer
        return Answer.of_json(
            {
                "issuer": self.called or base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/user",
                "jwks_uri": f"{base}/keys",
                "end_session_endpoint": f"{base}/end",
            }
        )

    def _token(self, asked: Asked) -> Answer:
        posted = dict(asked.form())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        begun = self.codes.pop(posted.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(posted.get("code_verifier", "").encode()).digest())
        if begun is None or proof.decode().rstrip("=") != begun["code_challenge"]:
            return Answer.of_json({"error": "invalid_grant"}, 400)
        if asked.headers.get("authorization", asked.headers.get("Authorization")) != f"Basic {basic}":
            return Answer.of_json({"error": "invalid_client"}, 401)
        id_token = self.kept or self._signed(self.spoil(self._claims(begun["nonce"])))
        self.given.append(id_token)
        return Answer.of_json({"access_token": "at", "token_type": "Bearer", "id_token": id_token})

    def _claims(self, nonce: str) -> Claims:
        now = int(time.time())
        told = self.user if self.mail_in_token else {"sub": self.user["sub"]}
        return {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **told}

    def _signed(self, claims: Claims) -> str:
        if self.method == "none":
            return f"{_plain({'alg': 'none', 'typ': 'JWT'})}.{_plain(claims)}."
        if self.method == "HS256":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32, "-")))
        key = self.hidden if self.other_key else self.key
        return jwt.encode({"alg": self.method, "kid": "k1"}, claims, key)

    def _user(self, _asked: Asked) -> Answer:
        told = {**self.user, **({"sub": self.told_of} if self.told_of else {})}
        if self.signs_user:
            signed = self._signed({"iss": self.issuer, "aud": CLIENT, **told})
            return Answer(200, signed.encode(), "application/jwt")
        return Answer.of_json(told)

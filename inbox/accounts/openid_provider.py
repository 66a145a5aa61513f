"""A provider that says who somebody is (OpenID Connect Core 1.0): the code flow with PKCE, state and nonce.

What it says counts when it is signed with a key of its own by a public-key method, for this gateway alone, for this one
sign-in, and not long ago.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

from config.bounded_answers import read_bounded
from config.settings.sections.sign_in_section import Oidc
from inbox.errors import InboxError

METHODS = ("RS256", "PS256", "ES256", "EdDSA")
"""How it may sign: never « none », and never with a secret that we hold as well."""
_PATIENCE = 10.0
"""Seconds for each request to it."""
_WHOLE_ANSWER = 15.0
"""Seconds for all of an answer."""
_MOST_BYTES = 512 * 1024
"""Of an answer; the keys of a large provider take some kilobytes."""
_OFF = 60
"""Seconds its clock may be off."""
_LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core 1.0, section 2, sub)."""


class ProviderRefused(InboxError):
    """The provider did not say who this is, or not in a way that counts."""

    remedy = "Try again, or sign in with your name and your password."


@dataclass(frozen=True)
class Attempt:
    """What is kept in the browser, sealed, until the provider sends it back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        """An attempt nobody can foresee."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Told:
    """Who somebody is, by what the provider says."""

    subject: str
    verified_mail: str
    """Empty where there is none that the provider has verified."""
    id_token: str


@dataclass(frozen=True)
class OpenIdProvider:
    """The provider of the settings, and where it sends people back to."""

    settings: Oidc
    return_address: str

    def _metadata(self) -> dict[str, Any]:
        address = f"{self.settings.issuer}/.well-known/openid-configuration"
        with _bounded(requests.Session()) as line:
            metadata = _read_json(line.get(address, timeout=_PATIENCE, allow_redirects=False))
        if str(metadata.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ProviderRefused("the provider calls itself otherwise")
        return metadata

    def _session(self) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret.get_secret_value(),
            scope=self.settings.scope,
            redirect_uri=self.return_address,
            code_challenge_method="S256",
            default_timeout=_PATIENCE,
        )
        _bounded(session)
        return session

    def address_for(self, attempt: Attempt) -> str:
        """Where the browser is sent to; raises ProviderRefused."""
        try:
            address = str(self._metadata()["authorization_endpoint"])
            made, _state = self._session().create_authorization_url(
                address, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        except (requests.RequestException, AuthlibBaseError, KeyError, ValueError, TypeError) as error:
            raise ProviderRefused("the provider cannot be reached") from error
        return str(made)

    def who(self, attempt: Attempt, state: str, code: str) -> Told:
        """Who has come back with this state and code; raises ProviderRefused."""
        if not code or not hmac.compare_digest(state.encode(), attempt.state.encode()):
            raise ProviderRefused("not the sign-in that was begun here")
        try:
            metadata = self._metadata()
            with _bounded(requests.Session()) as line:
                told = _read_json(line.get(metadata["jwks_uri"], timeout=_PATIENCE))
            keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
            session = self._session()
            token = session.fetch_token(metadata["token_endpoint"], code=code, code_verifier=attempt.verifier)
            id_token = str(token["id_token"])
            claims = self._claims(id_token, keys, metadata)
            if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
                raise ProviderRefused("said for another sign-in")
            subject = claims["sub"]
            if "email" not in claims and "userinfo_endpoint" in metadata:
                claims = self._user(session, keys, metadata, subject)
        except (
            requests.RequestException, AuthlibBaseError, JoseError, KeyError, ValueError, TypeError, AttributeError
        ) as error:  # fmt: skip
            raise ProviderRefused("the provider's answer does not count") from error
        return Told(subject, self._verified_mail(claims), id_token)

    def _claims(self, signed: str, keys: KeySet, metadata: dict[str, Any]) -> dict[str, Any]:
        """What stands in a token that is signed, by the provider, for us alone, and of now."""
        claims = jwt.decode(signed, keys, algorithms=list(METHODS)).claims
        wanted = jwt.JWTClaimsRegistry(
            leeway=_OFF,
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        wanted.validate(claims)
        if claims["aud"] not in (self.settings.client_id, [self.settings.client_id]):
            raise ProviderRefused("said for somebody else")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise ProviderRefused("given to somebody else")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
            raise ProviderRefused("names nobody")
        return claims

    def _user(self, session: OAuth2Session, keys: KeySet, metadata: dict[str, Any], subject: str) -> dict[str, Any]:
        """What the provider says besides of the same person, in JSON or, as ProConnect does, signed."""
        answer = session.get(metadata["userinfo_endpoint"])
        answer.raise_for_status()
        if answer.headers.get("Content-Type", "").startswith("application/jwt"):
            told = dict(jwt.decode(answer.text, keys, algorithms=list(METHODS)).claims)
            is_ours = told.get("aud", self.settings.client_id) in (self.settings.client_id, [self.settings.client_id])
            if told.get("iss", metadata["issuer"]) != metadata["issuer"] or not is_ours:
                raise ProviderRefused("said for somebody else")
        else:
            told = _read_json(answer)
        if told.get("sub") != subject:
            raise ProviderRefused("said of somebody else")
        return told

    def _verified_mail(self, claims: dict[str, Any]) -> str:
        mail = claims.get("email")
        is_verified = claims.get("email_verified", self.settings.addresses_are_verified)
        return mail if isinstance(mail, str) and is_verified is True else ""

    def farewell(self, id_token: str, back: str) -> str | None:
        """Where somebody ends the session at the provider as well (RP-Initiated Logout 1.0); None when nowhere."""
        try:
            address = self._metadata().get("end_session_endpoint")
        except (requests.RequestException, ProviderRefused, ValueError):
            return None
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            return None
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": secrets.token_urlsafe(16)}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


class _BoundedAnswers(HTTPAdapter):
    """Reads no more of an answer than what is agreed, and no longer, however slowly it comes."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        """As requests sends; raises ``requests.RequestException``, also where the answer has no end."""
        began = time.monotonic()
        answer = super().send(request, *arguments, **{**more, "stream": True})
        read = read_bounded(answer, _MOST_BYTES, _WHOLE_ANSWER - (time.monotonic() - began))
        answer._content, answer._content_consumed = read, True  # type: ignore[attr-defined]  # as its own reading does
        return answer


def _bounded(session: requests.Session) -> requests.Session:
    """The same session, whose answers are bounded, and which is led nowhere else."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, _BoundedAnswers())
    session.max_redirects = 0
    return session


def _read_json(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    read = answer.json()
    if answer.status_code != requests.codes.ok or not isinstance(read, dict):
        raise ProviderRefused("the provider's answer does not count")
    return read

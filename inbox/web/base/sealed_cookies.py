"""The session cookie, sealed: whoever reads it, on a shared desk or in a proxy's log, learns nothing from it.

How long it is good for, the row of its session says (``inbox.accounts.sign_in_sessions``).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

from inbox.errors import Damaged
from inbox.storage.crypto import derive_key, seal, unseal

_PURPOSE = b"portevoix session cookie"


class CookieSealer:
    """Seals with AES-256-GCM what Flask only signs."""

    def __init__(self, secret: str | bytes, purpose: bytes) -> None:
        material = secret.encode() if isinstance(secret, str) else secret
        self._key = derive_key(material, purpose)
        self._json = TaggedJSONSerializer()

    def dumps(self, value: Any) -> str:
        """A cookie's text."""
        return urlsafe_b64encode(seal(self._key, self._json.dumps(value).encode())).decode()

    def loads(self, text: str, max_age: int | None = None) -> Any:  # noqa: ARG002 - Flask gives it, the row says it
        """What was sealed; raises BadSignature, as Flask expects it, for any other text."""
        try:
            return self._json.loads(unseal(self._key, urlsafe_b64decode(text)).decode())
        except (NotBase64, Damaged, ValueError) as error:
            raise BadSignature("not sealed by us") from error


class SealedCookies(SecureCookieSessionInterface):
    """Flask's sessions in a cookie, sealed instead of signed."""

    def get_signing_serializer(self, app: Flask) -> Any:
        """What Flask makes and reads the cookie with."""
        secret = app.secret_key
        return _sealer_of(secret) if secret else None


@lru_cache(maxsize=4)
def _sealer_of(secret: str | bytes) -> CookieSealer:
    """It is asked for with every request."""
    return CookieSealer(secret, _PURPOSE)

"""A security key in software (Web Authentication, level 3, section 6): answers for any address whatever it is asked."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT = 0x01
_CARRIES_KEY = 0x40


def text_of(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


class SoftKey:
    """One key pair; ``still`` keeps its count where it is."""

    def __init__(self, host: str, origin: str) -> None:
        self.host, self.origin = host, origin
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(32)
        self.flags, self.kind, self.count, self.still = PRESENT, "webauthn.get", 0, False

    @classmethod
    def of(cls, other: SoftKey, **different: object) -> SoftKey:
        """The same key, but for what is said to be different."""
        copy = cls(other.host, other.origin)
        vars(copy).update({**vars(other), **different})
        return copy

    @staticmethod
    def read(text: str) -> bytes:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def _client(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": text_of(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, **response: bytes) -> str:
        identifier = text_of(self.credential)
        told = {name: text_of(value) for name, value in response.items()}
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": told})

    def register(self, challenge: bytes) -> str:
        """The answer to being registered, without attestation."""
        point = self.private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        named = bytes(16) + len(self.credential).to_bytes(2) + self.credential
        data = self._data(self.flags | _CARRIES_KEY) + named + public
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=self._client("webauthn.create", challenge), attestationObject=whole)

    def sign(self, challenge: bytes) -> str:
        """The answer to being asked for."""
        self.count += 0 if self.still else 1
        client, data = self._client(self.kind, challenge), self._data(self.flags)
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

"""Wrapping data keys with the open half of a master key (X25519, HKDF-SHA-256, AES-256-GCM), which unwraps none.

A fresh half serves for a minute: making one, and the exchange, take as long as wrapping fifty keys.
"""

from __future__ import annotations

import os
import time

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inbox.errors import Damaged

PURPOSE = b"half of master key"
"""What the closed half is derived from a master key for: it is gone with it."""
_BOXED = b"\x03"
"""Of a key that was wrapped so; a value sealed with a key begins otherwise."""
_INNER = b"\x01"
_HALF_BYTES, _KEY_BYTES, _NONCE_BYTES = 32, 32, 12
_SAME_HALF_SECONDS = 60.0


class OpenHalf:
    """The open half of a master key: it wraps data keys, and can unwrap none, not even its own."""

    def __init__(self, public: bytes) -> None:
        self._public = public
        self._fresh: tuple[float, bytes, AESGCM | None] = (0.0, b"", None)

    def wrap(self, key: bytes) -> bytes:
        """Wrap a data key: version byte, a fresh open half, then the key sealed with both (94 bytes)."""
        made_at, beside, cipher = self._fresh
        if cipher is None or time.monotonic() - made_at > _SAME_HALF_SECONDS:
            ours = X25519PrivateKey.generate()
            beside = ours.public_key().public_bytes_raw()
            exchanged = ours.exchange(X25519PublicKey.from_public_bytes(self._public))
            cipher = AESGCM(_derived(exchanged, beside + self._public))
            self._fresh = time.monotonic(), beside, cipher
        nonce = os.urandom(_NONCE_BYTES)
        return _BOXED + beside + _INNER + nonce + cipher.encrypt(nonce, key, _INNER)


def half_of(derived: bytes) -> X25519PrivateKey:
    """The closed half, of what was derived from a master key."""
    return X25519PrivateKey.from_private_bytes(derived)


def public_of(derived: bytes) -> bytes:
    """The open half of the same."""
    return half_of(derived).public_key().public_bytes_raw()


def is_boxed(wrapped: bytes) -> bool:
    """Whether a data key was wrapped with an open half."""
    return wrapped[:1] == _BOXED


def taken_apart(wrapped: bytes) -> tuple[bytes, bytes]:
    """The fresh half, and the sealed value (as ``crypto.seal`` makes it)."""
    return wrapped[1 : 1 + _HALF_BYTES], wrapped[1 + _HALF_BYTES :]


def box_key(half: X25519PrivateKey, beside: bytes) -> bytes:
    """The key that unseals what was wrapped with a fresh half; raises ``Damaged``."""
    try:
        exchanged = half.exchange(X25519PublicKey.from_public_bytes(beside))
    except ValueError as error:
        raise Damaged("a wrapped key is not of its form") from error
    return _derived(exchanged, beside + half.public_key().public_bytes_raw())


def _derived(exchanged: bytes, halves: bytes) -> bytes:
    about = b"portevoix data key " + halves
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=about).derive(exchanged)

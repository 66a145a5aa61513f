"""The keys of the fallback door: with them it seals for the gateway, and opens what the gateway sealed for it alone.

It holds no master key, and cannot open what it has sealed: a door that is taken over reads nothing that came before.
Both directions are X25519, HKDF-SHA-256 with a key that both hold, and AES-256-GCM (as HPKE's PSK mode, RFC 9180,
5.1.2): who can only write into the folders, and has none of these keys, makes nothing that opens.

``spool-….key``, beside the master keys, are the gateway's own; all that the door needs lies in ``keys_dir/door``, which
may be all it sees. The gateway's follow the generations of master keys, so that no old copy of the spool is readable
for ever.
"""

from __future__ import annotations

import hmac
import os
import stat
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inbox.errors import Damaged, KeysMissing
from inbox.storage import crypto

DOOR = "door"
_TO_GATEWAY, _TO_DOOR, _SHARED = "spool.pub", "settings.key", "shared.key"
_HALF_BYTES = 32
NAME_BYTES = 8
"""Of the name of a half, with which what is sealed for the gateway begins."""
SPOOL, SETTINGS = b"spool", b"settings"
"""What is sealed for whom: webhooks for the gateway, settings for the door."""
_STILL_USED = 3600.0
"""Seconds for which a half that was replaced is kept all the same: a door may have read its open half just before."""


@dataclass(frozen=True, slots=True)
class DoorKeys:
    """What the door holds; and what the gateway holds beside it, where ``gateways`` is there."""

    folder: Path
    """Of the door's, where the newest open half of the gateway's is looked for."""
    shared: bytes = field(repr=False)
    doors: X25519PrivateKey = field(repr=False)
    """Opens the settings."""
    gateways: Mapping[bytes, X25519PrivateKey] | None = field(default=None, repr=False)
    """Open the spool, by their names."""

    @classmethod
    def of_door(cls, keys_dir: Path) -> DoorKeys:
        """What the door needs, made where it was never there; raises ``KeysMissing``."""
        folder = keys_dir / DOOR
        if not (folder / _SHARED).exists():
            _make(keys_dir)
        return cls(folder, crypto.read_key(folder / _SHARED), _half(folder / _TO_DOOR))

    @classmethod
    def of_gateway(cls, keys_dir: Path) -> DoorKeys:
        """The same with what opens the spool; raises ``KeysMissing``."""
        _make(keys_dir)
        found = cls.of_door(keys_dir)
        halves = (_half(file) for file in _halves(keys_dir))
        return cls(found.folder, found.shared, found.doors, {_name(_open_half(one)): one for one in halves})

    def name(self, digest: bytes) -> str:
        """What a file of this content is called, which tells nobody else what it holds."""
        return hmac.digest(self.shared, b"name\0" + digest, "sha256").hex()

    def seal_webhook(self, value: bytes) -> bytes:
        """Seal for the gateway: the name of its half first."""
        theirs = crypto.read_key(self.folder / _TO_GATEWAY)
        return _name(theirs) + self._sealed(SPOOL, theirs, value)

    def open_webhook(self, sealed: bytes) -> bytes:
        """Open it; raises ``Damaged``, and ``KeysMissing`` at the door."""
        half = (self.gateways or {}).get(sealed[:NAME_BYTES])
        if half is None:
            raise KeysMissing("the half that this was sealed for is not here")
        return self._opened(SPOOL, half, sealed[NAME_BYTES:])

    def seal_settings(self, value: bytes) -> bytes:
        """Seal for the door."""
        return self._sealed(SETTINGS, _open_half(self.doors), value)

    def open_settings(self, sealed: bytes) -> bytes:
        """Open it; raises ``Damaged``."""
        return self._opened(SETTINGS, self.doors, sealed)

    def _sealed(self, purpose: bytes, theirs: bytes, value: bytes) -> bytes:
        """A fresh open half, then what is sealed with both."""
        ours = X25519PrivateKey.generate()
        beside = _open_half(ours)
        key = self._key(ours.exchange(X25519PublicKey.from_public_bytes(theirs)), purpose, beside + theirs)
        return beside + crypto.seal(key, value, purpose)

    def _opened(self, purpose: bytes, half: X25519PrivateKey, sealed: bytes) -> bytes:
        beside, rest = sealed[:_HALF_BYTES], sealed[_HALF_BYTES:]
        try:
            exchanged = half.exchange(X25519PublicKey.from_public_bytes(beside))
        except ValueError as error:
            raise Damaged("what is sealed for the other side is not of its form") from error
        return crypto.unseal(self._key(exchanged, purpose, beside + _open_half(half)), rest, purpose)

    def _key(self, exchanged: bytes, purpose: bytes, halves: bytes) -> bytes:
        about = b"portevoix door " + purpose + b" " + halves
        return HKDF(algorithm=SHA256(), length=crypto.KEY_BYTES, salt=self.shared, info=about).derive(exchanged)


def follow_generation(keys_dir: Path, needed: Collection[bytes]) -> None:
    """Begin a new half where a newer master key was made, and destroy those before that nothing ``needed`` names."""
    if not _halves(keys_dir):
        return
    masters = [file.stat().st_mtime for file in crypto.master_files(keys_dir)]
    if masters and max(masters) > _newest(keys_dir).stat().st_mtime:
        _add_half(keys_dir)
    newest = _newest(keys_dir)
    if time.time() - newest.stat().st_mtime <= _STILL_USED:
        return
    for file in _halves(keys_dir):
        if file != newest and _name(_open_half(_half(file))) not in needed:
            with file.open("r+b") as key:
                key.write(b"0" * 2 * _HALF_BYTES)
                key.flush()
                os.fsync(key.fileno())
            file.unlink()


def _halves(keys_dir: Path) -> list[Path]:
    found = [*keys_dir.glob("spool-*.key"), *(keys_dir / crypto.MASTERS).glob("spool-*.key")]
    return sorted({file.name: file for file in found}.values(), key=lambda file: file.name)


def _newest(keys_dir: Path) -> Path:
    """The one that the door seals for."""
    name = f"spool-{_name(crypto.read_key(keys_dir / DOOR / _TO_GATEWAY)).hex()}.key"
    return next((file for file in _halves(keys_dir) if file.name == name), keys_dir / name)


def _make(keys_dir: Path) -> None:
    """Make what is missing, each once, whoever comes first; raises ``KeysMissing`` where it may not."""
    folder = keys_dir / DOOR
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if keys_dir.stat().st_mode & stat.S_ISGID:
                folder.chmod(0o2770)
        if not _halves(keys_dir):
            _add_half(keys_dir)
        for name in (_TO_DOOR, _SHARED):
            if not (folder / name).exists():
                crypto.write_once(folder / name, os.urandom(_HALF_BYTES).hex().encode())
    except OSError as error:
        raise KeysMissing(f"the fallback door's keys cannot be made in {folder}: run `portevoix up` once") from error


def _add_half(keys_dir: Path) -> None:
    half = X25519PrivateKey.generate()
    public = _open_half(half)
    beside_masters = crypto.masters_folder(keys_dir)  # as little for those who only seal as the master keys are
    crypto.write_once(beside_masters / f"spool-{_name(public).hex()}.key", half.private_bytes_raw().hex().encode())
    # Only once its other half is durable may something be sealed for it.
    fresh = keys_dir / DOOR / f".{_name(public).hex()}"
    crypto.write_once(fresh, public.hex().encode())
    fresh.replace(keys_dir / DOOR / _TO_GATEWAY)
    crypto.fsync_folder(keys_dir / DOOR)


def _name(open_half: bytes) -> bytes:
    return sha256(open_half).digest()[:NAME_BYTES]


def _open_half(half: X25519PrivateKey) -> bytes:
    return half.public_key().public_bytes_raw()


def _half(path: Path) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(crypto.read_key(path))

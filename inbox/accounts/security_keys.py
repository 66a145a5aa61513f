"""Security keys (W3C Web Authentication, level 3): registered by their owner, asked for in place of a code.

A key signs for one address only: a page that pretends to be this one gets nothing that opens this one. No attestation
is asked for: which maker's key somebody holds is nobody's business.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from inbox.errors import InboxError
from inbox.models import Person, SecurityKey
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

MOST_KEYS = 20
NAME_LENGTH = 64
_CHALLENGE_BYTES = 32
_ANSWER_LENGTH = 32_768
"""Characters of an answer, at most: real ones have two thousand."""
_LONGEST_IDENTIFIER = 1023
"""Bytes (Web Authentication, section 4, credential ID)."""


class KeyRefused(InboxError):
    """What the browser handed over is no valid answer of a key to what it was asked."""

    remedy = "Try again with the key you registered, at the address of this gateway."


@dataclass(frozen=True)
class Site:
    """The address that keys sign for."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True)
class Challenge:
    """What a key is asked to sign, and when it was asked, in microseconds since 1970."""

    value: bytes
    asked_at: int


@dataclass(frozen=True)
class NamedKey:
    """A key as its owner sees it in a list."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


def site_of(public_url: str, name: str) -> Site | None:
    """The site of an address; None where browsers have no keys: without https, and at a number in place of a name."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and host != "localhost") or _is_number(host):
        return None
    return Site(host, f"{parts.scheme}://{parts.netloc}", name)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def new_challenge(now: datetime) -> Challenge:
    """A challenge that was never asked before."""
    return Challenge(secrets.token_bytes(_CHALLENGE_BYTES), int(now.timestamp() * 1_000_000))


def options_to_add(session: Session, site: Site, person_id: int, login: str, challenge: Challenge) -> str:
    """What the browser is to be given so that it registers a key that is not yet registered, as JSON."""
    owner = vault_of(session).keyring.keyed_hash("owner of security keys", str(person_id).encode())
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=bytes.fromhex(owner),
        user_name=login,
        challenge=challenge.value,
        exclude_credentials=_known(session, person_id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,  # the password has been given
        ),
    )
    return options_to_json(options)


def authentication_options(session: Session, site: Site, person_id: int, challenge: Challenge) -> str | None:
    """What the browser is to be given so that one of somebody's keys signs, as JSON; None when there is no key."""
    known = _known(session, person_id)
    if not known:
        return None
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge.value,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return options_to_json(options)


def _known(session: Session, person_id: int) -> list[PublicKeyCredentialDescriptor]:
    wanted = select(SecurityKey.credential).where(SecurityKey.person_id == person_id).order_by(SecurityKey.id)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in session.scalars(wanted)]


def add(session: Session, site: Site, person_id: int, name: str, answer: str, challenge: Challenge) -> None:
    """Register the key that gave this answer; raises KeyRefused."""
    try:
        verified = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge.value,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeyRefused("no valid registration") from error
    credential = bytes_to_base64url(verified.credential_id)
    if len(verified.credential_id) > _LONGEST_IDENTIFIER or _find(session, credential) is not None:
        raise KeyRefused("this key is registered already")
    if len(_known(session, person_id)) >= MOST_KEYS:
        raise KeyRefused("too many keys")
    session.add(
        SecurityKey(
            person_id=person_id,
            name=" ".join(name.split())[:NAME_LENGTH],
            credential=credential,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            asked_at=challenge.asked_at,
        )
    )
    session.flush()
    history.record_event(session, f"person:{person_id}", "security_key_added", person_id)


def is_answered(session: Session, site: Site, person_id: int, answer: str, challenge: Challenge, now: datetime) -> bool:
    """Whether one of somebody's keys has signed this challenge, which neither it nor an older one then does again."""
    try:
        credential = _read(answer)
        identifier = credential["id"]
        row = _find(session, identifier) if isinstance(identifier, str) else None
        if row is None or row.person_id != person_id or challenge.asked_at <= row.asked_at:
            return False
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.value,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return False
    row.sign_count, row.asked_at, row.used_at = verified.new_sign_count, challenge.asked_at, now
    return True


def _read(answer: str) -> dict[str, object]:
    if len(answer) > _ANSWER_LENGTH:
        raise ValueError("longer than any key's answer")
    try:
        read = json.loads(answer)
    except RecursionError as error:
        raise ValueError("no key's answer") from error
    if not isinstance(read, dict):
        raise ValueError("no key's answer")
    return read


def _find(session: Session, credential: str) -> SecurityKey | None:
    wanted = select(SecurityKey).where(SecurityKey.credential == credential)
    return session.scalar(wanted.with_for_update())


def list_keys(session: Session, person_id: int) -> Sequence[NamedKey]:
    """Somebody's keys, in the order they were registered."""
    wanted = select(SecurityKey).where(SecurityKey.person_id == person_id).order_by(SecurityKey.id)
    return [NamedKey(row.id, row.name, row.created_at, row.used_at) for row in session.scalars(wanted)]


def rename(session: Session, person_id: int, key_id: int, name: str) -> bool:
    """Give one of somebody's keys another name; whether it was there, and theirs."""
    wanted = update(SecurityKey).where(SecurityKey.id == key_id, SecurityKey.person_id == person_id)
    changed = wanted.values(name=" ".join(name.split())[:NAME_LENGTH]).returning(SecurityKey.id)
    return session.execute(changed).first() is not None


def remove(session: Session, person_id: int, key_id: int) -> bool:
    """Forget one of somebody's keys; whether it was there, and theirs."""
    session.get(Person, person_id, with_for_update=True)  # two that are removed at once see each other
    wanted = delete(SecurityKey).where(SecurityKey.id == key_id, SecurityKey.person_id == person_id)
    if session.execute(wanted.returning(SecurityKey.id)).first() is None:
        return False
    history.record_event(session, f"person:{person_id}", "security_key_removed", person_id)
    return True


def remove_all(session: Session, person_id: int) -> int:
    """Forget all of somebody's keys; how many."""
    wanted = delete(SecurityKey).where(SecurityKey.person_id == person_id).returning(SecurityKey.id)
    return len(session.execute(wanted).all())

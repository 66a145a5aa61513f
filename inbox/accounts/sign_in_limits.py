"""Limits to guessing passwords, which neither tell which logins exist nor shut anybody out.

Wrong passwords are counted alike whether or not there is such a login: from one address for one login, from one
address for all, from everywhere for one login. What everybody else has done wrong does not count for a browser in
which the person has signed in before (a "device cookie", OWASP): its own tries alone do. So whoever guesses at
somebody's password, from however many addresses, stops at a limit, and that person signs in as always.

Logins and addresses stand here as keyed hashes only, and no longer than they count.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.models import FailedSignIn
from inbox.storage.crypto import Keyring
from inbox.storage.envelope_encryption import vault_of

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class AttemptLimits:
    """How many wrong tries within ``WINDOW`` are taken, before even the right one has to wait."""

    from_address_for_login: int
    from_address: int
    for_login: int
    from_known_browser: int


OF_PASSWORDS = AttemptLimits(from_address_for_login=10, from_address=50, for_login=100, from_known_browser=10)
OF_CODES = AttemptLimits(from_address_for_login=5, from_address=50, for_login=20, from_known_browser=5)
"""A code has six figures only; who tries it knows the password already."""

_IPV6_NETWORK = 64
"""Bits of an IPv6 address that say whose it is; the others its owner changes at will."""


class TooManyAttempts(InboxError):
    """Too many wrong passwords from here."""

    retryable = True
    remedy = "Wait a quarter of an hour, or have an administrator make a new link."


@dataclass(frozen=True)
class AttemptOrigin:
    """Where a try comes from."""

    address: str = ""
    browser: str = ""
    """What tells this browser from all others, where it holds such a mark."""
    mark: str = ""
    """What it was given when somebody signed in with it; what it says of whom, ``known_by`` tells."""
    is_proven: bool = False
    """Whether the person is signed in there already."""

    def known_by(self, keyring: Keyring, kept: str | None) -> AttemptOrigin:
        """The same, its browser only where this person has signed in with it since they got this password."""
        proven = self.is_proven or (
            kept and self.mark and hmac.compare_digest(self.mark, known_browser_mark(keyring, self, kept))
        )
        return self if proven else AttemptOrigin(self.address)


def known_browser_mark(keyring: Keyring, origin: AttemptOrigin, kept: str) -> str:
    """What a browser is given when somebody signs in with it, good until their password changes."""
    return keyring.keyed_hash("known browser", f"{origin.browser}\0{kept}".encode())


@dataclass(frozen=True)
class AttemptBucket:
    """What wrong passwords are counted by, and how many of them are taken."""

    most: int
    named: str = field(repr=False)


def attempt_buckets(
    session: Session, login: str, origin: AttemptOrigin, limits: AttemptLimits = OF_PASSWORDS
) -> tuple[AttemptBucket, ...]:
    """What a try for this login (or of whose code else) from there is counted by, the narrowest first."""
    named: Mapping[str, int]
    if origin.browser:
        named = {f"browser\0{login}\0{origin.browser}": limits.from_known_browser}
    else:
        network = _network(origin.address)
        named = {
            f"both\0{login}\0{network}": limits.from_address_for_login,
            f"address\0{network}": limits.from_address,
            f"login\0{login}": limits.for_login,
        }
    keyed_hash = vault_of(session).keyring.keyed_hash
    return tuple(AttemptBucket(most, keyed_hash("failed sign-in", name.encode())) for name, most in named.items())


def check_not_limited(session: Session, counted_by: tuple[AttemptBucket, ...], now: datetime) -> None:
    """Raise TooManyAttempts when one of them is full."""
    wanted = select(FailedSignIn.bucket, func.count(FailedSignIn.id).label("times")).where(
        FailedSignIn.bucket.in_([one.named for one in counted_by]), FailedSignIn.at > now - WINDOW
    )
    found = {row.bucket: row.times for row in session.execute(wanted.group_by(FailedSignIn.bucket))}
    if any(found.get(one.named, 0) >= one.most for one in counted_by):
        raise TooManyAttempts("too many wrong passwords from there, or for that login")


def lock_buckets(session: Session, counted_by: tuple[AttemptBucket, ...]) -> None:
    """Let nobody else look at these and count until this transaction ends: SQLite's one writer needs no more."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for one in sorted(counted_by, key=lambda bucket: bucket.named):  # in one order, so that none waits for another
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(one.named, 0))))


def count_failed_attempt(session: Session, counted_by: tuple[AttemptBucket, ...], now: datetime) -> None:
    """Count a wrong password; what counts no longer is removed."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now - WINDOW))
    session.add_all(FailedSignIn(bucket=one.named, at=now) for one in counted_by)


def reset_after_success(session: Session, login: str, origin: AttemptOrigin) -> None:
    """After the right password: that login is counted anew from there, all others and elsewhere go on."""
    narrowest = attempt_buckets(session, login, origin)[0]
    session.execute(delete(FailedSignIn).where(FailedSignIn.bucket == narrowest.named))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))

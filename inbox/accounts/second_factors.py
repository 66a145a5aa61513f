"""The second factor: time-based codes of a telephone (RFC 6238), security keys, and codes that stand in for them once.

The secret is sealed with a data key of its own. A code is taken once, within half a minute of its time; wrong ones
are counted within limits of their own.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from inbox.accounts import security_keys, sign_in_limits
from inbox.accounts.security_keys import Challenge, NamedKey, Site
from inbox.accounts.sign_in_limits import OF_CODES, AttemptOrigin
from inbox.errors import InboxError
from inbox.models import Person, RecoveryCode, SecondFactor, SecurityKey
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

RECOVERY_CODES = 10
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what looks alike."""
_CODE_LENGTH = 10
_PERIODS_OFF = (0, -1, 1)
"""How many half minutes a telephone's clock may be off."""


class NoSecondFactor(InboxError):
    """There is no second factor to confirm, or none any more."""

    remedy = "Begin anew on the page « My account »."


@dataclass(frozen=True)
class SecondFactorState:
    """What somebody's page says of their second factor."""

    codes_are_on: bool
    recovery_codes: int
    keys: Sequence[NamedKey]

    @property
    def is_on(self) -> bool:
        """Whether something is asked for besides the password."""
        return self.codes_are_on or bool(self.keys)


def second_factor_state(session: Session, person_id: int) -> SecondFactorState:
    """What somebody has as a second factor, and how many recovery codes are left."""
    left = session.scalar(select(func.count(RecoveryCode.id)).where(RecoveryCode.person_id == person_id)) or 0
    return SecondFactorState(_codes_are_on(session, person_id), left, security_keys.list_keys(session, person_id))


def is_second_factor_on(session: Session, person_id: int) -> bool:
    """Whether something is asked for besides the password when this person signs in."""
    return _codes_are_on(session, person_id) or bool(security_keys.list_keys(session, person_id))


def who_have_one(session: Session) -> set[int]:
    """Everybody who has a second factor."""
    with_codes = session.scalars(select(SecondFactor.person_id).where(SecondFactor.confirmed_at.is_not(None)))
    return {*with_codes, *session.scalars(select(SecurityKey.person_id))}


def _codes_are_on(session: Session, person_id: int) -> bool:
    row = session.get(SecondFactor, person_id)
    return row is not None and row.confirmed_at is not None


def begin_enrolment(session: Session, person_id: int) -> None:
    """Make a secret that counts once its owner has confirmed it; one that was confirmed stays as it is."""
    row = session.get(SecondFactor, person_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None:
        return
    _remove(session, row)
    vault = vault_of(session)
    key_id = vault.new_key(session).id
    place = place_of(SecondFactor.sealed_secret, {"person_id": person_id})
    sealed = vault.seal_text(session, key_id, pyotp.random_base32(), place)
    session.add(SecondFactor(person_id=person_id, key_id=key_id, sealed_secret=sealed, used_counter=0))


def pending_secret(session: Session, person_id: int) -> str | None:
    """The secret that is to be confirmed, for the telephone to read; None when there is none."""
    row = session.get(SecondFactor, person_id)
    if row is None or row.confirmed_at is not None:
        return None
    return _secret_of(session, row)


def _secret_of(session: Session, row: SecondFactor) -> str:
    place = place_of(SecondFactor.sealed_secret, row)
    return vault_of(session).open_text(session, row.key_id, row.sealed_secret, place)


def otpauth_url(secret: str, login: str, issuer: str) -> str:
    """What the telephone reads from the picture (the otpauth address of authenticator apps)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def confirm_enrolment(session: Session, person_id: int, code: str, now: datetime) -> list[str] | None:
    """Have codes asked for from now on, if this one is right: the recovery codes, shown once; else None."""
    row = session.get(SecondFactor, person_id, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise NoSecondFactor("nothing waits to be confirmed")
    if not _take_code(session, row, code, now):
        return None
    row.confirmed_at = now
    history.record_event(session, f"person:{person_id}", "second_factor_on", person_id)
    return new_recovery_codes(session, person_id)


def add_key(
    session: Session, site: Site, person_id: int, name: str, answer: str, challenge: Challenge
) -> list[str] | None:
    """Register a security key; the recovery codes when it is the first second factor. Raises KeyRefused."""
    was_on = is_second_factor_on(session, person_id)
    security_keys.add(session, site, person_id, name, answer, challenge)
    return None if was_on else new_recovery_codes(session, person_id)


def remove_key(session: Session, person_id: int, key_id: int) -> bool:
    """Forget a security key, and the recovery codes with the last factor; whether it was there, and theirs."""
    if not security_keys.remove(session, person_id, key_id):
        return False
    _forget_recovery_codes(session, person_id)
    return True


def new_recovery_codes(session: Session, person_id: int) -> list[str]:
    """New recovery codes in place of all before them."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash(session, person_id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def remove_codes(session: Session, person_id: int) -> None:
    """Ask for no codes of the telephone any more; security keys are asked for as before."""
    row = session.get(SecondFactor, person_id, with_for_update=True)
    if row is None:
        return
    _remove(session, row)
    history.record_event(session, f"person:{person_id}", "second_factor_off", person_id)
    _forget_recovery_codes(session, person_id)


def remove_second_factor(session: Session, person_id: int, by: int | None) -> None:
    """Ask for the password alone from now on: neither for codes nor for keys."""
    row = session.get(SecondFactor, person_id, with_for_update=True)
    keys = security_keys.remove_all(session, person_id)
    if row is None and not keys:
        return
    _remove(session, row)
    _forget_recovery_codes(session, person_id)
    history.record_event(session, f"person:{person_id}", "second_factor_off", by)


def _forget_recovery_codes(session: Session, person_id: int) -> None:
    """Recovery codes stand in for another factor; without one there are none."""
    if not is_second_factor_on(session, person_id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _remove(session: Session, row: SecondFactor | None) -> None:
    if row is not None:
        vault_of(session).destroy_key(session, row.key_id)
        session.delete(row)
        session.flush()


def verify_code(session: Session, person: Person, code: str, origin: AttemptOrigin, now: datetime) -> bool:
    """Whether a code of the telephone or a recovery code is right, which is then used up.

    Wrong ones are counted. Raises TooManyAttempts, also when the code would have been right.
    """
    return _counted(session, person, origin, now, lambda: _take_either(session, person.id, code, now))


def take_key(
    session: Session,
    person: Person,
    site: Site,
    answer: str,
    challenge: Challenge,
    origin: AttemptOrigin,
    now: datetime,
) -> bool:
    """Whether one of somebody's security keys has signed the challenge; counted as codes are, and with them."""
    check = security_keys.is_answered
    return _counted(session, person, origin, now, lambda: check(session, site, person.id, answer, challenge, now))


def _counted(
    session: Session, person: Person, origin: AttemptOrigin, now: datetime, is_right: Callable[[], bool]
) -> bool:
    counted_by = sign_in_limits.attempt_buckets(session, f"code of {person.id}", origin, OF_CODES)
    sign_in_limits.lock_buckets(session, counted_by)
    sign_in_limits.check_not_limited(session, counted_by, now)
    if is_right():
        return True
    sign_in_limits.count_failed_attempt(session, counted_by, now)
    history.record_event(session, f"person:{person.id}", "second_factor_refused")
    return False


def _take_either(session: Session, person_id: int, code: str, now: datetime) -> bool:
    row = session.get(SecondFactor, person_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None and _take_code(session, row, code, now):
        return True
    if is_second_factor_on(session, person_id) and _take_recovery_code(session, person_id, code):
        history.record_event(session, f"person:{person_id}", "recovery_code_used", person_id)
        return True
    return False


def _take_code(session: Session, row: SecondFactor, code: str, now: datetime) -> bool:
    given = "".join(code.split())
    totp = pyotp.TOTP(_secret_of(session, row))
    present = int(now.timestamp()) // totp.interval
    for counter in (present + off for off in _PERIODS_OFF):
        fits = hmac.compare_digest(totp.generate_otp(counter).encode(), given.encode("utf-8", "replace"))
        if fits and counter > row.used_counter:
            row.used_counter = counter
            return True
    return False


def _take_recovery_code(session: Session, person_id: int, code: str) -> bool:
    given = "".join(letter for letter in code.casefold() if letter.isalnum())
    wanted = delete(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _hash(session, person_id, given)
    )
    return session.execute(wanted.returning(RecoveryCode.id)).first() is not None


def _hash(session: Session, person_id: int, code: str) -> str:
    return vault_of(session).keyring.keyed_hash("recovery code", f"{person_id}\0{code}".encode("utf-8", "replace"))

"""Who somebody is: login and password, checked between two transactions, within limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from inbox.accounts import passwords, sign_in_limits
from inbox.accounts.sign_in_limits import AttemptOrigin, TooManyAttempts
from inbox.accounts.staff import normalise_login
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.records.rejections import count_refusal
from inbox.storage.database import Store

DOOR = "sign_in"

SIGNED_IN, CONFIRMED = "signed_in", "confirmed"
"""What the history says of a right password."""

NOWHERE = AttemptOrigin()


def authenticate(
    store: Store,
    login: str,
    password: str,
    origin: AttemptOrigin = NOWHERE,
    now: datetime | None = None,
    action: str = SIGNED_IN,
) -> Person | None:
    """Who signs in with this login and password, None for nobody; takes as long for a login that does not exist.

    The password is checked between two transactions, for that takes a tenth of a second on purpose. Wrong ones are
    counted. Raises TooManyAttempts, also when the password would have been right, and however many come at once. A
    password that was kept in an old way is kept in the new one from then on.
    """
    now, login = now or utc_now(), normalise_login(login)
    with store.read() as session:
        known = _by_login(session, login)
        kept = known.password_hash if known else None
        origin = origin.known_by(store.keyring, kept)
        counted_by = sign_in_limits.attempt_buckets(session, login, origin)
        waits = _waits(session, counted_by, now)
    if waits is not None:
        with store.write() as session:
            count_refusal(session, DOOR, "too_many_attempts")
        raise waits
    is_right = passwords.verify_password(kept, password)
    renewed = passwords.rehash_if_outdated(kept, password) if is_right and kept else None
    with store.write() as session:
        sign_in_limits.lock_buckets(session, counted_by)
        sign_in_limits.check_not_limited(session, counted_by, now)
        person = _by_login(session, login, held=True)
        # Of an account that got another password in this very moment, the old one is wrong.
        if person is None or not person.active or not is_right or person.password_hash != kept:
            count_refusal(session, DOOR, "wrong_password" if person else "unknown_login")
            sign_in_limits.count_failed_attempt(session, counted_by, now)
            if person is not None:
                history.record_event(session, f"person:{person.id}", "sign_in_refused")
            return None
        sign_in_limits.reset_after_success(session, login, origin)
        if renewed is not None:
            person.password_hash = renewed
        history.record_event(session, f"person:{person.id}", action, person.id)
        return person


def _waits(
    session: Session, counted_by: tuple[sign_in_limits.AttemptBucket, ...], now: datetime
) -> TooManyAttempts | None:
    try:
        sign_in_limits.check_not_limited(session, counted_by, now)
    except TooManyAttempts as error:
        return error
    return None


def _by_login(session: Session, login: str, *, held: bool = False) -> Person | None:
    wanted = select(Person).where(Person.login == login).options(selectinload(Person.roles))
    return session.scalar(wanted.with_for_update(of=Person) if held else wanted)

"""Staff who sign in: accounts, passwords, roles."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NewType

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, selectinload
from werkzeug.security import check_password_hash, generate_password_hash

from config.enums import Role
from inbox.accounts import sign_in_sessions
from inbox.errors import InboxError
from inbox.models import Centre, Person, PersonRole, WrongPassword
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.records.rejections import count_refusal
from inbox.storage.database import Store
from inbox.storage.upsert import insert_if_new

PASSWORD_LENGTH = 10
"""Characters a password has at least; length is what counts (NIST SP 800-63B, 5.1.1.2)."""

PASSWORD_LENGTH_MOST = 1024

WRONG_PASSWORDS = 10
"""Wrong passwords for one account within ``WINDOW`` after which it has to wait."""

WINDOW = timedelta(minutes=15)

DOOR = "sign_in"

PasswordHash = NewType("PasswordHash", str)
"""What is stored of a password."""

_one_at_a_time = threading.Lock()
"""Held while a password is checked: that takes 32 MB and a core, and many who sign in at once shall not take all."""


class LoginTaken(InboxError):
    """Another account has this login, or it is empty."""

    remedy = "Choose another login of 1 to 64 characters."


class WeakPassword(InboxError):
    """A password that is too short, or far too long."""

    remedy = f"Choose a password of at least {PASSWORD_LENGTH} characters: four words do well."


class NoSuchPerson(InboxError):
    """There is no account with this login."""

    remedy = "Look at `portevoix person list`."


class NoSuchCentre(InboxError):
    """There is no neighbourhood centre with this slug."""

    remedy = "Name the centre in a consultation file and import it, or correct the slug."


class TooManyAttempts(InboxError):
    """Too many wrong passwords for this account."""

    retryable = True
    remedy = "Wait a quarter of an hour, or have an administrator set a new password."


def create_person(
    session: Session,
    login: str,
    name: str,
    password: PasswordHash,
    roles: Iterable[Role],
    centre: str | None = None,
    by: int | None = None,
) -> Person:
    """Add an account; ``centre`` is a slug. Raises LoginTaken, NoSuchCentre."""
    login = _spelled(login)
    if not login or len(login) > 64:
        raise LoginTaken("the login is empty or too long")
    centre_id = session.scalar(select(Centre.id).where(Centre.slug == centre)) if centre else None
    if centre and centre_id is None:
        raise NoSuchCentre(f"no centre is called {centre}")
    if not insert_if_new(
        session,
        Person,
        login=login,
        name=" ".join(name.split())[:128] or login,
        password_hash=password,
        centre_id=centre_id,
        active=True,
    ):
        raise LoginTaken(f"the login {login} is taken")
    person = _person(session, login)
    person.roles = [PersonRole(role=role) for role in sorted(set(roles))]
    details = {"roles": [role.role.value for role in person.roles]}
    history.record(session, f"person:{person.id}", "created", by, details)
    return person


def authenticate(store: Store, login: str, password: str, now: datetime | None = None) -> Person | None:
    """Who signs in with this login and password, None for nobody; takes as long for a login that does not exist.

    The password is checked between two transactions, for that takes a tenth of a second on purpose. Wrong ones are
    counted. Raises TooManyAttempts, also when the password would have been right, and however many come at once.
    """
    now = now or utc_now()
    with store.read() as session:
        known = must_not_wait(session, login, now)
        password_hash = known.password_hash if known else None
    asked = password_hash or _nobodys_hash()
    with _one_at_a_time:
        is_right = check_password_hash(asked, password[:PASSWORD_LENGTH_MOST])
    with store.write() as session:
        person = must_not_wait(session, login, now, held=True)
        # Of an account that got another password in this very moment, the old one is wrong.
        if person is None or not person.active or not is_right or person.password_hash != asked:
            count_refusal(session, DOOR, "wrong_password" if person else "unknown_login")
            if person is not None:
                _count_wrong(session, person.id, now)
                history.record(session, f"person:{person.id}", "sign_in_refused")
            return None
        _forgive(session, person.id)
        history.record(session, f"person:{person.id}", "signed_in", person.id)
        return person


def must_not_wait(session: Session, login: str, now: datetime, *, held: bool = False) -> Person | None:
    """The account with this login; raises TooManyAttempts when it has to wait."""
    wanted = _by_login(_spelled(login))
    person = session.scalar(wanted.with_for_update(of=Person) if held else wanted)
    if person is not None and _wrong_passwords(session, person.id, now) >= WRONG_PASSWORDS:
        raise TooManyAttempts(f"person {person.id} has to wait")
    return person


def _wrong_passwords(session: Session, person_id: int, now: datetime) -> int:
    """Wrong passwords within the window, since the last right one or new password."""
    counted = (WrongPassword.person_id == person_id, WrongPassword.at > now - WINDOW)
    return session.scalar(select(func.count(WrongPassword.id)).where(*counted)) or 0


def _count_wrong(session: Session, person_id: int, now: datetime) -> None:
    too_old = (WrongPassword.person_id == person_id, WrongPassword.at <= now - WINDOW)
    session.execute(delete(WrongPassword).where(*too_old))
    session.add(WrongPassword(person_id=person_id, at=now))


def _forgive(session: Session, person_id: int) -> None:
    """Begin to count wrong passwords anew."""
    session.execute(delete(WrongPassword).where(WrongPassword.person_id == person_id))


def change_password(session: Session, login: str, password: PasswordHash, by: int | None = None) -> Person:
    """Give somebody a new password and end their sessions; raises NoSuchPerson."""
    person = _person(session, login)
    person.password_hash = password
    sign_in_sessions.end_all(session, person.id)
    _forgive(session, person.id)
    history.record(session, f"person:{person.id}", "password_changed", by)
    return person


def set_roles(session: Session, login: str, roles: Iterable[Role], by: int | None = None) -> Person:
    """Say what somebody may do from now on, and end their sessions; raises NoSuchPerson."""
    person = _person(session, login)
    wanted = set(roles)
    person.roles = [role for role in person.roles if role.role in wanted] + [
        PersonRole(role=role) for role in sorted(wanted - {role.role for role in person.roles})
    ]
    sign_in_sessions.end_all(session, person.id)
    history.record(session, f"person:{person.id}", "roles_changed", by, {"roles": sorted(r.value for r in wanted)})
    return person


def deactivate(session: Session, login: str, by: int | None = None) -> Person:
    """Close an account and end its sessions; what it did stays in the history. Raises NoSuchPerson."""
    person = _person(session, login)
    if person.active:
        person.active = False
        sign_in_sessions.end_all(session, person.id)
        history.record(session, f"person:{person.id}", "deactivated", by)
    return person


def list_people(session: Session) -> list[Person]:
    """Every account with its roles, by login."""
    return list(session.scalars(select(Person).options(selectinload(Person.roles)).order_by(Person.login)))


def _person(session: Session, login: str) -> Person:
    person = session.scalar(_by_login(_spelled(login)).with_for_update(of=Person))
    if person is None:
        raise NoSuchPerson(f"nobody has the login {login}")
    return person


def _by_login(login: str) -> Select[Person]:
    return select(Person).where(Person.login == login).options(selectinload(Person.roles))


def _spelled(login: str) -> str:
    """One spelling of a login: people type capitals and spaces."""
    return "".join(character for character in login.strip().casefold() if character.isprintable())


def hashed(password: str) -> PasswordHash:
    """What is stored of a password; slow on purpose, so made before a transaction begins. Raises WeakPassword."""
    if not PASSWORD_LENGTH <= len(password) <= PASSWORD_LENGTH_MOST:
        raise WeakPassword(f"a password of {len(password)} characters")
    return PasswordHash(generate_password_hash(password, method="scrypt"))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """The hash of a password nobody knows, so that an unknown login takes as long as a known one."""
    return generate_password_hash(secrets.token_urlsafe(), method="scrypt")

"""Sessions of those who signed in: rows, so that ending one ends it wherever its cookie has been copied to.

A browser holds a random token, the row its SHA-256: who reads the database cannot enter with what stands there
(OWASP ASVS 4.0.3, V3).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.errors import StoreBusy
from inbox.models import Person, SignInSession
from inbox.records import history
from inbox.storage.database import Store

LASTS = timedelta(hours=8)
"""After a working day a session ends, used or not."""

IDLE_ON_SHARED_DESKS = timedelta(minutes=30)
"""How long a session of a neighbourhood centre lives unused: others sit down at the same desk."""

CONFIRMED_FOR = timedelta(minutes=15)
"""How long after giving a password its owner may do what asks for it anew."""

_NOTED_EVERY = timedelta(minutes=1)
_PATIENCE = 0.1
"""Seconds a page waits for the database to note that a session is in use; the next page notes it as well."""

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it in a list."""

    id: int
    browser: str
    began_at: datetime
    seen_at: datetime


def create_session(session: Session, person_id: int, browser: str, now: datetime) -> str:
    """Begin a session; its token, which stands nowhere else. Sessions whose time is over are removed."""
    session.execute(delete(SignInSession).where(SignInSession.began_at <= now - LASTS))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        SignInSession(
            token_hash=_hash(token),
            person_id=person_id,
            browser=browser[:64],
            began_at=now,
            seen_at=now,
            confirmed_at=now,
        )
    )
    return token


def find_session(session: Session, token: str, now: datetime) -> tuple[SignInSession, Person] | None:
    """The session of a token and whose it is; None when it has ended, for whatever reason."""
    wanted = select(SignInSession, Person).join(Person, Person.id == SignInSession.person_id)
    found = session.execute(wanted.where(SignInSession.token_hash == _hash(token))).one_or_none()
    if found is None:
        return None
    row, person = found
    return (row, person) if person.active and not _over(row, person, now) else None


def _over(row: SignInSession, person: Person, now: datetime) -> bool:
    if now >= row.began_at + LASTS:
        return True
    shared = any(role.role is Role.CENTRE for role in person.roles)
    return shared and now >= row.seen_at + IDLE_ON_SHARED_DESKS


def extend_session(store: Store, session_id: int, seen_at: datetime, now: datetime) -> None:
    """Put off the end of an unused session, once a minute; not while the database is busy."""
    if now < seen_at + _NOTED_EVERY:
        return
    try:
        with store.write(patience=_PATIENCE) as session:
            session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=now))
    except StoreBusy:
        return


def record_reauthentication(session: Session, session_id: int, now: datetime) -> None:
    """Note that the owner of a session has just given the password again."""
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(confirmed_at=now))


def end_session(session: Session, token: str) -> None:
    """End the session of a token, if there still is one."""
    row = session.scalar(select(SignInSession).where(SignInSession.token_hash == _hash(token)))
    if row is not None:
        history.record_event(session, f"person:{row.person_id}", "signed_out", row.person_id)
        session.delete(row)


def end_own_session(session: Session, person_id: int, session_id: int) -> bool:
    """End one of somebody's sessions; whether it was there, and theirs."""
    wanted = delete(SignInSession).where(SignInSession.id == session_id, SignInSession.person_id == person_id)
    return bool(session.execute(wanted.returning(SignInSession.id)).first())


def end_all_sessions(session: Session, person_id: int, but: int | None = None) -> int:
    """End all of somebody's sessions, or all ``but`` one; how many."""
    wanted = delete(SignInSession).where(SignInSession.person_id == person_id)
    if but is not None:
        wanted = wanted.where(SignInSession.id != but)
    return len(session.execute(wanted.returning(SignInSession.id)).all())


def list_sessions(session: Session, person_id: int, now: datetime) -> list[OpenSession]:
    """Somebody's sessions that have not ended, the one used last first."""
    person = session.get_one(Person, person_id)
    wanted = select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.seen_at.desc())
    return [
        OpenSession(row.id, row.browser, row.began_at, row.seen_at)
        for row in session.scalars(wanted)
        if not _over(row, person, now)
    ]


def _hash(token: str) -> str:
    # A fast hash will do: the token is random, 256 bits.
    return hashlib.sha256(token.encode()).hexdigest()

"""Links that open once: for the first account of an installation, and for whoever was invited.

A link holds a random token, the row its SHA-256. Its address is shown or printed once and stands nowhere else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.accounts import staff
from inbox.accounts.passwords import PasswordHash
from inbox.errors import InboxError
from inbox.models import OneTimeLink, Person
from inbox.records import history

SET_UP_LASTS = timedelta(days=1)
INVITATION_LASTS = timedelta(days=7)

_TOKEN_BYTES = 32


class LinkExpired(InboxError):
    """A link that was used, replaced, is too old, or never was one."""

    remedy = "Ask an administrator for a new link; for the first account, start the gateway again."


@dataclass(frozen=True)
class LinkTarget:
    """What a link is for: whose password it sets, or the first account."""

    person_id: int | None
    login: str = ""
    name: str = ""


def create_set_up_link(session: Session, now: datetime) -> str | None:
    """The token of a link for the first account, in place of any before it; None when there is an account."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.person_id.is_(None)))
    return None if has_any_account(session) else _make(session, None, now + SET_UP_LASTS)


def create_invitation(session: Session, person_id: int, now: datetime) -> str:
    """The token of a link with which this person chooses a password, in place of any before it."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person_id))
    return _make(session, person_id, now + INVITATION_LASTS)


def pending_invitations(session: Session, now: datetime) -> dict[int, datetime]:
    """Who has a link that opens, and until when."""
    wanted = select(OneTimeLink.person_id, OneTimeLink.ends_at)
    rows = session.execute(wanted.where(OneTimeLink.person_id.is_not(None), OneTimeLink.ends_at > now))
    return {person_id: ends_at for person_id, ends_at in rows if person_id is not None}


def _make(session: Session, person_id: int | None, ends_at: datetime) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(OneTimeLink(token_hash=_hash(token), person_id=person_id, ends_at=ends_at))
    return token


def has_any_account(session: Session) -> bool:
    """Whether there is an account at all."""
    return bool(session.scalar(select(exists(select(Person.id)))))


def read_link(session: Session, token: str, now: datetime) -> LinkTarget:
    """What a link is for, without using it up; raises LinkOver."""
    return _linked(session, _row(session, token, now, held=False))


def _row(session: Session, token: str, now: datetime, *, held: bool = True) -> OneTimeLink:
    wanted = select(OneTimeLink).where(OneTimeLink.token_hash == _hash(token), OneTimeLink.ends_at > now)
    row = session.scalar(wanted.with_for_update() if held else wanted)
    if row is None:
        raise LinkExpired("there is no such link, or not any more")
    return row


def _linked(session: Session, row: OneTimeLink) -> LinkTarget:
    if row.person_id is None:
        if has_any_account(session):
            raise LinkExpired("there is an account by now")
        return LinkTarget(None)
    person = session.get_one(Person, row.person_id)
    if not person.active:
        raise LinkExpired("that account is closed")
    return LinkTarget(person.id, person.login, person.name)


def create_first_account(
    session: Session, token: str, login: str, name: str, password: PasswordHash, now: datetime
) -> Person:
    """Make the first account, an administrator's, and use the link up; raises LinkOver, LoginTaken."""
    row = _row(session, token, now)
    if _linked(session, row).person_id is not None:
        raise LinkExpired("this link is for another purpose")
    session.delete(row)
    return staff.create_person(session, login, name, password, FIRST_ROLES)


FIRST_ROLES: Iterable[Role] = (Role.ADMINISTRATOR,)
"""Of the first person, who gives roles to all others."""


def accept_invitation(session: Session, token: str, password: PasswordHash, now: datetime) -> Person:
    """Give the invited person the password they chose, and use the link up; raises LinkOver."""
    row = _row(session, token, now)
    linked = _linked(session, row)
    if linked.person_id is None:
        raise LinkExpired("this link is for another purpose")
    session.delete(row)
    history.record_event(session, f"person:{linked.person_id}", "link_used", linked.person_id)
    return staff.change_password(session, linked.login, password, by=linked.person_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Tokens of the API: made by an administrator for one program each, in one role, and revoked at once when asked.

A token's role says what it sees; its rights say what it does with that.

A token is random (256 bits) and shown once; the row holds its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.models import ApiToken, Person
from inbox.records import history


class ApiRight(StrEnum):
    """What a token may do."""

    READ = "read"
    ANSWER = "answer"
    EXPORT = "export"
    FAULTS = "faults"  # hand in faults, fetch those passed on to services, and say what became of them (Open311)


RIGHTS: Mapping[Role, frozenset[ApiRight]] = {
    Role.OFFICIAL: frozenset(ApiRight),
    Role.MODERATOR: frozenset(ApiRight),
    Role.ADMINISTRATOR: frozenset(ApiRight),
    # A centre sees no contributions: its program can tell questions and numbers, and hand in what it heard of.
    Role.CENTRE: frozenset({ApiRight.READ, ApiRight.FAULTS}),
}
"""What a program of a role may be let do; it sees what people in this role see."""
ROLES = tuple(RIGHTS)
A_MINUTE = 120
"""Requests of one token."""
_PREFIX = "pvx_"
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who asks: a token that holds, its role, and the person in whose name it acts."""

    token_id: int
    role: Role
    rights: frozenset[str]
    person_id: int
    may_ask: bool
    """Whether it has not asked too often within this minute."""


def create_token(session: Session, name: str, role: Role, by: int, rights: Collection[ApiRight] | None = None) -> str:
    """A new token, with some of its role's ``rights`` (all of them where none are named); shown this once."""
    may = sorted(RIGHTS[role] if rights is None else RIGHTS[role] & frozenset(rights))
    token = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    row = ApiToken(name=name, token_hash=_hash(token), role=role, rights=" ".join(may), made_by_id=by, asked=0)
    session.add(row)
    session.flush()
    history.record_event(session, f"api_token:{row.id}", "api_token_made", by, {"role": role.value, "rights": may})
    return token


def revoke_token(session: Session, token_id: int, by: int, now: datetime) -> bool:
    """Let a token open nothing any more; whether it did until now."""
    row = session.get(ApiToken, token_id, with_for_update=True)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    history.record_event(session, f"api_token:{token_id}", "api_token_revoked", by)
    return True


def use_token(session: Session, token: str, now: datetime) -> TokenHolder | None:
    """Count a request of this token; None where it does not hold, or whoever made it may not enter any more."""
    wanted = select(ApiToken, Person).join(Person, Person.id == ApiToken.made_by_id)
    found = session.execute(wanted.where(ApiToken.token_hash == _hash(token)).with_for_update(of=ApiToken)).first()
    if found is None:
        return None
    row, person = found
    if row.revoked_at is not None or not person.active:
        return None
    minute = now.replace(second=0, microsecond=0)
    row.asked = row.asked + 1 if row.minute == minute else 1
    row.minute, row.used_at = minute, now
    return TokenHolder(row.id, row.role, frozenset(row.rights.split()), row.made_by_id, row.asked <= A_MINUTE)


def seconds_until_allowed(now: datetime) -> int:
    """Until a token may ask again."""
    return int((now.replace(second=0, microsecond=0) + timedelta(minutes=1) - now).total_seconds()) + 1


def all_tokens(session: Session) -> list[ApiToken]:
    """Every token that holds, the newest first."""
    wanted = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())
    return list(session.scalars(wanted))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

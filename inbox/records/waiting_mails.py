"""A mail that waits to be taken apart, with what is known of it and its sender: looked up with few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from inbox.models import Arrival, Contribution, Intake, Message, Part


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """An intake by mail and its first arrival."""

    intake_id: int
    key_id: int
    contributor_id: int | None
    version_id: int | None
    addressed_to: str | None
    language: str | None
    received_at: datetime
    keep_until: date | None
    digest: str
    """The arrival's."""
    sealed_raw: bytes | None
    locator: str | None
    sealed_headers: bytes | None


# Built once: for a mail they are asked with others of which each takes less time than building them.
_intakes, _arrivals = Intake.__table__, Arrival.__table__
_WAITING = (
    select(
        _intakes.c.id.label("intake_id"),
        _intakes.c.key_id,
        _intakes.c.contributor_id,
        _intakes.c.consultation_version_id.label("version_id"),
        _intakes.c.addressed_to,
        _intakes.c.language,
        _intakes.c.received_at,
        _intakes.c.keep_until,
        _arrivals.c.digest,
        _arrivals.c.sealed_raw,
        _arrivals.c.locator,
        _arrivals.c.sealed_headers,
    )
    .join_from(_intakes, _arrivals, _arrivals.c.intake_id == _intakes.c.id)
    .where(_intakes.c.id == bindparam("intake"))
    .order_by(_arrivals.c.id)
    .limit(1)
)
_KNOWN = select(
    or_(
        *(exists().where(one.__table__.c.contributor_id == bindparam("whose")) for one in (Part, Contribution, Message))
    )
)


def waiting_mail(session: Session, intake_id: int | None) -> WaitingMail | None:
    """The mail of an intake; None where nothing of it has arrived."""
    row = session.connection().execute(_WAITING, {"intake": intake_id}).one_or_none()
    return None if row is None else WaitingMail(**row._mapping)


def is_known(session: Session, contributor_id: int) -> bool:
    """Whether anything is kept of a contributor beside the name: what they said, or were sent."""
    return bool(session.connection().execute(_KNOWN, {"whose": contributor_id}).scalar())

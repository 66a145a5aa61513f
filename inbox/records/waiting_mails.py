"""A mail that waits to be taken apart, with what is known of it and its sender: looked up with few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select
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


def waiting_mail(session: Session, intake_id: int | None) -> WaitingMail | None:
    """The mail of an intake; None where nothing of it has arrived."""
    row = session.execute(
        select(
            Intake.id.label("intake_id"),
            Intake.key_id,
            Intake.contributor_id,
            Intake.consultation_version_id.label("version_id"),
            Intake.addressed_to,
            Intake.language,
            Intake.received_at,
            Intake.keep_until,
            Arrival.digest,
            Arrival.sealed_raw,
            Arrival.locator,
            Arrival.sealed_headers,
        )
        .join(Arrival, Arrival.intake_id == Intake.id)
        .where(Intake.id == intake_id)
        .order_by(Arrival.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else WaitingMail(**row._mapping)


def is_known(session: Session, contributor_id: int) -> bool:
    """Whether anything is kept of a contributor beside the name: what they said, or were sent."""
    kept = (exists().where(one.contributor_id == contributor_id) for one in (Part, Contribution, Message))
    return bool(session.scalar(select(or_(*kept))))

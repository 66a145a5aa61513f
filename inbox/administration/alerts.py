"""Alerts: what people are told of once, until it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.models import Alert, Heartbeat
from inbox.models.column_types import utc_now
from inbox.storage.upsert import insert_if_new


class AlertKind(StrEnum):
    """What people are told of."""

    SILENT = "silent"  # a part of the gateway
    DISK = "disk"
    BACKUP = "backup"
    DANGER = "danger"  # a contribution: whoever wrote it, or somebody else, may be in danger


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert as it is told."""

    id: int
    kind: AlertKind
    about: str
    details: Mapping[str, Any]
    since: datetime
    told_at: datetime | None


def heartbeat_times(session: Session) -> dict[str, datetime]:
    """When each process was last seen alive."""
    return {row.process: row.seen_at for row in session.execute(select(Heartbeat.process, Heartbeat.seen_at))}


def raise_alert(session: Session, kind: AlertKind, about: str = "", details: Mapping[str, Any] | None = None) -> bool:
    """Raise an alert, unless it stands already; whether it is new. ``about`` and ``details`` hold nothing personal."""
    standing = (Alert.kind == kind, Alert.about == about, Alert.over_at.is_(None))
    if session.scalar(select(Alert.id).where(*standing)) is not None:
        return False
    return insert_if_new(session, Alert, kind=kind, about=about, details=dict(details or {}), since=utc_now())


def end_alerts(session: Session, kind: AlertKind, still: Collection[str] = ()) -> None:
    """End the alerts of a kind but for those about ``still``."""
    gone = (Alert.kind == kind, Alert.over_at.is_(None), Alert.about.not_in(still))
    session.execute(update(Alert).where(*gone).values(over_at=utc_now()))


def current_alerts(session: Session) -> list[RaisedAlert]:
    """The alerts that are not over, the oldest first."""
    return _told(session, Alert.over_at.is_(None))


def unsent_alerts(session: Session) -> list[RaisedAlert]:
    """Those nobody has been told of, the oldest first."""
    return _told(session, Alert.over_at.is_(None), Alert.told_at.is_(None))


def record_alerts_sent(session: Session, ids: Collection[int]) -> None:
    """Say that people were told."""
    session.execute(update(Alert).where(Alert.id.in_(ids)).values(told_at=utc_now()))


def _told(session: Session, *conditions: Any) -> list[RaisedAlert]:
    rows = session.scalars(select(Alert).where(*conditions).order_by(Alert.id))
    return [RaisedAlert(one.id, AlertKind(one.kind), one.about, one.details, one.since, one.told_at) for one in rows]


def delete_old_heartbeats(session: Session, present: Collection[str], seen_before: datetime) -> None:
    """Forget the heartbeats of processes that are not ``present`` and were last seen before a moment."""
    session.execute(delete(Heartbeat).where(Heartbeat.process.not_in(present), Heartbeat.seen_at < seen_before))

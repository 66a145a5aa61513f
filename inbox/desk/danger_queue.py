"""Contributions in whose text words of danger stand, and that nobody has decided about: somebody is told of each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inbox.administration import alerts
from inbox.administration.alerts import AlertKind
from inbox.desk.queues import Queue, QueueKind
from inbox.listings.filters import walk_along
from inbox.listings.visibility import EVERYTHING

NOBODY = 0
"""No person has this id: the queue of danger is the same for all."""

MOST = 50
"""How many are looked at: beyond that, whoever is told of these finds the others in the queue."""


def list_dangerous(session: Session) -> list[int]:
    """The contributions in the queue of danger, the newest first."""
    queue = Queue(QueueKind.DANGER)
    walk = walk_along(session, queue.filter(NOBODY), EVERYTHING)
    return [one.id for one in walk.older(session, None, MOST)]


def update_danger_alerts(session: Session, found: list[int]) -> None:
    """Raise an alert about each, and end those about what was decided meanwhile."""
    about = [f"contribution:{number}" for number in found]
    for one in about:
        alerts.raise_alert(session, AlertKind.DANGER, one)
    alerts.end_alerts(session, AlertKind.DANGER, still=about)

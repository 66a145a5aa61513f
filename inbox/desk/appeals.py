"""Appeals: an author does not agree with what was decided, and somebody else than who decided looks again."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config.enums import Moderation
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.errors import InboxError
from inbox.models import Appeal, History
from inbox.models.column_types import utc_now
from inbox.models.desk_rows import OPEN_APPEAL
from inbox.records import history

UPHELD, CHANGED = "upheld", "changed"


class NothingToAppeal(InboxError):
    """An appeal against what was not decided."""

    remedy = "Only what was set aside can be appealed against."


class OwnDecision(InboxError):
    """Who decided cannot settle the appeal against it."""

    remedy = "Another moderator has to look at it."


def lodge_appeal(session: Session, contribution_id: int, by: int) -> None:
    """Note that the author does not agree; once while it is open. Raises NothingToAppeal, NotThere."""
    contribution = lock_for_change(session, contribution_id)
    if contribution.moderation is not Moderation.SET_ASIDE:
        raise NothingToAppeal(f"contribution {contribution_id} is not set aside")
    if open_appeal(session, contribution_id) is not None:
        return
    decided = session.scalar(
        select(History.person_id)
        .where(History.subject == f"contribution:{contribution_id}", History.action == "set_aside")
        .order_by(History.id.desc())
        .limit(1)
    )
    session.add(Appeal(contribution_id=contribution_id, noted_by_id=by, decided_by_id=decided))
    history.record_event(session, f"contribution:{contribution_id}", "appealed", by)


def open_appeal(session: Session, contribution_id: int) -> Appeal | None:
    """The appeal that waits to be settled; None when there is none."""
    return session.scalar(
        select(Appeal)
        .where(Appeal.contribution_id == contribution_id, text(f"appeal.{OPEN_APPEAL}"))
        .order_by(Appeal.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def read_open_appeal(session: Session, contribution_id: int) -> Appeal | None:
    """The same, to be looked at only."""
    return session.scalar(
        select(Appeal).where(Appeal.contribution_id == contribution_id, text(f"appeal.{OPEN_APPEAL}")).limit(1)
    )


def settle_appeal(session: Session, contribution_id: int, by: int, outcome: str) -> bool:
    """Settle the open appeal; False when there is none. Raises OwnDecision for whoever decided."""
    appeal = open_appeal(session, contribution_id)
    if appeal is None:
        return False
    if appeal.decided_by_id == by:
        raise OwnDecision(f"person {by} decided about contribution {contribution_id}")
    appeal.settled_at, appeal.settled_by_id, appeal.outcome = utc_now(), by, outcome
    history.record_event(session, f"contribution:{contribution_id}", "appeal_settled", by, {"outcome": outcome})
    return True


def settle_by_new_decision(session: Session, contribution_id: int, by: int) -> None:
    """A new decision settles an open appeal, when it is somebody else's than the one that is appealed against."""
    appeal = open_appeal(session, contribution_id)
    if appeal is not None and appeal.decided_by_id != by:
        settle_appeal(session, contribution_id, by, CHANGED)

"""What colleagues remark on a report, living or kept: to be settled before it is signed, and in no document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.accounts.staff import names_of
from inbox.errors import InboxError
from inbox.models import ReportComment
from inbox.models.column_types import utc_now

LIVING = 0
"""The number that stands for the report that no version holds."""
LONGEST = 4000
"""Characters of one remark."""
_MOST = 200


class NoComment(InboxError):
    """A remark that is not there, or that says nothing."""

    remedy = "Write what you want to remark."


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A remark as a page shows it."""

    id: int
    section: str
    body: str
    by: str
    at: datetime
    settled_by: str
    settled_at: datetime | None


def comments_of(session: Session, consultation_id: int, version: int) -> list[ShownComment]:
    """The remarks on a version, or on the living report: open ones first, then the newest."""
    rows = session.scalars(
        select(ReportComment)
        .where(ReportComment.consultation_id == consultation_id, ReportComment.version == version)
        .order_by(ReportComment.settled_at.is_not(None), ReportComment.id.desc())
        .limit(_MOST)
    ).all()
    names = names_of(session, (one for row in rows for one in (row.person_id, row.settled_by_id)))
    return [
        ShownComment(
            row.id,
            row.section,
            row.body,
            names.get(row.person_id, ""),
            row.at,
            names.get(row.settled_by_id or 0, ""),
            row.settled_at,
        )
        for row in rows
    ]


def add_comment(session: Session, consultation_id: int, version: int, section: str, body: str, by: int) -> int:
    """Remark something; its number. Raises ``NoComment`` where nothing is said."""
    said = body.strip()[:LONGEST]
    if not said:
        raise NoComment("nothing is said")
    row = ReportComment(
        consultation_id=consultation_id, version=version, section=section[:64], body=said, person_id=by, at=utc_now()
    )
    session.add(row)
    session.flush()
    return row.id


def settle_comment(session: Session, consultation_id: int, number: int, by: int) -> None:
    """Note that a remark is settled; twice is once. Raises ``NoComment``."""
    row = session.get(ReportComment, number, with_for_update=True)
    if row is None or row.consultation_id != consultation_id:
        raise NoComment(f"remark {number}")
    if row.settled_at is None:
        row.settled_by_id, row.settled_at = by, utc_now()

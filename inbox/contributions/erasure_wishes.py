"""Wishes to be erased that were not said by keyword: what they are about is not published until they are settled.

Its author has been told how to have it erased, and that it is not published before. A wish is settled by the erasing,
by the author who wants it kept, by a moderator, or when a moderator takes the wish itself for a contribution after all.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from config.enums import NotContribution
from inbox.contributions.optimistic_locking import MERGED
from inbox.models import ContributionLink, ErasureWish, Part
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.upsert import insert_if_new

WISHED = "erasure_wished"
SETTLED = "erasure_wish_settled"


def record_wish(session: Session, part_id: int, contribution_id: int, *, besides: bool = False) -> None:
    """A part wishes a contribution to be erased; with ``besides``, among other things that it says."""
    if insert_if_new(session, ErasureWish, part_id=part_id, contribution_id=contribution_id, besides=besides):
        history.record_event(session, f"contribution:{contribution_id}", WISHED, details={"part": part_id})


def has_open_wish(session: Session, contribution_id: int) -> bool:
    """Whether somebody wishes this contribution, or one that was joined to it, to be erased, and nobody settled it."""
    return bool(_open(session, contribution_id))


def settle_wishes(session: Session, contribution_id: int, by: int | None = None) -> bool:
    """Settle every open wish about a contribution; False when there is none."""
    parts = _open(session, contribution_id)
    if not parts:
        return False
    settled = update(ErasureWish).where(ErasureWish.part_id.in_(parts))
    session.execute(settled.values(settled_at=utc_now(), settled_by_id=by))
    history.record_event(session, f"contribution:{contribution_id}", SETTLED, by)
    return True


def _open(session: Session, contribution_id: int) -> Sequence[int]:
    joined = select(ContributionLink.from_id).where(
        ContributionLink.to_id == contribution_id, ContributionLink.kind == MERGED
    )
    return session.scalars(
        select(ErasureWish.part_id)
        .join(Part, Part.id == ErasureWish.part_id)
        .where(
            or_(ErasureWish.contribution_id == contribution_id, ErasureWish.contribution_id.in_(joined)),
            ErasureWish.settled_at.is_(None),
            Part.erased_at.is_(None),
            or_(ErasureWish.besides, Part.not_contribution == NotContribution.ERASURE_WISH),
        )
    ).all()

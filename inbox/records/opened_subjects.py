"""Under which names the opening of contributions is noted: themselves, their files, and what they came in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.models import Arrival, ContributionPart, Medium, Part


def subjects_of(session: Session, contribution_ids: Sequence[int]) -> list[str]:
    """The subjects of openings that show what these contributions say; lists that show many are not among them."""
    parts = select(ContributionPart.part_id).where(ContributionPart.contribution_id.in_(contribution_ids))
    intakes = select(Part.intake_id).where(Part.id.in_(parts)).distinct()
    media = session.scalars(select(Medium.id).where(Medium.part_id.in_(parts)).order_by(Medium.id))
    arrivals = session.scalars(select(Arrival.id).where(Arrival.intake_id.in_(intakes)).order_by(Arrival.id))
    return [
        *(f"contribution:{number}" for number in contribution_ids),
        *(f"medium:{number}" for number in media),
        *(f"original:{number}" for number in arrivals),
    ]

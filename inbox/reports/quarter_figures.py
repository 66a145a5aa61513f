"""Which quarters published texts speak of: each contribution is counted once, so that no difference tells of a few."""

from __future__ import annotations

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from inbox.models import Contribution, PlaceMention
from inbox.reports.figure_values import QuarterFigures
from inbox.reports.published_scope import published_of


def quarters_of(session: Session, consultation_id: int, published: int) -> QuarterFigures:
    """Contributions by the one quarter they speak of; those that speak of several, or of none, apart."""
    each = (
        select(
            PlaceMention.contribution_id,
            func.count(func.distinct(PlaceMention.quarter)).label("several"),
            func.min(PlaceMention.quarter).label("quarter"),
        )
        .join(Contribution, Contribution.id == PlaceMention.contribution_id)
        .where(published_of(consultation_id), PlaceMention.quarter != "")
        .group_by(PlaceMention.contribution_id)
        .subquery()
    )
    one = case((each.c.several > 1, ""), else_=each.c.quarter).label("one")
    counts: dict[str, int] = dict(session.execute(select(one, func.count()).group_by(one)).all())
    several = counts.pop("", 0)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return QuarterFigures(quarters=tuple(ranked), several=several, none=published - several - sum(counts.values()))

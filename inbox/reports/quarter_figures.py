"""Which quarters published texts speak of, and which ages speak: each contribution is counted once in either.

So no difference tells of a few.
"""

from __future__ import annotations

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from inbox.models import Contribution, ContributionPart, PlaceMention, StatedAge
from inbox.reports.figure_values import AgeFigures, QuarterFigures
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


def ages_of(session: Session, consultation_id: int, published: int) -> AgeFigures:
    """Contributions by the age group ticked on their form; the youngest of those whose forms say several."""
    each = (
        select(ContributionPart.contribution_id, func.min(StatedAge.age_group).label("said"))
        .join(StatedAge, StatedAge.part_id == ContributionPart.part_id)
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(published_of(consultation_id))
        .group_by(ContributionPart.contribution_id)
        .subquery()
    )
    counts: dict[str, int] = dict(session.execute(select(each.c.said, func.count()).group_by(each.c.said)).all())
    groups = sorted(counts.items(), key=lambda item: int(item[0].partition("-")[0] or 0))
    return AgeFigures(groups=tuple(groups), unsaid=published - sum(counts.values()))

"""Conditions of a filter that no index of contributions is made for: looked at along the index that is walked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, func, or_, select, text, union
from sqlalchemy.orm import Session

from inbox.contributions import search_index
from inbox.models import (
    Appeal,
    Assignment,
    Centre,
    Contest,
    Contribution,
    ContributionPart,
    Intake,
    Part,
    PlaceMention,
    PostModeration,
    ServiceRequest,
)
from inbox.models.desk_rows import OPEN_APPEAL
from inbox.models.desk_rows import UNREAD_PUBLICATION as UNREAD

if TYPE_CHECKING:
    from inbox.listings.filters import ContributionFilter


def filter_conditions(session: Session, wanted: ContributionFilter) -> list[ColumnElement[bool]]:
    """The conditions on ``Contribution``."""
    found: list[ColumnElement[bool]] = []
    if wanted.language:
        found.append(Contribution.language == wanted.language)
    if wanted.centre:
        found.append(_of_centre(session, wanted.centre))
    if wanted.quarter:
        named = PlaceMention.contribution_id == Contribution.id, PlaceMention.quarter == wanted.quarter
        found.append(
            or_(
                select(PlaceMention.place).where(*named).exists(),
                Contribution.id.in_(search_index.matching_contributions(session, wanted.quarter)),
            )
        )
    if wanted.since is not None:
        found += [
            Contribution.id >= first_contribution_since(session, wanted.since),
            Contribution.created_at >= wanted.since,
        ]
    if wanted.until is not None:
        found += [
            Contribution.id < first_contribution_since(session, wanted.until),
            Contribution.created_at < wanted.until,
        ]
    return found


def few_contribution_ids(wanted: ContributionFilter) -> Select[int] | None:
    """The numbers of the contributions that are asked for, where these are few by their nature; None otherwise."""
    if wanted.appealed:
        against = (
            [] if wanted.not_decided_by is None else [Appeal.decided_by_id.is_distinct_from(wanted.not_decided_by)]
        )
        appealed = select(Appeal.contribution_id).where(text(f"appeal.{OPEN_APPEAL}"), *against)
        contested = select(Contest.contribution_id).where(text(f"contest.{OPEN_APPEAL}"))
        return select(union(appealed, contested).subquery().c.contribution_id)
    if wanted.published_unread:
        return select(PostModeration.contribution_id).where(text(f"post_moderation.{UNREAD}"))
    if wanted.passed_on:
        return select(ServiceRequest.contribution_id)
    if wanted.assigned_to is not None:
        return select(Assignment.contribution_id).where(Assignment.person_id == wanted.assigned_to)
    return None


def _of_centre(session: Session, slug: str) -> ColumnElement[bool]:
    centre = None if "\0" in slug else session.scalar(select(Centre.id).where(Centre.slug == slug))
    return (
        select(ContributionPart.part_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(ContributionPart.contribution_id == Contribution.id, Intake.centre_id == (centre or 0))
        .exists()
    )


def first_contribution_since(session: Session, moment: datetime) -> int:
    """The number of the first contribution taken in at this moment or later; beyond the last when there is none.

    Contributions are numbered as they are taken in, so it is found by halving, without an index of dates.
    """
    below, above = 0, (session.scalar(select(func.max(Contribution.id))) or 0) + 1
    while above - below > 1:
        middle = (below + above) // 2
        at = session.scalar(
            select(Contribution.created_at).where(Contribution.id >= middle).order_by(Contribution.id).limit(1)
        )
        below, above = (middle, above) if at is not None and at < moment else (below, middle)
    return above

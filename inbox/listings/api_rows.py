"""Contributions as programs read them: what their role may see, whole, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, SetAsideReason
from inbox.listings import contribution_list
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import Visibility
from inbox.models import Consultation, Contribution
from inbox.records import references
from inbox.storage.keyset import cut_page


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """One contribution."""

    id: int
    reference: str
    consultation: str | None
    channel: Channel
    moderation: Moderation
    set_aside_reason: SetAsideReason | None
    text: str | None
    """None where there is none, or this role may not read it."""
    is_machine: bool
    language: str | None
    themes: Sequence[str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ContributionPage:
    """A page of them, and where the next begins; None at the end."""

    rows: Sequence[ContributionRow]
    older: int | None


def api_page(
    session: Session, wanted: ContributionFilter, sight: Visibility, *, before: int | None, limit: int
) -> ContributionPage:
    """The next that fit, the newest first, older than ``before``."""
    walk = walk_along(session, wanted, sight)
    page = cut_page(
        lambda place, most: walk.older(session, place, most),
        lambda place, most: walk.newer(session, place, most),
        before,
        None,
        limit,
    )
    return ContributionPage(_rows(session, page.rows, sight), page.rows[-1].id if page.is_more_behind else None)


def api_row(session: Session, contribution_id: int, sight: Visibility) -> ContributionRow | None:
    """One of them; None where it is not listed, or not for this role."""
    found = session.get(Contribution, contribution_id)
    if found is None or not found.listed or not sight.may_open(found.moderation):
        return None
    return _rows(session, [found], sight)[0]


def _rows(session: Session, found: Sequence[Contribution], sight: Visibility) -> list[ContributionRow]:
    ids = [one.id for one in found]
    said = contribution_list.current_texts_of(session, found, sight)
    themes = contribution_list.visible_tags_of(session, found, sight)
    received = contribution_list.received_times(session, ids)
    numbers = references.references_of(session, ids)
    asked = {one.consultation_id for one in found}
    slugs = dict(session.execute(select(Consultation.id, Consultation.slug).where(Consultation.id.in_(asked))).all())
    return [
        ContributionRow(
            one.id,
            numbers.get(one.id, ""),
            slugs.get(one.consultation_id or 0),
            one.channel,
            one.moderation,
            one.set_aside_reason,
            said[one.id].body if one.id in said else None,
            one.id in said and said[one.id].unconfirmed,
            one.language,
            [tag.name for tag in themes[one.id]],
            received.get(one.id, (one.created_at, 0))[0],
        )
        for one in found
    ]

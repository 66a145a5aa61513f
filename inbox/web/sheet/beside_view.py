"""What a moderator sees beside a contribution: who else looks, whose it is, notes, twins, what could be masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Moderation
from inbox.contributions import masks, notes, same_wording
from inbox.contributions.masks import Mask
from inbox.contributions.notes import NoteLine
from inbox.desk import appeals, assignment, contests, presence
from inbox.listings import contribution_list
from inbox.listings.visibility import Visibility
from inbox.models import Contribution, PostModeration, ReportedFault, ServiceRequest
from inbox.records import references
from inbox.web.base.labels import HELD, Label
from inbox.web.sheet.personal_view import MaskProposal, mask_proposals

_OTHERS = 5
"""Of the same author's other contributions, so many are shown."""


@dataclass(frozen=True, slots=True)
class RelatedContribution:
    """Another contribution: nearly the same words, or the same author."""

    id: int
    reference: str
    excerpt: str
    moderation: Moderation
    at: datetime
    same: bool
    """Word for word."""
    author: bool
    """Of the same author: then the two can be joined."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How a service request stands with its service."""

    status: str
    status_notes: str
    changed_at: datetime | None
    outside_id: str | None
    met: str


@dataclass(frozen=True, slots=True)
class BesideContext:
    """All of it."""

    others_looking: tuple[str, ...]
    assigned: tuple[int, str] | None
    moderators: tuple[tuple[int, str], ...]
    notes: tuple[NoteLine, ...]
    likes: tuple[RelatedContribution, ...]
    proposals: tuple[MaskProposal, ...]
    masks: tuple[Mask, ...]
    appealed: datetime | None
    may_settle: bool
    """Whether this person is not who decided."""
    contested: datetime | None
    """When its author said that we misunderstood; None where that was not said, or somebody has looked again."""

    passed_on: str | None
    """To which service it was passed on, empty where nobody said; None where it was not."""
    service: ServiceState | None
    """How it stands with the service, where it was passed on."""
    published_unread: bool
    """It was published before a moderator read it, and nobody has since."""
    held: Label
    """Why it was not published as it came, where its consultation is moderated afterwards; empty otherwise."""
    fault_for: str
    """For which service a program handed it in; empty where none did."""

    @property
    def twins(self) -> tuple[RelatedContribution, ...]:
        """Those with nearly the same words."""
        return tuple(one for one in self.likes if not one.author or one.same)


def beside_context(
    session: Session, contribution: Contribution, text: str, person_id: int, sight: Visibility
) -> BesideContext:
    """What stands beside a contribution, for a moderator."""
    appeal = appeals.read_open_appeal(session, contribution.id)
    contest = contests.open_contest(session, contribution.id)
    passed = session.get(ServiceRequest, contribution.id)
    after = session.get(PostModeration, contribution.id)
    return BesideContext(
        others_looking=tuple(presence.others_looking(session, contribution.id, person_id)),
        assigned=assignment.assigned_to(session, [contribution.id]).get(contribution.id),
        moderators=tuple(assignment.moderators(session)),
        notes=tuple(notes.notes_of(session, contribution.id)),
        likes=_likes(session, contribution, sight),
        proposals=mask_proposals(text) if text else (),
        masks=tuple(masks.masks_of(session, contribution)),
        appealed=appeal.at if appeal else None,
        may_settle=appeal is not None and appeal.decided_by_id != person_id,
        contested=contest.at if contest else None,
        passed_on=passed.service if passed else None,
        service=_service_state(passed) if passed else None,
        published_unread=after is not None
        and not after.held
        and after.read_at is None
        and contribution.moderation is Moderation.PUBLISHED,
        held=HELD.get(after.held, "") if after and contribution.moderation is Moderation.IN_REVIEW else "",
        fault_for=came.service if (came := session.get(ReportedFault, contribution.id)) else "",
    )


def _service_state(row: ServiceRequest) -> ServiceState:
    return ServiceState(row.status, row.status_notes, row.changed_at, row.outside_id, row.met)


def _likes(session: Session, contribution: Contribution, sight: Visibility) -> tuple[RelatedContribution, ...]:
    twins = {one.contribution_id: one for one in same_wording.similar_contributions(session, contribution)}
    own = _of_same_author(session, contribution)
    ids = list(dict.fromkeys([*twins, *own]))
    if not ids:
        return ()
    rows = {row.id: row for row in session.scalars(select(Contribution).where(Contribution.id.in_(ids)))}
    said = contribution_list.current_texts_of(session, list(rows.values()), sight)
    numbers = references.references_of(session, ids)
    return tuple(
        RelatedContribution(
            id=one,
            reference=numbers.get(one, ""),
            excerpt=contribution_list.excerpt(said[one].body) if one in said else "",
            moderation=rows[one].moderation,
            at=rows[one].created_at,
            same=one in twins and twins[one].same,
            author=one in own,
        )
        for one in ids
        if one in rows
    )


def _of_same_author(session: Session, contribution: Contribution) -> list[int]:
    if contribution.contributor_id is None:
        return []
    return list(
        session.scalars(
            select(Contribution.id)
            .where(
                Contribution.contributor_id == contribution.contributor_id,
                Contribution.listed,
                Contribution.id != contribution.id,
            )
            .order_by(Contribution.id.desc())
            .limit(_OTHERS)
        )
    )

"""The list of contributions: filtered, newest first, a page at a time, in a handful of queries whatever its length.

Every function is told who looks (a ``Visibility``): what somebody may not see neither fits a filter nor is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Reading, SetAsideReason, TextOrigin
from inbox.consultations import consultation_versions
from inbox.contributions.tags import tags_of
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Consultation, Contribution, ContributionPart, Intake, Part, Tag, TextVersion
from inbox.models.sealed_places import place_of
from inbox.records import references, tallies
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.keyset import cut_page

EXCERPT = 160
"""Characters of a text that the list shows."""


@dataclass(frozen=True, slots=True)
class ContributionListRow:
    """One contribution of the list."""

    id: int
    reference: str
    channel: Channel
    consultation_id: int | None
    excerpt: str
    reading: Reading | None
    """None for whoever may not see how far machines are."""
    moderation: Moderation
    set_aside_reason: SetAsideReason | None
    tags: tuple[str, ...]
    confidence: float | None
    received_at: datetime
    machine: bool
    """The text was read by a machine and nobody has confirmed it."""
    voices: int
    """How many parts it is made of."""


@dataclass(frozen=True, slots=True)
class ContributionListPage:
    """One page of the list."""

    rows: list[ContributionListRow]
    next_cursor: int | None
    """What to give as ``before`` for the older ones; None at the end."""
    previous_cursor: int | None
    """What to give as ``after`` for the newer ones; None at the beginning."""
    count: int
    """How many contributions fit the filter in all."""
    at_least: bool
    """There are more than ``count``, and nobody has counted how many."""


@dataclass(frozen=True, slots=True)
class StateCounts:
    """How many contributions there are in each state; both kinds of state add up to all."""

    all: int
    in_review: int
    published: int
    set_aside: int
    waiting: int
    read: int
    needs_person: int


@dataclass(frozen=True, slots=True)
class CurrentText:
    """The text in force."""

    body: str
    origin: TextOrigin

    @property
    def unconfirmed(self) -> bool:
        """Whether a machine read it and no person has confirmed it."""
        return self.origin is TextOrigin.MACHINE


def list_contributions(
    session: Session,
    wanted: ContributionFilter,
    sight: Visibility,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> ContributionListPage:
    """A page of the contributions that fit, newest first: the next older than ``before``, or newer than ``after``."""
    walk = walk_along(session, wanted, sight)
    page = cut_page(
        lambda place, most: walk.older(session, place, most),
        lambda place, most: walk.newer(session, place, most),
        before,
        after,
        limit,
    )
    shown, is_whole = page.rows, not (page.is_more_before or page.is_more_behind)
    count, at_least = (len(shown), False) if is_whole else walk.count(session)
    return ContributionListPage(
        rows=_rows_of(session, shown, sight),
        next_cursor=shown[-1].id if shown and page.is_more_behind else None,
        previous_cursor=shown[0].id if shown and page.is_more_before else None,
        count=count,
        at_least=at_least,
    )


def newest_of_consultation(session: Session, slug: str, most: int) -> Sequence[Contribution]:
    """The newest contributions to a consultation that are neither erased nor set aside."""
    return session.scalars(
        select(Contribution)
        .join(Consultation, Consultation.id == Contribution.consultation_id)
        .where(Consultation.slug == slug, Contribution.erased_at.is_(None))
        .where(Contribution.moderation != Moderation.SET_ASIDE)
        .order_by(Contribution.id.desc())
        .limit(most)
    ).all()


def state_counts(session: Session, sight: Visibility) -> StateCounts:
    """How many contributions there are in each state, as they are kept."""
    tally = [one for one in tallies.contribution_tallies(session) if sight.may_open(one.moderation)]

    def total(state: Moderation | Reading) -> int:
        return sum(one.count for one in tally if state in (one.moderation, one.reading))

    return StateCounts(
        all=sum(one.count for one in tally),
        in_review=total(Moderation.IN_REVIEW),
        published=total(Moderation.PUBLISHED),
        set_aside=total(Moderation.SET_ASIDE),
        waiting=total(Reading.WAITING),
        read=total(Reading.READ),
        needs_person=total(Reading.NEEDS_PERSON),
    )


# --- what is shown of each ---------------------------------------------------------------------


def _rows_of(session: Session, found: Sequence[Contribution], sight: Visibility) -> list[ContributionListRow]:
    ids = [contribution.id for contribution in found]
    said = current_texts_of(session, found, sight)
    numbers = references.references_of(session, ids)
    tags = visible_tags_of(session, found, sight)
    received = received_times(session, ids)
    read = sight.sees(Aspect.READINGS)
    return [
        ContributionListRow(
            id=contribution.id,
            reference=numbers.get(contribution.id, ""),
            channel=contribution.channel,
            consultation_id=contribution.consultation_id,
            excerpt=excerpt(said[contribution.id].body) if contribution.id in said else "",
            reading=contribution.reading if read else None,
            moderation=contribution.moderation,
            set_aside_reason=contribution.set_aside_reason,
            tags=tuple(tag.name for tag in tags[contribution.id]),
            confidence=contribution.confidence if read else None,
            received_at=received.get(contribution.id, (contribution.created_at, 0))[0],
            machine=contribution.id in said and said[contribution.id].unconfirmed,
            voices=received.get(contribution.id, (contribution.created_at, 0))[1],
        )
        for contribution in found
    ]


def visible_tags_of(session: Session, found: Sequence[Contribution], sight: Visibility) -> Mapping[int, Sequence[Tag]]:
    """The tags of each contribution that may be seen."""
    tags = tags_of(session, [contribution.id for contribution in found])
    asked = set() if sight.sees(Aspect.NOTES) else {contribution.consultation_id for contribution in found}
    keys = {number: consultation_versions.theme_keys(session, number) for number in asked}
    return {
        one.id: sight.themes(one.moderation, tags.get(one.id, ()), keys.get(one.consultation_id, ())) for one in found
    }


def current_texts_of(session: Session, found: Sequence[Contribution], sight: Visibility) -> Mapping[int, CurrentText]:
    """The text in force of each contribution that has one, and whose text may be read, in two queries."""
    ids = [contribution.id for contribution in found]
    states = {contribution.id: contribution.moderation for contribution in found}
    keys = {contribution.id: contribution.key_id for contribution in found}
    newest = (
        select(TextVersion.contribution_id, func.max(TextVersion.number).label("number"))
        .where(TextVersion.contribution_id.in_(ids))
        .group_by(TextVersion.contribution_id)
        .subquery()
    )
    rows = session.execute(
        select(TextVersion.contribution_id, TextVersion.number, TextVersion.origin, TextVersion.sealed_body).join(
            newest,
            and_(
                TextVersion.contribution_id == newest.c.contribution_id,
                TextVersion.number == newest.c.number,
            ),
        )
    ).all()
    readable = [row for row in rows if row.sealed_body and sight.may_read(states[row.contribution_id], row.origin)]
    vault = vault_of(session)
    vault.open_keys(session, [keys[row.contribution_id] for row in readable])
    said = {}
    for row in readable:
        place = place_of(TextVersion.sealed_body, row)
        body = vault.text_left(session, keys[row.contribution_id], row.sealed_body, place)
        if body:
            said[row.contribution_id] = CurrentText(body, row.origin)
    return said


def received_times(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[datetime, int]]:
    """When the first part of each contribution came in, and of how many living parts it is made, in one query."""
    rows = session.execute(
        select(
            ContributionPart.contribution_id,
            func.min(Intake.received_at),
            func.sum(case((Part.erased_at.is_(None), 1), else_=0)),
        )
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(ContributionPart.contribution_id.in_(ids))
        .group_by(ContributionPart.contribution_id)
    )
    return {contribution_id: (received_at, voices) for contribution_id, received_at, voices in rows}


def excerpt(body: str) -> str:
    """The beginning of a text in one line, cut between words."""
    line = " ".join(body.split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:") + "…"

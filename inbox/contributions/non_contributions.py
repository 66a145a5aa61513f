"""What counts as nobody's contribution: listed for a person to look at, by kind, and taken out of there or put back.

The same units as in the ledger: parts, and intakes that have no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, select, tuple_
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, NotContribution, Reading, SetAsideReason
from inbox.contributions import text_versions
from inbox.migrations import kept_counts
from inbox.models import Contribution, ContributionPart, Intake, Part
from inbox.models.intake_rows import JUDGED
from inbox.records import tallies
from inbox.storage.keyset import cut_page

TAKEN = "taken_as_contribution"
"""The line of a contribution's history that says that a person made it one."""

UnitKind = Literal["part", "intake"]


@dataclass(frozen=True, slots=True)
class NonContribution:
    """One thing that counts as no contribution."""

    unit: UnitKind
    id: int
    intake_id: int
    kind: NotContribution
    channel: Channel
    received_at: datetime


@dataclass(frozen=True, slots=True)
class NonContributionPage:
    """One page of the list, what came in last first."""

    rows: list[NonContribution]
    next_cursor: str | None
    """What to give as ``before`` for the older ones; None at the end."""
    previous_cursor: str | None
    """What to give as ``after`` for the newer ones; None at the beginning."""


Place = tuple[int, int]
"""Of a unit in the list: its intake, and its part or 0."""


def counts_by_kind(session: Session) -> dict[NotContribution, int]:
    """How many there are of each kind of which there is any, in the order of the kinds; as they are kept."""
    return tallies.judged_counts(tallies.unit_tallies(session))


def count_non_contributions(session: Session) -> int:
    """How many there are."""
    return sum(counts_by_kind(session).values())


def list_non_contributions(
    session: Session,
    *,
    kind: NotContribution | None = None,
    channel: Channel | None = None,
    before: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> NonContributionPage:
    """A page of them, newest first, next to a cursor; one that leads nowhere begins anew."""
    page = cut_page(
        lambda place, most: _found(session, kind, channel, place, most, older=True),
        lambda place, most: _found(session, kind, channel, place, most, older=False),
        _place(session, before),
        _place(session, after),
        limit,
    )
    return NonContributionPage(
        page.rows,
        next_cursor=_cursor(page.rows[-1]) if page.rows and page.is_more_behind else None,
        previous_cursor=_cursor(page.rows[0]) if page.rows and page.is_more_before else None,
    )


def _found(
    session: Session,
    kind: NotContribution | None,
    channel: Channel | None,
    place: Place | None,
    limit: int,
    *,
    older: bool,
) -> list[NonContribution]:
    """The next ones, newest first: the next of each kind, merged, so that of none more is looked at."""
    found = []
    for one in counts_by_kind(session) if kind is None else (kind,):
        parts, intakes = _parts(one), _intakes(one)
        if channel is not None:
            parts, intakes = parts.where(Part.channel == channel), intakes.where(Intake.channel == channel)
        if place is not None:
            of_part, there = tuple_(Part.intake_id, Part.id), tuple_(*map(literal, place))
            parts = parts.where(of_part < there if older else of_part > there)
            intakes = intakes.where(Intake.id < place[0] if older else Intake.id > place[0])
        for units, columns in ((parts, (Part.intake_id, Part.id)), (intakes, (Intake.id,))):
            order = [column.desc() if older else column.asc() for column in columns]
            found += [_judged(row) for row in session.execute(units.order_by(*order).limit(limit))]
    nearest = sorted(found, key=_place_of, reverse=older)[:limit]
    return nearest if older else nearest[::-1]


def find_non_contribution(session: Session, unit: UnitKind, number: int) -> NonContribution | None:
    """One of them; None when it is none, or not any more."""
    table = Part if unit == "part" else Intake
    bucket = session.scalar(select(table.bucket).where(table.id == number))
    if bucket is None or not bucket.startswith(kept_counts.JUDGED):
        return None
    kind = NotContribution(bucket.removeprefix(kept_counts.JUDGED))
    units = _parts(kind).where(Part.id == number) if unit == "part" else _intakes(kind).where(Intake.id == number)
    row = session.execute(units).one_or_none()
    return _judged(row) if row is not None else None


def _judged(row: Any) -> NonContribution:
    kind = NotContribution(row.bucket.removeprefix(kept_counts.JUDGED))
    return NonContribution(row.unit, row.id, row.intake_id, kind, Channel(row.channel), row.received_at)


def _parts(kind: NotContribution) -> Select[str, int, int, str | None, Channel, datetime]:
    return (
        select(
            literal("part").label("unit"),
            Part.id.label("id"),
            Intake.id.label("intake_id"),
            Part.bucket.label("bucket"),
            Part.channel.label("channel"),
            Intake.received_at.label("received_at"),
        )
        .join(Intake, Intake.id == Part.intake_id)
        .where(literal_column(_QUALIFIED), Part.bucket == kept_counts.JUDGED + kind.value)
        .with_hint(Part, "INDEXED BY ix_part_judged", "sqlite")
    )


def _intakes(kind: NotContribution) -> Select[str, int, int, str | None, Channel, datetime]:
    return select(
        literal("intake").label("unit"),
        Intake.id.label("id"),
        Intake.id.label("intake_id"),
        Intake.bucket.label("bucket"),
        Intake.channel.label("channel"),
        Intake.received_at.label("received_at"),
    ).where(Intake.bucket == kept_counts.JUDGED + kind.value)


_QUALIFIED = JUDGED.replace("bucket", "part.bucket")
"""The condition of the index of parts, word by word, where a query has another table with such a column."""


def _place_of(one: NonContribution) -> Place:
    return one.intake_id, one.id if one.unit == "part" else 0


def _cursor(one: NonContribution) -> str:
    return f"{one.unit}-{one.id}"


def _place(session: Session, cursor: str | None) -> Place | None:
    unit, _, number = (cursor or "").partition("-")
    if unit not in ("part", "intake") or not number.isdecimal() or len(number) > DIGITS:
        return None
    if unit == "intake":
        return int(number), 0
    intake_id = session.scalar(select(Part.intake_id).where(Part.id == int(number)))
    return (intake_id, int(number)) if intake_id is not None else None


DIGITS = 9
"""Of the largest number in a cursor: fewer than the columns of any server hold."""


# --- out and back -----------------------------------------------------------------------------------


def clear_judgement(session: Session, intake: Intake, part: Part | None) -> NotContribution | None:
    """Let a part, or an intake without one, be no longer judged; what it was judged to be, None when it was not.

    Should the whole intake have been judged, its other parts stay what they counted as.
    """
    kind = (part.not_contribution if part else None) or intake.not_contribution
    if intake.not_contribution is not None:
        for other in session.scalars(select(Part).where(Part.intake_id == intake.id, Part.not_contribution.is_(None))):
            if other is not part:
                other.not_contribution = intake.not_contribution
        intake.not_contribution = None
    if part is not None:
        part.not_contribution = None
    session.flush()
    return kind


def restore_judgement(session: Session, contribution: Contribution, details: Mapping[str, Any]) -> None:
    """Let a part count as it did before a person took it as a contribution (``details`` of the line of history).

    The contribution stays linked to it, out of the list, so that taking it again goes on with the same reference.
    """
    part = session.get_one(Part, details["part"], with_for_update=True, populate_existing=True)
    if part.erased_at is None:
        part.not_contribution, part.reading, part.reading_reason = NotContribution(details["kind"]), Reading.READ, None
        session.flush()
    contribution.moderation = Moderation(details["from"])
    contribution.set_aside_reason = SetAsideReason(details["from_reason"]) if details["from_reason"] else None
    text_versions.settle_contribution(session, contribution)


def withdrawn_condition() -> ColumnElement[bool]:
    """True of a contribution in review whose every part counts as none: a person has put it back."""
    its_parts = (
        select(ContributionPart.part_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(ContributionPart.contribution_id == Contribution.id)
    )
    judged, counted = Part.not_contribution.is_not(None), Part.not_contribution.is_(None)
    in_review = Contribution.moderation == Moderation.IN_REVIEW
    return and_(in_review, its_parts.where(judged).exists(), ~its_parts.where(counted).exists())


def contributions_of(session: Session, part_id: int | None) -> list[int]:
    """What a part is, or was, a part of."""
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    return list(session.scalars(made.order_by(ContributionPart.contribution_id)))


def main_part(session: Session, unit: UnitKind, number: int) -> int | None:
    """The part that is meant: itself, or an intake's first, should it have one by now."""
    wanted = Part.id == number if unit == "part" else Part.intake_id == number
    return session.scalar(select(func.min(Part.id)).where(wanted))


def contribution_made_of(session: Session, unit: UnitKind, number: int) -> int | None:
    """The contribution that was made of it; None when there is none."""
    of = Part.id == number if unit == "part" else Part.intake_id == number
    return session.scalar(
        select(func.min(ContributionPart.contribution_id))
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(of, Part.not_contribution.is_(None), Part.erased_at.is_(None), Contribution.erased_at.is_(None))
    )


def withdrawn_part(session: Session, contribution_id: int) -> int | None:
    """The part a withdrawn contribution is made of; None when the contribution is not withdrawn."""
    return session.scalar(
        select(func.min(ContributionPart.part_id))
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(Contribution.id == contribution_id, withdrawn_condition())
    )

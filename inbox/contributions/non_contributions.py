"""What counts as nobody's contribution: listed for a person to look at, by kind, and taken out of there or put back.

The same units as in the ledger: parts, and intakes that have no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, CompoundSelect, Row, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, NotContribution, Reading, SetAsideReason, StepState
from inbox.contributions import text_versions
from inbox.jobs.steps import helpless_intake
from inbox.models import Contribution, ContributionPart, Intake, Part, Step

TAKEN = "taken_as_contribution"
"""The line of a contribution's history that says that a person made it one."""

UnitKind = Literal["part", "intake"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing that counts as no contribution."""

    unit: UnitKind
    id: int
    intake_id: int
    kind: NotContribution
    channel: Channel
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, newest first."""

    rows: list[Judged]
    next_cursor: str | None
    """What to give as ``before`` for the older ones; None at the end."""


def counts(session: Session) -> dict[NotContribution, int]:
    """How many there are of each kind of which there is any, in the order of the kinds."""
    units = _units().subquery()
    found = {
        NotContribution(kind): n for kind, n in session.execute(select(units.c.kind, func.count()).group_by("kind"))
    }
    return {kind: found[kind] for kind in NotContribution if kind in found}


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_units().subquery())) or 0


def list_judged(
    session: Session,
    *,
    kind: NotContribution | None = None,
    channel: Channel | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of them, newest first, older than the cursor ``before``; one that leads nowhere begins anew."""
    units = _units().subquery()
    wanted = [units.c.kind == kind.value] if kind else []
    wanted += [units.c.channel == channel.value] if channel else []
    if before is not None and (place := _place(session, before)) is not None:
        at, unit, number = place
        older = or_(units.c.unit < unit, and_(units.c.unit == unit, units.c.id < number))
        wanted.append(or_(units.c.received_at < at, and_(units.c.received_at == at, older)))
    rows = session.execute(
        select(units)
        .where(*wanted)
        .order_by(units.c.received_at.desc(), units.c.unit.desc(), units.c.id.desc())
        .limit(limit + 1)
    ).all()
    shown = [_judged(row) for row in rows[:limit]]
    return Page(shown, f"{shown[-1].unit}-{shown[-1].id}" if len(rows) > limit else None)


def find(session: Session, unit: UnitKind, number: int) -> Judged | None:
    """One of them; None when it is none, or not any more."""
    units = _units().subquery()
    row = session.execute(select(units).where(units.c.unit == unit, units.c.id == number)).one_or_none()
    return _judged(row) if row is not None else None


def _judged(row: Row[Any]) -> Judged:
    return Judged(row.unit, row.id, row.intake_id, NotContribution(row.kind), Channel(row.channel), row.received_at)


def _units() -> CompoundSelect[Any]:
    """A row for each; the conditions and their precedence are those of the ledger."""
    judged_intake = select(Intake.id).where(Intake.not_contribution.is_not(None))
    parts = (
        select(
            literal("part").label("unit"),
            Part.id.label("id"),
            Intake.id.label("intake_id"),
            func.coalesce(Part.not_contribution, Intake.not_contribution).label("kind"),
            Part.channel.label("channel"),
            Intake.received_at.label("received_at"),
        )
        .join(Intake, Intake.id == Part.intake_id)
        .where(or_(Part.not_contribution.is_not(None), Part.intake_id.in_(judged_intake)))
        .where(Part.erased_at.is_(None), Intake.erased_at.is_(None))
        .where(~_held(Step.part_id == Part.id, Step.state == StepState.QUARANTINED))
    )
    intakes = select(
        literal("intake"), Intake.id, Intake.id, Intake.not_contribution, Intake.channel, Intake.received_at
    ).where(
        Intake.not_contribution.is_not(None),
        Intake.erased_at.is_(None),
        ~exists().where(Part.intake_id == Intake.id),
        ~_held(Step.intake_id == Intake.id, or_(Step.state == StepState.QUARANTINED, helpless_intake())),
    )
    return union_all(parts, intakes)


def _held(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*conditions)


def _place(session: Session, cursor: str) -> tuple[datetime, str, int] | None:
    unit, _, number = cursor.partition("-")
    if unit not in ("part", "intake") or not number.isdecimal() or len(number) > 18:
        return None
    of = select(Intake.received_at)
    of = (
        of.join(Part, Part.intake_id == Intake.id).where(Part.id == int(number))
        if unit == "part"
        else of.where(Intake.id == int(number))
    )
    at = session.scalar(of)
    return (at, unit, int(number)) if at is not None else None


# --- out and back -----------------------------------------------------------------------------------


def free(session: Session, intake: Intake, part: Part | None) -> NotContribution | None:
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


def put_back(session: Session, contribution: Contribution, details: Mapping[str, Any]) -> None:
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


def withdrawn() -> ColumnElement[bool]:
    """True of a contribution in review whose every part counts as none: a person has put it back."""
    judged = (
        select(ContributionPart.contribution_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(Part.not_contribution.is_not(None))
    )
    counted = (
        select(ContributionPart.part_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(ContributionPart.contribution_id == Contribution.id, Part.not_contribution.is_(None))
    )
    return and_(Contribution.moderation == Moderation.IN_REVIEW, Contribution.id.in_(judged), ~counted.exists())


def contributions_of(session: Session, part_id: int | None) -> list[int]:
    """What a part is, or was, a part of."""
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    return list(session.scalars(made.order_by(ContributionPart.contribution_id)))


def contribution_of(session: Session, unit: UnitKind, number: int) -> int | None:
    """The contribution that was made of it; None when there is none."""
    of = Part.id == number if unit == "part" else Part.intake_id == number
    return session.scalar(
        select(func.min(ContributionPart.contribution_id))
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(of, Part.not_contribution.is_(None), Part.erased_at.is_(None), Contribution.erased_at.is_(None))
    )


def unit_of(session: Session, contribution_id: int) -> int | None:
    """The part a withdrawn contribution is made of; None when the contribution is not withdrawn."""
    return session.scalar(
        select(func.min(ContributionPart.part_id))
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(Contribution.id == contribution_id, withdrawn())
    )

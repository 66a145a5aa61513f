"""The ledger: every part, and every intake that has no part yet, in exactly one bucket, always.

One statement puts each unit into the first bucket that fits, so that the sum is what arrived
by construction; what it cannot show by counting, units that nobody would ever look at, it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.enums import Bucket, Moderation, NotContribution, Reading, StepKind, StepState
from inbox.contributions.optimistic_locking import MERGED
from inbox.contributions.text_versions import READING_KINDS
from inbox.jobs.steps import helpless_intake
from inbox.models import (
    Arrival,
    ConsultationVersion,
    Contribution,
    ContributionLink,
    ContributionPart,
    Intake,
    Part,
    Step,
)

PART_MAKING = (StepKind.TAKE_IN_TEXT, StepKind.LIST_RECORDINGS, StepKind.TAKE_APART, StepKind.SPLIT_PAGES)
"""The steps of an intake by which its parts, and what they wait for, come about."""

STUCK = "waits, but nothing is left to be done to it"
NOBODYS = "was read, but belongs to no contribution"

NAMED = 5
"""How many units a problem names."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """How many units stand where."""

    counts: dict[Bucket, int]
    not_contributions: dict[NotContribution, int]
    units: int
    """Parts, and intakes without a part, counted on their own."""
    problems: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every unit is in one bucket, and somebody or something will deal with it."""
        return sum(self.counts.values()) == self.units and not self.problems


def count_ledger(session: Session, consultation_id: int | None = None) -> Ledger:
    """The ledger of everything, or of one consultation."""
    units = _units(consultation_id).subquery()
    rows = session.execute(
        select(units.c.bucket, units.c.not_contribution, func.count()).group_by(
            units.c.bucket, units.c.not_contribution
        )
    ).all()
    counts = dict.fromkeys(Bucket, 0)
    kinds = dict.fromkeys(NotContribution, 0)
    for bucket, kind, count in rows:
        counts[Bucket(bucket)] += count
        if bucket == Bucket.NOT_CONTRIBUTION:
            kinds[NotContribution(kind)] += count
    return Ledger(
        counts=counts,
        not_contributions={kind: count for kind, count in kinds.items() if count},
        units=_count_units(session, consultation_id),
        problems=tuple(_problems(session, consultation_id)),
    )


# --- which bucket -------------------------------------------------------------------------------


def _units(consultation_id: int | None) -> CompoundSelect[Any]:
    """One row for each unit: its bucket, and what it is when it is no contribution."""
    parts = (
        select(
            _bucket_of_part().label("bucket"),
            func.coalesce(Part.not_contribution, Intake.not_contribution).label("not_contribution"),
            Part.consultation_version_id.label("version_id"),
            Part.channel.label("channel"),
        )
        .join(Intake, Intake.id == Part.intake_id)
        .outerjoin(_decided, _decided.c.part_id == Part.id)
        .where(*consultation_condition(Part.consultation_version_id, consultation_id))
    )
    intakes = select(
        _bucket_of_intake(),
        Intake.not_contribution,
        Intake.consultation_version_id,
        Intake.channel,
    ).where(_without_part(), *consultation_condition(Intake.consultation_version_id, consultation_id))
    return union_all(parts, intakes)


def by_consultation_and_channel() -> Select[Any]:
    """How many units there are, by bucket, kind of what is no contribution, consultation (0 for none) and channel."""
    units = _units(None).subquery()
    named = type_coerce(units.c.not_contribution, String)
    kind = case((units.c.bucket == Bucket.NOT_CONTRIBUTION.value, named), else_="")
    of = func.coalesce(ConsultationVersion.consultation_id, 0)
    common = (units.c.bucket, kind.label("kind"), of.label("consultation_id"), units.c.channel)
    return (
        select(*common, func.count())
        .outerjoin(ConsultationVersion, ConsultationVersion.id == units.c.version_id)
        .group_by(*common)
    )


# Of several contributions that share a part, the one that still needs somebody decides, then the one set aside.
_PRECEDENCE = {Moderation.IN_REVIEW: 3, Moderation.SET_ASIDE: 2, Moderation.PUBLISHED: 1}

_decided = (
    select(
        ContributionPart.part_id,
        func.max(case(*((Contribution.moderation == state, rank) for state, rank in _PRECEDENCE.items()))).label(
            "rank"
        ),
    )
    .join(Contribution, Contribution.id == ContributionPart.contribution_id)
    .where(Contribution.erased_at.is_(None))
    .group_by(ContributionPart.part_id)
    .subquery("decided")
)


def _bucket_of_part() -> ColumnElement[str]:
    return case(
        (or_(Part.erased_at.is_not(None), Intake.erased_at.is_not(None)), Bucket.ERASED.value),
        # Nothing more is done to a voice, whatever became of the call or the sheet that brought it.
        (Part.not_contribution == NotContribution.VOTE, Bucket.VOTE.value),
        (Part.id.in_(_subjects(Step.part_id, Step.state == StepState.QUARANTINED)), Bucket.QUARANTINED.value),
        (or_(Part.not_contribution.is_not(None), Intake.not_contribution.is_not(None)), Bucket.NOT_CONTRIBUTION.value),
        (Part.reading == Reading.WAITING, Bucket.WAITING.value),
        *((_decided.c.rank == rank, Bucket(state.value).value) for state, rank in _PRECEDENCE.items()),
        # Nobody's: named among the problems.
        else_=Bucket.WAITING.value,
    )


def _bucket_of_intake() -> ColumnElement[str]:
    return case(
        (Intake.erased_at.is_not(None), Bucket.ERASED.value),
        (
            Intake.id.in_(_subjects(Step.intake_id, or_(Step.state == StepState.QUARANTINED, helpless_intake()))),
            Bucket.QUARANTINED.value,
        ),
        (Intake.not_contribution.is_not(None), Bucket.NOT_CONTRIBUTION.value),
        else_=Bucket.WAITING.value,
    )


def _subjects(column: InstrumentedAttribute[int | None], condition: ColumnElement[bool]) -> Select[Any]:
    return select(column).where(column.is_not(None), condition)


def _without_part() -> ColumnElement[bool]:
    return ~select(Part.id).where(Part.intake_id == Intake.id).exists()


def consultation_condition(
    column: InstrumentedAttribute[int | None], consultation_id: int | None
) -> list[ColumnElement[bool]]:
    """True of what came under any version of a consultation, and of everything for None."""
    if consultation_id is None:
        return []
    return [column.in_(select(ConsultationVersion.id).where(ConsultationVersion.consultation_id == consultation_id))]


def _count_units(session: Session, consultation_id: int | None) -> int:
    parts = select(func.count(Part.id)).where(*consultation_condition(Part.consultation_version_id, consultation_id))
    intakes = select(func.count(Intake.id)).where(
        _without_part(), *consultation_condition(Intake.consultation_version_id, consultation_id)
    )
    return (session.scalar(parts) or 0) + (session.scalar(intakes) or 0)


# --- what nobody would ever look at ---------------------------------------------------------------


def _problems(session: Session, consultation_id: int | None) -> Iterator[str]:
    for sentence, ids in (
        (STUCK, _stuck(consultation_id)),
        (NOBODYS, _orphans(consultation_id)),
        ("is made of nothing", _hollow(consultation_id)),
        ("came in without anything that arrived", _unfounded(consultation_id)),
    ):
        yield from describe_problems(session, sentence, ids)


def describe_problems(session: Session, sentence: str, ids: Select[str, int]) -> Iterator[str]:
    """The first few of these (kind, number), each with what is wrong with it."""
    found = session.execute(ids.limit(NAMED + 1)).all()
    for kind, number in found[:NAMED]:
        yield f"{kind}:{number} {sentence}"
    if len(found) > NAMED:
        yield f"and more: {sentence}"


def _stuck(consultation_id: int | None) -> Select[str, int]:
    is_open = Step.state == StepState.OPEN
    intakes_at_work = _subjects(Step.intake_id, and_(is_open, Step.kind.in_(PART_MAKING)))
    parts = _undecided_parts(consultation_id).where(
        Part.reading == Reading.WAITING,
        Part.id.not_in(_subjects(Step.part_id, and_(is_open, Step.kind.in_(READING_KINDS)))),
        Part.intake_id.not_in(intakes_at_work),
    )
    intakes = select(literal("intake"), Intake.id).where(
        _bucket_of_intake() == Bucket.WAITING.value,
        _without_part(),
        Intake.id.not_in(intakes_at_work),
        *consultation_condition(Intake.consultation_version_id, consultation_id),
    )
    found = union_all(parts, intakes).subquery()
    return select(found.c.kind, found.c.id)


def _orphans(consultation_id: int | None) -> Select[str, int]:
    return _undecided_parts(consultation_id).where(
        Part.reading != Reading.WAITING,
        ~select(Contribution.id)
        .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
        .where(ContributionPart.part_id == Part.id, Contribution.erased_at.is_(None))
        .exists(),
    )


def _undecided_parts(consultation_id: int | None) -> Select[str, int]:
    """Parts that neither erasing, nor quarantine, nor their kind says where to count."""
    return (
        select(literal("part").label("kind"), Part.id.label("id"))
        .join(Intake, Intake.id == Part.intake_id)
        .where(
            Part.erased_at.is_(None),
            Intake.erased_at.is_(None),
            Part.not_contribution.is_(None),
            Intake.not_contribution.is_(None),
            Part.id.not_in(_subjects(Step.part_id, Step.state == StepState.QUARANTINED)),
            *consultation_condition(Part.consultation_version_id, consultation_id),
        )
    )


def _hollow(consultation_id: int | None) -> Select[str, int]:
    merged = select(ContributionLink.from_id).where(ContributionLink.kind == MERGED)
    of = [] if consultation_id is None else [Contribution.consultation_id == consultation_id]
    return select(literal("contribution"), Contribution.id).where(
        Contribution.erased_at.is_(None),
        Contribution.id.not_in(merged),
        ~select(ContributionPart.part_id).where(ContributionPart.contribution_id == Contribution.id).exists(),
        *of,
    )


def _unfounded(consultation_id: int | None) -> Select[str, int]:
    return select(literal("intake"), Intake.id).where(
        Intake.erased_at.is_(None),
        ~select(Arrival.id).where(Arrival.intake_id == Intake.id).exists(),
        *consultation_condition(Intake.consultation_version_id, consultation_id),
    )

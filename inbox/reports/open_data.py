"""The open-data edition: published texts without reference, with attributes that enough others share.

A row that has been released keeps its attributes for ever, and new rows join in cohorts: in each, every combination
of attributes occurs ``SMALLEST_CELL`` times at least or is generalised, and so does every difference between two
editions. Rows that are too few for that wait for the next edition. What each value loses by generalising is nothing,
or ``SMALLEST_CELL`` rows and more, so that the report's own tables do not give it back either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from inbox.consultations import consultation_versions
from inbox.listings import contribution_list
from inbox.models import Centre, Contribution, ContributionPart, Intake, OpenDataRow, Part, PlaceMention, StatedAge
from inbox.reports.figure_values import AgeFigures, ReleasedFigures
from inbox.reports.published_scope import published_of
from inbox.reports.report_quotations import MODERATED
from inbox.reports.suppression import SMALLEST_CELL, generalise_rows
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_all_new

ATTRIBUTES = ("channel", "language", "centre", "quarter", "age", "month", "week")
"""By which rows could be told apart; quarter is the one that a text speaks of, age what was ticked on a form."""
_ORDER = (6, 4, 3, 2, 1, 5, 0)
"""What is given up first: the week, the age, the quarter, the centre, the language, the month, the channel."""
COLUMNS = (*ATTRIBUTES, "themes", "text")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OpenDataEdition:
    """What a release came to."""

    cohort: int
    released: int
    """Rows that are new in it."""
    waiting: int
    """Published contributions that are too few of their like yet."""


def release_edition(session: Session, consultation_id: int, zone: tzinfo) -> OpenDataEdition:
    """Release what was published since the last edition, as far as enough are alike."""
    rows = session.execute(
        select(Contribution.id, Contribution.channel, func.coalesce(Contribution.language, ""))
        .where(
            published_of(consultation_id),
            ~select(OpenDataRow.contribution_id).where(OpenDataRow.contribution_id == Contribution.id).exists(),
        )
        .order_by(Contribution.id)
    ).all()
    cohort = (
        session.scalar(select(func.max(OpenDataRow.cohort)).where(OpenDataRow.consultation_id == consultation_id)) or 0
    ) + 1
    if len(rows) < SMALLEST_CELL:
        return OpenDataEdition(cohort - 1, 0, len(rows))
    ids = [number for number, _channel, _language in rows]
    where_and_when = _where_and_when(session, ids, zone)
    quarters, ages = _spoken_of(session, ids), _stated_ages(session, ids)
    known = [
        (channel.value, language, centre, quarters.get(number, ""), ages.get(number, ""), *when)
        for number, channel, language in rows
        for centre, *when in [where_and_when[number]]
    ]
    made = equalise_losses(known, generalise_rows(known, _ORDER))
    values = [
        {
            "contribution_id": number,
            "consultation_id": consultation_id,
            "cohort": cohort,
            **dict(zip(ATTRIBUTES, attributes, strict=True)),
        }
        for number, attributes in zip(ids, made, strict=True)
    ]
    for start in range(0, len(values), AT_ONCE):
        insert_all_new(session, OpenDataRow, values[start : start + AT_ONCE], [OpenDataRow.contribution_id])
    return OpenDataEdition(cohort, len(values), 0)


def count_released(session: Session, consultation_id: int) -> int:
    """How many rows the edition has."""
    return (
        session.scalar(
            select(func.count(OpenDataRow.contribution_id))
            .join(Contribution, Contribution.id == OpenDataRow.contribution_id)
            .where(OpenDataRow.consultation_id == consultation_id, published_of(consultation_id))
        )
        or 0
    )


def released_figures(session: Session, consultation_id: int) -> ReleasedFigures:
    """Centres and ages as the edition's rows say them; rows without an age are counted as not said."""

    def counted(attribute: InstrumentedAttribute[str]) -> dict[str, int]:
        rows = session.execute(
            select(attribute, func.count())
            .join(Contribution, Contribution.id == OpenDataRow.contribution_id)
            .where(OpenDataRow.consultation_id == consultation_id, published_of(consultation_id))
            .group_by(attribute)
        )
        return dict(rows.all())

    centres, ages = counted(OpenDataRow.centre), counted(OpenDataRow.age)
    rows = sum(centres.values())
    named = sorted(((name, count) for name, count in centres.items() if name), key=lambda one: (-one[1], one[0]))
    unsaid = ages.pop("", 0)
    groups = sorted(ages.items(), key=lambda one: int(one[0].partition("-")[0]))
    return ReleasedFigures(rows=rows, centres=tuple(named), ages=AgeFigures(groups=tuple(groups), unsaid=unsaid))


def _where_and_when(session: Session, ids: Sequence[int], zone: tzinfo) -> dict[int, tuple[str, str, str]]:
    """Of each contribution the centre, the month and the Monday of the week in which it came in."""
    found: dict[int, tuple[str, str, str]] = {}
    names: dict[int | None, str] = dict(session.execute(select(Centre.id, Centre.name)).all())
    for start in range(0, len(ids), AT_ONCE):
        rows = session.execute(
            select(ContributionPart.contribution_id, func.min(Intake.received_at), func.min(Intake.centre_id))
            .join(Part, Part.id == ContributionPart.part_id)
            .join(Intake, Intake.id == Part.intake_id)
            .where(ContributionPart.contribution_id.in_(ids[start : start + AT_ONCE]))
            .group_by(ContributionPart.contribution_id)
        )
        for number, at, centre in rows:
            day = at.astimezone(zone).date()
            monday = day - timedelta(days=day.weekday())
            found[number] = (names.get(centre, ""), f"{day:%Y-%m}", monday.isoformat())
    return {number: found.get(number, ("", "", "")) for number in ids}


def _spoken_of(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The one quarter that each speaks of."""
    found: dict[int, str] = {}
    quarter, several = func.min(PlaceMention.quarter), func.count(func.distinct(PlaceMention.quarter))
    for start in range(0, len(ids), AT_ONCE):
        some = PlaceMention.contribution_id.in_(ids[start : start + AT_ONCE])
        of = select(PlaceMention.contribution_id, quarter).where(some, PlaceMention.quarter != "")
        found |= dict(session.execute(of.group_by(PlaceMention.contribution_id).having(several == 1)).all())
    return found


def _stated_ages(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The age group ticked on the form of each; the youngest where there are several."""
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        of = (
            select(ContributionPart.contribution_id, func.min(StatedAge.age_group))
            .join(StatedAge, StatedAge.part_id == ContributionPart.part_id)
            .where(ContributionPart.contribution_id.in_(ids[start : start + AT_ONCE]))
            .group_by(ContributionPart.contribution_id)
        )
        found |= dict(session.execute(of).all())
    return found


def equalise_losses(
    known: Sequence[tuple[str, ...]], made: list[tuple[str, ...]], k: int = SMALLEST_CELL
) -> list[tuple[str, ...]]:
    """Generalise further until each value of each attribute has lost nothing, or ``k`` rows and more, or all it had."""
    rows = list(made)
    while (short := _short_loss(known, rows, k)) is not None:
        column, value = short
        there = [at for at, row in enumerate(rows) if row[column] == value]
        smallest = min(Counter(rows[at] for at in there).items(), key=lambda one: (one[1], one[0]))[0]
        rows = [(*row[:column], "", *row[column + 1 :]) if row == smallest else row for row in rows]
        rows = generalise_rows(rows, _ORDER, k)
    return rows


def _short_loss(known: Sequence[tuple[str, ...]], rows: Sequence[tuple[str, ...]], k: int) -> tuple[int, str] | None:
    for column in range(len(known[0]) if known else 0):
        lost = Counter(had[column] for had, has in zip(known, rows, strict=True) if had[column] != has[column])
        kept = Counter(has[column] for has in rows)
        for value, count in lost.items():
            if 0 < count < k and kept[value]:
                return column, value
    return None


def edition_rows(session: Session, consultation_id: int, language: str) -> Iterator[list[list[str]]]:
    """The released rows that are still published, in an order that says nothing, some hundred at a time."""
    version = next(
        one for one in consultation_versions.current_versions_by_slug(session) if one.consultation_id == consultation_id
    )
    consultation = consultation_versions.as_consultation(version)
    labels = {one.key: one.label.get(language) or one.label[consultation.language] for one in consultation.themes}
    # By what everybody can see, so that the order of arrival is lost.
    order = [OpenDataRow.cohort, *(getattr(OpenDataRow, one) for one in ATTRIBUTES)]
    rows = session.execute(
        select(OpenDataRow)
        .join(Contribution, Contribution.id == OpenDataRow.contribution_id)
        .where(OpenDataRow.consultation_id == consultation_id, published_of(consultation_id))
        .order_by(*order, _mixed())
    ).scalars()
    batch: list[OpenDataRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield _with_texts(session, batch, labels)
            batch = []
    yield _with_texts(session, batch, labels)


def _mixed() -> ColumnElement[int]:
    """A row's number multiplied out of its order (D. Knuth, The Art of Computer Programming 3, 6.4)."""
    number = cast(OpenDataRow.contribution_id, BigInteger)
    return number * literal(2_654_435_761, BigInteger) % literal(4_294_967_296, BigInteger)


def _with_texts(session: Session, batch: Sequence[OpenDataRow], labels: dict[str, str]) -> list[list[str]]:
    ids = [row.contribution_id for row in batch]
    found = session.scalars(select(Contribution).where(Contribution.id.in_(ids))).all()
    texts = contribution_list.current_texts_of(session, found, MODERATED)
    tags = contribution_list.visible_tags_of(session, found, MODERATED)
    vault_of(session).forget_opened(session)
    return [
        [
            *(getattr(row, one) for one in ATTRIBUTES),
            " | ".join(labels[tag.name] for tag in tags.get(row.contribution_id, ()) if tag.name in labels),
            texts[row.contribution_id].body,
        ]
        for row in batch
        if row.contribution_id in texts
    ]

"""The list of contributions: filtered, newest first, a page at a time, in a handful of queries whatever its length.

Every function is told who looks (a ``Sight``): what somebody may not see neither fits a filter nor is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Reading, SetAsideReason, TextOrigin
from inbox.consultations import consultation_versions
from inbox.contributions import non_contributions, search_index
from inbox.contributions.optimistic_locking import MERGED, origin_in_force
from inbox.contributions.tags import tags_of
from inbox.listings.visibility import Aspect, Sight
from inbox.models import (
    Consultation,
    Contribution,
    ContributionLink,
    ContributionPart,
    Intake,
    Part,
    Tag,
    TextVersion,
)
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of

DOUBTFUL = 0.7
"""Words a machine is less sure of than this are doubtful; so are texts, by the mean over their words."""

EXCERPT = 160
"""Characters of a text that the list shows."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which contributions; every field that is set has to fit."""

    channel: Channel | None = None
    reading: Reading | None = None
    moderation: Moderation | None = None
    theme: str | None = None
    """A theme's key, or a free word that was put as a tag."""
    consultation: str | None = None
    """A slug."""
    text: str | None = None
    """Words that all occur in the text, or one reference."""
    doubtful: bool = False
    """Only texts that a machine read, is unsure of, and nobody has confirmed."""


@dataclass(frozen=True, slots=True)
class Row:
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
class Page:
    """One page of the list."""

    rows: list[Row]
    next_cursor: int | None
    """What to give as ``before`` for the older ones; None at the end."""
    count: int
    """How many contributions fit the filter in all."""


@dataclass(frozen=True, slots=True)
class Counts:
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
    session: Session, wanted: Filter, sight: Sight, *, before: int | None = None, limit: int = 50
) -> Page:
    """A page of the contributions that fit, newest first, older than the cursor ``before``."""
    conditions = matching(session, wanted, sight)
    found = select_batch(session, conditions, before, limit + 1)
    count = session.scalar(select(func.count(Contribution.id)).where(*conditions)) or 0
    shown = found[:limit]
    return Page(
        rows=_rows_of(session, shown, sight),
        next_cursor=shown[-1].id if len(found) > limit else None,
        count=count,
    )


def counts(session: Session, sight: Sight) -> Counts:
    """How many contributions there are in each state, in one query."""
    tally = session.execute(
        select(Contribution.moderation, Contribution.reading, func.count())
        .where(*_listed(sight))
        .group_by(Contribution.moderation, Contribution.reading)
    ).all()

    def total(state: Moderation | Reading) -> int:
        return sum(count for moderation, reading, count in tally if state in (moderation, reading))

    return Counts(
        all=sum(count for _, _, count in tally),
        in_review=total(Moderation.IN_REVIEW),
        published=total(Moderation.PUBLISHED),
        set_aside=total(Moderation.SET_ASIDE),
        waiting=total(Reading.WAITING),
        read=total(Reading.READ),
        needs_person=total(Reading.NEEDS_PERSON),
    )


# --- which ones ------------------------------------------------------------------------------


def matching(session: Session, wanted: Filter, sight: Sight) -> list[ColumnElement[bool]]:
    """The filter as conditions on ``Contribution``; what was erased or merged away is not listed."""
    conditions = _listed(sight)
    if wanted.channel is not None:
        conditions.append(Contribution.channel == wanted.channel)
    if wanted.moderation is not None:
        conditions.append(Contribution.moderation == wanted.moderation)
    if wanted.theme:
        conditions += _has_tag(session, wanted.theme, sight)
    if wanted.consultation:
        conditions.append(_of_consultation(wanted.consultation))
    if wanted.text and wanted.text.strip():
        conditions += _says(session, wanted.text, sight)
    return conditions + _read_so(wanted, sight)


def _listed(sight: Sight) -> list[ColumnElement[bool]]:
    merged = select(ContributionLink.from_id).where(ContributionLink.kind == MERGED)
    there = [Contribution.erased_at.is_(None), Contribution.id.not_in(merged), ~non_contributions.withdrawn()]
    return [*there, *sight.listed()]


def _read_so(wanted: Filter, sight: Sight) -> list[ColumnElement[bool]]:
    """What the filter asks of the machines' readings; nothing fits for whoever may not see them."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.reading is not None:
        conditions.append(Contribution.reading == wanted.reading)
    if wanted.doubtful:
        conditions.append(and_(Contribution.confidence < DOUBTFUL, origin_in_force() == TextOrigin.MACHINE))
    return conditions if sight.sees(Aspect.READINGS) or not conditions else [false()]


def _has_tag(session: Session, name: str, sight: Sight) -> list[ColumnElement[bool]]:
    if "\0" in name:  # PostgreSQL refuses it, and nothing is called so
        return [false()]
    having = select(Tag.contribution_id).where(Tag.name == name, Tag.removed.is_(False))
    return [Contribution.id.in_(having), *sight.themed(session, name)]


def _of_consultation(slug: str) -> ColumnElement[bool]:
    if "\0" in slug:
        return false()
    return Contribution.consultation_id.in_(select(Consultation.id).where(Consultation.slug == slug))


def _says(session: Session, text: str, sight: Sight) -> list[ColumnElement[bool]]:
    number = references.parse_reference(text)
    referred = references.contribution_of(session, number) if number else None
    if referred is not None and _is_listed(session, referred, sight):
        return [Contribution.id == referred]
    return [Contribution.id.in_(search_index.matching(session, text)), *sight.worded()]


def _is_listed(session: Session, contribution_id: int, sight: Sight) -> bool:
    found = select(Contribution.id).where(Contribution.id == contribution_id, *_listed(sight))
    return session.scalar(found) is not None


def select_batch(
    session: Session, conditions: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> Sequence[Contribution]:
    """The next contributions that fit, newest first, older than ``before``."""
    older = [] if before is None else [Contribution.id < before]
    return session.scalars(
        select(Contribution).where(*conditions, *older).order_by(Contribution.id.desc()).limit(limit)
    ).all()


# --- what is shown of each ---------------------------------------------------------------------


def _rows_of(session: Session, found: Sequence[Contribution], sight: Sight) -> list[Row]:
    ids = [contribution.id for contribution in found]
    said = texts_of(session, found, sight)
    numbers = references.references_of(session, ids)
    tags = themes_of(session, found, sight)
    received = received_of(session, ids)
    read = sight.sees(Aspect.READINGS)
    return [
        Row(
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


def themes_of(session: Session, found: Sequence[Contribution], sight: Sight) -> Mapping[int, Sequence[Tag]]:
    """The tags of each contribution that may be seen."""
    tags = tags_of(session, [contribution.id for contribution in found])
    asked = set() if sight.sees(Aspect.NOTES) else {contribution.consultation_id for contribution in found}
    keys = {number: consultation_versions.theme_keys(session, number) for number in asked}
    return {
        one.id: sight.themes(one.moderation, tags.get(one.id, ()), keys.get(one.consultation_id, ())) for one in found
    }


def texts_of(session: Session, found: Sequence[Contribution], sight: Sight) -> Mapping[int, CurrentText]:
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
        select(TextVersion.contribution_id, TextVersion.origin, TextVersion.sealed_body).join(
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
        body = vault.text_left(session, keys[row.contribution_id], row.sealed_body)
        if body:
            said[row.contribution_id] = CurrentText(body, row.origin)
    return said


def received_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[datetime, int]]:
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

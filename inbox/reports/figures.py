"""The figures of a consultation's report: each one counted from rows, none worked out from another.

Counted of what residents said is what was published, and nothing else (``inbox.listings.visibility``); of the rest
only how much there is and why. What is merged counts once as a contribution, and keeps its voices in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select, text
from sqlalchemy.orm import Session

from config.enums import Bucket, Channel, ContributionKind, Moderation, Purpose, Reading, SetAsideReason, TagSource
from config.sense_states import TopicState
from inbox.consultations import consultation_versions
from inbox.listings.kept_ledger import kept_ledger
from inbox.models import (
    Centre,
    ConsultationVersion,
    Contribution,
    ContributionPart,
    History,
    Intake,
    Message,
    Part,
    PlaceMention,
    SuggestedKind,
    Tag,
    TextSense,
    ThemeModel,
)
from inbox.models.column_types import utc_now
from inbox.models.contribution_rows import LOOKED_OVER
from inbox.records import tallies
from inbox.reports.figure_values import (
    CampaignFigures,
    Figures,
    KindFigures,
    MachineFigures,
    PlaceFigures,
    ThemeFigures,
    ThemeModelFigures,
)
from inbox.reports.published_scope import published_of
from inbox.reports.quarter_figures import ages_of, quarters_of
from inbox.reports.topic_figures import topics_of

CAMPAIGN = 5
"""So many who send the same text are a campaign; fewer are people who think alike."""

_SHOWN_CAMPAIGNS = 12
_SHOWN_PLACES = 20


_Name = TypeVar("_Name", bound=str)


def report_figures(session: Session, version: ConsultationVersion) -> Figures:
    """The figures of a consultation as they now are."""
    number = version.consultation_id
    book = kept_ledger(session, number)
    units = tallies.unit_tallies(session, number)
    kept = [one for one in tallies.contribution_tallies(session) if one.consultation_id == number]
    by_state = {state: sum(one.count for one in kept if one.moderation is state) for state in Moderation}
    days, centres = _when_and_where(session, number)
    themes, unthemed = _themes(session, version, by_state[Moderation.PUBLISHED])
    return Figures(
        consultation_id=number,
        version=version.number,
        at=utc_now(),
        buckets=book.counts,
        units=book.units,
        balanced=book.balanced,
        published=by_state[Moderation.PUBLISHED],
        set_aside=by_state[Moderation.SET_ASIDE],
        in_review=by_state[Moderation.IN_REVIEW],
        channels=_nonzero(
            {
                channel: sum(
                    one.count for one in kept if one.channel is channel and one.moderation is Moderation.PUBLISHED
                )
                for channel in Channel
            }
        ),
        arrived=_nonzero({channel: sum(n for (_b, of), n in units.items() if of is channel) for channel in Channel}),
        days=days,
        centres=centres,
        languages=_languages(session, number),
        themes=themes,
        unthemed=unthemed,
        campaigns=_campaigns(session, number),
        campaign_count=_campaign_count(session, number),
        repeated=_repeated(session, number),
        kinds=_kinds(session, number),
        unanswered=_unanswered(session, number),
        places=_places(session, number),
        quarters=quarters_of(session, number, by_state[Moderation.PUBLISHED]),
        ages=ages_of(session, number, by_state[Moderation.PUBLISHED]),
        topics=topics_of(session, number, TopicState.NAMED),
        reasons=_reasons(session, number),
        needs_person=sum(one.count for one in kept if one.reading is Reading.NEEDS_PERSON),
        quarantined=book.counts.get(Bucket.QUARANTINED, 0),
        machine=_machine(session, number),
        models=_models(session, number),
    )


def _nonzero(counts: dict[Channel, int]) -> dict[Channel, int]:
    return {key: count for key, count in counts.items() if count}


# --- when, where, in which language ------------------------------------------------------------------


def _when_and_where(
    session: Session, consultation_id: int
) -> tuple[tuple[tuple[date, int], ...], tuple[tuple[str, int], ...]]:
    first = (
        select(
            func.date(func.min(Intake.received_at)).label("day"),
            func.min(Intake.centre_id).label("centre"),
        )
        .select_from(Contribution)
        .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(published_of(consultation_id))
        .group_by(Contribution.id)
        .subquery()
    )
    days: dict[date, int] = {}
    centres: dict[int, int] = {}
    for day, centre, count in session.execute(
        select(first.c.day, first.c.centre, func.count()).group_by(first.c.day, first.c.centre)
    ):
        on = day if isinstance(day, date) else date.fromisoformat(str(day))
        days[on] = days.get(on, 0) + count
        if centre is not None:
            centres[centre] = centres.get(centre, 0) + count
    names = dict(session.execute(select(Centre.id, Centre.name).where(Centre.id.in_(centres))).all())
    return tuple(sorted(days.items())), _largest((names.get(one, ""), count) for one, count in centres.items())


def _largest(counts: Iterable[tuple[_Name, int]]) -> tuple[tuple[_Name, int], ...]:
    return tuple(sorted(counts, key=lambda one: (-one[1], one[0])))


def _languages(session: Session, consultation_id: int) -> tuple[tuple[str, int], ...]:
    rows = session.execute(
        select(func.coalesce(Contribution.language, ""), func.count())
        .where(published_of(consultation_id))
        .group_by(Contribution.language)
    )
    return _largest((language, count) for language, count in rows)


# --- about what -----------------------------------------------------------------------------------------


def _themes(session: Session, version: ConsultationVersion, published: int) -> tuple[tuple[ThemeFigures, ...], int]:
    keys = [theme.key for theme in consultation_versions.as_consultation(version).themes]
    of = published_of(version.consultation_id)
    rows = session.execute(
        select(Tag.name, func.count(), func.sum(case((Tag.confirmed, 1), else_=0)))
        .join(Contribution, Contribution.id == Tag.contribution_id)
        .where(of, Tag.removed.is_(False), Tag.name.in_(keys))
        .group_by(Tag.name)
    )
    found = {name: ThemeFigures(key=name, count=count, confirmed=int(sure or 0)) for name, count, sure in rows}
    themed = session.scalar(
        select(func.count(func.distinct(Tag.contribution_id)))
        .join(Contribution, Contribution.id == Tag.contribution_id)
        .where(of, Tag.removed.is_(False), Tag.name.in_(keys))
    )
    every = [found.get(key, ThemeFigures(key=key, count=0, confirmed=0)) for key in keys]
    return tuple(sorted(every, key=lambda one: (-one.count, keys.index(one.key)))), published - (themed or 0)


def _kinds(session: Session, consultation_id: int) -> tuple[KindFigures, ...]:
    rows = session.execute(
        select(
            SuggestedKind.kind,
            func.sum(case((SuggestedKind.confirmed, 1), else_=0)),
            func.sum(case((SuggestedKind.confirmed, 0), else_=1)),
        )
        .join(Contribution, Contribution.id == SuggestedKind.contribution_id)
        .where(published_of(consultation_id), SuggestedKind.removed.is_(False))
        .group_by(SuggestedKind.kind)
    )
    found = {kind: KindFigures(kind=kind, confirmed=int(sure), suggested=int(open_)) for kind, sure, open_ in rows}
    return tuple(found.get(kind, KindFigures(kind=kind, confirmed=0, suggested=0)) for kind in ContributionKind)


def unanswered_questions(consultation_id: int) -> Select[int]:
    """Published questions, confirmed as such, to which no answer has gone out: their numbers, as a query."""
    return (
        select(Contribution.id)
        .join(SuggestedKind, SuggestedKind.contribution_id == Contribution.id)
        .where(
            published_of(consultation_id),
            SuggestedKind.kind == ContributionKind.QUESTION,
            SuggestedKind.confirmed,
            ~select(Message.id)
            .where(Message.contribution_id == Contribution.id, Message.purpose == Purpose.ANSWER)
            .exists(),
        )
    )


def _unanswered(session: Session, consultation_id: int) -> int:
    return session.scalar(select(func.count()).select_from(unanswered_questions(consultation_id).subquery())) or 0


def _places(session: Session, consultation_id: int) -> tuple[PlaceFigures, ...]:
    rows = session.execute(
        select(PlaceMention.place, func.max(PlaceMention.quarter), func.count())
        .join(Contribution, Contribution.id == PlaceMention.contribution_id)
        .where(published_of(consultation_id))
        .group_by(PlaceMention.place)
        .order_by(func.count().desc(), PlaceMention.place)
        .limit(_SHOWN_PLACES)
    )
    return tuple(PlaceFigures(place=place, quarter=quarter, count=count) for place, quarter, count in rows)


# --- who says the same ------------------------------------------------------------------------------------


def _sizes(consultation_id: int) -> Select[int | None, int]:
    return (
        select(TextSense.group_id, func.count().label("voices"))
        .join(Contribution, Contribution.id == TextSense.contribution_id)
        .where(published_of(consultation_id), TextSense.group_id.is_not(None))
        .group_by(TextSense.group_id)
    )


def _repeated(session: Session, consultation_id: int) -> int:
    sizes = _sizes(consultation_id).subquery()
    return int(session.scalar(select(func.sum(sizes.c.voices - 1))) or 0)


def _campaign_count(session: Session, consultation_id: int) -> int:
    sizes = _sizes(consultation_id).having(func.count() >= CAMPAIGN).subquery()
    return session.scalar(select(func.count()).select_from(sizes)) or 0


def _campaigns(session: Session, consultation_id: int) -> tuple[CampaignFigures, ...]:
    sizes = session.execute(
        _sizes(consultation_id)
        .having(func.count() >= CAMPAIGN)
        .order_by(func.count().desc(), TextSense.group_id)
        .limit(_SHOWN_CAMPAIGNS)
    ).all()
    rows = session.execute(
        select(
            TextSense.group_id,
            Contribution.channel,
            func.count(),
            func.sum(case((TextSense.own_words >= OWN_WORDS, 1), else_=0)),
        )
        .join(Contribution, Contribution.id == TextSense.contribution_id)
        .where(published_of(consultation_id), TextSense.group_id.in_([group for group, _voices in sizes]))
        .group_by(TextSense.group_id, Contribution.channel)
    ).all()
    return tuple(
        CampaignFigures(
            group_id=group,
            voices=voices,
            channels={channel: count for of, channel, count, _own in rows if of == group},
            with_own_words=sum(int(own) for of, _channel, _count, own in rows if of == group),
        )
        for group, voices in sizes
        if group is not None
    )


OWN_WORDS = 6
"""So many words beyond the common text are a voice of its own, not a greeting or a name."""


# --- what was not published, and what machines did ----------------------------------------------------------


def _reasons(session: Session, consultation_id: int) -> tuple[tuple[SetAsideReason, int], ...]:
    rows = session.execute(
        select(Contribution.set_aside_reason, func.count())
        .where(
            literal_column("contribution.listed"),
            Contribution.consultation_id == consultation_id,
            Contribution.moderation == Moderation.SET_ASIDE,
        )
        .group_by(Contribution.set_aside_reason)
    )
    return _largest((reason, count) for reason, count in rows if reason is not None)


def _machine(session: Session, consultation_id: int) -> MachineFigures:
    of = published_of(consultation_id)
    suggested, kept, removed = session.execute(
        select(
            func.count(),
            func.sum(case((Tag.confirmed, 1), else_=0)),
            func.sum(case((Tag.removed, 1), else_=0)),
        )
        .join(Contribution, Contribution.id == Tag.contribution_id)
        .where(of, Tag.source != TagSource.PERSON)
    ).one()
    read = session.scalar(select(func.count()).where(of, Contribution.confidence.is_not(None))) or 0
    looked = _looked_over(session, of)
    return MachineFigures(
        themes_suggested=suggested,
        themes_kept=int(kept or 0),
        themes_removed=int(removed or 0),
        read_by_machine=read,
        confirmed_unchanged=sum("correct" not in done for done in looked),
        corrected=sum("correct" in done for done in looked),
    )


def _looked_over(session: Session, of: ColumnElement[bool]) -> list[set[str]]:
    """Of each published contribution that a machine read and a person looked over: what the person did."""
    read = {
        f"contribution:{number}"
        for number in session.scalars(select(Contribution.id).where(of, Contribution.confidence.is_not(None)))
    }
    done: dict[str, set[str]] = {}
    for subject, action in session.execute(select(History.subject, History.action).where(text(LOOKED_OVER))):
        if subject in read:
            done.setdefault(subject, set()).add(action)
    return list(done.values())


_SHOWN_WORDS = 8


def _models(session: Session, consultation_id: int) -> tuple[ThemeModelFigures, ...]:
    rows = session.scalars(
        select(ThemeModel).where(ThemeModel.consultation_id == consultation_id).order_by(ThemeModel.theme)
    )
    return tuple(
        ThemeModelFigures(
            theme=row.theme,
            decisions=row.decisions,
            kept=row.kept,
            precision=row.precision,
            coverage=row.coverage,
            words=tuple(row.weights.get("shown", ()))[:_SHOWN_WORDS],
        )
        for row in rows
    )

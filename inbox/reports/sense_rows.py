"""Texts to be compared with one another, and what came of it, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from config.enums import ContributionKind, Moderation, TagSource
from inbox.consultations import consultation_versions
from inbox.contributions import tags
from inbox.listings import contribution_list
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, History, PlaceMention, SuggestedKind, Tag, TextSense, TextVersion, ThemeModel
from inbox.models.column_types import utc_now
from inbox.reports.published_scope import published_of
from inbox.reports.report_quotations import newest_numbers
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_rows


@dataclass(frozen=True, slots=True)
class SenseText:
    """The text in force of one contribution."""

    contribution_id: int
    consultation_id: int | None
    number: int
    """Of the version."""
    language: str | None
    body: str


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """What was made of one text by itself."""

    text: SenseText
    sketch: bytes | None
    kinds: Sequence[tuple[ContributionKind, Sequence[str]]]
    """Each with its cues."""
    places: Sequence[tuple[str, str, bool]]
    """Name, quarter, whether the text spells it so."""
    themes: Sequence[tuple[str, Sequence[str]]]
    """What models suggest, each with its words."""


# --- what is to be looked at ------------------------------------------------------------------------


def unanalysed_texts(session: Session, limit: int) -> list[int]:
    """Contributions with a text that has not been looked at in its present version, oldest first."""
    rows = session.scalars(
        select(TextVersion.contribution_id)
        .outerjoin(TextSense, TextSense.contribution_id == TextVersion.contribution_id)
        .where(or_(TextSense.text_number.is_(None), TextSense.text_number < TextVersion.number))
        .where(TextVersion.sealed_body.is_not(None))
        .group_by(TextVersion.contribution_id)
        .order_by(TextVersion.contribution_id)
        .limit(limit)
    )
    return list(rows)


def texts_of(session: Session, ids: Sequence[int]) -> dict[int, SenseText]:
    """The texts in force of these contributions that are listed; the others have none to compare."""
    found = session.scalars(
        select(Contribution).where(Contribution.id.in_(ids), literal_column("contribution.listed"))
    ).all()
    said = contribution_list.current_texts_of(session, found, EVERYTHING)
    numbers = newest_numbers(session, [one.id for one in found])
    texts = {
        one.id: SenseText(one.id, one.consultation_id, numbers[one.id], one.language, said[one.id].body)
        for one in found
        if one.id in said
    }
    vault_of(session).forget_opened(session)
    return texts


def newest_history(session: Session) -> int:
    """The number of the newest line of history: while it stays, nobody has decided anything."""
    return session.scalar(select(func.max(History.id))) or 0


def is_all_looked_at(session: Session) -> bool:
    """Whether every text has been looked at in its present version."""
    return not unanalysed_texts(session, 1)


def change_marker(session: Session) -> str:
    """A word that is another one once anybody has said or decided anything."""
    return f"{newest_history(session)} {session.scalar(select(func.max(TextVersion.id))) or 0}"


# --- what came of it -----------------------------------------------------------------------------------


def save_analyses(session: Session, looked_at: Sequence[int], sensed: Sequence[TextAnalysis]) -> None:
    """Put what was made of texts; of a text that has changed meanwhile, or is gone, nothing.

    ``looked_at`` are all that were asked for: those without a text are marked, so as not to be asked for again.
    """
    numbers = newest_numbers(session, looked_at)
    made = {one.text.contribution_id: one for one in sensed}
    there = set(
        session.scalars(
            select(Contribution.id).where(Contribution.id.in_(looked_at), literal_column("contribution.listed"))
        )
    )
    current = [one for number, one in made.items() if numbers.get(number) == one.text.number and number in there]
    gone = [number for number in looked_at if number not in made or number not in there]
    written = [one.text.contribution_id for one in current] + gone
    session.execute(delete(TextSense).where(TextSense.contribution_id.in_(written)))
    session.execute(delete(PlaceMention).where(PlaceMention.contribution_id.in_(written)))
    session.execute(
        delete(SuggestedKind).where(
            SuggestedKind.contribution_id.in_(written),
            SuggestedKind.confirmed.is_(False),
            SuggestedKind.removed.is_(False),
        )
    )
    rows = [
        {"contribution_id": one.text.contribution_id, "text_number": one.text.number, "sketch": one.sketch}
        for one in current
    ] + [
        {"contribution_id": number, "text_number": numbers[number], "sketch": None}
        for number in gone
        if number in numbers
    ]
    insert_rows(session, TextSense, [{**row, "group_id": None, "own_words": 0} for row in rows])
    insert_rows(session, PlaceMention, [row for one in current for row in _place_rows(one)])
    _put_kinds(session, current)
    for one in current:
        if one.themes:
            tags.suggest_tags(session, one.text.contribution_id, one.themes, TagSource.MODEL)


def _place_rows(one: TextAnalysis) -> list[dict[str, object]]:
    return [
        {"contribution_id": one.text.contribution_id, "place": name[:128], "quarter": quarter[:64], "exact": exact}
        for name, quarter, exact in one.places
    ]


def _put_kinds(session: Session, sensed: Sequence[TextAnalysis]) -> None:
    ids = [one.text.contribution_id for one in sensed]
    known = set(
        session.execute(
            select(SuggestedKind.contribution_id, SuggestedKind.kind).where(SuggestedKind.contribution_id.in_(ids))
        ).tuples()
    )
    rows = [
        {
            "contribution_id": one.text.contribution_id,
            "kind": kind,
            "because": tags.suggestion_reason(cues),
            "confirmed": False,
            "removed": False,
            "person_id": None,
        }
        for one in sensed
        for kind, cues in one.kinds
        if (one.text.contribution_id, kind) not in known
    ]
    insert_rows(session, SuggestedKind, rows)


# --- groups ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SketchRow:
    """A text's sketch, and the group it is in."""

    contribution_id: int
    group_id: int | None
    sketch: bytes


def list_sketches(session: Session, consultation_id: int | None) -> list[SketchRow]:
    """The sketches of everything listed in a consultation, by number."""
    rows = session.execute(
        select(TextSense.contribution_id, TextSense.group_id, TextSense.sketch)
        .join(Contribution, Contribution.id == TextSense.contribution_id)
        .where(
            literal_column("contribution.listed"),
            Contribution.consultation_id == consultation_id,
            TextSense.sketch.is_not(None),
        )
        .order_by(TextSense.contribution_id)
    )
    return [SketchRow(number, group, sketch) for number, group, sketch in rows if sketch is not None]


def save_groups(session: Session, groups: Mapping[int, int], own: Mapping[int, int]) -> None:
    """Which group each of these is in, and how many words of its own it says."""
    rows = [
        {"contribution_id": number, "group_id": group, "own_words": own.get(number, 0)}
        for number, group in groups.items()
    ]
    there = set(session.scalars(select(TextSense.contribution_id).where(TextSense.contribution_id.in_(groups))))
    if found := [row for row in rows if row["contribution_id"] in there]:
        session.execute(update(TextSense), found)


# --- learning -----------------------------------------------------------------------------------------------


def tag_decisions_by_theme(session: Session, consultation_id: int) -> dict[str, dict[int, bool]]:
    """What people decided on themes: theme -> contribution -> whether it was kept.

    A theme that was not put on a text whose themes a person looked over counts as not kept: it was there to be put.
    """
    keys = consultation_versions.theme_keys(session, consultation_id)
    rows = session.execute(
        select(Tag.contribution_id, Tag.name, Tag.confirmed, Tag.removed)
        .join(Contribution, Contribution.id == Tag.contribution_id)
        .where(
            literal_column("contribution.listed"),
            Contribution.consultation_id == consultation_id,
            Tag.name.in_(keys),
            or_(Tag.confirmed, Tag.removed),
        )
    ).all()
    found: dict[str, dict[int, bool]] = {key: {} for key in keys}
    kept = {number for number, _name, confirmed, _removed in rows if confirmed}
    for number, name, confirmed, removed in rows:
        found[name][number] = bool(confirmed and not removed)
    for key in keys:
        for number in kept:
            found[key].setdefault(number, False)
    return {key: decided for key, decided in found.items() if decided}


def theme_models_of(session: Session, consultation_id: int) -> list[ThemeModel]:
    """What was learned in a consultation."""
    return list(session.scalars(select(ThemeModel).where(ThemeModel.consultation_id == consultation_id)))


def save_theme_models(session: Session, consultation_id: int, learned: Iterable[Mapping[str, object]]) -> None:
    """Replace what was learned in a consultation."""
    session.execute(delete(ThemeModel).where(ThemeModel.consultation_id == consultation_id))
    for one in learned:
        session.add(ThemeModel(consultation_id=consultation_id, trained_at=utc_now(), **one))
    session.flush()


# --- who may be quoted ------------------------------------------------------------------------------------


def published_by_theme(session: Session, consultation_id: int, most: int) -> dict[str, list[int]]:
    """For each theme the newest published contributions that have it, confirmed ones first; "" for all."""
    published = published_of(consultation_id)
    found: dict[str, list[int]] = {}
    for key in sorted(consultation_versions.theme_keys(session, consultation_id)):
        rows = session.scalars(
            select(Tag.contribution_id)
            .join(Contribution, Contribution.id == Tag.contribution_id)
            .where(published, Tag.name == key, Tag.removed.is_(False))
            .order_by(Tag.confirmed.desc(), Tag.contribution_id.desc())
            .limit(most)
        )
        found[key] = list(rows)
    return found


def newest_published(session: Session, consultation_id: int, most: int) -> list[int]:
    """The newest contributions that are published."""
    of = select(Contribution.id).where(published_of(consultation_id)).order_by(Contribution.id.desc()).limit(most)
    return list(session.scalars(of))


def campaign_members(session: Session, group_ids: Sequence[int], most: int) -> dict[int, list[tuple[int, int]]]:
    """Of each group: the first published member, and those with most words of their own (number, words)."""
    found: dict[int, list[tuple[int, int]]] = {}
    for group in group_ids:
        published = (
            select(TextSense.contribution_id, TextSense.own_words)
            .join(Contribution, Contribution.id == TextSense.contribution_id)
            .where(
                literal_column("contribution.listed"),
                Contribution.moderation == Moderation.PUBLISHED,
                TextSense.group_id == group,
            )
        )
        plain = session.execute(published.order_by(TextSense.own_words, TextSense.contribution_id).limit(1)).all()
        own = session.execute(
            published.where(TextSense.own_words > 0).order_by(TextSense.own_words.desc()).limit(most)
        ).all()
        found[group] = [(number, words) for number, words in (*plain, *own)]
    return found

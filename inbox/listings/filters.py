"""Which contributions a list shows, and along which index it walks to find the next fifty without looking at the rest.

The kept counts (``inbox.records.tallies``) say which index is the narrowest; they choose the way, never what is found.
Every function is told who looks (a ``Visibility``): what somebody may not see neither fits a filter nor is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.enums import Channel, Moderation, Reading
from inbox.contributions import search_index
from inbox.contributions.search_index import IndexWalk
from inbox.listings import narrowing
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Consultation, Contribution, Tag
from inbox.models.contribution_rows import BY_MACHINE, LISTED, UNREAD
from inbox.records import references, tallies
from inbox.records.tallies import TallyRow

DOUBTFUL_BELOW = 0.7
"""Words a machine is less sure of than this are doubtful; so are texts, by the mean over their words."""

COUNTED = 1_000
"""Of what is found by words, no more than these are counted."""

_FEW = 300
"""So many contributions are looked at one by one rather than all those that hold a word."""


@dataclass(frozen=True, slots=True)
class ContributionFilter:
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
    any_of: tuple[str, ...] = ()
    """Phrases of which one is to occur in the text, each with all its words."""
    centre: str | None = None
    """The slug of the centre that handed in its paper."""
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """When it was taken in: from one moment to before another."""
    assigned_to: int | None = None
    """A person's id."""
    quarter: str | None = None
    """A quarter of the town: one of its places is named in the text, or the quarter itself."""
    passed_on: bool = False
    """It was passed on to a service."""
    appealed: bool = False
    """Its author does not agree with what was decided, and nobody has looked again."""
    published_unread: bool = False
    """It was published before a moderator read it, and nobody has since."""
    not_decided_by: int | None = None
    """Leaves out appeals against what this person decided."""

    @property
    def is_counted(self) -> bool:
        """Whether no count is kept of what fits."""
        return bool(
            self.doubtful
            or self.text
            or self.any_of
            or self.centre
            or self.language
            or self.since
            or self.until
            or self.assigned_to
            or self.quarter
            or self.passed_on
            or self.appealed
            or self.published_unread
        )


@dataclass(frozen=True, slots=True)
class FilterWalk:
    """The contributions that fit, a few at a time; along several ways when somebody sees some states only."""

    ways: tuple[IndexWalk, ...]
    kept: int | None
    """How many there are; None when that has to be counted."""

    def older(self, session: Session, before: int | None, limit: int) -> list[Contribution]:
        """The next that fit, newest first, older than ``before``."""
        found = [
            one
            for way in self.ways
            for one in session.scalars(
                way.found.where(*([] if before is None else [way.place < before]))
                .order_by(way.place.desc())
                .limit(limit)
            )
        ]
        return sorted(found, key=lambda one: one.id, reverse=True)[:limit]

    def newer(self, session: Session, after: int, limit: int) -> list[Contribution]:
        """The next that fit, newest first, newer than ``after``."""
        found = [
            one
            for way in self.ways
            for one in session.scalars(way.found.where(way.place > after).order_by(way.place).limit(limit))
        ]
        return sorted(found, key=lambda one: one.id)[:limit][::-1]

    def count(self, session: Session) -> tuple[int, bool]:
        """How many fit, and whether there are more than that."""
        if self.kept is not None:
            return self.kept, False
        found = sum(
            session.scalar(select(func.count()).select_from(way.counted.limit(COUNTED + 1).subquery())) or 0
            for way in self.ways
        )
        return min(found, COUNTED), found > COUNTED


def walk_along(session: Session, wanted: ContributionFilter, sight: Visibility) -> FilterWalk:
    """The shortest walk through all that fit; what was erased or merged away is not listed."""
    return _Finding.of(session, wanted, sight).walk()


@dataclass(frozen=True, slots=True)
class _Finding:
    """A filter, who asks, and what is kept about how much would fit."""

    session: Session
    wanted: ContributionFilter
    sight: Visibility
    words: str
    consultation_id: int | None
    """0 for one that is not there; None when none is asked for."""
    tally: list[TallyRow]
    themed: list[TallyRow]
    """Of what has the theme that is asked for."""
    having: set[int] | None
    """The consultations in which that theme may be looked for; None for all."""

    @classmethod
    def of(cls, session: Session, wanted: ContributionFilter, sight: Visibility) -> _Finding:
        return cls(
            session,
            wanted,
            sight,
            wanted.text.strip() if wanted.text else "",
            _consultation_id(session, wanted.consultation),
            tallies.contribution_tallies(session),
            tallies.contribution_tallies(session, wanted.theme) if wanted.theme else [],
            sight.themed_in(session, wanted.theme) if wanted.theme else None,
        )

    def walk(self) -> FilterWalk:
        wanted = self.wanted
        unseen = wanted.reading is not None or wanted.doubtful or wanted.appealed or wanted.assigned_to or wanted.any_of
        if unseen and not self.sight.sees(Aspect.READINGS):
            return FilterWalk((), 0)  # nothing fits for whoever may not see them
        if self.words and not search_index.is_searchable(self.words):
            return FilterWalk((), 0)
        if "\0" in (wanted.theme or ""):  # PostgreSQL refuses it, and nothing is called so
            return FilterWalk((), 0)
        if (one := self._referred()) is not None:
            found = select(Contribution).where(Contribution.id == one)
            found = found.where(_has_tag(wanted.theme)) if wanted.theme else found
            return FilterWalk(
                tuple(_way(found.where(*self._conditions(state)), Contribution.id) for state in self._states()), None
            )
        return FilterWalk(
            tuple(self._way(state) for state in self._states()), None if wanted.is_counted else self._kept()
        )

    # --- which fit ---

    def _states(self) -> list[Moderation | None]:
        """The states to walk along one after the other; None for all at once."""
        is_worded = bool(self.wanted.theme or self.wanted.any_of or (self.words and self._referred() is None))
        may = self.sight.may_read_state if is_worded else self.sight.may_open
        if self.wanted.moderation is not None:
            return [self.wanted.moderation] if may(self.wanted.moderation) else []
        return [None] if all(map(may, Moderation)) else [state for state in Moderation if may(state)]

    def _conditions(self, state: Moderation | None) -> list[ColumnElement[bool]]:
        """All but the words and the theme, as conditions on ``Contribution``."""
        wanted = self.wanted
        conditions: list[ColumnElement[bool]] = [literal_column(f"contribution.{LISTED}")]
        if state is not None:
            conditions.append(Contribution.moderation == state)
        if wanted.channel is not None:
            conditions.append(Contribution.channel == wanted.channel)
        if self.consultation_id is not None:
            conditions.append(Contribution.consultation_id == self.consultation_id)
        if self.having is not None:
            conditions.append(Contribution.consultation_id.in_(self.having))
        if wanted.reading is not None:
            conditions.append(Contribution.reading == wanted.reading)
        if _is_unread(wanted):
            conditions.append(literal_column(f"contribution.{UNREAD}"))
        if wanted.doubtful:
            conditions += [Contribution.confidence < DOUBTFUL_BELOW, literal_column(f"contribution.{BY_MACHINE}")]
        return [*conditions, *narrowing.filter_conditions(self.session, wanted)]

    def _referred(self) -> int | None:
        """The listed contribution that the words are a reference of."""
        number = references.parse_reference(self.words) if self.words else None
        referred = references.contribution_of(self.session, number) if number else None
        there = select(Contribution.id).where(Contribution.id == referred, text(f"contribution.{LISTED}"))
        return self.session.scalar(there.where(*self.sight.listed())) if referred is not None else None

    def _kept(self) -> int:
        """How many fit, as it is kept."""
        states = self._states()
        return sum(
            one.count
            for one in (self.themed if self.wanted.theme else self.tally)
            if (None in states or one.moderation in states)
            and self.wanted.channel in (None, one.channel)
            and self.wanted.reading in (None, one.reading)
            and self.consultation_id in (None, one.consultation_id)
            and (self.having is None or one.consultation_id in self.having)
        )

    # --- along which index ---

    def _way(self, state: Moderation | None) -> IndexWalk:
        """The way through the contributions in one state, or in all."""
        found = select(Contribution).where(*self._conditions(state))
        sizes = {name: self._size(fits) for name, fits in self._indexes(state).items()}
        narrowest = min(sizes, key=lambda name: sizes[name])
        if self.wanted.theme:
            if not self.words and sum(one.count for one in self.themed) <= sizes[narrowest]:
                return _way_of_tag(found, self.wanted.theme)
            found = found.where(_has_tag(self.wanted.theme))
        if (few := narrowing.few_contribution_ids(self.wanted)) is not None:
            # Only its number leads to a contribution then.
            found = found.where(Contribution.id.in_(few)).with_hint(Contribution, "NOT INDEXED", "sqlite")
            return _way(found, Contribution.id)
        if self.wanted.any_of:
            return search_index.walk_matching_any(self.session, found, self.wanted.any_of)
        if self.words:
            is_sqlite = self.session.get_bind().dialect.name == "sqlite"
            if not is_sqlite or sizes[narrowest] > _FEW:
                return search_index.walk_matching(self.session, found, self.words)
            found = found.where(search_index.matches_condition(self.session, self.words))
        return _way(found.with_hint(Contribution, f"INDEXED BY {narrowest}", "sqlite"), Contribution.id)

    def _size(self, fits: Callable[[TallyRow], bool]) -> int:
        return sum(one.count for one in self.tally if fits(one))

    def _indexes(self, state: Moderation | None) -> dict[str, Callable[[TallyRow], bool]]:
        """The indexes that could be walked along, and what is in each; the first of equally narrow ones is taken."""
        wanted, listed = self.wanted, "ix_contribution_listed"
        found: dict[str, Callable[[TallyRow], bool]] = {}
        if wanted.doubtful:
            found[f"{listed}_machine"] = lambda one: one.moderation is Moderation.IN_REVIEW
        if _is_unread(wanted):
            found[f"{listed}_unread"] = lambda one: one.reading is wanted.reading
        if wanted.channel is not None and state is not None:
            found[f"{listed}_moderation_channel"] = lambda one: (
                one.moderation is state and one.channel is wanted.channel
            )
        if wanted.channel is not None:
            found[f"{listed}_channel"] = lambda one: one.channel is wanted.channel
        if state is not None:
            found[f"{listed}_moderation"] = lambda one: one.moderation is state
        if self.consultation_id is not None:
            found[f"{listed}_consultation"] = lambda one: one.consultation_id == self.consultation_id
        return found or {listed: bool}


def _consultation_id(session: Session, slug: str | None) -> int | None:
    if not slug:
        return None
    known = None if "\0" in slug else session.scalar(select(Consultation.id).where(Consultation.slug == slug))
    return known or 0


def _is_unread(wanted: ContributionFilter) -> bool:
    return wanted.reading is not None and wanted.reading is not Reading.READ


def _has_tag(name: str) -> ColumnElement[bool]:
    return (
        select(Tag.id).where(Tag.contribution_id == Contribution.id, Tag.name == name, Tag.removed.is_(False)).exists()
    )


def _way_of_tag(found: Select[Contribution], name: str) -> IndexWalk:
    tagged = and_(Tag.contribution_id == Contribution.id, Tag.name == name, text("NOT tag.removed"))
    # Only its number leads to a contribution then, so that it is the tags that are walked along.
    found = found.join(Tag, tagged).with_hint(Contribution, "NOT INDEXED", "sqlite")
    return _way(found.with_hint(Tag, "INDEXED BY ix_tag_there", "sqlite"), Tag.contribution_id)


def _way(found: Select[Contribution], place: InstrumentedAttribute[int]) -> IndexWalk:
    return IndexWalk(found, place, found.with_only_columns(place))

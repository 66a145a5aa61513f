"""To whom an answer goes: one contribution, some that were ticked, or all that a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.answer_states import AnswerKind, GivenState
from config.enums import Channel, Moderation, Role
from inbox.errors import InboxError
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import Visibility, visibility_of
from inbox.models import Answer, Consultation, Contribution, GivenAnswer, PersonRole

MOST = 20_000
"""Contributions of one answer."""
_AT_ONCE = 500

ANSWERED = tuple(state for state in GivenState if state is not GivenState.WITHDRAWN)
"""States in which the town has answered, or will. Who cannot be reached has an answer: it can be heard and read."""


class SeveralConsultations(InboxError):
    """What was chosen belongs to several consultations, or to none."""

    remedy = "Answer each consultation by itself: choose one in the search."


@dataclass(frozen=True, slots=True)
class RecipientSelection:
    """The contributions that somebody chose to answer: some by their numbers, or all that a search finds."""

    numbers: tuple[int, ...] = ()
    """Contributions; where there are none, the search counts."""
    channel: Channel | None = None
    moderation: Moderation | None = None
    theme: str | None = None
    consultation: str | None = None
    """A slug."""
    text: str | None = None
    again: bool = False
    """Whether those who have an answer already get this one too."""

    def as_json(self) -> dict[str, Any]:
        """As it is kept, sealed: words that were searched for can be a name."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in kept.items() if value not in (None, (), False)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> RecipientSelection:
        """As it was kept."""
        values = dict(kept)
        values["numbers"] = tuple(values.get("numbers", ()))
        if "channel" in values:
            values["channel"] = Channel(values["channel"])
        if "moderation" in values:
            values["moderation"] = Moderation(values["moderation"])
        return cls(**values)

    @property
    def is_single(self) -> bool:
        """Whether it goes to one contribution only, so that its words may be about that."""
        return len(self.numbers) == 1

    def filter(self) -> ContributionFilter:
        """The search for the store."""
        return ContributionFilter(
            channel=self.channel,
            moderation=self.moderation,
            theme=self.theme,
            consultation=self.consultation,
            text=self.text,
        )


def author_visibility(session: Session, answer: Answer) -> Visibility:
    """What its author may see: nobody answers what they could not have found."""
    roles = session.scalars(select(PersonRole.role).where(PersonRole.person_id == answer.created_by_id)).all()
    return visibility_of(Role(role) for role in roles)


def selected_contributions(
    session: Session, chosen: RecipientSelection, sight: Visibility, besides: int | None = None
) -> list[Contribution]:
    """The contributions that were chosen and are there, oldest first; ``besides`` is an answer that does not count."""
    found = _ticked(session, chosen, sight) if chosen.numbers else _searched(session, chosen, sight)
    if not chosen.again:
        answered = _answered(session, [one.id for one in found], besides)
        found = [one for one in found if one.id not in answered]
    return sorted(found, key=lambda one: one.id)


def _ticked(session: Session, chosen: RecipientSelection, sight: Visibility) -> list[Contribution]:
    return list(session.scalars(_listed_ticked(chosen, sight)))


def _listed_ticked(chosen: RecipientSelection, sight: Visibility) -> Select[Contribution]:
    return select(Contribution).where(
        Contribution.id.in_(chosen.numbers), Contribution.listed, Contribution.erased_at.is_(None), *sight.listed()
    )


def _searched(session: Session, chosen: RecipientSelection, sight: Visibility) -> list[Contribution]:
    walk = walk_along(session, chosen.filter(), sight)
    found: list[Contribution] = []
    before: int | None = None
    while len(found) < MOST and (some := walk.older(session, before, _AT_ONCE)):
        found += some
        before = some[-1].id
    return found


def _answered(session: Session, ids: list[int], besides: int | None) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), _AT_ONCE):
        some = _is_answered(GivenAnswer.contribution_id).where(
            GivenAnswer.contribution_id.in_(ids[start : start + _AT_ONCE])
        )
        if besides is not None:
            some = some.where(GivenAnswer.answer_id != besides)
        found.update(session.scalars(some))
    return found


def _is_answered(contribution_id: ColumnElement[int] | InstrumentedAttribute[int]) -> Select[int]:
    """Answers that a contribution has had, or will have."""
    return select(GivenAnswer.contribution_id).where(
        GivenAnswer.contribution_id == contribution_id,
        GivenAnswer.state.in_(ANSWERED),
        exists().where(Answer.id == GivenAnswer.answer_id, Answer.tells, Answer.kind == AnswerKind.ANSWER),
    )


@dataclass(frozen=True, slots=True)
class SelectionSize:
    """How many contributions were chosen and are there, and whose they are."""

    count: int
    consultation_id: int | None
    """The one consultation that all belong to; None where there is none, or several."""


def count_selected(session: Session, chosen: RecipientSelection, sight: Visibility) -> SelectionSize:
    """As many as ``selected_contributions`` finds, counted by the database: none of them is loaded."""
    if chosen.numbers:
        several = [_listed_ticked(chosen, sight)]
    else:
        ways = walk_along(session, chosen.filter(), sight).ways
        several = [way.found.order_by(way.place.desc()).limit(MOST) for way in ways]
    if not several:
        return SelectionSize(0, None)
    columns = Contribution.id, Contribution.consultation_id
    found = union_all(*(select(one.with_only_columns(*columns).subquery()) for one in several)).subquery()
    newest = select(found).order_by(found.c.id.desc()).limit(MOST).subquery()
    counted = select(
        func.count(),
        func.count(newest.c.consultation_id),
        func.min(newest.c.consultation_id),
        func.max(newest.c.consultation_id),
    ).select_from(newest)
    if not chosen.again:
        counted = counted.where(~_is_answered(newest.c.id).exists())
    count, of_some, least, most = session.execute(counted).one()
    return SelectionSize(count, least if of_some == count and least == most else None)


def selected_consultation(
    session: Session, chosen: RecipientSelection, sight: Visibility, size: SelectionSize | None = None
) -> int:
    """The one consultation that what was chosen belongs to; raises SeveralConsultations.

    ``size`` is what ``count_selected`` said, where it was asked already.
    """
    if chosen.consultation and not chosen.numbers:
        known = session.scalar(select(Consultation.id).where(Consultation.slug == chosen.consultation))
        if known is not None:
            return known
    belongs_to = (size or count_selected(session, chosen, sight)).consultation_id
    if belongs_to is None:
        raise SeveralConsultations("none, or several")
    return belongs_to

"""A sample of what was decided is decided once more by somebody who does not know how: it shows how far people agree.

One in so many contributions of a consultation, by their reference, so that nobody chooses which. What the second person
says changes nothing: it is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from config.enums import Moderation, SetAsideReason
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.models import Contribution, SecondLook
from inbox.models.column_types import utc_now
from inbox.records import history, references

PUBLISH, SET_ASIDE = "publish", "set_aside"


class NotYours(InboxError):
    """A second look at what one has decided oneself, or that somebody else has taken meanwhile."""

    remedy = "Take the next one."


def decision_key(action: str, reason: SetAsideReason | None) -> str:
    """A decision in a word: ``publish``, or ``set_aside:`` and its reason."""
    return f"{SET_ASIDE}:{reason.value}" if action == SET_ASIDE and reason is not None else action


def record_decision(
    session: Session, contribution: Contribution, action: str, reason: SetAsideReason | None, by: int
) -> None:
    """A decision was taken: where the contribution belongs to the sample, somebody else decides it once more."""
    row = _row(session, contribution.id)
    if row is not None and row.second is not None:
        return
    if row is None:
        if not _is_chosen(session, contribution):
            return
        row = SecondLook(contribution_id=contribution.id, consultation_id=contribution.consultation_id, at=utc_now())
        session.add(row)
    row.first_id, row.first = by, decision_key(action, reason)
    session.flush()


def record_undone_decision(session: Session, contribution: Contribution) -> None:
    """It is to be decided again: nothing is to be compared with what was taken back."""
    if contribution.moderation is Moderation.IN_REVIEW:
        session.execute(
            delete(SecondLook).where(SecondLook.contribution_id == contribution.id, SecondLook.second.is_(None))
        )


def _is_chosen(session: Session, contribution: Contribution) -> bool:
    asked = consultation_versions.current_consultation(session, contribution.consultation_id)
    every = asked.second_look_every if asked else 0
    if not every:
        return False
    number = references.reference_of(session, contribution.id)
    return bool(number and int(number) % every == 0)


def _row(session: Session, contribution_id: int) -> SecondLook | None:
    return session.scalar(select(SecondLook).where(SecondLook.contribution_id == contribution_id).with_for_update())


# --- the second person ------------------------------------------------------------------------------


def _waiting(person_id: int) -> tuple[ColumnElement[bool], ...]:
    decided = (
        exists()
        .where(Contribution.id == SecondLook.contribution_id)
        .where(Contribution.listed, Contribution.moderation != Moderation.IN_REVIEW)
    )
    return (
        SecondLook.looked_at.is_(None),
        SecondLook.first_id != person_id,
        decided,
    )


def count_second_looks(session: Session, person_id: int) -> int:
    """How many wait for somebody's second look."""
    return session.scalar(select(func.count()).select_from(SecondLook).where(*_waiting(person_id))) or 0


def next_second_look(session: Session, person_id: int, after: int = 0) -> SecondLook | None:
    """The next that waits for somebody's second look: the oldest behind one that was skipped, else the oldest."""
    wanted = select(SecondLook).where(*_waiting(person_id)).order_by(SecondLook.id).limit(1)
    return session.scalar(wanted.where(SecondLook.id > after)) or session.scalar(wanted)


def decide_second_look(session: Session, look_id: int, action: str, reason: SetAsideReason | None, by: int) -> bool:
    """What the second person says; whether it is what the first one said. Raises NotYours."""
    row = session.get(SecondLook, look_id, with_for_update=True)
    if row is None or row.first_id == by or row.second is not None:
        raise NotYours(f"second look {look_id}")
    row.second_id, row.second, row.looked_at = by, decision_key(action, reason), utc_now()
    history.record_event(session, f"contribution:{row.contribution_id}", "looked_twice", by)
    return row.first == row.second


# --- how far they agree -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people who decided the same contributions agree."""

    consultation_id: int | None
    pairs: int
    same: int
    """How often both published, or both set aside, for whatever reason."""
    same_reason: int
    """How often both said the very same, the reason included."""
    kappa: float | None
    """Cohen's kappa of publishing or setting aside, −1 to 1; None where chance alone would agree always."""
    differing: tuple[int, ...]
    """The contributions about which they differ, the newest first."""


def agreement(session: Session, most: int = 2_000) -> list[Agreement]:
    """Of each consultation, over its newest pairs."""
    rows = session.scalars(
        select(SecondLook).where(SecondLook.second.is_not(None)).order_by(SecondLook.id.desc()).limit(most)
    ).all()
    by_consultation: dict[int | None, list[SecondLook]] = {}
    for row in rows:
        by_consultation.setdefault(row.consultation_id, []).append(row)
    return [_agreement(number, found) for number, found in by_consultation.items()]


def _agreement(consultation_id: int | None, rows: Sequence[SecondLook]) -> Agreement:
    pairs = [(_kind(row.first), _kind(row.second or "")) for row in rows]
    return Agreement(
        consultation_id=consultation_id,
        pairs=len(pairs),
        same=sum(one == other for one, other in pairs),
        same_reason=sum(row.first == row.second for row in rows),
        kappa=cohens_kappa(pairs),
        differing=tuple(row.contribution_id for row in rows if row.first != row.second),
    )


def _kind(decision: str) -> str:
    return decision.partition(":")[0]


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960): agreement beyond what chance gives, by how often each said what."""
    if not pairs:
        return None
    total = len(pairs)
    observed = sum(one == other for one, other in pairs) / total
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[name] * second[name] for name in first) / total**2
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)

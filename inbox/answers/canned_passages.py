"""Passages that a town uses again and again in its answers: for one consultation, or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.models import CannedPassage
from inbox.models.column_types import utc_now
from inbox.records import history

LONGEST = 2_000
"""Characters of a passage in one language."""
LONGEST_NAME = 40


class NothingInPassage(InboxError):
    """A passage without a name or without words."""

    remedy = "Give it a name, and words in one language at least."


@dataclass(frozen=True, slots=True)
class OfferedPassage:
    """A passage as an answer offers it."""

    id: int
    name: str
    body: Mapping[str, str]
    """By language."""


def save_passage(
    session: Session, consultation_id: int | None, name: str, words: Mapping[str, str], by: int, passage_id: int | None
) -> CannedPassage:
    """Keep a passage, new or changed; what it was put into stays as it is. Raises NothingInPassage."""
    called = " ".join(name.split())[:LONGEST_NAME]
    body = {tongue: text.replace("\r\n", "\n").strip()[:LONGEST] for tongue, text in words.items() if text.strip()}
    if not called or not body:
        raise NothingInPassage("a passage has a name and words")
    row = session.get(CannedPassage, passage_id) if passage_id is not None else None
    if row is None:
        row = CannedPassage(consultation_id=consultation_id, name=called, body=body, person_id=by)
        session.add(row)
    else:
        row.consultation_id, row.name, row.body = consultation_id, called, body
        row.person_id, row.at, row.removed_at = by, utc_now(), None
    session.flush()
    history.record_event(session, f"passage:{row.id}", "passage_saved", by)
    return row


def remove_passage(session: Session, passage_id: int, by: int) -> None:
    """Offer it no more."""
    row = session.get(CannedPassage, passage_id)
    if row is not None and row.removed_at is None:
        row.removed_at = utc_now()
        history.record_event(session, f"passage:{passage_id}", "passage_removed", by)


def list_passages(session: Session) -> Sequence[CannedPassage]:
    """All there are, by name."""
    return session.scalars(
        select(CannedPassage).where(CannedPassage.removed_at.is_(None)).order_by(CannedPassage.name, CannedPassage.id)
    ).all()


def passages_for(session: Session, consultation_id: int | None) -> Sequence[OfferedPassage]:
    """What is offered in an answer: the consultation's own first, then everybody's."""
    rows = select(CannedPassage).where(
        CannedPassage.removed_at.is_(None),
        or_(CannedPassage.consultation_id == consultation_id, CannedPassage.consultation_id.is_(None)),
    )
    found = session.scalars(rows.order_by(CannedPassage.name, CannedPassage.id)).all()
    own_first = sorted(found, key=lambda one: one.consultation_id is None)
    return [OfferedPassage(one.id, one.name, one.body) for one in own_first]


def append_passage(words: Mapping[str, str], passage: CannedPassage) -> dict[str, str]:
    """The words of an answer with a passage below, in each language that both have."""
    return {
        tongue: "\n\n".join(one for one in (text.strip(), str(passage.body.get(tongue, ""))) if one)
        for tongue, text in words.items()
    }

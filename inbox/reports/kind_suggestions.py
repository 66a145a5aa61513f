"""Kinds that machines suggest, and what people decide about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Channel, ContributionKind
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.listings import contribution_list
from inbox.models import Contribution, SuggestedKind, TextSense
from inbox.records import history, references
from inbox.reports.published_scope import published_of
from inbox.reports.report_quotations import MODERATED, newest_numbers
from inbox.storage.upsert import insert_if_new


@dataclass(frozen=True, slots=True)
class SuggestedKindLine:
    """One published contribution with a kind that nobody has decided about."""

    contribution_id: int
    reference: str
    channel: Channel
    language: str | None
    text: str
    kind: ContributionKind
    because: str


def open_suggestions(
    session: Session, consultation_id: int, kind: ContributionKind, limit: int
) -> tuple[list[SuggestedKindLine], int]:
    """The newest suggestions of a kind on published texts, and how many there are."""
    of = (
        published_of(consultation_id),
        SuggestedKind.kind == kind,
        SuggestedKind.confirmed.is_(False),
        SuggestedKind.removed.is_(False),
        SuggestedKind.contribution_id == Contribution.id,
    )
    count = session.scalar(select(func.count()).select_from(Contribution).where(*of)) or 0
    rows = session.execute(
        select(Contribution, SuggestedKind.because).where(*of).order_by(Contribution.id.desc()).limit(limit)
    ).all()
    return _shown(session, [(one, because) for one, because in rows], kind), count


def _shown(
    session: Session, rows: Sequence[tuple[Contribution, str]], kind: ContributionKind
) -> list[SuggestedKindLine]:
    ids = [one.id for one, _because in rows]
    texts = contribution_list.current_texts_of(session, [one for one, _because in rows], MODERATED)
    numbers = newest_numbers(session, ids)
    looked = dict(
        session.execute(
            select(TextSense.contribution_id, TextSense.text_number).where(TextSense.contribution_id.in_(ids))
        )
        .tuples()
        .all()
    )
    named = references.references_of(session, ids)
    return [
        SuggestedKindLine(
            contribution_id=one.id,
            reference=named.get(one.id, ""),
            channel=one.channel,
            language=one.language,
            text=texts[one.id].body,
            kind=kind,
            # Of an older wording, which may say what has been masked since: not shown.
            because=because if looked.get(one.id) == numbers.get(one.id) else "",
        )
        for one, because in rows
        if one.id in texts
    ]


def decide_kind(session: Session, contribution_id: int, kind: ContributionKind, by: int, *, keep: bool) -> None:
    """A person keeps a kind, or throws it away; raises NotThere. Twice is once."""
    lock_for_change(session, contribution_id)
    insert_if_new(session, SuggestedKind, contribution_id=contribution_id, kind=kind, because="", confirmed=False)
    row = session.get_one(SuggestedKind, (contribution_id, kind), populate_existing=True)
    if (row.confirmed, row.removed) == (keep, not keep):
        return
    row.confirmed, row.removed, row.person_id = keep, not keep, by
    action = "kind_confirmed" if keep else "kind_removed"
    history.record_event(session, f"contribution:{contribution_id}", action, by, {"kind": kind.value})

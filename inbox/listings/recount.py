"""The check of the counts that are kept: everything is counted, compared, and put right where it differs.

What is compared with is not the triggers' own wording but the ledger's, and the list's as it was before counts were
kept, so that a mistake in one of them shows. ``recount_everything`` reads everything once: for the night.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from config.enums import Bucket
from inbox.contributions import non_contributions
from inbox.contributions.optimistic_locking import MERGED, origin_in_force
from inbox.listings import ledger
from inbox.migrations import kept_counts
from inbox.models import Contribution, ContributionLink, ContributionTally, Recount, Tag, UnitTally
from inbox.models.column_types import utc_now
from inbox.storage.database import Store

log = logging.getLogger(__name__)

Counts = Counter[tuple[Any, ...]]


def count_differences(session: Session) -> list[str]:
    """What is kept and is not so, each as a line for the log; without words of anybody's."""
    found = []
    for name, kept, counted in (
        ("contributions", _kept_contributions(session), _contributions(session)),
        ("units", _kept_units(session), _units(session)),
    ):
        # A theme's name stays out of it: a free word can be a name.
        found += [
            f"{name} of {' '.join(map(str, key[1:] if name == 'contributions' else key))}:"
            f" kept {kept[key]}, counted {counted[key]}"
            for key in kept.keys() | counted.keys()
            if kept[key] != counted[key]
        ]
    for column, wrong in _wrong_columns(session).items():
        found += [f"{column} of {wrong} rows"] if wrong else []
    return found


def correct_counts(session: Session) -> None:
    """Settle every kept column, and count anew; nobody else changes counts meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE contribution_tally, unit_tally IN SHARE ROW EXCLUSIVE MODE"))
    for statement in (*kept_counts.SETTLE, *kept_counts.COUNT):
        session.execute(text(statement))


@dataclass(frozen=True, slots=True)
class RecountResult:
    """One check of everything."""

    at: datetime
    differences: int
    """How many kept values were wrong, and have been put right."""
    problems: tuple[str, ...]
    """What the ledger found that only a look at everything finds."""


def recount_everything(store: Store, now: datetime | None = None) -> RecountResult:
    """Count everything, put right what is kept wrong, and note both with what the ledger finds wrong."""
    with store.read() as session:
        wrong = count_differences(session)
        found = ledger.count_ledger(session).problems
        # What a page can find by itself it says as long as it is so.
        problems = [one for one in found if ledger.STUCK not in one and ledger.NOBODYS not in one]
    if wrong:
        log.warning("kept counts were wrong and are put right: %s", "; ".join(sorted(wrong)[:20]))
    with store.write() as session:
        if wrong:
            correct_counts(session)
        noted = session.merge(Recount(id=1, at=now or utc_now(), differences=len(wrong), problems=problems))
        return RecountResult(noted.at, noted.differences, tuple(noted.problems))


def last_recount(session: Session) -> RecountResult | None:
    """The last check; None before the first."""
    noted = session.get(Recount, 1)
    return RecountResult(noted.at, noted.differences, tuple(noted.problems)) if noted is not None else None


# --- counting everything ---------------------------------------------------------------------------


def is_listed() -> list[ColumnElement[bool]]:
    """True of a contribution that is listed, looked up row by row: what ``Contribution.listed`` keeps."""
    merged = select(ContributionLink.from_id).where(ContributionLink.kind == MERGED)
    return [Contribution.erased_at.is_(None), Contribution.id.not_in(merged), ~non_contributions.withdrawn_condition()]


def _contributions(session: Session) -> Counts:
    common = (
        func.coalesce(Contribution.consultation_id, 0),
        Contribution.channel,
        Contribution.moderation,
        Contribution.reading,
    )
    every = select(*common, func.count()).where(*is_listed()).group_by(*common)
    tagged = (
        select(Tag.name, *common, func.count())
        .join(Contribution, Contribution.id == Tag.contribution_id)
        .where(Tag.removed.is_(False), *is_listed())
        .group_by(Tag.name, *common)
    )
    counted: Counts = Counter({("", *key): n for *key, n in session.execute(every)})
    counted.update({tuple(key): n for *key, n in session.execute(tagged)})
    return counted


def _kept_contributions(session: Session) -> Counts:
    tally = ContributionTally
    common = (tally.theme, tally.consultation_id, tally.channel, tally.moderation, tally.reading)
    return _summed(session, common, tally.n)


def _units(session: Session) -> Counts:
    counted: Counts = Counter()
    for bucket, kind, consultation_id, channel, n in session.execute(ledger.by_consultation_and_channel()):
        name = kept_counts.JUDGED + kind if bucket == Bucket.NOT_CONTRIBUTION else bucket
        counted[(name, consultation_id, channel)] += n
    return counted


def _kept_units(session: Session) -> Counts:
    return _summed(session, (UnitTally.bucket, UnitTally.consultation_id, UnitTally.channel), UnitTally.n)


def _summed(session: Session, common: tuple[Any, ...], n: Any) -> Counts:
    rows = session.execute(select(*common, func.sum(n)).group_by(*common))
    return Counter({tuple(key): int(total) for *key, total in rows if total})


def _wrong_columns(session: Session) -> dict[str, int]:
    """How many rows hold another value than the triggers' own rule gives."""
    listed = select(func.count()).where(Contribution.listed.is_(True))
    found = {
        "listed": abs((session.scalar(listed) or 0) - (session.scalar(select(func.count()).where(*is_listed())) or 0)),
        "origin": session.scalar(select(func.count()).where(Contribution.origin.is_distinct_from(origin_in_force()))),
    }
    for table, column, rule in (
        ("contribution", "listed", kept_counts.LISTED),
        ("part", "bucket", kept_counts.PART_BUCKET),
        ("intake", "bucket", kept_counts.INTAKE_BUCKET),
        ("intake", "scanned_batch", kept_counts.SCANNED_BATCH),
    ):
        wrong = f"SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM {rule}"  # noqa: S608 - names of ours
        found[f"{table}.{column}"] = session.scalar(text(wrong))
    return {name: n or 0 for name, n in found.items()}

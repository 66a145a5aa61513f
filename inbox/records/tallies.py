"""Counts that are kept and not counted, as pages read them.

The database's own triggers keep them (``inbox.migrations.kept_counts``) in the transaction that changes what they
count; ``inbox.listings.recount`` checks them against a count of everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.enums import Bucket, Channel, Moderation, NotContribution, Reading
from inbox.migrations.kept_counts import JUDGED
from inbox.models import ContributionTally, UnitTally
from inbox.storage.database import Store


@dataclass(frozen=True, slots=True)
class TallyRow:
    """How many listed contributions have all this in common."""

    consultation_id: int | None
    channel: Channel
    moderation: Moderation
    reading: Reading
    count: int


def contribution_tallies(session: Session, theme: str = "") -> list[TallyRow]:
    """The counts of all listed contributions, or of those with a tag: a few dozen rows, however many they count."""
    if "\0" in theme:  # PostgreSQL refuses it, and nothing is called so
        return []
    tally = ContributionTally
    common = (tally.consultation_id, tally.channel, tally.moderation, tally.reading)
    rows = session.execute(select(*common, func.sum(tally.n)).where(tally.theme == theme).group_by(*common))
    return [TallyRow(one or None, channel, state, reading, int(n)) for one, channel, state, reading, n in rows if n]


def unit_tallies(session: Session, consultation_id: int | None = None) -> Counter[tuple[str, Channel]]:
    """The counts of the ledger's units by bucket (as ``Part.bucket`` names it) and channel."""
    tally = UnitTally
    rows = select(tally.bucket, tally.channel, func.sum(tally.n)).group_by(tally.bucket, tally.channel)
    if consultation_id is not None:
        rows = rows.where(tally.consultation_id == consultation_id)
    return Counter({(bucket, channel): int(n) for bucket, channel, n in session.execute(rows) if n})


def bucket_counts(counts: Counter[tuple[str, Channel]]) -> dict[Bucket, int]:
    """How many units there are in each bucket."""
    found = dict.fromkeys(Bucket, 0)
    for (bucket, _channel), n in counts.items():
        found[Bucket.NOT_CONTRIBUTION if bucket.startswith(JUDGED) else Bucket(bucket)] += n
    return found


def judged_counts(counts: Counter[tuple[str, Channel]]) -> dict[NotContribution, int]:
    """How many units there are of each kind of which there is any, in the order of the kinds."""
    found: Counter[str] = Counter()
    for (bucket, _channel), n in counts.items():
        found[bucket] += n
    return {kind: found[JUDGED + kind.value] for kind in NotContribution if found[JUDGED + kind.value]}


# --- compacting -------------------------------------------------------------------------------------

_COMPACTED: Iterable[tuple[str, str]] = (
    ("contribution_tally", "theme, consultation_id, channel, moderation, reading"),
    ("unit_tally", "bucket, consultation_id, channel"),
)


def compact_tallies(store: Store) -> int:
    """Add up what PostgreSQL's transactions each wrote into rows of their own; how many rows that spared.

    Rows of transactions that have not ended are not seen, and stay. SQLite keeps one row for each count anyway.
    """
    if store.engine.dialect.name == "sqlite":
        return 0
    spared = 0
    with store.read() as session:
        loose = any(session.scalar(select(one.slot).where(one.slot != 0).limit(1)) for one in _TABLES)
    if loose:
        with store.write() as session:
            for table, common in _COMPACTED:
                spared += session.scalar(text(_compacting(table, common))) or 0
                session.execute(text(f"DELETE FROM {table} WHERE n = 0 AND slot = 0"))  # noqa: S608 - names of ours
    return spared


_TABLES = (ContributionTally, UnitTally)


def _compacting(table: str, common: str) -> str:
    # Another one that compacts at the same time is passed by instead of waited for.
    return f"""
        WITH locked AS (SELECT ctid AS place FROM {table} WHERE slot <> 0 FOR UPDATE SKIP LOCKED),
        gone AS (DELETE FROM {table} WHERE ctid IN (SELECT place FROM locked) RETURNING *),
        added AS (
            INSERT INTO {table} ({common}, slot, n) SELECT {common}, 0, sum(n) FROM gone GROUP BY {common}
            ON CONFLICT ({common}, slot) DO UPDATE SET n = {table}.n + excluded.n)
        SELECT count(*) FROM gone"""  # noqa: S608 - names of ours

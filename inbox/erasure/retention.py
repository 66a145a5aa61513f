"""What is kept no longer: files and raw originals whose time is over, contributions after that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from inbox.consultations import archives
from inbox.erasure.erase import delete_medium_file, erase_intake, erase_original, erase_part, scrub_deleted_words
from inbox.models import Arrival, ConsultationArchive, Intake, Medium, Part, Tombstone
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.database import Store

REASON = "retention"
"""The reason history gives for what time erased."""

_AT_ONCE = 100
_RECENT = timedelta(hours=2)
"""Longer than the time between two runs, so that each erasure is scrubbed once more after it."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Ids of what is past its last day and still there."""

    media: tuple[int, ...] = ()
    """Files; what was read in them stays."""
    originals: tuple[int, ...] = ()
    """Intakes whose raw arrivals go; their parts stay."""
    parts: tuple[int, ...] = ()
    """Parts that go for good, with the contributions made of them."""

    @property
    def count(self) -> int:
        """How many things these are."""
        return len(self.media) + len(self.originals) + len(self.parts)


def list_expired(session: Session, today: date, limit: int = _AT_ONCE) -> Expired:
    """What is past its last day, at most ``limit`` of each kind; ``keep_until`` itself is still kept."""
    media = (
        select(Medium.id)
        .join(Part, Part.id == Medium.part_id)
        .where(Medium.keep_until < today, Medium.locator.is_not(None), Part.erased_at.is_(None))
    )
    there = (Arrival.sealed_raw, Arrival.locator, Arrival.archive_id)
    raw = select(Arrival.intake_id).where(or_(*(column.is_not(None) for column in there)))
    originals = select(Intake.id).where(Intake.keep_until < today, Intake.erased_at.is_(None), Intake.id.in_(raw))
    parts = select(Part.id).where(Part.keep_until < today, Part.erased_at.is_(None))
    return Expired(
        tuple(session.scalars(media.order_by(Medium.id).limit(limit))),
        tuple(session.scalars(originals.order_by(Intake.id).limit(limit))),
        tuple(session.scalars(parts.order_by(Part.id).limit(limit))),
    )


def erase_expired(store: Store, today: date) -> int:
    """Erase everything that is past its last day, in short transactions; how many things. To be run hourly.

    It also finishes what processes that were killed while erasing or storing had left undone.
    """
    count = 0
    while True:
        with store.write() as session:
            found = list_expired(session, today)
            _expire(session, found)
        count += found.count
        if not found.count:
            break
    archives.clear_archives(store)
    remove_orphans(store)
    if count or _erased_since(store, utc_now() - _RECENT):
        scrub_deleted_words(store)
    return count


def remove_orphans(store: Store, unchanged_for: timedelta = timedelta(days=1)) -> int:
    """Delete files no row names: their transaction was never committed, or they were erased; how many.

    Only old ones: the row of a new file may be just about to be committed.
    """
    old = set(store.media.locators(unchanged_for))
    with store.read() as session:
        for column in (Arrival.locator, Medium.locator, ConsultationArchive.locator):
            old.difference_update(session.scalars(select(column).where(column.is_not(None))))
    for locator in old:
        store.media.delete(locator)
    return len(old)


def _erased_since(store: Store, since: datetime) -> bool:
    with store.read() as session:
        return bool(session.scalar(select(exists().where(Tombstone.erased_at >= since))))


def _expire(session: Session, found: Expired) -> None:
    for part_id in found.parts:
        erase_part(session, part_id, None, REASON)
    for intake_id in found.originals:
        intake = session.get_one(Intake, intake_id)
        if intake.erased_at is not None:  # with the last of its parts, just now
            continue
        if session.scalar(select(Part.id).where(Part.intake_id == intake_id).limit(1)) is None:
            erase_intake(session, intake_id, None, REASON)  # nothing was ever made of it: it is its original
        else:
            erase_original(session, intake)
            history.record_event(session, f"intake:{intake_id}", "forget_original", details={"reason": REASON})
    for medium in session.scalars(select(Medium).where(Medium.id.in_(found.media), Medium.locator.is_not(None))):
        delete_medium_file(session, medium)
        history.record_event(session, f"part:{medium.part_id}", "forget_file", details={"reason": REASON})

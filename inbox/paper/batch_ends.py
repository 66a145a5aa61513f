"""The end of a batch: what is still to be done with its paper, what a person ticked, and what its forms said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.enums import BatchTick, MediumKind, PageEnd, Reading
from inbox.contributions import transcripts
from inbox.contributions.optimistic_locking import NotThere
from inbox.errors import InboxError
from inbox.models import BatchMark, DeskItem, Intake, Medium, Part, Person, ScannedPage
from inbox.models.column_types import utc_now
from inbox.paper import scanned_pages
from inbox.records import history
from inbox.storage.upsert import insert_if_new

LEAST_FORMS = 5
"""So few forms say what one person said: nothing is printed of them."""

STRANGERS = (PageEnd.LETTER, PageEnd.FOREIGN, PageEnd.UNREADABLE)
"""What may be somebody's private letter."""


class PaperStillNeeded(InboxError):
    """The paper is still needed."""

    remedy = "Do what the page lists, and have both boxes ticked by a person."


@dataclass(frozen=True, slots=True)
class BatchTicked:
    """Who ticked something, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """How far a batch is from its end."""

    being_read: int
    """Files and forms that machines are at."""
    to_scan_again: int
    to_key: int
    """Things that wait at the keying desk: whoever cannot read the picture looks at the paper."""
    marks: Mapping[BatchTick, BatchTicked]

    @property
    def is_read(self) -> bool:
        """Whether nobody needs the paper to read it."""
        return not (self.being_read or self.to_scan_again or self.to_key)

    @property
    def may_be_shredded(self) -> bool:
        """Whether nobody needs the paper any more at all."""
        return self.is_read and BatchTick.BACKUP in self.marks and BatchTick.VISA in self.marks


def batch_end_of(session: Session, batch_id: int) -> BatchEnd:
    """How far a batch is from its end."""
    seen = scanned_pages.batch_overview(session, batch_id)
    living = select(Part.id).join(Intake, Intake.id == Part.intake_id)
    living = living.where(Intake.scanned_batch == batch_id, Part.erased_at.is_(None), Part.not_contribution.is_(None))
    waiting = session.scalar(select(func.count()).select_from(living.where(Part.reading == Reading.WAITING).subquery()))
    to_key = session.scalar(
        select(func.count())
        .select_from(DeskItem)
        .where(DeskItem.batch_id == batch_id, DeskItem.is_open, DeskItem.part_id.in_(living))
    )
    marks = session.execute(
        select(BatchMark.what, Person.name, BatchMark.at)
        .join(Person, Person.id == BatchMark.person_id)
        .where(BatchMark.batch_id == batch_id)
    ).all()
    return BatchEnd(
        being_read=seen.open + (waiting or 0),
        to_scan_again=len(seen.to_mend),
        to_key=to_key or 0,
        marks={what: BatchTicked(name, at) for what, name, at in marks},
    )


def tick_batch(session: Session, batch_id: int, what: BatchTick, by: int) -> None:
    """Let a person tick something; raises ``PaperStillNeeded`` where paper would be shredded that is still needed."""
    if what is BatchTick.SHREDDED and not batch_end_of(session, batch_id).may_be_shredded:
        raise PaperStillNeeded(f"batch {batch_id}")
    if insert_if_new(session, BatchMark, batch_id=batch_id, what=what, person_id=by, at=utc_now()):
        history.record_event(session, f"intake:{batch_id}", f"batch_{what}", by)


def untick_batch(session: Session, batch_id: int, what: BatchTick, by: int) -> None:
    """Take a tick back; what is shredded stays shredded."""
    if what is BatchTick.SHREDDED or BatchTick.SHREDDED in batch_end_of(session, batch_id).marks:
        raise PaperStillNeeded(f"batch {batch_id}")
    session.execute(delete(BatchMark).where(BatchMark.batch_id == batch_id, BatchMark.what == what))
    history.record_event(session, f"intake:{batch_id}", f"batch_{what}_taken_back", by)


def possible_private_letter(session: Session, batch_id: int, page_id: int) -> int:
    """The part of a page that may be somebody's private letter; raises ``NotThere``."""
    row = session.execute(
        select(ScannedPage)
        .join(Intake, Intake.id == ScannedPage.intake_id)
        .where(ScannedPage.id == page_id, Intake.scanned_batch == batch_id, ScannedPage.ending.in_(STRANGERS))
    ).scalar_one_or_none()
    if row is None or row.part_id is None:
        raise NotThere(f"page {page_id}")
    return row.part_id


# --- what its forms said ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoxCounts:
    """What the forms of a batch said: how many there were, and how often each box was ticked."""

    forms: int
    boxes: tuple[tuple[str, int], ...]
    """Labels as they were printed, the most ticked first; empty where there are too few forms."""
    written: int
    """On how many of them somebody wrote."""


def count_ticked_boxes(session: Session, batch_id: int) -> BoxCounts:
    """What the forms of a batch said, as far as machines and the keying desk have read their boxes."""
    media = session.execute(
        select(Medium.id, Medium.kind, Medium.part_id)
        .join(Part, Part.id == Medium.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(Intake.scanned_batch == batch_id, Part.erased_at.is_(None), Part.not_contribution.is_(None))
        .where(Medium.kind.in_((MediumKind.FORM, MediumKind.ZONE)), Medium.discarded_at.is_(None))
    ).all()
    endings = scanned_pages.page_ends_of_parts(session, batch_id)
    forms = {
        part_id
        for _id, kind, part_id in media
        if kind is MediumKind.FORM and scanned_pages.is_form(endings.get(part_id))
    }
    written = {part_id for _id, kind, part_id in media if kind is MediumKind.ZONE}
    if len(forms) < LEAST_FORMS:
        return BoxCounts(len(forms), (), len(written))
    ticked = Counter(_ticked(session, [one for one, kind, _part in media if kind is MediumKind.FORM]))
    return BoxCounts(len(forms), tuple(ticked.most_common()), len(written))


def _ticked(session: Session, medium_ids: Sequence[int]) -> list[str]:
    found = []
    for one in transcripts.latest_transcripts(session, medium_ids).values():
        sheet = transcripts.sheet_geometry(session, one) or {}
        boxes = sheet.get("boxes", ())
        found += [str(box.get("label") or box["key"]) for box in boxes if box["state"] == "ticked"]
    return found

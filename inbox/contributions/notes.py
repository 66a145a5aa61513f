"""Notes: what moderators tell each other about a contribution; nobody else ever sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.contributions.optimistic_locking import MERGED, lock_for_change
from inbox.errors import InboxError
from inbox.models import Contribution, ContributionLink, Note, Person
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

LONGEST = 4_000
"""Characters of a note."""


class BadNote(InboxError):
    """A note without a word, or one that is far too long."""

    remedy = f"Write up to {LONGEST} characters."


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note."""

    id: int
    body: str
    by: str
    at: datetime


def add_note(session: Session, contribution_id: int, body: str, by: int) -> None:
    """Add a note; raises BadNote, NotThere."""
    clean = body.strip()
    if not clean or len(clean) > LONGEST or "\0" in clean:
        raise BadNote(f"a note of {len(clean)} characters")
    contribution = lock_for_change(session, contribution_id)
    row = Note(contribution_id=contribution_id, person_id=by, sealed_body=b"")
    session.add(row)
    session.flush()
    row.sealed_body = vault_of(session).seal_text(session, contribution.key_id, clean, place_of(Note.sealed_body, row))
    history.record_event(session, f"contribution:{contribution_id}", "noted", by)


def notes_of(session: Session, contribution_id: int) -> list[NoteLine]:
    """The notes of a contribution and of those that were merged into it, the latest first."""
    merged = select(ContributionLink.from_id).where(
        ContributionLink.to_id == contribution_id, ContributionLink.kind == MERGED
    )
    rows = session.execute(
        select(Note, Person.name, Contribution.key_id)
        .join(Person, Person.id == Note.person_id)
        .join(Contribution, Contribution.id == Note.contribution_id)
        .where((Note.contribution_id == contribution_id) | Note.contribution_id.in_(merged))
        .order_by(Note.id.desc())
        .limit(100)
    ).all()
    vault = vault_of(session)
    opened = (
        (note, name, vault.text_if_kept(session, key_id, note.sealed_body, place_of(Note.sealed_body, note)))
        for note, name, key_id in rows
    )
    return [NoteLine(note.id, body, name, note.at) for note, name, body in opened if body is not None]


def delete_notes(session: Session, contribution_id: int) -> None:
    """Every note about a contribution goes, because it is erased."""
    session.execute(delete(Note).where(Note.contribution_id == contribution_id))

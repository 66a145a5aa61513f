"""Forms of ours that came with a message, as a photo or an attachment: read as those of a batch are.

One form is its message's own: its boxes and zones become the message's, and the number of its slip leads to it. Of
several, each is a contribution of its own and nobody's: who sends other people's forms does not speak for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.enums import Channel, NotContribution
from gateway.ingest.rescanned_sheets import match_known_sheets
from gateway.intake.contribute import (
    SLIP_TAKEN,
    NewPart,
    attach_slip_reference,
    create_contributions,
    schedule_orphan_deletion,
)
from gateway.intake.part_media import add_media, save_transcript
from gateway.intake.part_sealing import seal_parts
from gateway.reading.form_parts import Layouts, parts_of_copies
from gateway.reading.form_sheets import sort_pages
from inbox.contributions import text_versions
from inbox.models import Contribution, Part
from inbox.records import intake_lookup
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from transcription.base.values import Transcript
from transcription.forms.scanned import ScannedPage

TAKEN = "forms"
"""The engine of a medium that was nothing but forms, whose words are those of their own media."""
CAME_BEFORE = "The form in this message came before, under the number of its slip."
SEVERAL = "Several forms came with this message: each is a contribution of its own."
SAID = (CAME_BEFORE, SEVERAL)
"""Every reason this can give."""


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page of a message's medium, with what was looked for on it."""

    medium_id: int
    scanned: ScannedPage


@dataclass(frozen=True, slots=True)
class AttachedForms:
    """The copies of forms in a message, sealed, and the pages that are theirs, by medium and number."""

    copies: tuple[NewPart, ...] = ()
    pages: frozenset[tuple[int, int]] = frozenset()


def find_attached_forms(pages: Sequence[OpenedPage], layouts: Layouts) -> AttachedForms:
    """The forms among a message's pages, whatever their order."""
    # Pages of several files are one heap: two photos of a sheet are its two sides.
    by_number = dict(enumerate(pages, 1))
    heap = [replace(one.scanned, image=replace(one.scanned.image, number=number)) for number, one in by_number.items()]
    found = sort_pages(heap)
    copies = tuple(one for one in found.copies if not any(side.code.test for side in one.sides.values()))
    taken = {side.page.image.number for one in copies for side in one.sides.values()}
    taken |= {side.page.image.number for side in found.twice} if copies else set()
    parts = parts_of_copies(copies, layouts)
    told = tuple(replace(part, key=f"form-{part.key}") for part in parts)
    return AttachedForms(told, frozenset((by_number[at].medium_id, by_number[at].scanned.image.number) for at in taken))


def seal_attached_forms(store: Store, part_id: int, found: AttachedForms) -> AttachedForms:
    """The same with their files sealed: a single one's with the message's own key."""
    if not found.copies:
        return found
    with store.read() as session:
        part = session.get_one(Part, part_id)
        copies = match_known_sheets(session, part.intake_id, found.copies)
        key = vault_of(session).key_of(session, part.key_id)
    own = {one.key: key for one in copies} if len(copies) == 1 else {}
    return replace(found, copies=tuple(seal_parts(store.vault, copies, own)))


def ingest_attached_forms(session: Session, part_id: int, found: AttachedForms) -> bool:
    """Make the forms what they are; whether something of them is still to be read."""
    if not found.copies:
        return False
    schedule_orphan_deletion(session, found.copies)
    for medium_id in {medium for medium, _number in found.pages}:
        save_transcript(session, medium_id, Transcript(TAKEN, "", None, (), 0.0))
    part = session.get_one(Part, part_id)
    if len(found.copies) > 1:
        _take_in_apart(session, part, found.copies)
        part.reading_reason = text_versions.join_reasons(part.reading_reason, SEVERAL)
        return False
    return _take_in_here(session, part, found.copies[0])


def _take_in_here(session: Session, part: Part, new: NewPart) -> bool:
    if new.not_contribution is NotContribution.DUPLICATE_PAGE:
        part.reading_reason = text_versions.join_reasons(part.reading_reason, CAME_BEFORE)
        return False
    last = intake_lookup.last_medium_position(session, part.id)
    add_media(session, part, new.media, first=last + 1)
    reasons = [new.needs_person, SLIP_TAKEN if new.goes_with else None]
    part.reading_reason = text_versions.join_reasons(part.reading_reason, *reasons)
    contribution_id = intake_lookup.contribution_of_part(session, part.id)
    if new.reference is not None and contribution_id is not None:
        attach_slip_reference(session, new.reference, part, session.get_one(Contribution, contribution_id))
    return True


def _take_in_apart(session: Session, part: Part, copies: Sequence[NewPart]) -> None:
    for contribution_id in create_contributions(
        session, part.intake_id, [replace(one, channel=Channel.PAPER) for one in copies]
    ):
        if contribution_id is not None:
            contribution = session.get_one(Contribution, contribution_id)
            contribution.contributor_id = None
            for own in contribution.parts:
                own.contributor_id = None

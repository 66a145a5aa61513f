"""What becomes of the forms of a scanned file that has grown since they were made.

Nobody is counted twice: a form keeps its part, its contribution and its reference, and gets its pages anew.
What a person has decided or worded is left as it is, and a person is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.enums import MediumKind, Moderation, NotContribution, Reading, SetAsideReason
from gateway.intake.contribute import NewPart, attach_slip_reference, begin_contribution, schedule_orphan_deletion
from gateway.intake.part_media import NewMedium, add_media, schedule_readings
from inbox.contributions import text_versions
from inbox.errors import Destroyed, NotStored
from inbox.models import Intake, Part
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.paper import keying_desk, scan_lookup
from inbox.paper.withdrawal import exclude_part
from inbox.records import history, intake_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

LEFT = "The scanned file has grown since some of its forms were decided: compare them with the file as it now is."
"""Why a person has to look."""

LEFT_AS_IT_WAS = "left_as_it_was"

_PAGES = (MediumKind.PAGE, MediumKind.FORM, MediumKind.ATTACHMENT)

Pages = tuple[str, ...]
"""SHA-256 (hex) of each page of a form."""


@dataclass(frozen=True, slots=True)
class GrownScanOutcome:
    """What was made of the forms there were."""

    left: tuple[int, ...] = ()
    """Parts that a person has worked on and whose pages are others now."""


def has_grown(session: Session, intake_id: int) -> bool:
    """Whether a scanned file was taken in again, grown."""
    return scan_lookup.count_files(session, intake_id) > 1


def pages_by_form(session: Session, intake_id: int) -> dict[str, Pages]:
    """The pages of each form there is, by part key, as far as they are kept."""
    known = scan_lookup.parts_by_key(session, intake_id)
    return {key: tuple(_digests(session, part)) for key, part in known.items() if part.erased_at is None}


def _digests(session: Session, part: Part) -> Iterator[str]:
    for medium in scan_lookup.live_media(session, part.id):
        # A page image made of another medium is no page of the file's own.
        if medium.kind not in _PAGES or medium.sealed_source is not None or medium.locator is None:
            continue
        hashed = hashlib.sha256()
        try:
            for piece in vault_of(session).read_file(session, part.key_id, medium.locator):
                hashed.update(piece)
        except (Destroyed, NotStored):
            continue
        yield hashed.hexdigest()


def _new_pages(media: Sequence[NewMedium]) -> Pages:
    return tuple(_digest(one) for one in media if one.kind in _PAGES)


def _digest(medium: NewMedium) -> str:
    if medium.stored is not None:
        return medium.stored.digest
    source = medium.source
    return hashlib.sha256(source.read_bytes() if isinstance(source, Path) else source or b"").hexdigest()


def existing_form_keys(session: Session, intake_id: int, parts: Sequence[NewPart], whole_file: str) -> dict[str, bytes]:
    """The keys that seal the pages of forms already here, by part key; chosen as ``update_existing_forms`` chooses."""
    vault = vault_of(session)
    parts_there = scan_lookup.parts_by_key(session, intake_id)
    known = {part_key: part for part_key, part in parts_there.items() if part.erased_at is None}
    keys = {part_key: vault.key_of(session, part.key_id) for part_key, part in known.items()}
    heir = _heir(session, known, parts, whole_file)
    if heir is not None:
        keys[heir.key] = keys[whole_file]
    return keys


def update_existing_forms(
    session: Session,
    intake_id: int,
    parts: Sequence[NewPart],
    pages: Mapping[str, Pages],
    whole_file: str,
    read_anew: Collection[str] = (),
) -> GrownScanOutcome:
    """Give existing forms their pages anew, where these have changed; the others are left to ``create_contributions``.

    ``pages`` are those of ``pages_by_form``, ``whole_file`` the key of a file that could not be
    split. Those of ``read_anew`` (part keys) are made anew though their pages are the same, because a person
    has typed in which form they are of. Done again, it finds the pages as they are.
    """
    schedule_orphan_deletion(session, parts)
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None:
        return GrownScanOutcome()
    known = scan_lookup.parts_by_key(session, intake_id)
    pages = dict(pages)
    _take_over(session, known, parts, pages, whole_file)
    if read_anew:
        _give_up(session, known, {new.key for new in parts})
    left = []
    for new in parts:
        part = known.get(new.key)
        if part is None or part.erased_at is not None:
            continue
        # Of pages that are kept no longer nobody can say whether they have changed.
        if new.key not in read_anew and pages.get(new.key) in (None, (), _new_pages(new.media)):
            continue
        if new.not_contribution is not None:
            # A page that was there does not become blank by growing; but it may turn out to have been scanned twice.
            if new.key in read_anew and not scan_lookup.is_touched(session, part.id):
                exclude_part(session, part, new.not_contribution)
            continue
        if scan_lookup.is_touched(session, part.id):
            left.append(part.id)
        else:
            _renew(session, intake, part, new)
    for part_id in left:
        _note_left(session, part_id)
    return GrownScanOutcome(tuple(left))


def _give_up(session: Session, known: Mapping[str, Part], keys: Collection[str]) -> None:
    """Count parts no more whose pages all stand in other parts now: a sheet's other side was found."""
    for part_key, part in known.items():
        if part_key not in keys and part.erased_at is None and not scan_lookup.is_touched(session, part.id):
            exclude_part(session, part, NotContribution.SUPERSEDED)


def _note_left(session: Session, part_id: int) -> None:
    for contribution in text_versions.lock_contributions_of(session, part_id):
        subject = f"contribution:{contribution.id}"
        if not any(entry.action == LEFT_AS_IT_WAS for entry in history.history_of(session, subject, limit=1)):
            history.record_event(session, subject, LEFT_AS_IT_WAS)


def _take_over(
    session: Session,
    known: dict[str, Part],
    parts: Sequence[NewPart],
    pages: dict[str, Pages],
    whole_file: str,
) -> None:
    """Where the file as a whole stood before a person, let its first new form take that place, and its reference."""
    if not _gives_way(session, known, parts, whole_file):
        return
    part, fresh = known[whole_file], _heir(session, known, parts, whole_file)
    if fresh is None:
        _supersede(session, part)
        return
    _rename(session, part, fresh.key)
    known[fresh.key] = known.pop(whole_file)
    pages[fresh.key] = pages.pop(whole_file, ())
    session.flush()


def _rename(session: Session, part: Part, part_key: str) -> None:
    """Call a part otherwise; what is sealed in its row is bound to its key."""
    vault = vault_of(session)
    body = vault.text_if_kept(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part))
    aside = vault.json_if_kept(session, part.key_id, part.sealed_aside, place_of(Part.sealed_aside, part))
    part.part_key = part_key
    if body is not None:
        part.sealed_body = vault.seal_text(session, part.key_id, body, place_of(Part.sealed_body, part))
    if aside is not None:
        part.sealed_aside = vault.seal_json(session, part.key_id, aside, place_of(Part.sealed_aside, part))


def _gives_way(session: Session, known: Mapping[str, Part], parts: Sequence[NewPart], whole_file: str) -> bool:
    """Whether the file as a whole stood before a person, who has not touched it, and its forms are there now."""
    part = known.get(whole_file)
    if part is None or part.erased_at is not None or any(new.key == whole_file for new in parts):
        return False
    return not scan_lookup.is_touched(session, part.id)


def _heir(session: Session, known: Mapping[str, Part], parts: Sequence[NewPart], whole_file: str) -> NewPart | None:
    """The new form that takes the place of the file as a whole."""
    if not _gives_way(session, known, parts, whole_file):
        return None
    return next((new for new in parts if new.key not in known and new.not_contribution is None), None)


def _supersede(session: Session, part: Part) -> None:
    """Count a part no more whose words all stand in other parts."""
    if part.not_contribution is not None:
        return
    contributions = text_versions.lock_contributions_of(session, part.id)
    part.not_contribution, part.reading, part.reading_reason = NotContribution.SUPERSEDED, Reading.READ, None
    session.flush()
    for contribution in contributions:
        contribution.moderation, contribution.set_aside_reason = Moderation.SET_ASIDE, SetAsideReason.DUPLICATE
        text_versions.settle_contribution(session, contribution)
        history.record_event(session, f"contribution:{contribution.id}", "superseded")


def _renew(session: Session, intake: Intake, part: Part, new: NewPart) -> None:
    """Put the new pages in the place of the old ones, and have them read."""
    contributions = text_versions.lock_contributions_of(session, part.id)
    for medium in scan_lookup.live_media(session, part.id):
        medium.discarded_at = utc_now()
        keying_desk.withdraw_tasks(session, medium.id)
    add_media(session, part, new.media, first=intake_lookup.last_medium_position(session, part.id) + 1)
    part.not_contribution = None
    part.reading = Reading.NEEDS_PERSON if new.needs_person else Reading.WAITING
    part.reading_reason = new.needs_person[:255] if new.needs_person else None
    session.flush()
    schedule_readings(session, part)
    if not contributions:  # it was blank before
        contributions = [begin_contribution(session, intake, part, new.reference)]
    for contribution in contributions:
        if new.reference is not None:
            attach_slip_reference(session, new.reference, part, contribution)
        history.record_event(session, f"contribution:{contribution.id}", "grown")
    text_versions.settle_part(session, part.id)

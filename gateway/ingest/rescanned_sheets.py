"""Sheets of which a side came before in another file: photographed side by side, or scanned once more.

Looked up before anything is saved; ``check_references_unchanged`` tells in the transaction whether it still holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from config.enums import Moderation, NotContribution, PageEnd, TextOrigin
from gateway.intake.contribute import NewPart
from gateway.reading.form_parts import MISSING_SIDE
from inbox.contributions import text_versions, transcripts
from inbox.errors import Overtaken
from inbox.models import Contribution, Part, Reference
from inbox.paper import scan_lookup, scanned_pages
from inbox.storage.unit_of_work import Session
from transcription.forms.likeness import Likeness, likeness

Strokes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What came under a number before: the part it leads to, its contribution, and its sides."""

    part_id: int
    contribution_id: int
    sides: Mapping[int, Strokes]


def match_known_sheets(session: Session, intake_id: int, parts: Sequence[NewPart]) -> list[NewPart]:
    """The same parts: sides scanned once more as duplicates, missing sides as what goes on with their sheet."""
    return [_beside(new, _known(session, intake_id, new)) for new in parts]


def _known(session: Session, intake_id: int, new: NewPart) -> _Known | None:
    if new.reference is None or new.not_contribution is not None:
        return None
    slip = session.get(Reference, new.reference)
    part = session.get(Part, slip.part_id) if slip is not None and slip.part_id is not None else None
    if slip is None or part is None or slip.contribution_id is None or part.intake_id == intake_id:
        return None
    contribution = session.get_one(Contribution, slip.contribution_id)
    untouched = contribution.moderation is Moderation.IN_REVIEW and contribution.origin is not TextOrigin.PERSON
    if part.erased_at is not None or part.not_contribution is not None or not untouched:
        return None
    return _Known(part.id, contribution.id, _sides(session, contribution.id))


def _sides(session: Session, contribution_id: int) -> dict[int, Strokes]:
    """The sides of a form that a contribution has, with what is drawn on each."""
    found: dict[int, Strokes] = {}
    for one in transcripts.latest_transcripts(session, scan_lookup.form_sides(session, contribution_id)).values():
        sheet: dict[str, Any] = transcripts.sheet_geometry(session, one) or {}
        if "page" in sheet:
            found[int(sheet["page"])] = sheet.get("strokes") or {}
    return found


def _beside(new: NewPart, known: _Known | None) -> NewPart:
    if known is None:
        return new
    sides = {int(str(m.more["page"])): m.more.get("strokes") or {} for m in new.media if "page" in m.more}
    shared = sides.keys() & known.sides.keys()
    if shared == sides.keys() and all(_is_same(known.sides[page], sides[page]) for page in shared):
        ended = tuple((number, PageEnd.DUPLICATE) for number, _ending in new.pages)
        return replace(new, not_contribution=NotContribution.DUPLICATE_PAGE, needs_person=None, pages=ended)
    if shared:
        return new  # other ink under the same number: a photocopy, which a person looks at
    complete = set(new.missing_sides) <= known.sides.keys()
    reasons = (new.needs_person or "").replace(MISSING_SIDE, "").strip() if complete else new.needs_person
    ended = tuple((number, PageEnd.FORM if complete else ending) for number, ending in new.pages)
    goes_with = (known.part_id, known.contribution_id)
    return replace(new, reference=None, goes_with=goes_with, needs_person=reasons or None, pages=ended)


def _is_same(known: Any, new: Any) -> bool:
    if not known and not new:
        return True  # both are empty
    return likeness(known, new) is Likeness.SAME


def check_references_unchanged(session: Session, parts: Sequence[NewPart]) -> None:
    """Raise ``Overtaken`` where a number leads elsewhere by now than when it was looked up: it is looked up anew."""
    for new in parts:
        if new.goes_with is None:
            continue
        part_id, contribution_id = new.goes_with
        part = session.get(Part, part_id, with_for_update=True, populate_existing=True)
        contribution = session.get(Contribution, contribution_id)
        if part is None or part.not_contribution is not None or part.erased_at is not None or contribution is None:
            raise Overtaken("the sheet's other side is not there any more")
        if contribution.moderation is not Moderation.IN_REVIEW:
            raise Overtaken("the sheet's other side has been decided about")


def complete_existing_sheets(session: Session, parts: Sequence[NewPart]) -> None:
    """Let the sides that were there miss nothing any more, where their sheet is complete now."""
    for new in parts:
        if new.goes_with is None or any(ending is PageEnd.MISSING_SIDE for _number, ending in new.pages):
            continue
        part_id, _contribution_id = new.goes_with
        text_versions.clear_step_reason(session, part_id, MISSING_SIDE)
        scanned_pages.complete_sheet(session, part_id)
        text_versions.settle_part(session, part_id)

"""Copies of recordings and pages in which what is masked can be neither heard nor read.

They are made and read again in steps, and follow the masks: while those change there is none. Officials get one only
after a moderator, who has heard or seen it, has let them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import false, or_, select, true
from sqlalchemy.orm import Session

from config.enums import MediumKind, Moderation, PersonalKind, StepKind
from inbox.contributions import masks, text_versions, transcripts
from inbox.contributions.masks import Mask
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.contributions.text_assembly import parts_of_contribution
from inbox.desk.covered_areas import MOST, Area, CoverOrder, parse_areas, transcript_coverage
from inbox.errors import InboxError
from inbox.jobs.enqueue import add_step
from inbox.models import Contribution, ContributionPart, MaskedCopy, Medium, Part, Transcript
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

STEP_OF = {
    MediumKind.RECORDING: StepKind.MASK_RECORDINGS,
    MediumKind.PAGE: StepKind.MASK_PAGES,
    MediumKind.PHOTO: StepKind.MASK_PAGES,
    MediumKind.ZONE: StepKind.MASK_PAGES,
}
"""The media of which there are copies, and the step that makes them."""


class CopyState(StrEnum):
    """How far a copy is."""

    MAKING = "making"
    MADE = "made"
    FAILED = "failed"


class CopyProblem(StrEnum):
    """Why a copy failed."""

    NOT_FOUND = "not_found"
    """A machine heard or read the masked words nowhere, so nothing tells where they are."""
    STILL_THERE = "still_there"
    """The copy was read again, and they are still in it."""


class NothingToShare(InboxError):
    """Letting officials hear or see a copy that is not there, or did not hold."""

    remedy = "Wait until the masked copy is made and was read again."


# --- following the masks ----------------------------------------------------------------------------


def update_copies(session: Session, contribution: Contribution) -> None:
    """Have copies made anew where what is masked has changed, and take away those that are out of date."""
    for part_id in _parts_of(session, contribution.id):
        for medium in _media(session, part_id):
            wanted = _masks_of(session, part_id)
            row = session.get(MaskedCopy, medium.id)
            if not wanted if row is None else _made_for(session, row) == wanted:
                continue
            _order(session, medium, row, wanted)


def request_copy(session: Session, contribution_id: int, medium_id: int) -> None:
    """Have a copy made of a medium in which nothing is masked yet, or made once more."""
    medium = _medium_of(session, contribution_id, medium_id)
    _order(session, medium, session.get(MaskedCopy, medium_id), _masks_of(session, medium.part_id))


class NothingDrawn(InboxError):
    """Covering by hand where no place was shown."""

    remedy = "Show the place first: draw it, or type where it is."


def areas_in_form(
    session: Session, contribution_id: int, values: Callable[[str], Sequence[str]]
) -> dict[int, list[Area]]:
    """What a form's fields ``area-<medium>`` cover, by medium; ``values`` gives the values of a field."""
    media = (one for part_id in _parts_of(session, contribution_id) for one in _media(session, part_id, unread=True))
    found = {one.id: parse_areas(one.kind, values(f"area-{one.id}")) for one in media}
    return {medium_id: areas for medium_id, areas in found.items() if areas}


def cover_areas(session: Session, contribution_id: int, medium_id: int, areas: Sequence[Area], by: int) -> None:
    """Cover these areas of a medium as well, and have its copy made anew; raises NothingToShare."""
    medium = _medium_of(session, contribution_id, medium_id, unread=True)
    row = session.get(MaskedCopy, medium_id)
    known = areas_of(session, row) if row is not None else []
    wanted = list(dict.fromkeys([*known, *areas]))[:MOST]
    if wanted != known:
        _order(session, medium, row, _masks_of(session, medium.part_id), wanted)
        history.record_event(session, f"contribution:{contribution_id}", "copy_covered", by)


def uncover_area(session: Session, contribution_id: int, medium_id: int, number: int, by: int) -> None:
    """Cover the area of this number (from 0) no more, and have the copy made anew; raises NothingToShare."""
    medium = _medium_of(session, contribution_id, medium_id, unread=True)
    row = session.get(MaskedCopy, medium_id)
    known = areas_of(session, row) if row is not None else []
    if not 0 <= number < len(known):
        raise NothingToShare(f"medium {medium_id} has no area {number}")
    left = [*known[:number], *known[number + 1 :]]
    _order(session, medium, row, _masks_of(session, medium.part_id), left)
    history.record_event(session, f"contribution:{contribution_id}", "copy_uncovered", by)


def areas_of(session: Session, row: MaskedCopy) -> list[Area]:
    """What a person covers by hand of a medium."""
    return [tuple(map(float, area)) for area in _ordered(session, row)["areas"]]


def _order(
    session: Session,
    medium: Medium,
    row: MaskedCopy | None,
    wanted: Sequence[Mask],
    areas: Sequence[Area] | None = None,
) -> None:
    """Have a copy made of a medium; what was covered by hand stays so where no ``areas`` are given."""
    if areas is None:
        areas = areas_of(session, row) if row is not None else ()
    key_id = session.get_one(Part, medium.part_id).key_id
    place = place_of(MaskedCopy.sealed_masks, {"medium_id": medium.id})
    ordered = {"masks": [[one.kind.value, one.words] for one in wanted], "areas": [list(area) for area in areas]}
    sealed = vault_of(session).seal_json(session, key_id, ordered, place)
    if row is None:
        row = MaskedCopy(medium_id=medium.id, state=CopyState.MAKING, places=0, sealed_masks=sealed)
        session.add(row)
    _take_away(session, row)
    row.state, row.problem, row.places, row.shared_by_id = CopyState.MAKING, None, 0, None
    row.sealed_masks, row.at = sealed, utc_now()
    session.flush()
    add_step(session, STEP_OF[medium.kind], part=medium.part_id, again=True)


def _take_away(session: Session, row: MaskedCopy) -> None:
    copy = session.get(Medium, row.copy_id) if row.copy_id is not None else None
    if copy is not None and copy.locator is not None:
        vault_of(session).delete_file(session, copy.locator)
        copy.locator = None


def _made_for(session: Session, row: MaskedCopy) -> list[Mask]:
    return [Mask(PersonalKind(kind), words) for kind, words in _ordered(session, row)["masks"]]


def _ordered(session: Session, row: MaskedCopy) -> dict[str, Any]:
    """The masks and areas that a copy was ordered for; of copies from before areas there were, masks alone."""
    part = session.get_one(Medium, row.medium_id).part
    kept = vault_of(session).json_if_kept(
        session, part.key_id, row.sealed_masks, place_of(MaskedCopy.sealed_masks, row)
    )
    return kept if isinstance(kept, dict) else {"masks": kept or [], "areas": []}


def _masks_of(session: Session, part_id: int) -> list[Mask]:
    """What is masked in any contribution that is made of a part."""
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    rows = session.scalars(
        select(Contribution)
        .where(Contribution.id.in_(made), Contribution.erased_at.is_(None))
        .order_by(Contribution.id)
    )
    return list(dict.fromkeys(mask for row in rows for mask in masks.masks_of(session, row)))


def _parts_of(session: Session, contribution_id: int) -> list[int]:
    return [part.id for part in parts_of_contribution(session, contribution_id)]


def _media(session: Session, part_id: int, *, unread: bool = False) -> list[Medium]:
    """The media of a part in which a machine has read words or a person covers something; ``unread`` ones too."""
    has_words = Medium.id.in_(select(Transcript.medium_id).where(Transcript.confidence.is_not(None)))
    rows = select(Medium).where(
        Medium.part_id == part_id,
        Medium.kind.in_(list(STEP_OF)),
        Medium.locator.is_not(None),
        Medium.discarded_at.is_(None),
        or_(true() if unread else false(), has_words, Medium.id.in_(select(MaskedCopy.medium_id))),
    )
    return list(session.scalars(rows.order_by(Medium.position)))


# --- for the steps ----------------------------------------------------------------------------------


def cover_orders(session: Session, part_id: int, step: StepKind) -> list[CoverOrder]:
    """What a step has to cover in a part, by the masks that the copies are ordered for."""
    beside = _beside(session, part_id)
    media = [one for each in beside for one in _media(session, each)]
    newest = transcripts.latest_transcripts(session, [one.id for one in media])
    said = {one.id: _words_of(session, newest.get(one.id)) for one in media}
    typed, wordings = _typed(session, beside), _wordings(session, part_id)
    found = []
    for medium in media:
        row = session.get(MaskedCopy, medium.id)
        ordered = row is not None and row.state == CopyState.MAKING and STEP_OF[medium.kind] is step
        if row is None or not ordered or medium.part_id != part_id:
            continue
        wanted = tuple(_made_for(session, row))
        elsewhere = {one for one in wanted if masks.mask_occurrences(typed, one)}
        for other, words in said.items():
            if other != medium.id:
                elsewhere |= transcript_coverage(words, wanted, wordings).found
        read = newest.get(medium.id)
        sheet = transcripts.sheet_geometry(session, read) if read is not None else None
        areas = tuple(areas_of(session, row))
        found.append(CoverOrder(medium.id, said[medium.id], sheet, wanted, wordings, frozenset(elsewhere), areas))
    return found


def _words_of(session: Session, transcript: Transcript | None) -> transcripts.Words:
    return transcripts.transcript_words(session, transcript) if transcript is not None else []


def _beside(session: Session, part_id: int) -> list[int]:
    """The parts of every contribution that is made of a part, that one included."""
    made_of = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    parts = select(ContributionPart.part_id).where(ContributionPart.contribution_id.in_(made_of)).distinct()
    return sorted(session.scalars(parts))


def _typed(session: Session, part_ids: Iterable[int]) -> str:
    """What residents typed in these parts."""
    vault, parts = vault_of(session), (session.get_one(Part, part_id) for part_id in part_ids)
    return "\n".join(
        vault.text_left(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part)) for part in parts
    )


def _wordings(session: Session, part_id: int) -> tuple[str, ...]:
    """What people typed as the words of a part: a machine may have heard a name otherwise."""
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    rows = session.scalars(select(Contribution).where(Contribution.id.in_(made), Contribution.erased_at.is_(None)))
    return tuple(version.body for row in rows for version in text_versions.list_versions(session, row) if version.body)


def is_in_media(session: Session, contribution: Contribution, mask: Mask) -> bool:
    """Whether a machine has heard or read a mask's words in the contribution's media."""
    media = [one for part_id in _parts_of(session, contribution.id) for one in _media(session, part_id)]
    newest = transcripts.latest_transcripts(session, [one.id for one in media])
    return any(
        transcript_coverage(transcripts.transcript_words(session, one), [mask], ()).places for one in newest.values()
    )


def mark_copy_failed(session: Session, medium_id: int, problem: CopyProblem) -> None:
    """No copy holds: a person is told why."""
    row = session.get_one(MaskedCopy, medium_id, with_for_update=True)
    _take_away(session, row)
    row.state, row.problem, row.at = CopyState.FAILED, problem, utc_now()


def previous_copy(session: Session, medium_id: int) -> Medium | None:
    """The medium in which the copy before was kept, to be used again."""
    row = session.get_one(MaskedCopy, medium_id)
    return session.get(Medium, row.copy_id) if row.copy_id is not None else None


def mark_copy_made(session: Session, medium_id: int, copy: Medium, places: int) -> None:
    """The copy is there, and was read again. Its time is over with that of its original."""
    row = session.get_one(MaskedCopy, medium_id, with_for_update=True)
    row.copy_id, row.state, row.problem, row.places, row.at = copy.id, CopyState.MADE, None, places, utc_now()
    copy.keep_until = session.get_one(Medium, medium_id).keep_until


# --- who gets them ----------------------------------------------------------------------------------


def copies_of(session: Session, medium_ids: Iterable[int]) -> dict[int, MaskedCopy]:
    """The copies of these media, whatever their state."""
    rows = session.scalars(select(MaskedCopy).where(MaskedCopy.medium_id.in_(list(medium_ids))))
    return {row.medium_id: row for row in rows}


def share_copy(session: Session, contribution_id: int, medium_id: int, by: int, *, shared: bool) -> None:
    """Let officials hear or see a copy once the contribution is published, or no longer; raises NothingToShare."""
    _medium_of(session, contribution_id, medium_id)
    row = session.get(MaskedCopy, medium_id, with_for_update=True)
    if row is None or row.state != CopyState.MADE:
        raise NothingToShare(f"medium {medium_id} has no masked copy")
    if (row.shared_by_id is not None) is shared:
        return
    row.shared_by_id = by if shared else None
    history.record_event(session, f"contribution:{contribution_id}", "copy_shared" if shared else "copy_unshared", by)


def shared_copies(session: Session, contribution: Contribution) -> list[tuple[Medium, Medium]]:
    """The originals and copies of a published contribution that officials may hear and see."""
    if contribution.moderation is not Moderation.PUBLISHED:
        return []
    parts = _parts_of(session, contribution.id)
    rows = session.scalars(
        select(Medium)
        .join(MaskedCopy, MaskedCopy.medium_id == Medium.id)
        .where(Medium.part_id.in_(parts), MaskedCopy.state == CopyState.MADE, MaskedCopy.shared_by_id.is_not(None))
        .order_by(Medium.part_id, Medium.position)
    )
    found = ((original, copy_for(session, original.id, originals=False)) for original in rows)
    return [(original, copy) for original, copy in found if copy is not None]


def copy_for(session: Session, medium_id: int, *, originals: bool) -> Medium | None:
    """The copy of a medium for somebody; for those who see no ``originals`` only where it is shared and published."""
    row = session.get(MaskedCopy, medium_id)
    if row is None or row.state != CopyState.MADE or row.copy_id is None:
        return None
    if not originals:
        part_id = session.get_one(Medium, medium_id).part_id
        made_of = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
        speaking = session.scalars(
            select(Contribution.moderation).where(Contribution.id.in_(made_of), Contribution.listed)
        ).all()
        # A recording split in two is given out when each of its contributions is published.
        if row.shared_by_id is None or not speaking or set(speaking) != {Moderation.PUBLISHED}:
            return None
    copy = session.get(Medium, row.copy_id)
    return copy if copy is not None and copy.locator is not None else None


def _medium_of(session: Session, contribution_id: int, medium_id: int, *, unread: bool = False) -> Medium:
    lock_for_change(session, contribution_id)
    medium = session.get(Medium, medium_id)
    if medium is None or medium not in [
        one for part_id in _parts_of(session, contribution_id) for one in _media(session, part_id, unread=unread)
    ]:
        raise NothingToShare(f"medium {medium_id} belongs to something else")
    return medium

"""Which parts a contribution is made of: joining, merging and splitting, and taking that back.

None of it changes how many voices are counted, because parts are counted, not contributions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import Moderation, Reading, TagSource, TextOrigin
from inbox.contributions import search_index, text_versions
from inbox.contributions.optimistic_locking import (
    MERGED,
    SPLIT,
    NotThere,
    Stale,
    lock_contributions,
    lock_for_change,
    merged_into,
)
from inbox.contributions.tags import tags_of
from inbox.errors import InboxError
from inbox.models import Contribution, ContributionLink, ContributionPart, Reference, Tag
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new


class CannotLink(InboxError):
    """Contributions that cannot be merged or split as they are."""

    remedy = "Reopen both first, and merge only what one person said in one consultation."


class NotSettled(InboxError):
    """A merge or split of texts of which one is still being read, or read by a machine and not confirmed."""

    remedy = "Wait until both have been read, and confirm or correct their texts first."


# --- joining -----------------------------------------------------------------------------------


def join_part(session: Session, contribution_id: int, part_id: int) -> None:
    """Make a part that just arrived a part of this contribution too; safe to repeat.

    Should somebody have published the contribution meanwhile, its new text reopens it.
    """
    lock_for_change(session, contribution_id)
    if insert_if_new(session, ContributionPart, contribution_id=contribution_id, part_id=part_id):
        history.record_event(session, _subject(contribution_id), "joined", details={"part": part_id})
        text_versions.settle_part(session, part_id)


# --- merging -----------------------------------------------------------------------------------


def merge(session: Session, into: int, other: int, by: int) -> Contribution:
    """Let ``into`` speak for ``other`` as well: its parts, references and tags; ``other`` leaves the list.

    Both must be in review and neither of them of a different person or consultation. Raises
    CannotLink, NotSettled, NotThere.
    """
    kept, gone = _take_pair(session, into, other)
    _check_mergeable(kept, gone)
    wording = _merged_wording(session, kept, gone)
    before = text_versions.current_text(session, kept)
    details = {
        "other": gone.id,
        "before": before.number if before else None,
        "parts": _part_ids(session, gone.id),
        "moved": _move_parts(session, gone, kept),
        "references": _move_references(session, gone.id, kept.id),
        "tags": _copy_tags(session, gone.id, kept.id),
        "version": text_versions.add_version(session, kept, wording, TextOrigin.PERSON, by) if wording else None,
    }
    session.add(ContributionLink(from_id=gone.id, to_id=kept.id, kind=MERGED))
    search_index.remove_from_index(session, gone.id)
    kept.revision += 1
    gone.revision += 1
    history.record_event(session, _subject(kept.id), "merge", by, details)
    history.record_event(session, _subject(gone.id), "merged_into", by, {"into": kept.id})
    text_versions.settle_contribution(session, kept)
    return kept


def _take_pair(session: Session, first: int, second: int) -> tuple[Contribution, Contribution]:
    found = {contribution.id: contribution for contribution in lock_contributions(session, [first, second])}
    for wanted in (first, second):
        if wanted not in found or found[wanted].erased_at is not None or merged_into(session, wanted) is not None:
            raise NotThere(f"contribution {wanted} is not there")
    return found[first], found[second]


def _check_mergeable(kept: Contribution, gone: Contribution) -> None:
    if kept.id == gone.id:
        raise CannotLink("a contribution cannot be merged into itself")
    for contribution in (kept, gone):
        if contribution.moderation is not Moderation.IN_REVIEW:
            raise CannotLink(f"contribution {contribution.id} is decided")
    for name in ("contributor_id", "consultation_id"):
        values = {getattr(kept, name), getattr(gone, name)} - {None}
        if len(values) > 1:
            raise CannotLink(f"contributions {kept.id} and {gone.id} differ in {name}")


def _merged_wording(session: Session, kept: Contribution, gone: Contribution) -> str | None:
    """Both texts, when a person worded one of them; None when the text is to be composed of the parts."""
    if not any(text_versions.last_person_version(session, contribution) for contribution in (kept, gone)):
        return None
    wordings = [text_versions.current_text(session, contribution) for contribution in (kept, gone)]
    if any(contribution.reading is Reading.WAITING for contribution in (kept, gone)) or any(
        wording is not None and wording.unconfirmed for wording in wordings
    ):
        # A person's wording covers every part there is: nobody may be made to vouch for what nobody has seen.
        raise NotSettled(f"the texts of contributions {kept.id} and {gone.id} cannot be put together yet")
    return "\n\n".join(wording.body for wording in wordings if wording is not None)


def _move_parts(session: Session, source: Contribution, target: Contribution) -> list[int]:
    """Move all parts; which ones ``target`` did not have already."""
    part_ids = _part_ids(session, source.id)
    moved = [
        part_id
        for part_id in part_ids
        if insert_if_new(session, ContributionPart, contribution_id=target.id, part_id=part_id)
    ]
    _unlink_parts(session, source.id, part_ids)
    return moved


def _part_ids(session: Session, contribution_id: int) -> list[int]:
    return list(
        session.scalars(
            select(ContributionPart.part_id)
            .where(ContributionPart.contribution_id == contribution_id)
            .order_by(ContributionPart.part_id)
        )
    )


def _unlink_parts(session: Session, contribution_id: int, part_ids: Iterable[int]) -> None:
    session.execute(
        delete(ContributionPart).where(
            ContributionPart.contribution_id == contribution_id, ContributionPart.part_id.in_(list(part_ids))
        )
    )


def _move_references(session: Session, source: int, target: int) -> list[str]:
    return list(
        session.scalars(
            update(Reference)
            .where(Reference.contribution_id == source)
            .values(contribution_id=target)
            .returning(Reference.number)
            .execution_options(synchronize_session=False)
        )
    )


def _copy_tags(session: Session, source: int, target: int) -> list[str]:
    """Copy what people put; what rules suggested is suggested anew from the merged text."""
    return [
        tag.name
        for tag in tags_of(session, [source]).get(source, [])
        if (tag.confirmed or tag.source is TagSource.PERSON)
        and insert_if_new(
            session,
            Tag,
            contribution_id=target,
            name=tag.name,
            source=tag.source,
            because=tag.because,
            confirmed=tag.confirmed,
            removed=False,
            person_id=tag.person_id,
        )
    ]


def unmerge(session: Session, kept: Contribution, details: Mapping[str, Any]) -> None:
    """Give the merged contribution back what was its own (``details`` of the line of history)."""
    gone = _take_back_other(session, kept.id, int(details["other"]))
    session.execute(
        delete(ContributionLink).where(
            ContributionLink.from_id == gone.id, ContributionLink.to_id == kept.id, ContributionLink.kind == MERGED
        )
    )
    # Older texts of the one keep the words of the other: erasing has to find them.
    insert_if_new(session, ContributionLink, from_id=gone.id, to_id=kept.id, kind=SPLIT, created_at=utc_now())
    _return_parts(session, kept, gone, details)
    session.execute(
        update(Reference).where(Reference.number.in_(details["references"])).values(contribution_id=gone.id)
    )
    session.execute(delete(Tag).where(Tag.contribution_id == kept.id, Tag.name.in_(details["tags"])))
    gone.revision += 1
    history.record_event(session, _subject(gone.id), "unmerged", details={"from": kept.id})
    if wording := text_versions.current_text(session, gone):
        search_index.index_text(session, gone.id, wording.body, gone.language)
    if details["version"]:
        text_versions.revert_text(session, kept, details)
    text_versions.settle_contribution(session, kept)
    text_versions.settle_contribution(session, gone)


def _take_back_other(session: Session, kept_id: int, other_id: int) -> Contribution:
    found = {contribution.id: contribution for contribution in lock_contributions(session, [kept_id, other_id])}
    other = found.get(other_id)
    if other is None or other.erased_at is not None:
        raise NotThere(f"contribution {other_id} has been erased")
    return other


def _return_parts(session: Session, kept: Contribution, gone: Contribution, details: Mapping[str, Any]) -> None:
    """Give back every part there still is; one that both were made of before stays with both."""
    there = set(_part_ids(session, kept.id)) & set(details["parts"])
    _unlink_parts(session, kept.id, there & set(details["moved"]))
    for part_id in sorted(there):
        insert_if_new(session, ContributionPart, contribution_id=gone.id, part_id=part_id)


# --- splitting ----------------------------------------------------------------------------------


def split_parts(
    session: Session, contribution_id: int, part_ids: Sequence[int], by: int, expect_revision: int | None = None
) -> Contribution:
    """Make some of the parts a contribution of their own; raises CannotLink, NotSettled, Stale, NotThere.

    Once a person has worded the whole, only its text can be split (``split_text``).
    """
    whole = _take_whole(session, contribution_id, expect_revision)
    own, wanted = set(_part_ids(session, whole.id)), set(part_ids)
    if not wanted or not wanted < own:
        raise CannotLink(f"some, and not all, of the parts {sorted(own)} can be split off, not {sorted(wanted)}")
    if text_versions.last_person_version(session, whole) is not None:
        raise NotSettled(f"contribution {whole.id} has been worded as a whole")
    piece = _new_piece(session, whole)
    _unlink_parts(session, whole.id, wanted)
    for part_id in sorted(wanted):
        insert_if_new(session, ContributionPart, contribution_id=piece.id, part_id=part_id)
    details = {"pieces": [piece.id], "parts": sorted(wanted), "version": None, "before": None}
    _record_split(session, whole, details, by)
    text_versions.settle_contribution(session, whole)
    text_versions.settle_contribution(session, piece)
    return piece


def split_text(
    session: Session, contribution_id: int, bodies: Sequence[str], by: int, expect_revision: int | None = None
) -> list[Contribution]:
    """Divide what was said into several contributions, worded by a person, that share the same parts and originals.

    The first wording stays with the contribution; the others are new ones, which are returned.
    Raises CannotLink, NotSettled, Stale, NotThere.
    """
    whole = _take_whole(session, contribution_id, expect_revision)
    if len(bodies) < 2 or not all(body.strip() for body in bodies):
        raise CannotLink("a text is split into two texts at least, none of them empty")
    if whole.reading is Reading.WAITING:
        raise NotSettled(f"contribution {whole.id} is still being read")
    before = text_versions.current_text(session, whole)
    part_ids = _part_ids(session, whole.id)
    pieces = []
    for body in bodies[1:]:
        piece = _new_piece(session, whole)
        for part_id in part_ids:
            insert_if_new(session, ContributionPart, contribution_id=piece.id, part_id=part_id)
        text_versions.add_version(session, piece, body, TextOrigin.PERSON, by)
        pieces.append(piece)
    details = {
        "pieces": [piece.id for piece in pieces],
        "parts": [],
        "version": text_versions.add_version(session, whole, bodies[0], TextOrigin.PERSON, by),
        "before": before.number if before else None,
    }
    _record_split(session, whole, details, by)
    for contribution in (whole, *pieces):
        text_versions.settle_contribution(session, contribution)
    return pieces


def _take_whole(session: Session, contribution_id: int, expect_revision: int | None) -> Contribution:
    whole = lock_for_change(session, contribution_id, expect_revision)
    if whole.moderation is not Moderation.IN_REVIEW:
        raise CannotLink(f"contribution {whole.id} is decided")
    return whole


def _new_piece(session: Session, whole: Contribution) -> Contribution:
    piece = Contribution(
        consultation_id=whole.consultation_id,
        channel=whole.channel,
        contributor_id=whole.contributor_id,
        key_id=vault_of(session).new_key(session).id,
        language=whole.language,
        created_at=whole.created_at,
    )
    session.add(piece)
    session.flush()
    session.add(ContributionLink(from_id=piece.id, to_id=whole.id, kind=SPLIT))
    references.issue_reference(session, contribution=piece.id)
    return piece


def _record_split(session: Session, whole: Contribution, details: Mapping[str, Any], by: int) -> None:
    whole.revision += 1
    history.record_event(session, _subject(whole.id), "split", by, details)
    for piece_id in details["pieces"]:
        history.record_event(session, _subject(piece_id), "split_from", by, {"from": whole.id})


def unsplit(session: Session, whole: Contribution, details: Mapping[str, Any]) -> None:
    """Take the pieces back into the whole (``details`` of the line of history); Stale when one was worked on since."""
    pieces = [p for p in lock_contributions(session, [whole.id, *details["pieces"]]) if p.id != whole.id]
    for piece in pieces:
        newest = history.history_of(session, _subject(piece.id), limit=1)
        if piece.erased_at is not None or not newest or newest[0].action != "split_from":
            raise Stale(f"contribution {piece.id} was changed since it was split off")
        _move_parts(session, piece, whole)
        _move_references(session, piece.id, whole.id)
        session.add(ContributionLink(from_id=piece.id, to_id=whole.id, kind=MERGED))
        search_index.remove_from_index(session, piece.id)
        piece.revision += 1
        history.record_event(session, _subject(piece.id), "merged_into", details={"into": whole.id})
    if details["version"]:
        text_versions.revert_text(session, whole, details)
    text_versions.settle_contribution(session, whole)


def _subject(contribution_id: int) -> str:
    return f"contribution:{contribution_id}"

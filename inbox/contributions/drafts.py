"""What people typed at the desk and have not saved: kept until it is saved, thrown away or erased, and shown again.

A draft belongs to one person and one opened page of a contribution, so that neither two tabs nor two
people overwrite each other. It is sealed with the contribution's key: whatever erases the one destroys the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.contributions import text_versions
from inbox.contributions.optimistic_locking import MERGED, lock_contributions, merged_into
from inbox.errors import Destroyed
from inbox.models import Contribution, ContributionLink, Draft, Person, TextVersion
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of


@dataclass(frozen=True, slots=True)
class DraftSheet:
    """One page of a contribution, as it was opened by one person: where what is typed on it belongs."""

    contribution_id: int
    person_id: int
    name: str
    """Random, at most 32 characters: what tells this page from any other."""
    based_on: int = 0
    """Number of the version of the text it showed; 0 for none."""
    continues: tuple[int, int] | None = None
    """Id and number of the draft that stood in its box, which what is typed on it goes on with."""


class DraftOutcome(Enum):
    """What became of a text that was handed in."""

    NEW = "new"
    KNOWN = "known"  # it, or something newer, was here already
    GONE = "gone"  # its contribution was erased: nothing may be kept


@dataclass(frozen=True, slots=True)
class TypedDraft:
    """One draft."""

    id: int
    person_id: int
    by: str
    body: str
    sheet: str
    number: int
    based_on: int
    at: datetime


def normalise_typed_text(body: str) -> str:
    """A text as a browser sends back what it was shown: one kind of line break, no blank ends, no NUL."""
    return body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()


def save_draft(session: Session, sheet: DraftSheet, body: str, number: int | None = None) -> DraftOutcome:
    """Keep what stands in the box of a page.

    ``number`` rises with what is typed, and an older copy than the one kept is left out; None is newer than all. A
    blank box is not kept, nor what the page showed or somebody has saved since. Twice is once.
    """
    contribution = _locked(session, sheet.contribution_id)
    if contribution is None:
        return DraftOutcome.GONE
    row = _row(session, contribution.id, sheet)
    body = normalise_typed_text(body)
    if not body or (row is not None and number is not None and number <= row.number):
        return DraftOutcome.KNOWN
    if _stands(session, contribution, sheet.based_on, body):
        if row is not None:
            row.sealed_body, row.number = None, _next(row, number)
            session.flush()
        return DraftOutcome.KNOWN
    if row is None:
        row = Draft(
            contribution_id=contribution.id,
            person_id=sheet.person_id,
            sheet=sheet.name,
            based_on=sheet.based_on,
            number=0,
        )
        session.add(row)
        _take_over(session, contribution, sheet)
    row.sealed_body = vault_of(session).seal_text(session, contribution.key_id, body, place_of(Draft.sealed_body, row))
    row.number, row.saved_at = _next(row, number), utc_now()
    session.flush()
    return DraftOutcome.NEW


def discard_saved_draft(session: Session, sheet: DraftSheet) -> None:
    """What stood in the box of a page is saved: its draft, and the one it went on with, are none any more."""
    contribution = _locked(session, sheet.contribution_id)
    if contribution is None:
        return
    row = _row(session, contribution.id, sheet)
    if row is not None:
        row.sealed_body = None
    _take_over(session, contribution, sheet)
    session.flush()


def discard_draft(session: Session, contribution_id: int, draft_id: int) -> bool:
    """Forget a draft because somebody says so; whether there was one."""
    gone = session.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.contribution_id.in_(_voices(session, contribution_id)))
        .where(Draft.sealed_body.is_not(None))
        .values(sealed_body=None)
        .returning(Draft.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def drafts_of(session: Session, contribution: Contribution) -> list[TypedDraft]:
    """What was typed about a contribution and not saved, the latest first, each wording of a person once."""
    now = text_versions.current_text(session, contribution)
    seen = {normalise_typed_text(now.body)} if now else set()
    rows = session.execute(
        select(Draft, Person.name, Contribution.key_id)
        .join(Person, Person.id == Draft.person_id)
        .join(Contribution, Contribution.id == Draft.contribution_id)
        .where(Draft.contribution_id.in_(_voices(session, contribution.id)), Draft.sealed_body.is_not(None))
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
    ).all()
    found = []
    for draft, name, key_id in rows:
        body = vault_of(session).text_left(session, key_id, draft.sealed_body, place_of(Draft.sealed_body, draft))
        if body and body not in seen:
            seen.add(body)
            found.append(
                TypedDraft(
                    draft.id, draft.person_id, name, body, draft.sheet, draft.number, draft.based_on, draft.saved_at
                )
            )
    return found


def delete_drafts_of(session: Session, contribution_id: int) -> None:
    """Every draft about a contribution goes, because what it may repeat is erased."""
    session.execute(delete(Draft).where(Draft.contribution_id == contribution_id))


def browser_draft_key(session: Session, contribution_id: int, person_id: int) -> bytes | None:
    """The key that seals what a browser keeps while it cannot reach us; None when the contribution was erased.

    Derived from the contribution's own, so that erasing leaves nothing to read in any browser.
    """
    contribution = session.get(Contribution, merged_into(session, contribution_id) or contribution_id)
    if contribution is None or contribution.erased_at is not None:
        return None
    try:
        return vault_of(session).derived_key(session, contribution.key_id, f"draft {person_id}".encode())
    except Destroyed:
        return None


def _locked(session: Session, contribution_id: int) -> Contribution | None:
    """The contribution that speaks for this one now, locked; None when it was erased."""
    speaks = contribution_id
    while (target := merged_into(session, speaks)) is not None:
        speaks = target
    found = lock_contributions(session, [speaks])
    return found[0] if found and found[0].erased_at is None else None


def _row(session: Session, contribution_id: int, sheet: DraftSheet) -> Draft | None:
    return session.scalar(
        select(Draft)
        .where(Draft.contribution_id == contribution_id)
        .where(Draft.person_id == sheet.person_id, Draft.sheet == sheet.name)
        .execution_options(populate_existing=True)
    )


def _next(row: Draft, number: int | None) -> int:
    return max(row.number + 1, number or 0)


def _take_over(session: Session, contribution: Contribution, sheet: DraftSheet) -> None:
    """The draft a page went on with is in that page's own now, unless more was typed into it elsewhere."""
    if sheet.continues is None:
        return
    draft_id, number = sheet.continues
    session.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.number == number, Draft.person_id == sheet.person_id)
        .where(Draft.contribution_id.in_(_voices(session, contribution.id)))
        # The older page may still be open: should it hand in the same once more, it is kept once more.
        .values(sealed_body=None, number=0)
        .execution_options(synchronize_session=False)
    )


def _stands(session: Session, contribution: Contribution, based_on: int, body: str) -> bool:
    """Whether a text is a version the page showed, or one that was saved since: then it cannot be lost."""
    return any(normalise_typed_text(said) == body for said in _versions_since(session, contribution, based_on))


def _versions_since(session: Session, contribution: Contribution, number: int) -> Iterator[str]:
    rows: Sequence[TextVersion] = session.scalars(
        select(TextVersion).where(TextVersion.contribution_id == contribution.id, TextVersion.number >= number)
    ).all()
    for row in rows:
        place = place_of(TextVersion.sealed_body, row)
        yield vault_of(session).text_left(session, contribution.key_id, row.sealed_body, place)


def _voices(session: Session, contribution_id: int) -> list[int]:
    """A contribution and those that were merged into it, whose drafts are its own now."""
    merged = session.scalars(
        select(ContributionLink.from_id).where(
            ContributionLink.to_id == contribution_id, ContributionLink.kind == MERGED
        )
    )
    return [contribution_id, *merged]

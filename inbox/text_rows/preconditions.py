"""Whether plain texts are still as they were foreseen when they were prepared; whatever is not is left to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select, union_all
from sqlalchemy.orm import Session

from config.enums import Channel
from inbox.errors import InboxError
from inbox.models import Contribution, Contributor, ContributorAddress, Intake, Message, Part
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_all_new, insert_rows
from inbox.text_rows.plain_text import PlainText, TextSender


class BatchConflict(InboxError):
    """Texts that cannot be written together after all: something changed at this very moment."""

    remedy = "Write them one by one."


@dataclass(slots=True)
class TextRow:
    """A text with the ids of its rows, as they become known."""

    plain: PlainText
    contributor_id: int | None
    part_id: int = 0
    contribution_id: int = 0
    part_key_id: int = 0
    key_id: int = 0


GoesOn = Callable[[Session, Sequence[PlainText], Sequence[int]], set[int]]
"""Those of these contributors whose words may go on with what they sent before: each is looked at by itself."""


def rows_still_valid(session: Session, several: Sequence[PlainText], goes_on: GoesOn) -> list[TextRow]:
    """The rows of those that are still as they were foreseen; their senders and intakes are held."""
    untouched = _untouched_intakes(session, several)
    fit = _first_of_each_sender([one for one in several if one.intake_id in untouched])
    known = _contributors(session, [one.sender for one in fit if one.sender is not None])
    old = [one.id for one in known.values() if not one.is_new]
    speaking = goes_on(session, fit, old) if old else set()
    rows = []
    for one in fit:
        contributor = known[one.sender.known_as] if one.sender else None
        if contributor is None or (contributor.has_address and contributor.id not in speaking):
            rows.append(TextRow(one, contributor.id if contributor else None))
    return rows


def _untouched_intakes(session: Session, several: Sequence[PlainText]) -> set[int]:
    """Those of which nothing has been made yet, held, so that no erasure comes between."""
    came_under = {one.intake_id: one.came_under for one in several}
    has_part = exists().where(Part.intake_id == Intake.id)
    found = session.execute(
        select(Intake.id, Intake.consultation_version_id, has_part.label("has_part"))
        .where(
            Intake.id.in_([one.intake_id for one in several]),
            Intake.erased_at.is_(None),
            Intake.contributor_id.is_(None),
            Intake.language.is_(None),
            Intake.entered_by_id.is_(None),
        )
        .order_by(Intake.id)
        .with_for_update(of=Intake)
    )
    return {row.id for row in found if not row.has_part and row.consultation_version_id == came_under[row.id]}


def _first_of_each_sender(several: Iterable[PlainText]) -> list[PlainText]:
    """What else somebody sent goes on with the first, or does not: that is found out in its turn."""
    first: dict[str | int, PlainText] = {}
    for one in several:
        first.setdefault(one.sender.known_as if one.sender else one.intake_id, one)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class _Known:
    """A contributor."""

    id: int
    is_new: bool
    has_address: bool


def _contributors(session: Session, senders: Sequence[TextSender]) -> dict[str, _Known]:
    """The contributors behind addresses, by their keyed hash, made on first sight; held, so that none is erased."""
    if not senders:
        return {}
    # In one order everywhere, so that two who meet the same people do not wait for each other.
    by_hash = {sender.known_as: sender for sender in sorted(senders, key=lambda sender: sender.known_as)}
    now = utc_now()
    made = insert_all_new(
        session,
        Contributor,
        [{"address_hash": known_as, "created_at": now} for known_as in by_hash],
        [Contributor.id, Contributor.address_hash],
    )
    found = {row.address_hash: _Known(row.id, is_new=True, has_address=True) for row in made}
    _keep_addresses(session, [(found[one].id, by_hash[one]) for one in found])
    old = [known_as for known_as in by_hash if known_as not in found]
    return found | _old_contributors(session, old)


def _old_contributors(session: Session, old: Sequence[str]) -> dict[str, _Known]:
    if not old:
        return {}
    has_address = exists().where(ContributorAddress.contributor_id == Contributor.id)
    rows = session.execute(
        select(Contributor.id, Contributor.address_hash, has_address.label("has_address"))
        .where(Contributor.address_hash.in_(old))
        .order_by(Contributor.address_hash)
        .with_for_update(read=True, key_share=True, of=Contributor)
    )
    found = {row.address_hash: _Known(row.id, is_new=False, has_address=row.has_address) for row in rows}
    if len(found) < len(old):
        raise BatchConflict("a contributor was erased at this moment")
    return found


def _keep_addresses(session: Session, several: Sequence[tuple[int, TextSender]]) -> None:
    if not several:
        return
    key_ids = vault_of(session).adopt_keys(session, [sender.key for _, sender in several])
    rows = []
    for (contributor_id, sender), key_id in zip(several, key_ids, strict=True):
        row: dict[str, Any] = {"contributor_id": contributor_id, "kind": sender.kind, "key_id": key_id}
        place = place_of(ContributorAddress.sealed_value, row)
        rows.append(row | {"sealed_value": sender.key.seal_text(sender.address, place)})
    insert_rows(session, ContributorAddress, rows)


def texted_within(join_minutes: float) -> GoesOn:
    """Texts: whoever texted less than that before or after may be going on with it."""

    def found(session: Session, several: Sequence[PlainText], contributors: Sequence[int]) -> set[int]:
        if not join_minutes:
            return set()
        apart = timedelta(minutes=join_minutes)
        came = [one.received_at for one in several]
        texted = session.scalars(
            select(Part.contributor_id)
            .join(Intake, Intake.id == Part.intake_id)
            .where(
                Part.contributor_id.in_(contributors),
                Part.channel == Channel.SMS,
                Intake.received_at.between(min(came) - apart, max(came) + apart),
            )
        )
        return {one for one in texted if one is not None}

    return found


def wrote_before(session: Session, several: Sequence[PlainText], contributors: Sequence[int]) -> set[int]:
    """Letters: whoever is known by anything else may answer it, repeat it, or flood us."""
    del several  # whatever was said before, at any time
    told = union_all(
        *(
            select(one.contributor_id).where(one.contributor_id.in_(contributors))
            for one in (Part, Contribution, Message)
        )
    )
    return {one for one in session.scalars(told) if one is not None}

"""The rows of plain texts, written many at once: a few statements for all of them, nothing but SQL.

What comes out is what ``gateway.ingest.text_intake`` makes of the same texts one after the other. Whatever is not as it
was foreseen when they were prepared is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Purpose, Reading, StepKind, StepState, TagSource, TextOrigin
from gateway.ingest.plain_texts import PlainText, Sender
from gateway.ingest.text_intake import PART_KEY
from inbox.contributions import search_index, tags
from inbox.errors import InboxError
from inbox.jobs import steps
from inbox.models import (
    Contribution,
    ContributionPart,
    Contributor,
    ContributorAddress,
    Intake,
    Message,
    Part,
    Reference,
    SearchText,
    Step,
    Tag,
    TextVersion,
)
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_all_new, insert_numbered, insert_rows


class NotTogether(InboxError):
    """Texts that cannot be written together after all: something changed at this very moment."""

    remedy = "Write them one by one."


@dataclass(slots=True)
class _Row:
    """A text with the ids of its rows, as they become known."""

    plain: PlainText
    contributor_id: int | None
    part_id: int = 0
    contribution_id: int = 0
    part_key_id: int = 0
    key_id: int = 0


def save_together(session: Session, several: Sequence[PlainText], join_minutes: float) -> set[int]:
    """Write these texts; the intakes of those that were not, because they are not plain after all.

    Raises what the database does, or ``NotTogether``: then none is written, and each is to be done by itself.
    """
    if not several:
        return set()
    rows = _as_foreseen(session, several, join_minutes)
    if rows:
        _write(session, rows, utc_now())
    return {one.intake_id for one in several} - {row.plain.intake_id for row in rows}


# --- are they as they were foreseen? --------------------------------------------------------------


def _as_foreseen(session: Session, several: Sequence[PlainText], join_minutes: float) -> list[_Row]:
    untouched = _untouched_intakes(session, several)
    fit = _first_of_each_sender([one for one in several if one.intake_id in untouched])
    known = _contributors(session, [one.sender for one in fit if one.sender is not None])
    speaking = _spoke_lately(session, fit, [c.id for c in known.values() if not c.is_new], join_minutes)
    rows = []
    for one in fit:
        contributor = known[one.sender.known_as] if one.sender else None
        if contributor is None or (contributor.has_address and contributor.id not in speaking):
            rows.append(_Row(one, contributor.id if contributor else None))
    return rows


def _untouched_intakes(session: Session, several: Sequence[PlainText]) -> set[int]:
    """Those of which nothing has been made yet, held, so that no erasure comes between."""
    has_part = exists().where(Part.intake_id == Intake.id)
    found = session.execute(
        select(Intake.id, has_part.label("has_part"))
        .where(
            Intake.id.in_([one.intake_id for one in several]),
            Intake.erased_at.is_(None),
            Intake.contributor_id.is_(None),
            Intake.consultation_version_id.is_(None),
            Intake.language.is_(None),
            Intake.entered_by_id.is_(None),
        )
        .order_by(Intake.id)
        .with_for_update(of=Intake)
    )
    return {row.id for row in found if not row.has_part}


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


def _contributors(session: Session, senders: Sequence[Sender]) -> dict[str, _Known]:
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
        raise NotTogether("a contributor was erased at this moment")
    return found


def _keep_addresses(session: Session, several: Sequence[tuple[int, Sender]]) -> None:
    if not several:
        return
    key_ids = vault_of(session).adopt_keys(session, [sender.key for _, sender in several])
    values = [
        {"contributor_id": contributor_id, "kind": sender.kind, "key_id": key_id, "sealed_value": sender.sealed}
        for (contributor_id, sender), key_id in zip(several, key_ids, strict=True)
    ]
    insert_rows(session, ContributorAddress, values)


def _spoke_lately(
    session: Session, several: Sequence[PlainText], contributors: Sequence[int], join_minutes: float
) -> set[int]:
    """Those of these contributors whose text may go on with what they sent before."""
    if not contributors or not join_minutes:
        return set()
    apart = timedelta(minutes=join_minutes)
    came = [one.received_at for one in several]
    found = session.scalars(
        select(Part.contributor_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(
            Part.contributor_id.in_(contributors),
            Part.channel == Channel.SMS,
            Intake.received_at.between(min(came) - apart, max(came) + apart),
        )
    )
    return {one for one in found if one is not None}


# --- writing --------------------------------------------------------------------------------------


def _write(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    keys = vault_of(session).adopt_keys(session, [key for row in rows for key in (row.plain.part_key, row.plain.key)])
    for row, part_key_id, key_id in zip(rows, keys[::2], keys[1::2], strict=True):
        row.part_key_id, row.key_id = part_key_id, key_id
    _tell_whose(session, rows)
    for row, part_id in zip(rows, insert_numbered(session, Part, [_part(row, now) for row in rows]), strict=True):
        row.part_id = part_id
    made = insert_numbered(session, Contribution, [_contribution(row, now) for row in rows])
    for row, contribution_id in zip(rows, made, strict=True):
        row.contribution_id = contribution_id
    _refer(session, rows, now)
    _say(session, rows, now)
    _suggest(session, rows, now)
    _answer(session, rows, now)


_WHOSE = (
    update(Intake.__table__)  # type: ignore[arg-type] # a Table
    .where(Intake.id == bindparam("intake"))
    .values(
        contributor_id=bindparam("contributor"),
        addressed_to=bindparam("written_to"),
        consultation_version_id=bindparam("version"),
        keep_until=bindparam("until"),
    )
)


def _tell_whose(session: Session, rows: Sequence[_Row]) -> None:
    values = [
        {
            "intake": row.plain.intake_id,
            "contributor": row.contributor_id,
            "written_to": row.plain.written_to,
            "version": row.plain.meant.version_id if row.plain.meant else None,
            "until": row.plain.keep_until,
        }
        for row in rows
    ]
    session.connection().execute(_WHOSE, values)


def _part(row: _Row, now: datetime) -> dict[str, Any]:
    return {
        "intake_id": row.plain.intake_id,
        "part_key": PART_KEY,
        "channel": Channel.SMS,
        "consultation_version_id": row.plain.meant.version_id if row.plain.meant else None,
        "contributor_id": row.contributor_id,
        "key_id": row.part_key_id,
        "reading": Reading.READ,
        "sealed_body": row.plain.sealed_body,
        "created_at": now,
        "keep_until": row.plain.part_until,
    }


def _contribution(row: _Row, now: datetime) -> dict[str, Any]:
    return {
        "consultation_id": row.plain.meant.consultation_id if row.plain.meant else None,
        "channel": Channel.SMS,
        "contributor_id": row.contributor_id,
        "key_id": row.key_id,
        "language": row.plain.themes.language,
        "reading": Reading.READ,
        "moderation": Moderation.IN_REVIEW,
        "revision": 2,  # its first text is a change of it
        "created_at": now,
    }


def _refer(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    """Link parts to contributions, and give each its reference, and its line of history."""
    links = [{"contribution_id": row.contribution_id, "part_id": row.part_id} for row in rows]
    insert_rows(session, ContributionPart, links)
    issued = [
        {
            "number": row.plain.reference,
            "part_id": row.part_id,
            "contribution_id": row.contribution_id,
            "issued_at": now,
        }
        for row in rows
    ]
    if len(insert_all_new(session, Reference, issued, [Reference.number])) < len(rows):
        raise NotTogether("one of the references that were drawn is somebody's already")
    arrived = ((f"contribution:{row.contribution_id}", {"channel": Channel.SMS.value}) for row in rows)
    history.record_many(session, "arrived", arrived)


def _say(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    """Put what each says in force, findable by its words."""
    said = [
        {
            "contribution_id": row.contribution_id,
            "number": 1,
            "origin": TextOrigin.RESIDENT,
            "sealed_body": row.plain.sealed_text,
            "created_at": now,
        }
        for row in rows
    ]
    insert_rows(session, TextVersion, said)
    found_by = [
        {"contribution_id": row.contribution_id, "tokens": row.plain.tokens, "rules": search_index.RULES}
        for row in rows
    ]
    insert_rows(session, SearchText, found_by)


def _suggest(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    """Put the themes that were found before; the step that finds them again, when a text changes, is done."""
    suggested = [
        {
            "contribution_id": row.contribution_id,
            "name": name[: tags.NAME_LENGTH],
            "source": TagSource.RULE,
            "because": because,
            "created_at": now,
        }
        for row in rows
        for name, because in row.plain.themes.reasons
    ]
    insert_rows(session, Tag, suggested)
    kind = StepKind.SUGGEST_THEMES
    done = {"kind": kind, "queue": kind.queue, "state": StepState.DONE, "token": 1, "not_before": now}
    done_for = [{**done, "part_id": row.part_id, "created_at": now, "ended_at": now} for row in rows]
    insert_rows(session, Step, done_for)


def _answer(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    """Put the receipts on their way; whether somebody wants none any more is looked at when they are sent."""
    values = [
        {
            "purpose": Purpose.RECEIPT,
            "channel": Channel.SMS,
            "contribution_id": row.contribution_id,
            "contributor_id": row.contributor_id,
            "key_id": row.key_id,
            "sealed_body": row.plain.receipt,
            "state": row.plain.receipt_state,
            "created_at": now,
        }
        for row in rows
    ]
    messages = insert_numbered(session, Message, values)
    sent = [made for row, made in zip(rows, messages, strict=True) if row.plain.receipt is not None]
    steps.add_steps_of_messages(session, StepKind.SEND, sent)

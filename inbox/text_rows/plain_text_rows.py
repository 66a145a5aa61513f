"""The rows of plain texts, written many at once: a few statements for all of them, nothing but SQL.

What comes out is what ``gateway.ingest.text_intake`` makes of the same texts one after the other, and
``gateway.mail.mail_threads`` of the same letters. Whatever is not as it was foreseen when they were prepared is left to
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from config.enums import Moderation, Purpose, Reading, StepKind, StepState, TagSource, TextOrigin
from inbox.contributions import tags
from inbox.jobs import steps
from inbox.models import (
    Contribution,
    ContributionPart,
    Intake,
    Message,
    Part,
    Reference,
    SearchTokens,
    Step,
    Tag,
    TextVersion,
)
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_all_new, insert_numbered, insert_rows
from inbox.text_rows.plain_text import PlainText
from inbox.text_rows.preconditions import BatchConflict, GoesOn, TextRow, rows_still_valid


def save_plain_texts(session: Session, several: Sequence[PlainText], goes_on: GoesOn) -> set[int]:
    """Write these texts; the intakes of those that were not, because they are not plain after all.

    ``goes_on`` finds the senders of whom each text is looked at by itself.

    Raises what the database does, or ``BatchConflict``: then none is written, and each is to be done by itself.
    """
    if not several:
        return set()
    rows = rows_still_valid(session, several, goes_on)
    if rows:
        _write(session, rows, utc_now())
    return {one.intake_id for one in several} - {row.plain.intake_id for row in rows}


def _write(session: Session, rows: Sequence[TextRow], now: datetime) -> None:
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
        language=bindparam("written_in"),
    )
)


def _tell_whose(session: Session, rows: Sequence[TextRow]) -> None:
    values = [
        {
            "intake": row.plain.intake_id,
            "contributor": row.contributor_id,
            "written_to": row.plain.written_to,
            "version": row.plain.meant.version_id if row.plain.meant else None,
            "until": row.plain.keep_until,
            "written_in": row.plain.language,
        }
        for row in rows
    ]
    session.connection().execute(_WHOSE, values)


def _part(row: TextRow, now: datetime) -> dict[str, Any]:
    known_by = {"intake_id": row.plain.intake_id, "part_key": row.plain.called}
    return {
        **known_by,
        "channel": row.plain.channel,
        "consultation_version_id": row.plain.meant.version_id if row.plain.meant else None,
        "contributor_id": row.contributor_id,
        "key_id": row.part_key_id,
        "language": row.plain.language,
        "reading": _reading(row),
        "reading_reason": row.plain.needs_person,
        "sealed_body": row.plain.part_key.seal_text(row.plain.body, place_of(Part.sealed_body, known_by)),
        "sealed_aside": _sealed_aside(row, known_by),
        "created_at": now,
        "keep_until": row.plain.part_until,
    }


def _sealed_aside(row: TextRow, known_by: Mapping[str, Any]) -> bytes | None:
    if not row.plain.aside:
        return None
    return row.plain.part_key.seal_json(row.plain.aside, place_of(Part.sealed_aside, known_by))


def _contribution(row: TextRow, now: datetime) -> dict[str, Any]:
    return {
        "consultation_id": row.plain.meant.consultation_id if row.plain.meant else None,
        "channel": row.plain.channel,
        "contributor_id": row.contributor_id,
        "key_id": row.key_id,
        "language": row.plain.language or row.plain.themes.language,
        "reading": _reading(row),
        "moderation": Moderation.IN_REVIEW,
        "revision": 2,  # its first text is a change of it
        "created_at": now,
    }


def _reading(row: TextRow) -> Reading:
    return Reading.READ if row.plain.needs_person is None else Reading.NEEDS_PERSON


def _refer(session: Session, rows: Sequence[TextRow], now: datetime) -> None:
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
        raise BatchConflict("one of the references that were drawn is somebody's already")
    arrived = ((f"contribution:{row.contribution_id}", {"channel": row.plain.channel.value}) for row in rows)
    history.record_events(session, "arrived", arrived)


def _say(session: Session, rows: Sequence[TextRow], now: datetime) -> None:
    """Put what each says in force, findable by its words."""
    insert_rows(session, TextVersion, [_first_version(row, now) for row in rows])
    found_by = [
        {"contribution_id": row.contribution_id, "tokens": row.plain.tokens, "rules": row.plain.rules} for row in rows
    ]
    insert_rows(session, SearchTokens, found_by)


def _first_version(row: TextRow, now: datetime) -> dict[str, Any]:
    known_by = {"contribution_id": row.contribution_id, "number": 1}
    place = place_of(TextVersion.sealed_body, known_by)
    return {
        **known_by,
        "origin": TextOrigin.RESIDENT,
        "sealed_body": row.plain.key.seal_text(row.plain.said, place),
        "created_at": now,
    }


def _suggest(session: Session, rows: Sequence[TextRow], now: datetime) -> None:
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


def _answer(session: Session, rows: Sequence[TextRow], now: datetime) -> None:
    """Put the receipts on their way; whether somebody wants none any more is looked at when they are sent."""
    values = [
        {
            "purpose": Purpose.RECEIPT,
            "channel": row.plain.channel,
            "contribution_id": row.contribution_id,
            "contributor_id": row.contributor_id,
            "key_id": row.key_id,
            "state": row.plain.receipt_state,
            "created_at": now,
        }
        for row in rows
    ]
    messages = insert_numbered(session, Message, values)
    to_send = [(made, row) for row, made in zip(rows, messages, strict=True) if row.plain.receipt is not None]
    if to_send:
        session.connection().execute(_WORDS, [_words(made, row) for made, row in to_send])
    steps.add_steps_of_messages(session, StepKind.SEND, [made for made, _row in to_send])


_WORDS = update(Message.__table__).where(Message.id == bindparam("message")).values(sealed_body=bindparam("sealed"))  # type: ignore[arg-type] # a Table
"""A message is known by its number, so its words are sealed once it has one."""


def _words(message_id: int, row: TextRow) -> dict[str, Any]:
    place = place_of(Message.sealed_body, {"id": message_id})
    return {"message": message_id, "sealed": row.plain.key.seal_json(row.plain.receipt, place)}

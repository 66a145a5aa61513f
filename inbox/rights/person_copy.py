"""The copy of what is kept of somebody (GDPR articles 15 and 20): texts, what was read, decisions, messages, files.

One archive: ``data.json`` for machines, a page for people that the caller makes of the same, and every file as it came.
Who of the staff read or decided is not named, only when and what (European Court of Justice, C-579/21).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind
from inbox.consultations import consultation_versions, contributors
from inbox.consultations.archives import archived_value
from inbox.contributions import notes, text_versions, transcripts
from inbox.errors import Destroyed, NotStored
from inbox.models import Arrival, Contribution, ContributionPart, Intake, Medium, Message, Part, RightsRequest, Tag
from inbox.models.sealed_places import place_of
from inbox.records import answer_messages, history, references
from inbox.records.opened_subjects import subjects_of
from inbox.rights.person_search import contributor_of
from inbox.rights.rights_requests import contributions_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.opening_log import Opening, OpeningQuery
from inbox.storage.unit_of_work import unit_of

MOST_OPENINGS = 10_000
_NAME_LETTERS = 80


@dataclass(frozen=True)
class PersonalCopy:
    """What is kept of somebody."""

    data: dict[str, Any]
    """JSON of everything but the files."""
    files: Sequence[tuple[str, type[Medium] | type[Arrival], int]]
    """Names in the archive, and whose files they are."""


def gather_personal_copy(session: Session, request: RightsRequest) -> PersonalCopy:
    """Everything that is kept of who asks."""
    numbers = list(contributions_of(session, request.id))
    found = [row for number in numbers if (row := session.get(Contribution, number)) is not None]
    contributor = contributor_of(session, request)
    parts = _parts(session, numbers, contributor)
    files = _files(session, parts)
    names = {_id_of(row): name for name, row in files}
    data: dict[str, Any] = {
        "address": _address(session, contributor),
        "contributions": [_contribution(session, row, parts, names) for row in found],
        "other_messages": [_part(session, part, names) for part in parts if not part.contributions],
        "readings_by_staff": [_opening(one) for one in _openings(session, numbers)],
    }
    return PersonalCopy(data, [(name, type(row), row.id) for name, row in files])


def read_files(session: Session, kept: PersonalCopy) -> Iterator[tuple[str, bytes]]:
    """The files, one after the other; what was erased meanwhile is left out."""
    for name, model, number in kept.files:
        row: Medium | Arrival | None
        row = session.get(Medium, number) if model is Medium else session.get(Arrival, number)
        with suppress(Destroyed, NotStored):
            if isinstance(row, Medium | Arrival):
                yield name, b"".join(_pieces(session, row))


def _pieces(session: Session, row: Medium | Arrival) -> Iterable[bytes]:
    vault = vault_of(session)
    key_id = row.part.key_id if isinstance(row, Medium) else row.intake.key_id
    if isinstance(row, Arrival):
        sealed = row.sealed_raw or archived_value(session, row, Arrival.sealed_raw)
        if sealed is not None:
            return [vault.open(session, key_id, sealed, place_of(Arrival.sealed_raw, row))]
    if row.locator is None:
        raise NotStored(f"no file of {_id_of(row)}")
    return vault.read_file(session, key_id, row.locator)


def _parts(session: Session, contribution_ids: Sequence[int], contributor: int | None) -> Sequence[Part]:
    theirs = Part.id.in_(select(ContributionPart.part_id).where(ContributionPart.contribution_id.in_(contribution_ids)))
    # Keywords and thanks from the same address are no contribution of anybody, and theirs all the same.
    other = (Part.contributor_id == contributor) & ~Part.contributions.any()
    which = theirs if contributor is None else or_(theirs, other)
    return session.scalars(select(Part).where(which, Part.erased_at.is_(None)).order_by(Part.id)).all()


def _files(session: Session, parts: Sequence[Part]) -> list[tuple[str, Medium | Arrival]]:
    media = select(Medium).where(Medium.part_id.in_([part.id for part in parts]), Medium.locator.is_not(None))
    found: list[tuple[str, Medium | Arrival]] = [
        (f"files/{medium.id}-{_file_name(session, medium)}", medium)
        for medium in session.scalars(media.order_by(Medium.id))
    ]
    # A batch's scanned file holds other people's forms too; theirs are among the media already.
    mails = (
        select(Arrival)
        .join(Intake, Intake.id == Arrival.intake_id)
        .where(Arrival.intake_id.in_({part.intake_id for part in parts}), Arrival.kind == ArrivalKind.MAIL)
        .where(Intake.scanned_batch.is_(None))
    )
    found += [(f"files/mail-{one.id}.eml", one) for one in session.scalars(mails.order_by(Arrival.id))]
    return found


def _file_name(session: Session, medium: Medium) -> str:
    name = vault_of(session).text_left(
        session, medium.part.key_id, medium.sealed_name, place_of(Medium.sealed_name, medium)
    )
    clean = "".join(letter for letter in PurePath(name.replace("\\", "/")).name if letter.isprintable())
    return clean[-_NAME_LETTERS:] or f"{medium.kind.value}.{medium.content_type.partition('/')[2].partition(';')[0]}"


def _id_of(row: Medium | Arrival) -> tuple[str, int]:
    return type(row).__name__, row.id


def _address(session: Session, contributor: int | None) -> dict[str, str] | None:
    found = contributors.address_of(session, contributor) if contributor is not None else None
    return None if found is None else {"kind": found[0].value, "value": found[1]}


def _contribution(
    session: Session, row: Contribution, parts: Sequence[Part], names: dict[tuple[str, int], str]
) -> dict[str, Any]:
    version = next((part.consultation_version for part in row.parts if part.consultation_version), None)
    title = consultation_versions.as_consultation(version).title if version is not None else {}
    subject = f"contribution:{row.id}"
    return {
        "reference": references.references_of(session, [row.id]).get(row.id),
        "consultation": title,
        "channel": row.channel.value,
        "language": row.language,
        "received_at": row.created_at.isoformat(),
        "erased_at": row.erased_at.isoformat() if row.erased_at else None,
        "state": row.moderation.value,
        "reason": row.set_aside_reason.value if row.set_aside_reason else None,
        "texts": [
            {"number": one.number, "written_by": one.origin.value, "at": one.at.isoformat(), "text": one.body}
            for one in text_versions.list_versions(session, row)
        ],
        "themes": [
            {"theme": one.name, "given_by": one.source.value, "removed": one.removed, "because": one.because}
            for one in session.scalars(select(Tag).where(Tag.contribution_id == row.id).order_by(Tag.id))
        ],
        "notes": [{"at": one.at.isoformat(), "text": one.body} for one in notes.notes_of(session, row.id)],
        "decisions": [
            {"at": one.at.isoformat(), "what": one.action, "details": one.details}
            for one in reversed(history.history_of(session, subject, limit=1000))
        ],
        "messages": _messages(session, row.id),
        "parts": [_part(session, part, names) for part in parts if row in part.contributions],
    }


def _part(session: Session, part: Part, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    vault = vault_of(session)
    return {
        "channel": part.channel.value,
        "received_at": part.intake.received_at.isoformat(),
        "not_a_contribution": part.not_contribution.value if part.not_contribution else None,
        "kept_until": part.keep_until.isoformat() if part.keep_until else None,
        "text": vault.text_if_kept(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part)),
        "set_apart": vault.json_if_kept(session, part.key_id, part.sealed_aside, place_of(Part.sealed_aside, part)),
        "files": [_medium(session, medium, names) for medium in part.media],
    }


def _medium(session: Session, medium: Medium, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "file": names.get(_id_of(medium)),
        "kind": medium.kind.value,
        "kept_until": medium.keep_until.isoformat() if medium.keep_until else None,
        "read_by_machines": [
            {
                "engine": one.engine,
                "model": one.model,
                "at": one.created_at.isoformat(),
                "text": transcripts.transcript_text(transcripts.transcript_words(session, one)),
            }
            for one in medium.transcripts
            if one.sealed_words is not None or one.archive_id is not None
        ],
    }


def _messages(session: Session, contribution_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Message).where(answer_messages.messages_about(contribution_id)).order_by(Message.id))
    return [
        {
            "purpose": one.purpose.value,
            "channel": one.channel.value,
            "state": one.state.value,
            "sent_at": one.sent_at.isoformat() if one.sent_at else None,
            "message": vault_of(session).json_if_kept(
                session, one.key_id, one.sealed_body, place_of(Message.sealed_body, one)
            ),
        }
        for one in rows
    ]


def _openings(session: Session, contribution_ids: Sequence[int]) -> Sequence[Opening]:
    log = unit_of(session).store.openings
    found: Sequence[Opening] = log.find(
        OpeningQuery(subjects=subjects_of(session, contribution_ids)), limit=MOST_OPENINGS
    )
    return found


def _opening(one: Opening) -> dict[str, Any]:
    assert one.at is not None
    return {"at": one.at.isoformat(), "what": one.action, "of": one.subject.partition(":")[0]}

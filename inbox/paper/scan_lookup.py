"""Scanned files and their forms, looked up: what was taken in before, what it has grown from, what a person touched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from config.enums import ArrivalKind, Channel, MediumKind, Moderation
from inbox.models import Arrival, Contribution, ContributionPart, History, Intake, Medium, Part
from inbox.storage.envelope_encryption import vault_of


@dataclass(frozen=True, slots=True)
class NewestFile:
    """The newest file of an intake."""

    intake_id: int
    key_id: int
    size: int
    """Bytes."""
    digest: str
    """Keyed hash of its bytes."""
    sealed_headers: bytes | None


# --- files


def file_keys(session: Session, digests: Collection[str]) -> set[str]:
    """Files as they are known here, by their SHA-256 (hex)."""
    keyring = vault_of(session).keyring
    return {keyring.keyed_hash("arrival", bytes.fromhex(digest)) for digest in digests}


def known_file_sizes(session: Session, account: str, since: datetime) -> Sequence[int]:
    """The sizes in bytes of the files that a folder or centre handed in since, so far as they are not erased."""
    return session.scalars(select(Arrival.size).join(Arrival.intake).where(*_files(account, since)).distinct()).all()


def intake_of_file(session: Session, account: str, digest: str) -> Intake | None:
    """The intake of this very file (SHA-256, hex), were it the first it was made of or one that it has grown to."""
    same = session.scalar(select(Intake).where(*_of(account), Intake.external_id == digest))
    return same or session.scalar(
        select(Intake)
        .join(Arrival, Arrival.intake_id == Intake.id)
        .where(*_of(account), Arrival.digest.in_(file_keys(session, [digest])), Arrival.kind == ArrivalKind.FILE)
        .order_by(Intake.id)
        .limit(1)
    )


def newest_files(session: Session, account: str, since: datetime, of_sizes: Collection[int]) -> Iterator[NewestFile]:
    """The newest file of each intake of a folder or centre that has one of these sizes, the longest first."""
    any_of_it = aliased(Arrival)
    newest = select(func.max(any_of_it.id)).where(any_of_it.intake_id == Intake.id).scalar_subquery()
    rows = session.execute(
        select(Arrival.intake_id, Intake.key_id, Arrival.size, Arrival.digest, Arrival.sealed_headers)
        .join(Arrival.intake)
        .where(*_files(account, since), Arrival.size.in_(of_sizes), Arrival.id == newest)
        .order_by(Arrival.size.desc(), Arrival.id.desc())
    )
    for row in rows:
        yield NewestFile(row.intake_id, row.key_id, row.size, row.digest, row.sealed_headers)


def last_batch(session: Session, account: str, since: datetime) -> int | None:
    """The batch of the last file that came from a folder by itself since then."""
    last = session.execute(
        select(Intake.id, Intake.batch_id)
        .where(*_of(account), Intake.entered_by_id.is_(None), Intake.received_at > since)
        .order_by(Intake.id.desc())
        .limit(1)
    ).one_or_none()
    return (last.batch_id or last.id) if last else None


def count_files(session: Session, intake_id: int) -> int:
    """How often a scanned file was taken in, growing."""
    return session.scalar(select(func.count()).select_from(Arrival).where(Arrival.intake_id == intake_id)) or 0


def _of(account: str) -> list[ColumnElement[bool]]:
    return [Intake.channel == Channel.PAPER, Intake.account == account]


def _files(account: str, since: datetime) -> list[ColumnElement[bool]]:
    return [*_of(account), Intake.erased_at.is_(None), Arrival.kind == ArrivalKind.FILE, Arrival.arrived_at > since]


# --- forms


def parts_by_key(session: Session, intake_id: int) -> dict[str, Part]:
    """The parts of an intake, erased ones too, by their keys."""
    return {part.part_key: part for part in session.scalars(select(Part).where(Part.intake_id == intake_id))}


def live_media(session: Session, part_id: int) -> Sequence[Medium]:
    """A part's media in order, without the discarded ones."""
    return session.scalars(
        select(Medium).where(Medium.part_id == part_id, Medium.discarded_at.is_(None)).order_by(Medium.position)
    ).all()


def form_sides(session: Session, contribution_id: int) -> Sequence[int]:
    """The media that are sides of a contribution's form."""
    return session.scalars(
        select(Medium.id)
        .join(Medium.part)
        .join(Part.contributions)
        .where(Contribution.id == contribution_id, Medium.kind == MediumKind.FORM, Medium.discarded_at.is_(None))
        .where(Part.erased_at.is_(None), Part.not_contribution.is_(None))
    ).all()


def is_touched(session: Session, part_id: int) -> bool:
    """Whether a person has decided, worded, joined or split anything of a part."""
    ids = session.scalars(select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)).all()
    subjects = [f"part:{part_id}", *(f"contribution:{one}" for one in ids)]
    by_person = select(History.id).where(History.subject.in_(subjects), History.person_id.is_not(None)).limit(1)
    if session.scalar(by_person) is not None:
        return True
    together = select(ContributionPart.part_id).where(ContributionPart.contribution_id.in_(ids))
    decided = select(Contribution.id).where(Contribution.id.in_(ids), Contribution.moderation != Moderation.IN_REVIEW)
    return len(ids) > 1 or set(session.scalars(together)) - {part_id} != set() or bool(session.scalar(decided.limit(1)))

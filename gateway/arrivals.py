"""What came from outside, stored once: an intake and the raw messages it is made of.

Uniqueness is a constraint in the database, so the same message delivered twice, at once or years
apart, is one intake. Everything runs inside the caller's transaction.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from channels.values import Address
from config.names import AddressKind, ArrivalKind, Channel
from inbox import consultations, contributors
from inbox.columns import utc_now
from inbox.errors import Destroyed, NotStored
from inbox.models import Arrival, ConsultationVersion, Intake
from inbox.upsert import insert_all_new
from inbox.vault import vault_of

INLINE_BYTES = 64 * 1024
"""Raw messages up to this size stand in the row itself: one commit makes them durable, without a second fsync."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message from outside, as a door received it."""

    channel: Channel
    account: str
    external_id: str
    kind: ArrivalKind
    raw: bytes | Path
    headers: Mapping[str, str] = field(default_factory=dict)
    addressed_to: str | None = None
    """The number, mailbox, folder or centre that says which consultation is meant."""
    sender: Address | None = None
    """None when withheld or not known yet: nobody is joined to a stranger."""
    consultation_slug: str | None = None
    """Set where a person or a folder's setting says which consultation is meant."""
    language: str | None = None
    entered_by_id: int | None = None
    centre_id: int | None = None
    received_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where what arrived now is, and whether it is the first time."""

    intake_id: int
    is_new: bool
    arrival_is_new: bool


def accept(session: Session, arrived: Arrived) -> Accepted:
    """Store what arrived, once; what an erased intake is sent again is not stored."""
    return accept_many(session, [arrived])[0]


_KEPT = (
    select(Intake.id)
    .outerjoin(Arrival, (Arrival.intake_id == Intake.id) & (Arrival.digest == bindparam("digest")))
    .where(
        Intake.channel == bindparam("channel"),
        Intake.account == bindparam("account"),
        Intake.external_id == bindparam("external_id"),
        or_(Arrival.id.is_not(None), Intake.erased_at.is_not(None)),
    )
)


def is_kept(session: Session, channel: Channel, account: str, external_id: str, raw: bytes) -> bool:
    """Whether these very bytes were stored before, durably, or are those of an erased intake.

    Providers repeat themselves under load: what is here need not wait for the one who writes.
    """
    digest = vault_of(session).keyring.keyed_hash("arrival", _sha256(raw))
    looked_for = {"digest": digest, "channel": channel, "account": account, "external_id": external_id}
    return session.execute(_KEPT, looked_for).first() is not None


def accept_many(session: Session, several: Sequence[Arrived]) -> list[Accepted]:
    """Store many messages with a few statements, each as ``accept`` does; one answer each, in their order."""
    session.flush()
    wanted: dict[_Identity, Arrived] = {}
    for one in several:
        wanted.setdefault(_identity(one), one)
    intakes = _intakes_of(session, wanted)
    kept = _keep_arrivals(session, [(intakes[_identity(one)], one) for one in several])
    answers = []
    for one, arrival_is_new in zip(several, kept, strict=True):
        intake = intakes[_identity(one)]
        answers.append(Accepted(intake.id, intake.is_new, arrival_is_new))
        intake.is_new = False  # the same message twice among the several is new once
    return answers


_Identity = tuple[Channel, str, str]


@dataclass(slots=True)
class _IntakeRow:
    """What is needed of an intake's row."""

    id: int
    key_id: int
    is_erased: bool
    is_new: bool


def _identity(arrived: Arrived) -> _Identity:
    return arrived.channel, arrived.account, arrived.external_id


def _intakes_of(session: Session, wanted: Mapping[_Identity, Arrived]) -> dict[_Identity, _IntakeRow]:
    found = _known_intakes(session, wanted)
    if missing := {identity: arrived for identity, arrived in wanted.items() if identity not in found}:
        found |= _new_intakes(session, missing)
    # Somebody else stored these between the look and the insert: the constraint decides, the look only saves work.
    if left := [identity for identity in wanted if identity not in found]:
        found |= _known_intakes(session, left)
    return found


def _known_intakes(session: Session, wanted: Iterable[_Identity]) -> dict[_Identity, _IntakeRow]:
    by_account: dict[tuple[Channel, str], list[str]] = {}
    for channel, account, external_id in wanted:
        by_account.setdefault((channel, account), []).append(external_id)
    found = {}
    for (channel, account), external_ids in by_account.items():
        rows = session.execute(
            select(Intake.id, Intake.external_id, Intake.key_id, Intake.erased_at).where(
                Intake.channel == channel, Intake.account == account, Intake.external_id.in_(external_ids)
            )
        )
        for row in rows:
            erased = row.erased_at is not None
            found[channel, account, row.external_id] = _IntakeRow(row.id, row.key_id, erased, is_new=False)
    return found


def _new_intakes(session: Session, missing: Mapping[_Identity, Arrived]) -> dict[_Identity, _IntakeRow]:
    keys = vault_of(session).new_keys(session, len(missing))
    versions: dict[tuple[Channel, str | None, str | None], ConsultationVersion | None] = {}
    rows = []
    for arrived, key_id in zip(missing.values(), keys, strict=True):
        meant = arrived.channel, arrived.addressed_to, arrived.consultation_slug
        if meant not in versions:
            versions[meant] = _version_meant(session, arrived)
        rows.append(_intake_values(session, arrived, versions[meant], key_id))
    made = insert_all_new(
        session, Intake, rows, [Intake.id, Intake.channel, Intake.account, Intake.external_id, Intake.key_id]
    )
    return {(m.channel, m.account, m.external_id): _IntakeRow(m.id, m.key_id, False, is_new=True) for m in made}


def _version_meant(session: Session, arrived: Arrived) -> ConsultationVersion | None:
    if arrived.consultation_slug:
        return consultations.current(session, arrived.consultation_slug)
    if arrived.addressed_to:
        return consultations.for_address(session, arrived.channel, arrived.addressed_to)
    return None


def _intake_values(
    session: Session, arrived: Arrived, version: ConsultationVersion | None, key_id: int
) -> dict[str, Any]:
    return {
        "channel": arrived.channel,
        "account": arrived.account,
        "external_id": arrived.external_id,
        "addressed_to": arrived.addressed_to,
        "consultation_version_id": version.id if version else None,
        "contributor_id": contributor_id(session, arrived.sender),
        "entered_by_id": arrived.entered_by_id,
        "centre_id": arrived.centre_id,
        "key_id": key_id,
        "language": arrived.language,
        "received_at": arrived.received_at,
        "keep_until": consultations.retention_of(version).keep_original_until(arrived.received_at.date()),
    }


def contributor_id(session: Session, sender: Address | None) -> int | None:
    """The contributor behind an address, made on first sight; None for a withheld one."""
    if sender is None:
        return None
    found = contributors.contributor_for(session, AddressKind(sender.kind), sender.value)
    return found.id if found else None


def _keep_arrivals(session: Session, several: Sequence[tuple[_IntakeRow, Arrived]]) -> list[bool]:
    """Whether each was new: an arrival is known by its intake and a keyed hash of its bytes."""
    vault = vault_of(session)
    hashed = [(i.id, vault.keyring.keyed_hash("arrival", _sha256(arrived.raw))) for i, arrived in several]
    old = [intake.id for intake, _ in several if not intake.is_new]
    known = select(Arrival.intake_id, Arrival.digest).where(Arrival.intake_id.in_(old))
    seen = {(row.intake_id, row.digest) for row in session.execute(known)} if old else set()
    rows = {}
    for key, (intake, arrived) in zip(hashed, several, strict=True):
        if not intake.is_erased and key not in seen and key not in rows:
            rows[key] = _arrival_values(session, intake, arrived, key[1])
    if not rows:
        return [False] * len(several)
    made = insert_all_new(session, Arrival, list(rows.values()), [Arrival.intake_id, Arrival.digest])
    new = {(row.intake_id, row.digest) for row in made}
    answers = []
    for key in hashed:
        answers.append(key in new)
        new.discard(key)
    return answers


def _arrival_values(session: Session, intake: _IntakeRow, arrived: Arrived, digest: str) -> dict[str, Any]:
    vault, raw = vault_of(session), arrived.raw
    size = len(raw) if isinstance(raw, bytes) else raw.stat().st_size
    in_row = isinstance(raw, bytes) and size <= INLINE_BYTES
    return {
        "intake_id": intake.id,
        "kind": arrived.kind,
        "digest": digest,
        "size": size,
        "sealed_raw": vault.seal(session, intake.key_id, raw) if isinstance(raw, bytes) and in_row else None,
        "locator": None if in_row else vault.put_file(session, intake.key_id, raw),
        "sealed_headers": vault.seal_json(session, intake.key_id, dict(arrived.headers)) if arrived.headers else None,
        "arrived_at": arrived.received_at,
    }


def _sha256(raw: bytes | Path) -> bytes:
    if isinstance(raw, bytes):
        return hashlib.sha256(raw).digest()
    with raw.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def begins_with(session: Session, arrival: Arrival, beginning: bytes) -> bool:
    """Whether an arrival's raw bytes begin with these; False where they are kept no longer."""
    vault = vault_of(session)
    key_id = arrival.intake.key_id
    try:
        if arrival.sealed_raw is not None:
            return vault.open(session, key_id, arrival.sealed_raw).startswith(beginning)
        if arrival.locator is None:
            return False
        return b"".join(vault.read_file(session, key_id, arrival.locator, length=len(beginning))) == beginning
    except (Destroyed, NotStored):
        return False


def copy_raw(session: Session, arrival: Arrival, target: Path) -> Path:
    """Write an arrival's raw bytes to ``target``, in bounded memory; raises ``Destroyed`` when they were erased."""
    vault = vault_of(session)
    key_id = session.get_one(Intake, arrival.intake_id).key_id
    if arrival.sealed_raw is not None:
        target.write_bytes(vault.open(session, key_id, arrival.sealed_raw))
    elif arrival.locator is not None:
        vault.copy_out(session, key_id, arrival.locator, target)
    else:
        raise Destroyed(f"The original of intake {arrival.intake_id} is kept no longer.")
    return target

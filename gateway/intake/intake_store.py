"""What came from outside, stored once: an intake and the raw messages it is made of.

Uniqueness is a constraint in the database, so the same message delivered twice, at once or years
apart, is one intake. Everything runs inside the caller's transaction.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel
from gateway.base.traces import trace_arrivals
from gateway.intake.sealed_originals import SealedOriginal, seal_original
from inbox.consultations import consultation_versions, contributors
from inbox.errors import KeysRefused, Overtaken
from inbox.keys.service_keyring import ServiceKeyring
from inbox.models import Arrival, ConsultationVersion, Intake
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import Place, place_of
from inbox.records import intake_lookup
from inbox.storage.envelope_encryption import LooseKey, Vault, vault_of
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_all_new

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
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
    understood_later: bool = False
    """Whose it is, and which consultation is meant, is found out in a step."""
    original: SealedOriginal | None = None
    """``raw`` and ``headers`` sealed, where the door did so before its transaction began, as doors do."""


@dataclass(frozen=True, slots=True)
class StoredIntake:
    """Where what arrived now is, and whether it is the first time."""

    intake_id: int
    is_new: bool
    arrival_is_new: bool


def store_message(session: Session, arrived: IncomingMessage) -> StoredIntake:
    """Store what arrived, once; what an erased intake is sent again is not stored."""
    return store_messages(session, [arrived])[0]


def store_messages(session: Session, several: Sequence[IncomingMessage]) -> list[StoredIntake]:
    """Store many messages with a few statements, each as ``store_message`` does; one answer each, in their order."""
    session.flush()
    began, vault = time.time_ns(), vault_of(session)
    sealed = [_Sealed(one, one.original or seal_original(vault, one.raw, one.headers)) for one in several]
    vault.offer(session, (came.original.locator for came in sealed if came.original.locator is not None))
    wanted: dict[_Identity, _Sealed] = {}
    for came in sealed:
        wanted.setdefault(_identity(came.arrived), came)
    intakes = _intakes_of(session, wanted)
    kept = _keep_arrivals(session, [(intakes[_identity(came.arrived)], came) for came in sealed])
    new = {intake.id: identity[0].value for identity, intake in intakes.items() if intake.is_new}
    trace_arrivals(session, new, began)
    answers = []
    for one, arrival_is_new in zip(several, kept, strict=True):
        intake = intakes[_identity(one)]
        answers.append(StoredIntake(intake.id, intake.is_new, arrival_is_new))
        intake.is_new = False  # the same message twice among the several is new once
    return answers


_Identity = tuple[Channel, str, str]


@dataclass(slots=True)
class _Sealed:
    """A message with what will be stored of it."""

    arrived: IncomingMessage
    original: SealedOriginal


@dataclass(slots=True)
class _IntakeRow:
    """What is needed of an intake's row."""

    id: int
    key_id: int
    is_erased: bool
    is_new: bool
    of: SealedOriginal | None = None
    """The message whose key it got, if it is new."""


def _identity(arrived: IncomingMessage) -> _Identity:
    return arrived.channel, arrived.account, arrived.external_id


def _intakes_of(session: Session, wanted: Mapping[_Identity, _Sealed]) -> dict[_Identity, _IntakeRow]:
    found = _known_intakes(session, wanted)
    if missing := {identity: one for identity, one in wanted.items() if identity not in found}:
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
        for row in intake_lookup.intake_ids(session, channel, account, external_ids):
            found[channel, account, row.external_id] = _IntakeRow(row.id, row.key_id, row.is_erased, is_new=False)
    return found


def _new_intakes(session: Session, missing: Mapping[_Identity, _Sealed]) -> dict[_Identity, _IntakeRow]:
    keys = vault_of(session).adopt_keys(session, [_fresh(one.original) for one in missing.values()])
    versions: dict[tuple[Channel, str | None, str | None], ConsultationVersion | None] = {}
    rows = []
    for one, key_id in zip(missing.values(), keys, strict=True):
        arrived = one.arrived
        meant = arrived.channel, arrived.addressed_to, arrived.consultation_slug
        if meant not in versions:
            versions[meant] = _version_meant(session, arrived)
        rows.append(intake_values(session, arrived, versions[meant], key_id))
    made = insert_all_new(
        session, Intake, rows, [Intake.id, Intake.channel, Intake.account, Intake.external_id, Intake.key_id]
    )
    identities = {(m.channel, m.account, m.external_id): m for m in made}
    return {
        identity: _IntakeRow(m.id, m.key_id, False, is_new=True, of=missing[identity].original)
        for identity, m in identities.items()
    }


def _fresh(original: SealedOriginal) -> LooseKey:
    if original.fresh is None:
        raise Overtaken("what was to be continued is not here")
    return original.fresh


def _version_meant(session: Session, arrived: IncomingMessage) -> ConsultationVersion | None:
    if arrived.understood_later:
        return None
    if arrived.consultation_slug:
        return consultation_versions.current_version(session, arrived.consultation_slug)
    if arrived.addressed_to:
        return consultation_versions.version_for_address(session, arrived.channel, arrived.addressed_to)
    return None


def intake_values(
    session: Session, arrived: IncomingMessage, version: ConsultationVersion | None, key_id: int
) -> dict[str, Any]:
    """The row of a new intake, but for its number."""
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
        "keep_until": consultation_versions.retention_of(version).keep_original_until(arrived.received_at.date()),
    }


def contributor_id(session: Session, sender: Address | None) -> int | None:
    """The contributor behind an address, made on first sight; None for a withheld one."""
    if sender is None:
        return None
    found = contributors.get_or_create_contributor(session, AddressKind(sender.kind), sender.value)
    return found.id if found else None


def _keep_arrivals(session: Session, several: Sequence[tuple[_IntakeRow, _Sealed]]) -> list[bool]:
    """Whether each was new: an arrival is known by its intake and a keyed hash of its bytes."""
    old = [intake.id for intake, _ in several if not intake.is_new]
    seen = intake_lookup.arrivals_of(session, old)
    rows: dict[tuple[int, str], tuple[_IntakeRow, _Sealed]] = {}
    for intake, one in several:
        key = intake.id, one.original.digest
        if not intake.is_erased and key not in seen and key not in rows:
            rows[key] = intake, one
    if not rows:
        return [False] * len(several)
    values = [found for intake, one in rows.values() if (found := _arrival_values(session, intake, one)) is not None]
    if not values:
        return [False] * len(several)
    made = insert_all_new(session, Arrival, values, [Arrival.intake_id, Arrival.digest])
    new = {(row.intake_id, row.digest) for row in made}
    answers = []
    for intake, one in several:
        answers.append((intake.id, one.original.digest) in new)
        new.discard((intake.id, one.original.digest))
    return answers


def _arrival_values(session: Session, intake: _IntakeRow, one: _Sealed) -> dict[str, Any] | None:
    """The row; None where a door is told once more, in other bytes, what it has taken in and cannot open any more."""
    only_seals = isinstance(vault_of(session).keyring, ServiceKeyring)
    if only_seals and one.arrived.channel is Channel.SMS and not intake.is_new:
        return None  # not even asked for: that would be a socket inside a write
    try:
        return _sealed_values(session, intake, one)
    except KeysRefused:
        if intake.is_new or one.arrived.kind is not ArrivalKind.WEBHOOK:
            raise
        log.info("intake %d is told of once more in other words, which are not kept", intake.id)
        return None


def _sealed_values(session: Session, intake: _IntakeRow, one: _Sealed) -> dict[str, Any]:
    arrived, original = one.arrived, one.original
    vault, locator = vault_of(session), original.locator
    if locator is not None:
        if intake.of is not original and vault.key_of(session, intake.key_id) != original.key:
            # The intake has a key already: what belongs to it is sealed with that one.
            locator = _sealed_again(vault, session, intake.key_id, arrived)
        else:
            vault.keep_new(session, locator)
    row = {"intake_id": intake.id, "digest": original.digest}
    return {
        **row,
        "kind": arrived.kind,
        "size": original.size,
        "sealed_raw": _sealed_raw(session, intake, original, place_of(Arrival.sealed_raw, row)),
        "locator": locator,
        "sealed_headers": _sealed_headers(session, intake, original, place_of(Arrival.sealed_headers, row)),
        "arrived_at": arrived.received_at,
    }


def _sealed_raw(session: Session, intake: _IntakeRow, original: SealedOriginal, place: Place) -> bytes | None:
    if original.raw is None:
        return None
    return vault_of(session).seal(session, intake.key_id, original.raw, place)


def _sealed_headers(session: Session, intake: _IntakeRow, original: SealedOriginal, place: Place) -> bytes | None:
    if not original.headers:
        return None
    return vault_of(session).seal_json(session, intake.key_id, original.headers, place)


def _sealed_again(vault: Vault, session: Session, key_id: int, arrived: IncomingMessage) -> str:
    if arrived.original is not None:  # made ready by a door, which makes it ready anew: a write touches no file
        raise Overtaken(f"a file is not sealed with data key {key_id}")
    return vault.put_file(session, key_id, arrived.raw)

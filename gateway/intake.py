"""The one place where what arrived becomes an intake, and an intake its parts and contributions.

Both functions are idempotent: uniqueness is a constraint in the database, tried inside a
savepoint, so the same message delivered twice, at once or years apart, is one intake, and
the same part key is one part. Both run inside the caller's transaction.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from channels.values import Address
from config.consultation import Retention
from config.names import (
    AddressKind,
    ArrivalKind,
    Channel,
    MediumKind,
    Moderation,
    NotContribution,
    Reading,
    StepKind,
)
from inbox import consultations, contributors, history, linking, references, steps, texts
from inbox.columns import utc_now
from inbox.errors import Destroyed
from inbox.models import Arrival, ConsultationVersion, Contribution, ContributionPart, Intake, Medium, Part, Reference
from inbox.upsert import insert_all_new
from inbox.vault import vault_of

INLINE_BYTES = 64 * 1024
"""Raw messages up to this size stand in the row itself: one commit makes them durable, without a second fsync."""

MOST_JOINED = 20
"""Texts in a row that become one contribution; whoever sends more begins another one, so that none grows for ever."""

_CONTENT_TYPE = re.compile(r"[\w!#$&^.+*/-]{0,127}", re.ASCII)  # RFC 6838, section 4.2
_REASON_LENGTH = 255

READ_STEP_OF = {
    MediumKind.RECORDING: StepKind.READ_SPEECH,
    MediumKind.PAGE: StepKind.READ_PAGES,
    MediumKind.PHOTO: StepKind.READ_PAGES,
}


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


@dataclass(frozen=True, slots=True)
class NewMedium:
    """A file of a part: here already (``source``), or still to be fetched (``remote_url``)."""

    kind: MediumKind
    content_type: str
    source: Path | bytes | None = None
    remote_url: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NewPart:
    """What in an intake may be a contribution."""

    key: str
    channel: Channel
    body: str | None = None
    """What the resident typed; None where it has to be read from the media."""
    aside: tuple[tuple[str, str], ...] = ()
    """(kind, text) of what is set apart: quoted mail, signature, footer."""
    media: tuple[NewMedium, ...] = ()
    not_contribution: NotContribution | None = None
    needs_person: str | None = None
    """Why a person has to look, when the door knows it already; without personal data."""
    continues: str | None = None
    """The reference of the contribution this goes on with, when its sender answers our receipt."""


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
    intakes = _intakes_of(session, {_identity(one): one for one in reversed(several)})
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
        "keep_until": _retention(version).keep_original_until(arrived.received_at.date()),
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


def contribute(
    session: Session, intake_id: int, parts: Sequence[NewPart], *, join_minutes: float = 0
) -> list[int | None]:
    """Make an intake's parts and their contributions; one answer per part, None where it is nobody's contribution.

    A part key that is there already is left as it is, and its contribution is returned; an erased
    intake stays empty. With ``join_minutes``, a text joins the contribution its sender began less than that ago.
    """
    # Held and read anew, because an erasure may be under way: nothing may grow on what it leaves.
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None:
        return [None for _ in parts]
    return [_contribution_of(session, intake, new, join_minutes) for new in parts]


def _contribution_of(session: Session, intake: Intake, new: NewPart, join_minutes: float) -> int | None:
    known = session.scalar(select(Part).where(Part.intake_id == intake.id, Part.part_key == new.key))
    if known is not None:
        return session.scalar(
            select(ContributionPart.contribution_id).where(ContributionPart.part_id == known.id).limit(1)
        )
    part = _new_part(session, intake, new)
    session.add(part)
    session.flush()
    for position, medium in enumerate(new.media, start=1):
        add_medium(session, part, position, medium)
    if new.not_contribution is not None:
        part.reading = Reading.READ
        session.flush()
        return None
    # Before it joins anything: a part without words of which nothing is left to be read would need a person.
    schedule_readings(session, part)
    contribution = _continued(session, part, new.continues) or _joined_by(session, intake, part, join_minutes)
    if contribution is None:
        contribution = _new_contribution(session, intake, part)
    else:
        linking.join(session, contribution.id, part.id)
    texts.settle(session, part.id)
    return contribution.id


def _new_part(session: Session, intake: Intake, new: NewPart) -> Part:
    vault = vault_of(session)
    key_id = vault.new_key(session).id
    return Part(
        intake_id=intake.id,
        part_key=new.key,
        channel=new.channel,
        consultation_version_id=intake.consultation_version_id,
        contributor_id=intake.contributor_id,
        key_id=key_id,
        language=intake.language,
        reading=Reading.NEEDS_PERSON if new.needs_person else Reading.WAITING,
        reading_reason=new.needs_person[:_REASON_LENGTH] if new.needs_person else None,
        not_contribution=new.not_contribution,
        sealed_body=vault.seal_text(session, key_id, new.body) if new.body is not None else None,
        sealed_aside=vault.seal_json(session, key_id, [{"kind": k, "text": t} for k, t in new.aside])
        if new.aside
        else None,
        keep_until=_retention(intake.consultation_version).keep_contribution_until(intake.received_at.date()),
    )


def _retention(version: ConsultationVersion | None) -> Retention:
    return consultations.as_consultation(version).retention if version else Retention()


def keep_file_until(part: Part, kind: MediumKind) -> date:
    """The last day of a part's file: callers are told a period of its own for their voice."""
    retention = _retention(part.consultation_version)
    day = part.intake.received_at.date()
    return retention.keep_recording_until(day) if kind is MediumKind.RECORDING else retention.keep_original_until(day)


def add_medium(session: Session, part: Part, position: int, new: NewMedium) -> Medium:
    """Add one file to a part, sealed with the part's key."""
    vault = vault_of(session)
    medium = Medium(
        part_id=part.id,
        position=position,
        kind=new.kind,
        content_type=content_type_of(new.content_type),
        keep_until=keep_file_until(part, new.kind),
    )
    if new.source is not None:
        medium.locator = vault.put_file(session, part.key_id, new.source)
        medium.size = len(new.source) if isinstance(new.source, bytes) else new.source.stat().st_size
    if new.remote_url is not None:
        medium.sealed_source = vault.seal_text(session, part.key_id, new.remote_url)
    if new.name:
        medium.sealed_name = vault.seal_text(session, part.key_id, new.name)
    session.add(medium)
    session.flush()
    return medium


def content_type_of(claim: str) -> str:
    """A content type as its sender claims it; of anything else that it merely is bytes."""
    return claim if _CONTENT_TYPE.fullmatch(claim) else "application/octet-stream"


def add_to_part(session: Session, part_id: int, new: NewMedium) -> bool:
    """Add a file to a part that may have it already, recognised by its name; whether it was new."""
    part = session.get_one(Part, part_id, with_for_update=True, populate_existing=True)
    media = media_of(session, part)
    if part.erased_at is not None or any(name_of(session, part, medium) == new.name for medium in media):
        return False
    add_medium(session, part, 1 + max((m.position for m in media), default=0), new)
    # Why a person was needed for what was there before; it is read again together with this.
    part.reading, part.reading_reason = Reading.WAITING, None
    schedule_readings(session, part)
    texts.settle(session, part.id)
    return True


def media_of(session: Session, part: Part) -> list[Medium]:
    """A part's files in order, discarded ones included."""
    return list(session.scalars(select(Medium).where(Medium.part_id == part.id).order_by(Medium.position)))


def name_of(session: Session, part: Part, medium: Medium) -> str | None:
    """A file's own name, or a recording's identifier at the provider."""
    return vault_of(session).open_text(session, part.key_id, medium.sealed_name) if medium.sealed_name else None


def schedule_readings(session: Session, part: Part) -> None:
    """Add the steps that a part's media still need: fetching first, then reading what is here."""
    media = [m for m in media_of(session, part) if m.discarded_at is None]
    if any(m.locator is None and m.sealed_source is not None for m in media):
        steps.add_step(session, StepKind.FETCH_MEDIA, part=part.id, again=True)
    read_what_is_here(session, part)


def read_what_is_here(session: Session, part: Part) -> None:
    """Have the media of a part that need not be fetched read, or read again."""
    media = [m for m in media_of(session, part) if m.discarded_at is None]
    for kind in sorted({READ_STEP_OF[m.kind] for m in media if m.kind in READ_STEP_OF and m.locator is not None}):
        steps.add_step(session, kind, part=part.id, again=True)


def _continued(session: Session, part: Part, reference: str | None) -> Contribution | None:
    """The contribution whose receipt is answered, if the same person answers it: anybody can forge a reply."""
    contribution_id = references.contribution_of(session, reference) if reference else None
    contribution = session.get(Contribution, contribution_id) if contribution_id else None
    if contribution is None or part.contributor_id is None or contribution.erased_at is not None:
        return None
    return contribution if contribution.contributor_id == part.contributor_id else None


def _joined_by(session: Session, intake: Intake, part: Part, join_minutes: float) -> Contribution | None:
    """The contribution this text goes on with: same sender, same consultation, a moment apart, undecided.

    By the time they came in at the provider, which can be long before they come to us, and in any order.
    """
    if not join_minutes or part.contributor_id is None or part.channel is not Channel.SMS:
        return None
    apart = timedelta(minutes=join_minutes)
    found = session.scalar(
        select(Contribution)
        .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(
            Part.contributor_id == part.contributor_id,
            Part.channel == Channel.SMS,
            Part.consultation_version_id.is_not_distinct_from(part.consultation_version_id),
            Intake.received_at.between(intake.received_at - apart, intake.received_at + apart),
            Contribution.erased_at.is_(None),
            Contribution.moderation == Moderation.IN_REVIEW,
        )
        .order_by(Contribution.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    parts = select(func.count()).select_from(ContributionPart).where(ContributionPart.contribution_id == found.id)
    return found if (session.scalar(parts) or 0) < MOST_JOINED else None


def _new_contribution(session: Session, intake: Intake, part: Part) -> Contribution:
    version = intake.consultation_version
    contribution = Contribution(
        consultation_id=version.consultation_id if version else None,
        channel=part.channel,
        contributor_id=part.contributor_id,
        key_id=vault_of(session).new_key(session).id,
        language=part.language,
    )
    session.add(contribution)
    session.flush()
    session.add(ContributionPart(contribution_id=contribution.id, part_id=part.id))
    session.flush()
    # Where the reference was spoken before there was anything to refer to, it is this contribution's now.
    spoken = session.scalar(
        select(Reference.number).where(Reference.intake_id == intake.id, Reference.contribution_id.is_(None)).limit(1)
    )
    if spoken is None:
        references.issue(session, part=part.id, contribution=contribution.id)
    else:
        references.attach(session, spoken, contribution.id)
    history.record(session, f"contribution:{contribution.id}", "arrived", details={"channel": part.channel.value})
    return contribution


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

"""What came in, looked up: arrivals, parts, their media, and what is to be fetched of them yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from config.enums import ArrivalKind, Channel, MediumKind, NotContribution, StepKind, StepState
from inbox.models import Arrival, Contribution, ContributionPart, Intake, LookUp, Medium, Part, Step


@dataclass(frozen=True, slots=True)
class KnownIntake:
    """An intake that is here already."""

    id: int
    external_id: str
    key_id: int
    is_erased: bool
    """Or a voice, whose original is not kept."""


def first_intake_time(session: Session) -> datetime | None:
    """When the first of all came in."""
    return session.scalar(select(func.min(Intake.received_at)))


def has_other_accounts(session: Session, account: str) -> bool:
    """Whether anything came in by another account."""
    return session.scalar(select(Intake.id).where(Intake.account != account).limit(1)) is not None


def last_came(session: Session, channel: Channel) -> datetime | None:
    """When something last came in that way; None when nothing has."""
    return session.scalar(select(func.max(Intake.received_at)).where(Intake.channel == channel))


def newest_arrival(session: Session, intake_id: int | None) -> Arrival | None:
    """What came last: of a file that grew, the whole."""
    return session.scalar(select(Arrival).where(Arrival.intake_id == intake_id).order_by(Arrival.id.desc()).limit(1))


def arrivals_in_order(session: Session, intake_id: int) -> Sequence[Arrival]:
    """Everything that arrived for an intake, the first first."""
    return session.scalars(select(Arrival).where(Arrival.intake_id == intake_id).order_by(Arrival.id)).all()


def count_came_by(session: Session, account: str) -> int:
    """How many intakes came by an account."""
    return session.scalar(select(func.count(Intake.id)).where(Intake.account == account)) or 0


def parts_by_id(session: Session, part_ids: Collection[int]) -> dict[int, Part]:
    """These parts, by id."""
    return {part.id: part for part in session.scalars(select(Part).where(Part.id.in_(part_ids)))}


def is_original_kept(session: Session, intake_id: int) -> bool:
    """Whether the bytes of anything that arrived for an intake are still kept."""
    kept = or_(Arrival.sealed_raw.is_not(None), Arrival.locator.is_not(None))
    return bool(session.scalar(select(exists().where(Arrival.intake_id == intake_id, kept))))


def has_parts(session: Session, intake_id: int) -> bool:
    """Whether anything of an intake may be a contribution."""
    return session.scalar(select(Part.id).where(Part.intake_id == intake_id).limit(1)) is not None


def contributor_of(session: Session, intake_id: int | None) -> int | None:
    """Who sent it, where that is known."""
    return session.scalar(select(Intake.contributor_id).where(Intake.id == intake_id))


def contributions_of_part(session: Session, part_id: int | None) -> Sequence[Contribution]:
    """The contributions made of a part that are not erased."""
    return session.scalars(
        select(Contribution)
        .join(ContributionPart, ContributionPart.contribution_id == Contribution.id)
        .where(ContributionPart.part_id == part_id, Contribution.erased_at.is_(None))
    ).all()


def made_of(session: Session, intake_id: int) -> set[int]:
    """The contributions made of an intake's parts."""
    parts = select(Part.id).where(Part.intake_id == intake_id)
    links = select(ContributionPart.contribution_id).where(ContributionPart.part_id.in_(parts))
    return set(session.scalars(links))


_VOTED = exists().where(Part.intake_id == Intake.id, Part.not_contribution == NotContribution.VOTE)
_KNOWN = select(
    Intake.id,
    Intake.external_id,
    Intake.key_id,
    or_(Intake.erased_at.is_not(None), and_(bindparam("is_text", type_=Boolean()), _VOTED)).label("kept_out"),
).where(
    Intake.channel == bindparam("channel"),
    Intake.account == bindparam("account"),
    Intake.external_id.in_(bindparam("external_ids", expanding=True)),
)
"""Asked before every text is answered, so it is built once."""


def intake_ids(
    session: Session, channel: Channel, account: str, external_ids: Collection[str]
) -> Sequence[KnownIntake]:
    """The intakes of these identifiers, erased ones too."""
    session.flush()
    meant = {"channel": channel, "account": account, "external_ids": list(external_ids)}
    rows = session.connection().execute(_KNOWN, {**meant, "is_text": channel is Channel.SMS})
    return [KnownIntake(row.id, row.external_id, row.key_id, bool(row.kept_out)) for row in rows]


def arrivals_of(session: Session, intake_ids: Collection[int]) -> set[tuple[int, str]]:
    """(intake, keyed hash of the bytes) of everything that arrived for these intakes."""
    if not intake_ids:
        return set()
    known = select(Arrival.intake_id, Arrival.digest).where(Arrival.intake_id.in_(intake_ids))
    return {(row.intake_id, row.digest) for row in session.execute(known)}


def part_with_key(session: Session, intake_id: int, key: str) -> Part | None:
    """The part of an intake that has this key."""
    return session.scalar(select(Part).where(Part.intake_id == intake_id, Part.part_key == key))


def contribution_of_part(session: Session, part_id: int) -> int | None:
    """A contribution made of a part."""
    of_it = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    return session.scalar(of_it.limit(1))


def only_part(session: Session, intake_id: int) -> int:
    """The one part of a text's intake."""
    return session.scalars(select(Part.id).where(Part.intake_id == intake_id)).one()


def last_intake(session: Session, contribution_id: int) -> Intake:
    """That of a contribution's last part."""
    return session.scalars(
        select(Intake)
        .join(Part, Part.intake_id == Intake.id)
        .join(Part.contributions)
        .where(Contribution.id == contribution_id)
        .order_by(Intake.id.desc())
        .limit(1)
    ).one()


def contributor_of_parts(session: Session, contribution_id: int) -> int | None:
    """Who sent one of a contribution's parts."""
    of_it = select(Part.contributor_id).join(Part.contributions).where(Contribution.id == contribution_id)
    return session.scalar(of_it.limit(1))


def has_part_called(session: Session, contribution_id: int, key: str) -> bool:
    """Whether a contribution has a part of this key."""
    parts = select(Part.id).join(Part.contributions).where(Contribution.id == contribution_id, Part.part_key == key)
    return session.scalar(parts.limit(1)) is not None


def last_part(session: Session, contribution_id: int) -> int | None:
    """The last part of a contribution."""
    of_it = select(func.max(ContributionPart.part_id)).where(ContributionPart.contribution_id == contribution_id)
    return session.scalar(of_it)


def keyed_reference_hashes(session: Session, intake_id: int) -> Sequence[str]:
    """The references keyed in a call, as keyed hashes, in order."""
    return session.scalars(select(LookUp.tag).where(LookUp.intake_id == intake_id).order_by(LookUp.id)).all()


def count_parts(session: Session, contribution_id: int | None) -> int:
    """How many parts a contribution has."""
    joined = select(func.count()).where(ContributionPart.contribution_id == contribution_id)
    return session.scalar(joined) or 0


# --- media


def media_of_contribution(session: Session, contribution_id: int) -> Sequence[Medium]:
    """The media of every part of a contribution."""
    return session.scalars(
        select(Medium).join(Part).join(Part.contributions).where(Contribution.id == contribution_id)
    ).all()


def media_of_part(session: Session, part_id: int) -> Sequence[Medium]:
    """A part's media in order, discarded ones included."""
    return session.scalars(select(Medium).where(Medium.part_id == part_id).order_by(Medium.position)).all()


def stored_media(session: Session, part_id: int, kinds: Collection[MediumKind]) -> Sequence[Medium]:
    """A part's media of these kinds whose file is here, in order."""
    here = (Medium.part_id == part_id, Medium.kind.in_(kinds), Medium.locator.is_not(None))
    return session.scalars(select(Medium).where(*here, Medium.discarded_at.is_(None)).order_by(Medium.position)).all()


def media_to_fetch(session: Session, part_id: int) -> Sequence[Medium]:
    """A part's media whose file is still at the provider."""
    return session.scalars(select(Medium).where(Medium.part_id == part_id, *_MISSING)).all()


def media_with_source(session: Session, part_id: int) -> Sequence[Medium]:
    """A part's media that say what they were made of, or where they were fetched."""
    return session.scalars(select(Medium).where(Medium.part_id == part_id, Medium.sealed_source.is_not(None))).all()


def last_medium_position(session: Session, part_id: int) -> int:
    """The position of a part's last medium, 0 where it has none."""
    return session.scalar(select(func.max(Medium.position)).where(Medium.part_id == part_id)) or 0


_MISSING = (Medium.locator.is_(None), Medium.sealed_source.is_not(None), Medium.discarded_at.is_(None))


def is_to_be_fetched(session: Session, intake_id: int) -> bool:
    """Whether a file is missing that may still come; what is in quarantine may be tried again, what ended may not."""
    awaited = (Step.kind == StepKind.FETCH_MEDIA, Step.state.in_((StepState.OPEN, StepState.QUARANTINED)))
    found = session.scalar(
        select(Medium.id)
        .join(Part, Part.id == Medium.part_id)
        .join(Step, Step.part_id == Part.id)
        .where(Part.intake_id == intake_id, *_MISSING, *awaited)
        .limit(1)
    )
    return found is not None


# --- mails


def first_mails(session: Session, intake_ids: Collection[int]) -> dict[int, Arrival]:
    """The mail of each of these intakes that is one, with the intake: the first, should there be several."""
    mails = session.scalars(
        select(Arrival)
        .where(Arrival.intake_id.in_(intake_ids), Arrival.kind == ArrivalKind.MAIL)
        .options(joinedload(Arrival.intake))
        .order_by(Arrival.id.desc())
    )
    return {mail.intake_id: mail for mail in mails}


def first_mail_of(session: Session, contribution_id: int) -> Arrival | None:
    """The first mail of which a contribution was made; None where none was."""
    return session.scalar(
        select(Arrival)
        .join(Part, Part.intake_id == Arrival.intake_id)
        .join(Part.contributions)
        .where(Contribution.id == contribution_id, Arrival.kind == ArrivalKind.MAIL)
        .order_by(Arrival.id)
        .limit(1)
    )


def mails_of_size(session: Session, account: str, size: int) -> Sequence[Arrival]:
    """The mails of a mailbox that are so large, in bytes."""
    of_account = (Intake.channel == Channel.EMAIL, Intake.account == account)
    return session.scalars(select(Arrival).join(Intake).where(*of_account, Arrival.size == size)).all()


def mail_is_here(session: Session, account: str, external_id: str) -> bool:
    """Whether a mail of this identifier came to a mailbox."""
    same = (Intake.channel == Channel.EMAIL, Intake.account == account, Intake.external_id == external_id)
    return session.scalar(select(Intake.id).where(*same)) is not None


def when_senders_mails_were_read(session: Session, intake: Intake, since: datetime, most: int) -> Sequence[datetime]:
    """When the sender's other mails were taken apart, newest first."""
    others = (Part.contributor_id == intake.contributor_id, Part.channel == Channel.EMAIL, Part.intake_id != intake.id)
    return session.scalars(
        select(Part.created_at).where(*others, Part.created_at >= since).order_by(Part.created_at.desc()).limit(most)
    ).all()


def earlier_mails(session: Session, contributor_id: int, but: int, since: datetime, most: int) -> Sequence[Part]:
    """The parts of a sender's mails but this one, with their intakes, so far as they are kept, newest first."""
    others = (Part.contributor_id == contributor_id, Part.channel == Channel.EMAIL, Part.intake_id != but)
    return session.scalars(
        select(Part)
        .where(*others, Part.sealed_body.is_not(None), Part.created_at >= since)
        .options(joinedload(Part.intake))
        .order_by(Part.id.desc())
        .limit(most)
    ).all()


def mails_ahead(session: Session, intake: Intake) -> int:
    """How many mails of the same sender came before this one and are not taken apart yet."""
    waiting = (Step.kind == StepKind.TAKE_APART, Step.state == StepState.OPEN)
    before = (Intake.contributor_id == intake.contributor_id, Intake.id < intake.id)
    found = session.scalar(
        select(func.count(Step.id)).join(Intake, Intake.id == Step.intake_id).where(*waiting, *before)
    )
    return found or 0

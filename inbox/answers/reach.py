"""How residents are reached: by the way each contribution came, or by what they gave for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import phone_numbers
from config.answer_states import Unreachable, Way
from config.enums import AddressKind, Channel, Purpose
from config.settings.loader import Settings
from inbox.consultations import contributors
from inbox.models import (
    Contribution,
    ContributionPart,
    Contributor,
    ContributorAddress,
    Intake,
    Message,
    OptOut,
    Part,
)
from inbox.records import references
from inbox.wishes import caller_wishes

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ResidentReach:
    """How one resident is reached; where ``way`` is None, ``why`` says why not."""

    contribution_id: int
    channel: Channel
    reference: str
    language: str | None
    way: Way | None
    why: Unreachable | None = None
    contributor_id: int | None = None
    addressed_to: str | None = None
    """The number a text came to, which ours may have to name."""
    centre_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Came:
    """How a contribution came, by its last part."""

    contributor_id: int | None
    addressed_to: str | None
    centre_id: int | None
    was_entered: bool
    wishes_call: bool = False


def find_reaches(
    session: Session, settings: Settings, found: Sequence[Contribution], *, general: bool
) -> list[ResidentReach]:
    """How each is reached, in a handful of queries for every few hundred."""
    result: list[ResidentReach] = []
    for start in range(0, len(found), _AT_ONCE):
        result += _some(session, settings, found[start : start + _AT_ONCE], general)
    return result


def _some(session: Session, settings: Settings, found: Sequence[Contribution], general: bool) -> list[ResidentReach]:
    ids = [one.id for one in found]
    came, numbers = _came(session, ids, settings), references.references_of(session, ids)
    mailed = _mailed(session, ids)
    whose = {
        one.id: mailed.get(one.id) or one.contributor_id or (came[one.id].contributor_id if one.id in came else None)
        for one in found
    }
    people = set(whose.values()) - {None}
    kinds, opted = _kinds(session, people), _opted_out(session, people, settings.town)
    result = []
    for one in found:
        here = came.get(one.id, _Came(None, None, None, False))
        person = whose[one.id]
        kind = kinds.get(person) if person is not None else None
        texts = person is not None and kind is AddressKind.PHONE and _takes_texts(session, person)
        way, why = _way(one.channel, here, kind, texts, person in opted, settings, general)
        result.append(
            ResidentReach(
                one.id,
                one.channel,
                numbers.get(one.id, ""),
                one.language,
                way,
                why,
                person if way in (Way.TEXT, Way.MAIL, Way.PHONE, Way.CALL, Way.LETTER) else None,
                here.addressed_to,
                here.centre_id,
            )
        )
    return result


def _way(
    channel: Channel,
    came: _Came,
    kind: AddressKind | None,
    texts: bool,
    opted_out: bool,
    settings: Settings,
    general: bool,
) -> tuple[Way | None, Unreachable | None]:
    """The way of one, or why there is none. Who has opted out of texts can still hear and read by reference."""
    if channel is Channel.EMAIL:
        reachable = kind is AddressKind.EMAIL and settings.smtp.configured
        return (Way.MAIL, None) if reachable else (None, Unreachable.NO_MAIL)
    by_text = (None, Unreachable.OPTED_OUT) if opted_out else (Way.TEXT, None)
    if channel is Channel.SMS:
        if kind is None:
            return None, Unreachable.WITHHELD
        return by_text if texts else (None, Unreachable.NO_TEXTS)
    if kind is AddressKind.POSTAL:
        return Way.LETTER, None
    if channel is Channel.PAPER:
        return by_text if texts and not opted_out else (Way.NOTICE, None)
    if came.was_entered and texts:
        return by_text
    if came.wishes_call and kind is AddressKind.PHONE and not opted_out:
        return Way.CALL, None
    if kind is None and not general:
        return None, Unreachable.WITHHELD  # an individual answer is told to the same number only
    return Way.PHONE, None


def _came(session: Session, ids: Sequence[int], settings: Settings) -> Mapping[int, _Came]:
    called = caller_wishes.wish_call_back(session, ids) if settings.voicemail.calls_back else set()
    rows = session.execute(
        select(
            ContributionPart.contribution_id,
            Part.contributor_id,
            Intake.addressed_to,
            Intake.centre_id,
            Intake.entered_by_id,
            Intake.scanned_batch,
        )
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .where(ContributionPart.contribution_id.in_(ids), Part.erased_at.is_(None))
        .order_by(Part.id)
    )
    return {
        row.contribution_id: _Came(
            row.contributor_id,
            row.addressed_to,
            row.centre_id,
            row.entered_by_id is not None and row.scanned_batch is None,
            row.contribution_id in called,
        )
        for row in rows
    }


def _mailed(session: Session, ids: Iterable[int]) -> Mapping[int, int]:
    """Whom the receipt of a mail went to: a mail may ask to be answered at another address."""
    rows = session.execute(
        select(Message.contribution_id, Message.contributor_id).where(
            Message.contribution_id.in_(ids),
            Message.purpose == Purpose.RECEIPT,
            Message.channel == Channel.EMAIL,
            Message.contributor_id.is_not(None),
        )
    )
    return {contribution: person for contribution, person in rows if contribution is not None and person is not None}


def _kinds(session: Session, people: Iterable[int | None]) -> Mapping[int, AddressKind]:
    rows = session.execute(
        select(ContributorAddress.contributor_id, ContributorAddress.kind).where(
            ContributorAddress.contributor_id.in_(people)
        )
    )
    return {row.contributor_id: row.kind for row in rows}


def _opted_out(session: Session, people: Iterable[int | None], town: str) -> set[int | None]:
    """By the keyed hash alone: no address is opened for it."""
    wanted = (
        select(Contributor.id)
        .join(OptOut, OptOut.address_hash == Contributor.address_hash)
        .where(Contributor.id.in_(people), OptOut.town == town, OptOut.active)
    )
    return set(session.scalars(wanted))


def _takes_texts(session: Session, contributor_id: int) -> bool:
    known = contributors.address_of(session, contributor_id)
    return known is not None and phone_numbers.takes_texts(known[1])


# --- another way, where the first failed ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another way that somebody gave."""

    way: Way
    contributor_id: int | None = None


def other_ways(
    session: Session, settings: Settings, contribution: Contribution, failed: int | None
) -> Sequence[OtherWay]:
    """The ways besides the one to ``failed``: other addresses of the same contribution, and the sheet of its centre."""
    parts = select(Part.contributor_id).join(ContributionPart, ContributionPart.part_id == Part.id)
    rows = parts.where(ContributionPart.contribution_id == contribution.id, Part.erased_at.is_(None)).order_by(Part.id)
    people = [one for one in dict.fromkeys(session.scalars(rows)) if one is not None and one != failed]
    kinds, opted = _kinds(session, people), _opted_out(session, people, settings.town)
    found = []
    for person in people:
        kind = kinds.get(person)
        if kind is AddressKind.EMAIL and settings.smtp.configured:
            found.append(OtherWay(Way.MAIL, person))
        elif kind is AddressKind.PHONE and person not in opted and _takes_texts(session, person):
            found.append(OtherWay(Way.TEXT, person))
        elif kind is AddressKind.POSTAL:
            found.append(OtherWay(Way.LETTER, person))
    if contribution.channel is Channel.PAPER:
        found.append(OtherWay(Way.NOTICE))
    return found

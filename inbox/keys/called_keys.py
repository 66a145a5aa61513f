"""Which data keys the doors may have: those of a call that goes on, and of what everybody may hear.

A call has its own parts' keys, that of the number it came from, to which a receipt goes, and those of other messages
of whoever calls, who may be told what was understood. What
is published, and answers that were given, are told to whoever asks; an answer in which an official speaks belongs to
the call in which its code was keyed. Nothing else that residents said opens at a door.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.call_length import LONGEST_CALL
from config.enums import Channel
from inbox.keys.key_frames import KeyRequest
from inbox.keys.key_look import KeyLook, Opened
from inbox.models import (
    Answer,
    Contribution,
    ContributionPart,
    ContributorAddress,
    DictationCode,
    GivenAnswer,
    Intake,
    Part,
)


@dataclass(frozen=True, slots=True)
class KnownCallKeys:
    """A call that is here already, and which keys answering it needs."""

    intake_id: int | None
    key_ids: frozenset[int]


def keys_at_door(session: Session, asked: KeyRequest, now: datetime) -> Opened:
    """Look up what may be opened at a door; leases count for nothing there."""
    look = KeyLook(session, asked.key_ids)
    goes_on = (
        Intake.id == asked.call,
        Intake.channel == Channel.VOICEMAIL,
        Intake.received_at > now - LONGEST_CALL,
        Intake.erased_at.is_(None),
    )
    calls = set(session.scalars(select(Intake.id).where(*goes_on))) if asked.call is not None else set()
    return look.within(_circles(look, calls), frozenset({f"call:{asked.call}" if calls else "door"}))


def _circles(look: KeyLook, calls: set[int]) -> Iterator[set[int]]:
    yield look.keys(Intake.key_id, Intake.id, calls) | look.keys(Part.key_id, Part.intake_id, calls)
    parts = look.all(Part.id, Part.intake_id, calls)
    contributions = look.all(ContributionPart.contribution_id, ContributionPart.part_id, parts)
    yield look.keys(Contribution.key_id, Contribution.id, contributions)
    yield look.town_keys()
    yield look.told_keys()
    people = look.all(Intake.contributor_id, Intake.id, calls)
    yield look.keys(ContributorAddress.key_id, ContributorAddress.contributor_id, people)
    yield look.keys(Contribution.key_id, Contribution.contributor_id, people)
    yield look.keys(Answer.key_id, Answer.id, look.all(DictationCode.answer_id, DictationCode.intake_id, calls))


def keys_of_call(session: Session, account: str, external_id: str, about: int | None) -> KnownCallKeys:
    """What is to be asked for before a request of a call is stored; ``about`` is the contribution whose reference it
    names."""
    call = select(Intake.id).where(
        Intake.channel == Channel.VOICEMAIL, Intake.account == account, Intake.external_id == external_id
    )
    intake_id = session.scalar(call)
    parts = select(Part.id).where(Part.intake_id == intake_id)
    made = select(ContributionPart.contribution_id).where(ContributionPart.part_id.in_(parts))
    answers = select(GivenAnswer.answer_id).where(GivenAnswer.contribution_id == about)
    caller = select(Intake.contributor_id).where(Intake.id == intake_id, Intake.contributor_id.is_not(None))
    dictated = select(DictationCode.answer_id).where(DictationCode.intake_id == intake_id)
    wanted = (
        select(Intake.key_id).where(Intake.id == intake_id),
        select(Part.key_id).where(Part.intake_id == intake_id),
        select(ContributorAddress.key_id).where(ContributorAddress.contributor_id.in_(caller)),
        select(Contribution.key_id).where(Contribution.id.in_(made) | (Contribution.id == about)),
        select(Answer.key_id).where(Answer.id.in_(answers) | Answer.id.in_(dictated)),
    )
    return KnownCallKeys(intake_id, frozenset(key for one in wanted for key in session.scalars(one)))


def keys_of_answer(session: Session, message_id: int) -> frozenset[int]:
    """That of the answer for whose sake somebody is called."""
    given = select(GivenAnswer.answer_id).where(GivenAnswer.message_id == message_id)
    return frozenset(session.scalars(select(Answer.key_id).where(Answer.id.in_(given))))

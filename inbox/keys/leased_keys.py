"""Which data keys a step may have while it is leased: those of its intake, and of what belongs to it.

Belonging to an intake are its parts, the contributions they make up, whom it came from, what is sent because of it, and
what else the same person sent, which it may join. Beside these a step looks at a few others: to whom a mail
replies, which sheet was scanned before. Only its words tell who that is, so it may have some keys more, counted and on
record apart. A call that goes on may have its own parts' keys alone. What the pages set, and how to sign in to a
mailbox, is for every part of the gateway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Channel, StepKind, StepState, TextOrigin
from inbox.keys.key_frames import KeyRequest
from inbox.models import (
    Contribution,
    ContributionPart,
    ContributorAddress,
    DataKey,
    Intake,
    MailToken,
    Message,
    Part,
    Step,
    StoredSetting,
    TextVersion,
)
from inbox.storage.crypto import WrappedKey

LONGEST_CALL = timedelta(hours=4)
"""As long as a provider lets a call go on at most."""
_GRACE = timedelta(minutes=1)
"""A step whose lease has run out, and that nobody has taken since, may still be ended by who held it."""
_AT_ONCE = 400
"""Values that are named in one statement."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What may be opened of what was asked for."""

    rows: dict[int, WrappedKey]
    beside: frozenset[int]
    """What belongs to none of the steps, and is there all the same; to be counted, and refused beyond a few."""
    subjects: frozenset[str]
    """For the record: ``step:5`` or ``call:3``."""


def keys_to_open(session: Session, asked: KeyRequest, now: datetime) -> Opened:
    """Look up what may be opened; what was erased is not among the rows."""
    steps = _leased_steps(session, asked.leases, now)
    allowed: set[int] = set()
    for owners in _circles(session, asked, steps, now):
        allowed |= asked.key_ids & owners
        if allowed == asked.key_ids:
            break
    columns = select(DataKey.id, DataKey.master_id, DataKey.wrapped)
    rows = [row for some in _some(asked.key_ids) for row in session.execute(columns.where(DataKey.id.in_(some)))]
    opened = {row.id: WrappedKey(row.master_id, row.wrapped) for row in rows if row.wrapped}
    subjects = {f"step:{step.id}" for step in steps}
    if asked.call is not None:
        subjects.add(f"call:{asked.call}")
    return Opened(opened, frozenset(opened.keys() - allowed), frozenset(subjects))


def _leased_steps(session: Session, leases: Collection[tuple[int, int]], now: datetime) -> list[Any]:
    tokens = dict(leases)
    columns = select(Step.id, Step.token, Step.kind, Step.intake_id, Step.part_id, Step.message_id)
    holds = (Step.state == StepState.OPEN, Step.lease_until > now - _GRACE)
    return [
        row
        for some in _some(tokens)
        for row in session.execute(columns.where(Step.id.in_(some), *holds))
        if tokens[row.id] == row.token
    ]


def _circles(session: Session, asked: KeyRequest, steps: Collection[Any], now: datetime) -> Iterator[set[int]]:
    """The keys within reach, from the nearest circle to the widest, each looked up only when it is needed."""
    look = _Look(session, asked.key_ids)
    intakes = {step.intake_id for step in steps if step.intake_id}
    intakes |= look.all(Part.intake_id, Part.id, {step.part_id for step in steps if step.part_id})
    messages = {step.message_id for step in steps if step.message_id}
    contributions = look.all(Message.contribution_id, Message.id, messages)
    intakes |= look.all(Message.intake_id, Message.id, messages)
    intakes |= _playable(session, asked.call, now)
    yield look.keys(Intake.key_id, Intake.id, intakes) | look.keys(Part.key_id, Part.intake_id, intakes)
    yield look.keys(Message.key_id, Message.id, messages)
    parts = look.all(Part.id, Part.intake_id, intakes)
    contributions |= look.all(ContributionPart.contribution_id, ContributionPart.part_id, parts)
    yield look.keys(Contribution.key_id, Contribution.id, contributions)
    people = look.all(Intake.contributor_id, Intake.id, intakes) | look.all(Part.contributor_id, Part.id, parts)
    people |= look.all(Contribution.contributor_id, Contribution.id, contributions)
    people |= look.all(Message.contributor_id, Message.id, messages)
    yield look.keys(ContributorAddress.key_id, ContributorAddress.contributor_id, people)
    yield look.keys(Message.key_id, Message.intake_id, intakes)
    yield look.keys(Message.key_id, Message.contribution_id, contributions)
    yield look.town_keys()
    if steps:
        yield from _of_same_people(look, people, contributions)
        if any(step.kind is StepKind.READ_SPEECH for step in steps):
            yield look.corrected_keys()


def _of_same_people(look: _Look, people: set[int], contributions: set[int]) -> Iterator[set[int]]:
    yield look.keys(Contribution.key_id, Contribution.contributor_id, people)
    yield look.keys(Intake.key_id, Intake.contributor_id, people)
    yield look.keys(Part.key_id, Part.contributor_id, people)
    yield look.keys(Message.key_id, Message.contributor_id, people)
    joined = contributions | look.all(Contribution.id, Contribution.contributor_id, people)
    parts = look.all(ContributionPart.part_id, ContributionPart.contribution_id, joined)
    yield look.keys(Part.key_id, Part.id, parts)
    yield look.keys(Intake.key_id, Intake.id, look.all(Part.intake_id, Part.id, parts))


class _Look:
    """Looks rows up by their numbers, some at a time; of keys only those that are wanted."""

    def __init__(self, session: Session, wanted: frozenset[int]) -> None:
        self._session = session
        self._wanted = wanted

    def all(self, column: Any, by: Any, values: Collection[int]) -> set[int]:
        """The values of a column in the rows that are named; without None."""
        found: set[int] = set()
        for some in _some(values):
            found |= {one for one in self._session.scalars(select(column).where(by.in_(some))) if one is not None}
        return found

    def keys(self, column: Any, by: Any, values: Collection[int]) -> set[int]:
        """The same of a column of keys."""
        return self.all(column, by, values) & self._wanted if values else set()

    def town_keys(self) -> set[int]:
        """The keys of what the pages set and of the mailboxes' tokens."""
        found = set(self._session.scalars(select(StoredSetting.key_id)))
        return found | set(self._session.scalars(select(MailToken.key_id)))

    def corrected_keys(self) -> set[int]:
        """The keys of recordings whose text a person has read: of what was misheard in them a machine learns."""
        worded = select(TextVersion.contribution_id).where(TextVersion.origin == TextOrigin.PERSON)
        spoken = (Contribution.channel == Channel.VOICEMAIL, Contribution.id.in_(worded))
        contributions = set(self._session.scalars(select(Contribution.id).where(*spoken)))
        parts = self.all(ContributionPart.part_id, ContributionPart.contribution_id, contributions)
        return self.keys(Contribution.key_id, Contribution.id, contributions) | self.keys(Part.key_id, Part.id, parts)


def _playable(session: Session, call: int | None, now: datetime) -> set[int]:
    """The intake of a call that goes on, as far as is known."""
    if call is None:
        return set()
    goes_on = (
        Intake.id == call,
        Intake.channel == Channel.VOICEMAIL,
        Intake.received_at > now - LONGEST_CALL,
        Intake.erased_at.is_(None),
    )
    return set(session.scalars(select(Intake.id).where(*goes_on)))


def _some(values: Iterable[int]) -> Iterator[list[int]]:
    every = sorted(values)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]

"""Which data keys a step may have while it is leased: those of its intake, and of what belongs to it.

Belonging to an intake are its parts, the contributions they make up, whom it came from, what is sent because of it, and
what else the same person sent, which it may join. Beside these a step looks at a few others: to whom a mail
replies, which sheet was scanned before. Only its words tell who that is, so it may have some keys more, counted and on
record apart. What the pages set, and how to sign in to a mailbox, is for every part of the gateway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import StepKind, StepState
from inbox.keys.key_frames import KeyRequest
from inbox.keys.key_look import KeyLook, Opened, some_at_once
from inbox.models import Contribution, ContributionPart, ContributorAddress, Intake, Message, Part, Step

_GRACE = timedelta(minutes=1)
"""A step whose lease has run out, and that nobody has taken since, may still be ended by who held it."""


def keys_to_open(session: Session, asked: KeyRequest, now: datetime) -> Opened:
    """Look up what may be opened; what was erased is not among the rows."""
    steps = _leased_steps(session, asked.leases, now)
    look = KeyLook(session, asked.key_ids)
    return look.within(_circles(look, steps), frozenset(f"step:{step.id}" for step in steps))


def _leased_steps(session: Session, leases: Collection[tuple[int, int]], now: datetime) -> list[Any]:
    tokens = dict(leases)
    columns = select(Step.id, Step.token, Step.kind, Step.intake_id, Step.part_id, Step.message_id)
    holds = (Step.state == StepState.OPEN, Step.lease_until > now - _GRACE)
    return [
        row
        for some in some_at_once(tokens)
        for row in session.execute(columns.where(Step.id.in_(some), *holds))
        if tokens[row.id] == row.token
    ]


def _circles(look: KeyLook, steps: Collection[Any]) -> Iterator[set[int]]:
    """The keys within reach, from the nearest circle to the widest."""
    intakes = {step.intake_id for step in steps if step.intake_id}
    intakes |= look.all(Part.intake_id, Part.id, {step.part_id for step in steps if step.part_id})
    messages = {step.message_id for step in steps if step.message_id}
    contributions = look.all(Message.contribution_id, Message.id, messages)
    intakes |= look.all(Message.intake_id, Message.id, messages)
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
    yield from _of_same_people(look, people, contributions)
    if any(step.kind is StepKind.READ_SPEECH for step in steps):
        yield look.corrected_keys()


def _of_same_people(look: KeyLook, people: set[int], contributions: set[int]) -> Iterator[set[int]]:
    yield look.keys(Contribution.key_id, Contribution.contributor_id, people)
    yield look.keys(Intake.key_id, Intake.contributor_id, people)
    yield look.keys(Part.key_id, Part.contributor_id, people)
    yield look.keys(Message.key_id, Message.contributor_id, people)
    joined = contributions | look.all(Contribution.id, Contribution.contributor_id, people)
    parts = look.all(ContributionPart.part_id, ContributionPart.contribution_id, joined)
    yield look.keys(Part.key_id, Part.id, parts)
    yield look.keys(Intake.key_id, Intake.id, look.all(Part.intake_id, Part.id, parts))

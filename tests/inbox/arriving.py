"""Puts into a store, row by row, what the front door and the workers would have put there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from config.enums import AddressKind, ArrivalKind, Channel, MediumKind, Purpose, StepKind, TagSource
from inbox.consultations import contributors
from inbox.contributions import tags, text_versions, transcripts
from inbox.jobs import enqueue
from inbox.models import (
    Arrival,
    Contribution,
    ContributionPart,
    Intake,
    Medium,
    Message,
    Part,
    Tag,
)
from inbox.models.sealed_places import place_of
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of

_numbers = itertools.count(1)


@dataclass
class Came:
    """The ids of one intake's rows."""

    intake: int
    parts: list[int] = field(default_factory=list)
    contributions: list[int] = field(default_factory=list)
    media: list[int] = field(default_factory=list)
    message: int = 0


def words(text: str) -> list[dict[str, object]]:
    return [{"text": w, "confidence": 0.9, "start": n, "end": n + 0.5} for n, w in enumerate(text.split())]


def arrive(
    session: Session,
    *said: str,
    channel: Channel = Channel.VOICEMAIL,
    sender: str | None = "+33612345678",
    joins: int | None = None,
) -> Came:
    """One intake with a part, a file and a transcript for each thing said; every text stands in every place it can."""
    vault = vault_of(session)
    everything = " / ".join(said)
    who = contributors.get_or_create_contributor(session, AddressKind.PHONE, sender) if sender else None
    who_id = who.id if who else None
    key = vault.new_key(session).id
    intake = Intake(channel=channel, account="AC1", external_id=f"X{next(_numbers)}", key_id=key, contributor_id=who_id)
    session.add(intake)
    session.flush()
    came = Came(intake.id)
    raw = f"From={sender}&Body={everything}".encode()
    for digest, inline in (("a" * 64, True), ("b" * 64, False)):
        row = {"intake_id": intake.id, "digest": digest}
        session.add(
            Arrival(
                **row,
                kind=ArrivalKind.WEBHOOK,
                size=len(raw),
                sealed_raw=vault.seal(session, key, raw, place_of(Arrival.sealed_raw, row)) if inline else None,
                locator=None if inline else vault.put_file(session, key, raw * 100),
                sealed_headers=vault.seal_json(
                    session, key, {"subject": everything}, place_of(Arrival.sealed_headers, row)
                ),
            )
        )
    for number, text in enumerate(said):
        part = _part(session, came, number, text, channel, who_id)
        if joins is None:
            contribution = _contribution(session, part, channel, who_id)
        else:
            contribution = session.get_one(Contribution, joins)
        session.add(ContributionPart(contribution_id=contribution.id, part_id=part.id))
        session.flush()
        came.contributions.append(contribution.id)
        text_versions.settle_part(session, part.id)
        tags.suggest_tags(session, contribution.id, [("mobilite", [text[:200]])])
        session.add(Tag(contribution_id=contribution.id, name=text[:60], source=TagSource.PERSON))
        session.flush()
    if joins is None:
        came.message = _message(session, came.contributions[0], channel, everything, who_id)
    return came


def _part(session: Session, came: Came, number: int, text: str, channel: Channel, who_id: int | None) -> Part:
    vault = vault_of(session)
    key = vault.new_key(session).id
    row = {"intake_id": came.intake, "part_key": f"form-{number}"}
    part = Part(
        **row,
        channel=channel,
        contributor_id=who_id,
        key_id=key,
        sealed_aside=vault.seal_json(
            session, key, [{"kind": "quoted", "text": text}], place_of(Part.sealed_aside, row)
        ),
    )
    session.add(part)
    session.flush()
    came.parts.append(part.id)
    file = (text + "\n").encode() * 3000  # more than one sealed chunk
    place = {"part_id": part.id, "position": 1}
    medium = Medium(
        **place,
        kind=MediumKind.PAGE,
        content_type="image/png",
        size=len(file),
        locator=vault.put_file(session, key, file),
        sealed_source=vault.seal_text(
            session, key, f"https://provider.example/{text}", place_of(Medium.sealed_source, place)
        ),
        sealed_name=vault.seal_text(session, key, f"{text}.png", place_of(Medium.sealed_name, place)),
    )
    session.add(medium)
    session.flush()
    came.media.append(medium.id)
    transcripts.add_transcript(
        session, medium.id, engine="e", model="m", language="fr", words=words(text), took_seconds=0.1
    )
    return part


def _contribution(session: Session, part: Part, channel: Channel, who_id: int | None) -> Contribution:
    contribution = Contribution(
        channel=channel, contributor_id=who_id, key_id=vault_of(session).new_key(session).id, language="fr"
    )
    session.add(contribution)
    session.flush()
    references.issue_reference(session, part=part.id, contribution=contribution.id)
    return contribution


def _message(session: Session, contribution_id: int, channel: Channel, text: str, who_id: int | None) -> int:
    vault = vault_of(session)
    key = vault.new_key(session).id
    message = Message(
        purpose=Purpose.RECEIPT,
        channel=channel,
        contribution_id=contribution_id,
        contributor_id=who_id,
        key_id=key,
    )
    session.add(message)
    session.flush()
    message.sealed_body = vault.seal_json(session, key, {"body": text}, place_of(Message.sealed_body, message))
    enqueue.add_step(session, StepKind.SEND, message=message.id)
    return message.id

"""Rows as the front door makes them, in as few words as a test can say it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel, MediumKind, Role, StepKind
from inbox.accounts import passwords, staff
from inbox.contributions import text_versions, transcripts
from inbox.jobs import steps
from inbox.models import (
    Arrival,
    Consultation,
    ConsultationVersion,
    Contribution,
    ContributionPart,
    Intake,
    Medium,
    Part,
    Step,
)
from inbox.models.sealed_places import place_of
from inbox.records import history, references
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of

_numbers = itertools.count(1)

PASSWORD = "quatre mots qui durent"


def moderator(store: Store) -> int:
    """Somebody who decides; the person's id."""
    with store.write() as session:
        return staff.create_person(
            session, f"lena{next(_numbers)}", "Léna", passwords.hash_password(PASSWORD), [Role.MODERATOR]
        ).id


def consultation(session: Session, body: dict | None = None) -> ConsultationVersion:
    """A consultation nobody wrote a file for."""
    number = next(_numbers)
    row = Consultation(slug=f"places-{number}")
    session.add(row)
    session.flush()
    version = ConsultationVersion(consultation_id=row.id, number=1, digest=str(number), body=body or {"themes": []})
    session.add(version)
    session.flush()
    return version


def intake(session: Session, channel: Channel = Channel.SMS, version: ConsultationVersion | None = None) -> Intake:
    """Something that came in, with its arrival."""
    number = next(_numbers)
    made = Intake(
        channel=channel,
        account="+33200000000",
        external_id=f"outside-{number}",
        consultation_version_id=version.id if version else None,
        key_id=vault_of(session).new_key(session).id,
    )
    session.add(made)
    session.flush()
    row = {"intake_id": made.id, "digest": str(number)}
    session.add(
        Arrival(
            kind=ArrivalKind.WEBHOOK,
            **row,
            size=1,
            sealed_raw=vault_of(session).seal(session, made.key_id, b"?", place_of(Arrival.sealed_raw, row)),
        )
    )
    session.flush()
    return made


def part(
    session: Session,
    inside: Intake,
    body: str | None = None,
    media: Sequence[MediumKind] = (),
    needs_person: str | None = None,
) -> Part:
    """What may be a contribution, with the steps its media need."""
    key_id = vault_of(session).new_key(session).id
    made = Part(
        intake_id=inside.id,
        part_key=f"part-{next(_numbers)}",
        channel=inside.channel,
        consultation_version_id=inside.consultation_version_id,
        contributor_id=inside.contributor_id,
        key_id=key_id,
        reading_reason=needs_person,
    )
    if body is not None:
        made.sealed_body = vault_of(session).seal_text(session, key_id, body, place_of(Part.sealed_body, made))
    session.add(made)
    session.flush()
    for position, kind in enumerate(media):
        session.add(Medium(part_id=made.id, position=position, kind=kind, content_type="x/y"))
        session.flush()
        reads = StepKind.READ_SPEECH if kind is MediumKind.RECORDING else StepKind.READ_PAGES
        steps.add_step(session, reads, part=made.id)
    return made


def contribution_of(session: Session, *parts: Part) -> Contribution:
    """What these parts make, with its reference, settled."""
    version = parts[0].consultation_version_id
    made = Contribution(
        consultation_id=session.get_one(ConsultationVersion, version).consultation_id if version else None,
        channel=parts[0].channel,
        contributor_id=parts[0].contributor_id,
        key_id=vault_of(session).new_key(session).id,
        language="fr",
    )
    session.add(made)
    session.flush()
    for each in parts:
        session.add(ContributionPart(contribution_id=made.id, part_id=each.id))
    session.flush()
    references.issue_reference(session, contribution=made.id)
    history.record_event(session, f"contribution:{made.id}", "arrived")
    for each in parts:
        text_versions.settle_part(session, each.id)
    return made


def text_message(store: Store, body: str, version: ConsultationVersion | None = None) -> int:
    """A contribution that was typed; its id."""
    with store.write() as session:
        return text_message_in(session, body, version)


def text_message_in(session: Session, body: str, version: ConsultationVersion | None = None) -> int:
    """The same within a transaction."""
    return contribution_of(session, part(session, intake(session, Channel.SMS, version), body)).id


def voicemail(store: Store, version: ConsultationVersion | None = None) -> int:
    """A contribution that was spoken and waits to be read; its id."""
    with store.write() as session:
        inside = intake(session, Channel.VOICEMAIL, version)
        return contribution_of(session, part(session, inside, media=[MediumKind.RECORDING])).id


def parts_of(session: Session, contribution_id: int) -> list[int]:
    """The ids of a contribution's parts."""
    return list(
        session.scalars(
            select(ContributionPart.part_id)
            .where(ContributionPart.contribution_id == contribution_id)
            .order_by(ContributionPart.part_id)
        )
    )


def words(text: str, confidence: float = 0.9) -> list[dict]:
    """What an engine heard."""
    return [
        {"text": word, "confidence": confidence, "start": float(second), "end": second + 0.9}
        for second, word in enumerate(text.split())
    ]


def reading_steps(store: Store, contribution_id: int) -> list[int]:
    """The ids of the reading steps of a contribution's parts."""
    with store.read() as session:
        return list(
            session.scalars(
                select(Step.id)
                .where(Step.part_id.in_(parts_of(session, contribution_id)), Step.kind.in_(text_versions.READING_KINDS))
                .order_by(Step.id)
            )
        )


def hear(
    store: Store, contribution_id: int, text: str, ending: steps.Ending | None = None, confidence: float = 0.9
) -> None:
    """An engine reads what waits in a contribution: takes the steps, saves the words, ends them."""
    take_and_hear(store, reading_steps(store, contribution_id), text, ending, confidence)


def take_and_hear(
    store: Store, step_ids: Iterable[int], text: str, ending: steps.Ending | None = None, confidence: float = 0.9
) -> None:
    """An engine takes these steps, whatever contribution speaks for their parts by now."""
    for step_id in step_ids:
        lease = steps.claim_step(store, step_id)
        if lease is None:
            continue
        with store.write() as session:
            for medium_id in session.scalars(select(Medium.id).where(Medium.part_id == lease.part_id)).all():
                transcripts.add_transcript(
                    session,
                    medium_id,
                    engine="stand-in",
                    model="none",
                    language="fr",
                    words=words(text, confidence),
                    took_seconds=0.1,
                )
            steps.end_step(session, lease, ending or steps.Done())


def heard(store: Store, text: str, version: ConsultationVersion | None = None) -> int:
    """A contribution that was spoken and has been read; its id."""
    contribution_id = voicemail(store, version)
    hear(store, contribution_id, text)
    return contribution_id


def text_of(store: Store, contribution_id: int) -> text_versions.TextWording | None:
    """The text in force."""
    with store.read() as session:
        return text_versions.current_text(session, session.get_one(Contribution, contribution_id))


def state_of(store: Store, contribution_id: int) -> Contribution:
    """The contribution as it now is."""
    with store.read() as session:
        found = session.get_one(Contribution, contribution_id)
        session.expunge(found)
        return found

"""The one place where an intake becomes parts and contributions.

The same part key is the same part, however often it is brought. Everything runs inside the
caller's transaction.
"""

from collections.abc import Sequence
from datetime import timedelta

from config.enums import Channel, Reading
from gateway.intake.new_parts import NewPart, Passage, SetApart
from gateway.intake.part_media import add_media, schedule_readings
from inbox.consultations import consultation_versions
from inbox.contributions import linking, text_versions
from inbox.models import Contribution, ContributionPart, FormCopy, Intake, Part, Reference
from inbox.models.sealed_places import place_of
from inbox.records import history, intake_lookup, person_lookup, references
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

__all__ = [
    "MOST_JOINED",
    "SLIP_TAKEN",
    "NewPart",
    "Passage",
    "SetApart",
    "apart_as_kept",
    "attach_slip_reference",
    "begin_contribution",
    "create_contributions",
    "schedule_orphan_deletion",
]

SLIP_TAKEN = "Another sheet came before under the number of this form: a photocopy, or this very sheet."
"""Why a person looks at a form whose number leads to another contribution."""
MOST_JOINED = 20
"""Texts in a row that become one contribution; whoever sends more begins another one, so that none grows for ever."""


def create_contributions(
    session: Session, intake_id: int, parts: Sequence[NewPart], *, join_minutes: float = 0
) -> list[int | None]:
    """Make an intake's parts and their contributions; one answer per part, None where it is nobody's contribution.

    A part key that is there already is left as it is, and its contribution is returned; an erased
    intake stays empty. With ``join_minutes``, a text joins the contribution its sender began less than that ago.
    """
    schedule_orphan_deletion(session, parts)
    # Held and read anew, because an erasure may be under way: nothing may grow on what it leaves.
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None:
        return [None for _ in parts]
    return [_contribution_of(session, intake, new, join_minutes) for new in parts]


def schedule_orphan_deletion(session: Session, parts: Sequence[NewPart]) -> None:
    """Have the files of parts deleted that no row of this transaction comes to refer to."""
    stored = [medium.stored for part in parts for medium in part.media if medium.stored is not None]
    vault_of(session).offer(session, [one.locator for one in stored])


def _contribution_of(session: Session, intake: Intake, new: NewPart, join_minutes: float) -> int | None:
    known = intake_lookup.part_with_key(session, intake.id, new.key)
    if known is not None:
        return intake_lookup.contribution_of_part(session, known.id)
    part = _new_part(session, intake, new)
    session.add(part)
    session.flush()
    add_media(session, part, new.media)
    if new.not_contribution is not None:
        part.reading = Reading.READ
        session.flush()
        return None
    # Before it joins anything: a part without words of which nothing is left to be read would need a person.
    schedule_readings(session, part)
    contribution = session.get_one(Contribution, new.goes_with[1]) if new.goes_with is not None else None
    contribution = (
        contribution or _continued(session, part, new.continues) or _joined_by(session, intake, part, join_minutes)
    )
    if contribution is None:
        contribution = begin_contribution(session, intake, part, new.reference)
    else:
        linking.join_part(session, contribution.id, part.id)
    text_versions.settle_part(session, part.id)
    return contribution.id


def _new_part(session: Session, intake: Intake, new: NewPart) -> Part:
    vault = vault_of(session)
    (key_id,) = vault.adopt_keys(session, [new.fresh]) if new.fresh else vault.new_keys(session, 1)
    row = {"intake_id": intake.id, "part_key": new.key}
    body_place, aside_place = place_of(Part.sealed_body, row), place_of(Part.sealed_aside, row)
    return Part(
        **row,
        channel=new.channel,
        consultation_version_id=intake.consultation_version_id,
        contributor_id=intake.contributor_id,
        key_id=key_id,
        language=intake.language,
        reading=Reading.NEEDS_PERSON if new.needs_person else Reading.WAITING,
        reading_reason=text_versions.join_reasons(new.needs_person),
        not_contribution=new.not_contribution,
        sealed_body=vault.seal_text(session, key_id, new.body, body_place) if new.body is not None else None,
        sealed_aside=vault.seal_json(session, key_id, apart, aside_place) if (apart := apart_as_kept(new)) else None,
        keep_until=consultation_versions.retention_of(intake.consultation_version).keep_contribution_until(
            intake.received_at.date()
        ),
    )


def apart_as_kept(new: NewPart) -> list[dict[str, object]]:
    """What is known of a part's body beside its words, as it is sealed."""
    passages = [one._asdict() | {"text": (new.body or "")[one.start : one.end]} for one in new.passages]
    asides = [{name: value for name, value in one._asdict().items() if value} for one in new.aside]
    return [*asides, *passages]


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
    found = person_lookup.texted_around(session, part, intake.received_at - apart, intake.received_at + apart)
    if found is None:
        return None
    return found if intake_lookup.count_parts(session, found.id) < MOST_JOINED else None


def begin_contribution(session: Session, intake: Intake, part: Part, slip: str | None = None) -> Contribution:
    """A contribution of its own for a part, with its reference: that of its ``slip``, if it leads nowhere yet."""
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
    if slip is not None and attach_slip_reference(session, slip, part, contribution):
        history.record_event(
            session, f"contribution:{contribution.id}", "arrived", details={"channel": part.channel.value}
        )
        return contribution
    # Where the reference was spoken before there was anything to refer to, it is this contribution's now.
    spoken = references.spoken_in(session, intake.id)
    if spoken is None:
        references.issue_reference(session, part=part.id, contribution=contribution.id)
    else:
        references.attach_reference(session, spoken, contribution.id)
    history.record_event(session, f"contribution:{contribution.id}", "arrived", details={"channel": part.channel.value})
    return contribution


def attach_slip_reference(session: Session, number: str, part: Part, contribution: Contribution) -> bool:
    """Let a printed number lead to its contribution; where it leads to another already, a person is told."""
    slip = session.get(Reference, number, with_for_update=True)
    if slip is None or (slip.intake_id is not None and session.get(FormCopy, number) is None):
        return False  # not one that was printed here
    if slip.contribution_id == contribution.id:
        return True
    if slip.contribution_id is not None:
        part.reading = Reading.NEEDS_PERSON
        part.reading_reason = text_versions.join_reasons(part.reading_reason, SLIP_TAKEN)
        return False
    slip.part_id, slip.contribution_id = part.id, contribution.id
    session.flush()
    return True

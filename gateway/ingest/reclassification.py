"""A person says that what a machine counted as no contribution is one: it becomes one, and goes to review.

Doing it twice is doing it once. It can be taken back like any decision
(``inbox.contributions.non_contributions.restore_judgement``).
"""

from __future__ import annotations

from config.enums import Channel, Moderation, NotContribution, Reading, StepKind
from config.settings.loader import Settings
from gateway.ingest.ingest import SPEECH
from gateway.intake.contribute import NewPart, begin_contribution, create_contributions
from gateway.intake.part_media import schedule_readings
from gateway.receipts import compose_receipt
from inbox.contributions import non_contributions, text_versions
from inbox.contributions.non_contributions import UnitKind
from inbox.contributions.optimistic_locking import NotThere
from inbox.jobs import steps
from inbox.models import Contribution, Intake, Part
from inbox.records import history, intake_lookup
from inbox.storage.unit_of_work import Session

NOTHING_READ = "Taken as a contribution by a person. Look at the original, and write down what it says."
"""The reason of what came of an intake in which no machine had found a part."""

KEY_OF = {Channel.SMS: "text", Channel.VOICEMAIL: SPEECH, Channel.EMAIL: "body", Channel.PAPER: "whole"}
"""The key of the part an intake gets that had none: what its door would call it, so that nothing is counted twice."""

_MAIL_BODY = KEY_OF[Channel.EMAIL]


def make_contribution(session: Session, settings: Settings, unit: UnitKind, number: int, by: int) -> int:
    """Make a part, or an intake without one, a contribution in review; its id. Raises ``NotThere``."""
    intake, part = _locked(session, unit, number)
    kind = non_contributions.clear_judgement(session, intake, part)
    if kind is None:
        return _contribution_of(session, part)
    made = _from_nothing(session, intake) if part is None else _from_part(session, intake, part)
    details = {
        "part": _part_of(session, made.id, part),
        "kind": kind.value,
        "from": made.moderation.value,
        "from_reason": made.set_aside_reason.value if made.set_aside_reason else None,
    }
    made.moderation, made.set_aside_reason = Moderation.IN_REVIEW, None
    made.revision += 1
    history.record_event(session, f"contribution:{made.id}", non_contributions.TAKEN, by, details)
    session.flush()
    _queue_receipt(session, settings, intake, made, kind)
    return made.id


def _locked(session: Session, unit: UnitKind, number: int) -> tuple[Intake, Part | None]:
    """The intake and its part (its first, should it have one by now), locked, contributions first as everywhere."""
    part_id = non_contributions.main_part(session, unit, number)
    if part_id is not None:
        text_versions.lock_contributions_of(session, part_id)
    fresh = {"with_for_update": True, "populate_existing": True}
    part = session.get(Part, part_id, **fresh) if part_id is not None else None  # type: ignore[arg-type]  # a mapping
    intake_id = part.intake_id if part is not None else number if unit == "intake" else None
    intake = session.get(Intake, intake_id, **fresh) if intake_id is not None else None  # type: ignore[arg-type]
    if part is not None and part.not_contribution is NotContribution.VOTE:
        raise NotThere(f"part {part.id} is a voice, of which nothing is kept")
    if intake is None or intake.erased_at is not None or (part is not None and part.erased_at is not None):
        raise NotThere(f"{unit} {number} is not there")
    return intake, part


def _contribution_of(session: Session, part: Part | None) -> int:
    """What has been made of it already."""
    if part is None:
        raise NotThere("it is still being read")
    known = non_contributions.contributions_of(session, part.id)
    if not known:
        raise NotThere(f"part {part.id} belongs to no contribution")
    return known[0]


def _from_part(session: Session, intake: Intake, part: Part) -> Contribution:
    part.reading, part.reading_reason = Reading.WAITING, None
    session.flush()
    schedule_readings(session, part)
    known = text_versions.lock_contributions_of(session, part.id)
    made = next((one for one in known if one.erased_at is None), None) or begin_contribution(session, intake, part)
    text_versions.settle_part(session, part.id)
    return made


def _from_nothing(session: Session, intake: Intake) -> Contribution:
    key = KEY_OF[intake.channel]
    (made,) = create_contributions(session, intake.id, [NewPart(key, intake.channel, needs_person=NOTHING_READ)])
    assert made is not None
    return session.get_one(Contribution, made)


def _part_of(session: Session, contribution_id: int, part: Part | None) -> int:
    if part is not None:
        return part.id
    return intake_lookup.last_part(session, contribution_id) or 0


def _queue_receipt(
    session: Session, settings: Settings, intake: Intake, made: Contribution, kind: NotContribution
) -> None:
    """The receipt its sender would have had, by the way it came; none to whoever said nothing.

    A mail is read once more for it: whether it can be answered stands in its headers, and a machine is never answered.
    """
    match intake.channel:
        case Channel.SMS:
            compose_receipt.queue_text_receipt(session, settings, made.id, compose_receipt.reply_address(session, made))
        case Channel.EMAIL if intake_lookup.is_original_kept(session, intake.id) and _is_letter(session, made):
            steps.add_step(session, StepKind.TAKE_APART, intake=intake.id, again=True)
        case Channel.VOICEMAIL if kind is not NotContribution.NO_MESSAGE:
            compose_receipt.queue_call_receipt(session, settings, made.id)
        case Channel.PAPER:
            compose_receipt.record_receipt_given(session, made)  # its reference stands on the batch's printed list
        case _:
            pass


def _is_letter(session: Session, made: Contribution) -> bool:
    """Whether it is a mail's own words, rather than a form that a copier sent."""
    return intake_lookup.has_part_called(session, made.id, _MAIL_BODY)

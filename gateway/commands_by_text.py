"""What a text message that is only a keyword asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels import sms
from channels.keywords import consent_in
from channels.values import Address, Command, CommandKind, IncomingText
from config.consultation import Consultation
from config.names import Purpose
from config.settings import Settings
from gateway import receipts, states
from inbox import consultations, contributors, erasures, references
from inbox.columns import utc_now
from inbox.models import Contribution, Intake
from inbox.refusals import count_refusal

_ALWAYS_ANSWERED = (CommandKind.STOP, CommandKind.START, CommandKind.YES, CommandKind.NO)
_STANDING = (CommandKind.STOP, CommandKind.START)
_ANSWERED_SOON = (*_STANDING, CommandKind.HELP, CommandKind.STATE)
_WITH_REFERENCE = (CommandKind.STATE, CommandKind.ERASE, CommandKind.KEEP)

LATE = timedelta(days=1)
"""After this time nobody waits any more for the answer to a keyword, unless it is about erasing."""

CLOCKS_APART = timedelta(minutes=5)
"""How far the clock of a provider, or of a telephone, may be from ours."""


def understood(
    session: Session, settings: Settings, intake_id: int, text: IncomingText, came_at: datetime | None = None
) -> IncomingText:
    """The text with the command it is: yes and no only while we have asked, thanks only after a receipt.

    Anything else that a resident writes is what that person has to say. ``came_at`` is when it really
    came in, where it is taken in later.
    """
    contributor_id = session.get_one(Intake, intake_id).contributor_id
    consent = consent_in(text.body) if not text.media else None
    if consent is not None and _asked_about(session, settings, contributor_id, came_at) is not None:
        # The provider may take a YES for a wish to get texts again; it answers a question of ours.
        return replace(text, command=consent, answered=False)
    thanked = text.command is not None and text.command.kind is CommandKind.THANKS
    return replace(text, command=None) if thanked and not _has_spoken(session, contributor_id) else text


def _asked_about(
    session: Session, settings: Settings, contributor_id: int | None, came_at: datetime | None
) -> int | None:
    """What we had asked about when the text came in."""
    until = came_at + CLOCKS_APART if came_at else utc_now()
    return erasures.pending(session, contributor_id, until - timedelta(minutes=settings.texting.confirm_minutes), until)


def _has_spoken(session: Session, contributor_id: int | None) -> bool:
    """Whether somebody has contributed before."""
    if contributor_id is None:
        return False
    return (
        session.scalar(select(Contribution.id).where(Contribution.contributor_id == contributor_id).limit(1))
        is not None
    )


def obey(
    session: Session, settings: Settings, intake_id: int, text: IncomingText, came_at: datetime | None = None
) -> None:
    """Do what the keyword asks, and answer it, unless the provider has; thanks need no answer.

    A wish to get no more texts, or to get them again, is obeyed however late it is found (``came_at``),
    unless the same person has said something else since. After a day nobody is texted about it any more,
    nor told a state or how things are done; what is about erasing is still done, so it is also answered.
    """
    command, sender = text.command, text.sender
    if command is None or command.kind is CommandKind.THANKS:
        return
    intake = session.get_one(Intake, intake_id)
    if not _stands(session, settings, command, sender, came_at):
        return
    if came_at is not None and command.kind in _ANSWERED_SOON and came_at < utc_now() - LATE:
        return
    asker = intake.contributor_id
    if command.kind not in _ALWAYS_ANSWERED and states.asks_too_often(session, settings, asker, came_at):
        # Neither answered nor looked up: whoever guesses references learns nothing more in this hour.
        count_refusal(session, "sms", "too_many_keywords")
        return
    key, facts = _do(session, settings, intake, command, came_at)
    if sender is None or text.answered:
        return
    consultation = _consultation_of(intake)
    language = command.language or (consultation.language if consultation else settings.language)
    if key == "":
        state = states.look_up(session, settings, command.reference or "", language, consultation)
        key, consultation, facts = f"sms_state_{state.name}", state.consultation, dict(state.facts)
    else:
        facts["write_to"] = receipts.write_to(settings, consultation, intake.addressed_to)
    receipts.queue(session, sms.compose(key, sender, language, consultation, **facts), Purpose.STATE, intake)


def _stands(
    session: Session, settings: Settings, command: Command, sender: Address | None, came_at: datetime | None
) -> bool:
    """Obey a wish to get no more texts, or to get them again; False when its sender has said something else since."""
    if sender is None or command.kind not in _STANDING:
        return True
    note = contributors.opt_out if command.kind is CommandKind.STOP else contributors.opt_in
    return note(session, sender.kind, sender.value, settings.town, came_at)


def _do(
    session: Session, settings: Settings, intake: Intake, command: Command, came_at: datetime | None
) -> tuple[str, dict[str, object]]:
    """Do it; the key of the text that answers it, and its facts. An empty key asks for the reference's state."""
    if command.kind in (CommandKind.YES, CommandKind.NO):
        return _decide(session, settings, intake, command, came_at)
    if command.kind in _WITH_REFERENCE:
        return _about_reference(session, settings, intake, command)
    return f"sms_{command.kind.value}", {}


def _about_reference(
    session: Session, settings: Settings, intake: Intake, command: Command
) -> tuple[str, dict[str, object]]:
    number = references.parse_reference(command.reference or "")
    contribution_id = references.contribution_of(session, number) if number else None
    if contribution_id is None or number is None:
        return "sms_state_unknown", {}
    if command.kind is CommandKind.STATE or erasures.is_erased(session, contribution_id):
        return "", {}
    if not erasures.belongs_to(session, contribution_id, intake.contributor_id):
        if command.kind is CommandKind.ERASE:
            erasures.leave_to_a_person(session, contribution_id, intake.id)
        return "sms_erase_by_person", {"reference": number}
    if command.kind is CommandKind.KEEP:
        erasures.take_back(session, contribution_id)
        return "sms_erase_kept", {"reference": number}
    if erasures.is_confirmed(session, contribution_id):
        return _will_be_erased(settings, number)
    erasures.ask_back(session, contribution_id, intake.id)
    return "sms_erase_confirm", {"reference": number, "minutes": settings.texting.confirm_minutes}


def _decide(
    session: Session, settings: Settings, intake: Intake, command: Command, came_at: datetime | None
) -> tuple[str, dict[str, object]]:
    """The answer to our question; the reference is the one we asked about."""
    contribution_id = _asked_about(session, settings, intake.contributor_id, came_at)
    assert contribution_id is not None, "understood only while a question is open"
    number = references.reference_of(session, contribution_id)
    if erasures.is_erased(session, contribution_id):
        erasures.decline(session, contribution_id, intake.id)
        return "sms_state_erased", {"reference": number}
    if command.kind is CommandKind.NO:
        erasures.decline(session, contribution_id, intake.id)
        return "sms_erase_kept", {"reference": number}
    not_before = utc_now() + timedelta(hours=settings.texting.undo_hours)
    erasures.confirm(session, contribution_id, intake.id, not_before)
    return _will_be_erased(settings, number)


def _will_be_erased(settings: Settings, number: str) -> tuple[str, dict[str, object]]:
    return "sms_erased", {"reference": number, "hours": settings.texting.undo_hours or ""}


def _consultation_of(intake: Intake) -> Consultation | None:
    version = intake.consultation_version
    return consultations.as_consultation(version) if version else None

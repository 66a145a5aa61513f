"""What a text message that is only a keyword asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.keywords import consent_in
from channels.values import Address, Command, CommandKind, IncomingText
from config.consultation import Consultation
from config.names import Purpose
from config.settings import Settings
from config.texts import resident_text
from gateway import receipts, states
from inbox import consultations, contributors, erasures, references
from inbox.columns import utc_now
from inbox.models import Contribution, Intake
from inbox.refusals import count_refusal

_ALWAYS_ANSWERED = (CommandKind.STOP, CommandKind.START, CommandKind.YES, CommandKind.NO)
_WITH_REFERENCE = (CommandKind.STATE, CommandKind.ERASE, CommandKind.KEEP)


def understood(session: Session, settings: Settings, intake_id: int, text: IncomingText) -> IncomingText:
    """The text with the command it is here and now: yes and no only while we have asked, thanks only after a receipt.

    Anything else that a resident writes is what that person has to say.
    """
    contributor_id = session.get_one(Intake, intake_id).contributor_id
    consent = consent_in(text.body) if not text.media else None
    if consent is not None and _asked_about(session, settings, contributor_id) is not None:
        # The provider may take a YES for a wish to get texts again; it answers a question of ours.
        return replace(text, command=consent, answered=False)
    thanked = text.command is not None and text.command.kind is CommandKind.THANKS
    return replace(text, command=None) if thanked and not _has_spoken(session, contributor_id) else text


def _asked_about(session: Session, settings: Settings, contributor_id: int | None) -> int | None:
    since = erasures.window(settings.texting.confirm_minutes)
    return erasures.pending(session, contributor_id, since)


def _has_spoken(session: Session, contributor_id: int | None) -> bool:
    """Whether somebody has contributed before."""
    if contributor_id is None:
        return False
    return (
        session.scalar(select(Contribution.id).where(Contribution.contributor_id == contributor_id).limit(1))
        is not None
    )


def obey(session: Session, settings: Settings, intake_id: int, text: IncomingText) -> None:
    """Do what the keyword asks, and answer it, unless the provider has; thanks need no answer."""
    command, sender = text.command, text.sender
    if command is None or command.kind is CommandKind.THANKS:
        return
    intake = session.get_one(Intake, intake_id)
    if command.kind not in _ALWAYS_ANSWERED and states.asks_too_often(session, settings, intake.contributor_id):
        # Neither answered nor looked up: whoever guesses references learns nothing more in this hour.
        count_refusal(session, "sms", "too_many_keywords")
        return
    key, facts = _do(session, settings, intake, command, sender)
    if sender is None or text.answered:
        return
    consultation = _consultation_of(intake)
    language = command.language or (consultation.language if consultation else settings.language)
    if key == "":
        body = states.by_text(session, settings, command.reference or "", language, consultation)
    else:
        write_to = receipts.write_to(settings, consultation, intake.addressed_to)
        body = resident_text(key, language, consultation, write_to=write_to, **facts)
    receipts.queue(session, receipts.by_text(sender, body), Purpose.STATE, intake)


def _do(
    session: Session, settings: Settings, intake: Intake, command: Command, sender: Address | None
) -> tuple[str, dict[str, object]]:
    """Do it; the key of the text that answers it, and its facts. An empty key asks for the reference's state."""
    if sender is not None and command.kind is CommandKind.STOP:
        contributors.opt_out(session, sender.kind, sender.value, settings.town)
    elif sender is not None and command.kind is CommandKind.START:
        contributors.opt_in(session, sender.kind, sender.value, settings.town)
    elif command.kind in (CommandKind.YES, CommandKind.NO):
        return _decide(session, settings, intake, command)
    elif command.kind in _WITH_REFERENCE:
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


def _decide(session: Session, settings: Settings, intake: Intake, command: Command) -> tuple[str, dict[str, object]]:
    """The answer to our question; the reference is the one we asked about."""
    contribution_id = _asked_about(session, settings, intake.contributor_id)
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

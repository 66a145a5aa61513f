"""What a text message that is only a keyword asks for."""

from __future__ import annotations

from sqlalchemy.orm import Session

from channels import sms
from channels.values import CommandKind, IncomingText, Outgoing
from config.consultation import Consultation
from config.names import Purpose
from config.settings import Settings
from gateway import receipts, states
from inbox import consultations, contributors, history, references
from inbox.models import Intake


def obey(session: Session, settings: Settings, intake_id: int, text: IncomingText) -> None:
    """Do what the keyword asks, and answer it, unless the provider has; thanks need no answer."""
    command, sender = text.command, text.sender
    if command is None or sender is None:
        return
    if command.kind is CommandKind.STOP:
        contributors.opt_out(session, sender.kind, sender.value, settings.town)
    elif command.kind is CommandKind.START:
        contributors.opt_in(session, sender.kind, sender.value, settings.town)
    elif command.kind is CommandKind.ERASE:
        _ask_a_person_to_erase(session, command.reference or "")
    if command.kind is CommandKind.THANKS or text.answered:
        return
    intake = session.get_one(Intake, intake_id)
    version = intake.consultation_version
    consultation = consultations.as_consultation(version) if version else None
    language = command.language or (consultation.language if consultation else settings.language)
    answer = _answer(session, settings, text, language, consultation)
    receipts.queue(session, answer, Purpose.STATE, intake)


def _answer(
    session: Session, settings: Settings, text: IncomingText, language: str, consultation: Consultation | None
) -> Outgoing:
    assert text.command is not None
    assert text.sender is not None
    digits = text.command.reference or ""
    if text.command.kind is CommandKind.STATE:
        state = states.in_words(session, settings, digits, language, consultation, spoken=False)
        return receipts.by_text(text.sender, state)
    if text.command.kind is CommandKind.ERASE:
        number = references.parse_reference(digits)
        if number is None:
            return sms.compose("sms_state_unknown", text.sender, language, consultation)
        return sms.compose("sms_erase_by_person", text.sender, language, consultation, reference=number)
    key = f"sms_{text.command.kind.value}"
    return sms.compose(key, text.sender, language, consultation, write_to=settings.twilio.write_to)


def _ask_a_person_to_erase(session: Session, digits: str) -> None:
    """Put the wish into the contribution's history, where a person decides."""
    number = references.parse_reference(digits)
    contribution_id = references.contribution_of(session, number) if number else None
    if contribution_id is not None:
        history.record(session, f"contribution:{contribution_id}", "erasure_asked_for")

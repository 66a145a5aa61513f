"""In which language a resident writes, where nobody has said so: found out from the words, and kept."""

from __future__ import annotations

from config.settings.loader import Settings
from inbox.consultations import consultation_versions
from inbox.contributions import tags, text_versions
from inbox.models import Contribution, Message
from inbox.storage.unit_of_work import Session
from transcription.text.language import language_of


def detect_text_language(session: Session, settings: Settings, contribution: Contribution) -> str | None:
    """The language of a contribution's text among its consultation's; what is known already is not asked again."""
    if contribution.language is not None:
        return contribution.language
    wording = text_versions.current_text(session, contribution)
    asked = contribution.consultation
    version = consultation_versions.current_version(session, asked.slug) if asked is not None else None
    known = consultation_versions.as_consultation(version).languages if version else settings.languages
    return language_of(wording.body, known) if wording is not None else None


def receipt_language(session: Session, settings: Settings, message_id: int | None) -> str | None:
    """The language in which a message about a contribution is to be written; None where nobody can tell."""
    message = session.get(Message, message_id)
    if message is None or message.contribution_id is None:
        return None
    contribution = session.get_one(Contribution, message.contribution_id)
    return detect_text_language(session, settings, contribution) if contribution.erased_at is None else None


def save_language(session: Session, contribution_id: int, language: str | None) -> None:
    """Note the language of a contribution, unless one is known by now."""
    if language is not None:
        tags.keep_language(session, contribution_id, language)

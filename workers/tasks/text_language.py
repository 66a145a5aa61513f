"""In which language a resident writes or speaks where nobody has said so: found out, and sent to who reads it."""

from __future__ import annotations

from collections.abc import Sequence

from config.settings.loader import Settings
from inbox.consultations import consultation_versions
from inbox.contributions import tags, text_versions
from inbox.desk import language_routing
from inbox.models import Contribution, Message
from inbox.storage.unit_of_work import Session
from transcription.text.foreign_language import foreign_language_of
from transcription.text.language import language_of


def detect_text_language(session: Session, settings: Settings, contribution: Contribution) -> str | None:
    """The language of a contribution; what is known already is not asked again.

    Else that in which its recordings were understood, where it is another than was expected; else one of its
    consultation's that its text is in; else any other one.
    """
    if contribution.language is not None:
        return contribution.language
    known = _languages_asked_in(session, settings, contribution)
    spoken = language_routing.spoken_language(session, contribution.id)
    if spoken is not None and spoken not in known:
        return spoken
    wording = text_versions.current_text(session, contribution)
    if wording is None:
        return None
    # What was said first tells: what is joined to it later may have come before or after somebody looked.
    first = text_versions.find_version(session, contribution, 1) or wording
    return language_of(wording.body, known) or foreign_language_of(first.body, known)


def is_foreign(said: str, written_in: str | None, known: Sequence[str]) -> bool:
    """Whether a text goes to who reads its language: ``written_in`` is none of ``known``, and another one is."""
    return written_in is None and foreign_language_of(said, known) is not None


def _languages_asked_in(session: Session, settings: Settings, contribution: Contribution) -> tuple[str, ...]:
    asked = consultation_versions.current_consultation(session, contribution.consultation_id)
    return tuple(asked.languages if asked else settings.languages)


def receipt_language(session: Session, settings: Settings, message_id: int | None) -> str | None:
    """The language in which a message about a contribution is to be written; None where nobody can tell."""
    message = session.get(Message, message_id)
    if message is None or message.contribution_id is None:
        return None
    contribution = session.get_one(Contribution, message.contribution_id)
    return detect_text_language(session, settings, contribution) if contribution.erased_at is None else None


def save_language(session: Session, settings: Settings, contribution_id: int, language: str | None) -> None:
    """Note the language of a contribution, unless one is known by now; a foreign one goes to who reads it."""
    if language is None or not tags.keep_language(session, contribution_id, language):
        return
    contribution = session.get_one(Contribution, contribution_id)
    if language not in _languages_asked_in(session, settings, contribution):
        language_routing.assign_to_reader(session, contribution_id, language)

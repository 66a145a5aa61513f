"""What a reference opens: a state in plain words, and nothing else; never who or what."""

from __future__ import annotations

from sqlalchemy.orm import Session

from config.consultation import Consultation
from config.names import Moderation
from config.settings import Settings
from config.texts import resident_text
from inbox import consultations, references
from inbox.models import Contribution


def in_words(
    session: Session,
    settings: Settings,
    digits: str,
    language: str,
    consultation: Consultation | None,
    *,
    spoken: bool,
) -> str:
    """The state of the contribution that ``digits`` refer to, or that there is none, to be said or texted."""
    prefix = "voice" if spoken else "sms"
    number = references.parse_reference(digits)
    contribution_id = references.contribution_of(session, number) if number else None
    contribution = session.get(Contribution, contribution_id) if contribution_id else None
    if number is None or contribution is None:
        return resident_text(f"{prefix}_state_unknown", language, consultation)
    if contribution.consultation is not None:
        version = consultations.current(session, contribution.consultation.slug)
        consultation = consultations.as_consultation(version) if version else consultation
    reason = ""
    if contribution.set_aside_reason is not None:
        reason = resident_text(f"reason_{contribution.set_aside_reason.value}", language, consultation)
    return resident_text(
        f"{prefix}_state_{_state(contribution)}",
        language,
        consultation,
        reference=number,
        received=contribution.created_at.astimezone(settings.zone).date(),
        reason=reason,
    )


def _state(contribution: Contribution) -> str:
    if contribution.erased_at is not None:
        return "erased"
    return "waiting" if contribution.moderation is Moderation.IN_REVIEW else contribution.moderation.value

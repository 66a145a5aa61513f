"""What a caller may wish for a message: the one being left, or one whose reference is keyed on its telephone."""

from __future__ import annotations

from dataclasses import replace

from channels.providers import registry
from channels.voice import WISHES, CallerWishes
from config.enums import Answers, Channel
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from inbox.erasure import erasure_requests
from inbox.models import Contribution, Intake
from inbox.records import intake_lookup, references
from inbox.storage.unit_of_work import Session
from inbox.wishes import caller_wishes


def offered_wishes(
    session: Session, settings: Settings, intake: Intake, consultation: Consultation | None, reference: str
) -> CallerWishes:
    """What is offered to a caller, for the message of this call or that of a ``reference``."""
    if consultation is None or _meant(session, intake, reference) is None:
        return CallerWishes()
    is_answered = consultation.answers is not Answers.NONE and intake.contributor_id is not None
    return CallerWishes(
        call_back=settings.voicemail.calls_back and is_answered and registry.call_provider(settings).places_calls,
        voice=settings.voicemail.lends_voices and consultation.public,
        online=settings.voicemail.lends_voices and settings.voicemail.lends_voices_online and consultation.public,
    )


def keep_wish(session: Session, intake: Intake, offered: CallerWishes, digits: str, reference: str) -> CallerWishes:
    """Note what a key wishes, where it is offered; with what was noted."""
    wish, meant = WISHES.get(digits, ""), _meant(session, intake, reference)
    is_offered = {"call_back": offered.call_back, "": False, "taken_back": bool(offered.offered)}
    is_offered["online"] = offered.online
    if meant is None or not is_offered.get(wish, offered.voice):
        return offered
    is_kept = caller_wishes.save_wish(session, meant.id, wish)
    return replace(offered, kept=wish) if is_kept else offered


def _meant(session: Session, intake: Intake, reference: str) -> Intake | None:
    """The call a wish is about; None where it is not the caller's own, alone."""
    if not reference:
        return intake if intake.erased_at is None else None
    number = references.parse_reference(reference)
    known = references.contribution_of(session, number) if number else None
    found = session.get(Contribution, known) if known is not None else None
    if found is None or found.erased_at is not None or found.channel is not Channel.VOICEMAIL:
        return None
    if not erasure_requests.is_sole_author(session, found.id, intake.contributor_id):
        return None
    return intake_lookup.last_intake(session, found.id)

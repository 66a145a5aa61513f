"""A call from request to request: what has to be done before anything is said, and what is known when it is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from channels.values import IncomingCall
from channels.voicemail import CallFacts, Place, wants
from config.consultation import Consultation
from config.settings import Settings
from gateway import states
from gateway.doors import Posted, discard_recording, keep_recording, take_in_call
from inbox import consultations, references
from inbox.columns import utc_now
from inbox.models import Intake

BASE = "/hooks/voice"


def advance(session: Session, settings: Settings, place: Place, call: IncomingCall, posted: Posted) -> CallFacts:
    """Store a request of a call, do what it asks for, and say what is known now."""
    accepted = take_in_call(session, call, posted, language=place.language or None)
    intake = session.get_one(Intake, accepted.intake_id)
    asked = wants(place, call)
    if asked.keep is not None:
        keep_recording(session, settings, intake.id, asked.keep)
    if asked.discard:
        discard_recording(session, intake.id, asked.discard)
    consultation = _consultation(intake)
    language = place.language or settings.language
    return _facts(
        settings,
        consultation,
        reference=_reference(session, intake) if asked.reference else "",
        state=_state(session, settings, asked.state_of, language, consultation),
    )


def facts_without_store(settings: Settings) -> CallFacts:
    """What can be said when nothing can be looked up: the greeting and the tone, which are enough to be heard."""
    return _facts(settings, None, reference="", state="")


def note_recording(session: Session, settings: Settings, call: IncomingCall, posted: Posted) -> None:
    """A recording's own callback: it may come before, after or instead of the call's next request."""
    accepted = take_in_call(session, call, posted)
    if call.recording is not None:
        keep_recording(session, settings, accepted.intake_id, call.recording)


def note_end(session: Session, call: IncomingCall, posted: Posted) -> None:
    """The end of a call; a recording may still be on its way, so only the look at the provider decides."""
    take_in_call(session, call, posted)


def _state(session: Session, settings: Settings, digits: str, language: str, consultation: Consultation | None) -> str:
    return states.in_words(session, settings, digits, language, consultation, spoken=True) if digits else ""


def _consultation(intake: Intake) -> Consultation | None:
    version = intake.consultation_version
    return consultations.as_consultation(version) if version else None


def _reference(session: Session, intake: Intake) -> str:
    """The reference to say: the contribution's where there is one, else one issued beforehand for the call."""
    for part in intake.parts:
        for contribution in part.contributions:
            return references.reference_of(session, contribution.id)
    return references.issue(session, intake=intake.id)


def _facts(settings: Settings, consultation: Consultation | None, *, reference: str, state: str) -> CallFacts:
    return CallFacts(
        base=settings.public_url.rstrip("/") + BASE,
        consultation=consultation,
        today=utc_now().astimezone(settings.zone).date(),
        languages=consultation.languages if consultation else settings.languages,
        reference=reference,
        state=state,
        api_base=settings.twilio.api_base,
    )

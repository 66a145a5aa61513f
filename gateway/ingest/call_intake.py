"""A call from request to request: what has to be done before anything is said, and what is known when it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from channels.base.values import IncomingCall
from channels.intent.votes import keyed_vote
from channels.voice import (
    CallDemand,
    CallerWishes,
    CallFacts,
    Place,
    Position,
    SpokenState,
    SpokenVoices,
    Understood,
    demand_of_request,
)
from config.enums import Channel
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from config.wording.message_catalog import has_texts_in
from gateway.ingest import published_voices, recording_playback, vote_intake
from gateway.ingest.ingest import PostedWebhook, discard_recording, ingest_call_request, store_recording
from gateway.receipts import contesting, status_lookup, wishing
from gateway.receipts.prompt_recordings import prompt_urls
from inbox.answers import answer_recordings
from inbox.answers.drafting import AnswerGone
from inbox.consultations import consultation_versions
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session

BASE = "/hooks/voice"


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What the database knows of a call."""

    consultation: Consultation | None
    reference: str
    heard: str
    state: SpokenState
    others: SpokenVoices = field(default_factory=SpokenVoices)
    understood: Understood = field(default_factory=Understood)
    voted: str = ""
    wishes: CallerWishes = field(default_factory=CallerWishes)


def process_call_request(
    session: Session, settings: Settings, place: Place, call: IncomingCall, posted: PostedWebhook
) -> KnownCall:
    """Store a request of a call, do what it asks for, and say what is known now."""
    intake, asked = _take_in(session, settings, place, call, posted)
    consultation = _consultation(intake)
    language = place.language or (consultation.language if consultation else settings.language)
    state = SpokenState("unknown", consultation)
    if asked.state_of:
        state = status_lookup.keyed_status(session, settings, intake, asked.state_of, language, consultation)
    if asked.code:
        state = status_lookup.state_by_code(
            session, settings, intake, asked.code_of, asked.code, language, consultation
        )
    if asked.dictated_by:
        state = _dictated(session, intake, asked, state)
    if asked.contest:
        contesting.contest(session, asked.contest, Channel.VOICEMAIL)
    about = asked.understood
    wishes = wishing.offered_wishes(session, settings, intake, consultation, _wished_about(place, state))
    if asked.wish:
        wishes = wishing.keep_wish(session, intake, wishes, asked.wish, asked.wish_about)
    return KnownCall(
        consultation,
        understood=contesting.understood(session, intake, about, language) if about else Understood(),
        reference=_reference(session, intake) if asked.reference else "",
        heard=recording_playback.playback_url(session, intake, asked.hear, _base(settings)) if asked.hear else "",
        state=state,
        wishes=wishes,
        voted=_voted(session, settings, intake, call, asked.vote, place) if asked.vote else "",
    )


def with_other_voices(
    store: Store, settings: Settings, place: Place, call: IncomingCall, known: KnownCall
) -> KnownCall:
    """With what others said, where the caller wants to hear that: read after the request was stored."""
    asked = demand_of_request(place, call)
    if not asked.others:
        return known
    with store.read() as session:
        heard = published_voices.published_voices_page(session, settings, known.consultation, asked.others)
    return replace(known, others=heard)


def _dictated(session: Session, intake: Intake, asked: CallDemand, state: SpokenState) -> SpokenState:
    """Keep an answer that an official has spoken, by a code that this call may use."""
    code = answer_recordings.claim_code(session, asked.dictated_by, intake.id)
    if code is None:
        return state
    recording = asked.dictated
    if recording is not None and recording.url and not recording.absent:
        try:
            answer_recordings.save_source(session, code.answer_id, code.language, code.person_id, url=recording.url)
        except AnswerGone:
            return state  # it was sent meanwhile: the page says so
    return SpokenState("dictation", state.consultation, {"code": asked.dictated_by})


def _wished_about(place: Place, state: SpokenState) -> str:
    """The reference whose message a wish would be about; empty for the message of this call."""
    if place.position is Position.STATE:
        return str(state.facts.get("reference", "")) or "0"
    return place.reference


def offline_call_facts(settings: Settings) -> CallFacts:
    """What can be said when nothing can be looked up: the greeting and the tone, which are enough to be heard."""
    return read_call_facts(settings, KnownCall(None, reference="", heard="", state=SpokenState("later")))


def handle_recording_callback(
    session: Session, settings: Settings, place: Place, call: IncomingCall, posted: PostedWebhook
) -> None:
    """A recording's own callback: it may come before, after or instead of the call's next request."""
    _take_in(session, settings, place, call, posted)


def handle_call_end(session: Session, call: IncomingCall, posted: PostedWebhook) -> None:
    """The end of a call; a recording may still be on its way, so only the look at the provider decides."""
    ingest_call_request(session, call, posted)


def _take_in(
    session: Session, settings: Settings, place: Place, call: IncomingCall, posted: PostedWebhook
) -> tuple[Intake, CallDemand]:
    accepted = ingest_call_request(session, call, posted, language=place.language or None)
    asked = demand_of_request(place, call)
    if asked.keep is not None:
        store_recording(session, settings, accepted.intake_id, asked.keep)
    if asked.discard:
        discard_recording(session, accepted.intake_id, asked.discard)
    return session.get_one(Intake, accepted.intake_id), asked


def _consultation(intake: Intake) -> Consultation | None:
    version = intake.consultation_version
    return consultation_versions.as_consultation(version) if version else None


def _voted(session: Session, settings: Settings, intake: Intake, call: IncomingCall, digits: str, place: Place) -> str:
    """What came of a voice that was keyed; the same where the provider asks the same again."""
    said, asked = keyed_vote(digits), _consultation(intake)
    if said is None or asked is None or intake.erased_at is not None:
        return "unknown"
    return vote_intake.ingest_keyed_vote(session, settings, intake, said, call.caller, place.tries)


def _reference(session: Session, intake: Intake) -> str:
    """The reference to say: the contribution's where there is one, else one issued beforehand for the call."""
    for part in intake.parts:
        for contribution in part.contributions:
            return references.reference_of(session, contribution.id)
    return references.issue_reference(session, intake=intake.id)


def read_call_facts(settings: Settings, known: KnownCall) -> CallFacts:
    """What is known of a call, with the town's recordings, which are looked for after the transaction."""
    consultation = known.consultation
    prompts = prompt_urls(settings.voicemail.prompts_dir, consultation.slug if consultation else "", _base(settings))
    languages = consultation.languages if consultation else settings.languages
    # Words in a language that nobody has written would be another language's, and the voice would not fit them.
    offered = [one for one in languages[1:] if has_texts_in(one, consultation) or f"{one}/voice_press_9" in prompts]
    return CallFacts(
        base=_base(settings),
        consultation=consultation,
        today=utc_now().astimezone(settings.zone).date(),
        languages=(languages[0], *offered),
        reference=known.reference,
        state=known.state,
        others=known.others,
        understood=known.understood,
        voted=known.voted,
        wishes=known.wishes,
        heard=known.heard,
        prompts=prompts,
        patience=settings.voicemail,
    )


def _base(settings: Settings) -> str:
    return settings.public_url.rstrip("/") + BASE

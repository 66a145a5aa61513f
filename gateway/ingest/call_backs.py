"""Calls of ours to those who asked for one: what is told in them, and what became of each.

Such a call is no intake: nothing comes in by it but keys. Whoever misses it is called again in the town's hours, three
times in all; after that the answer waits to be heard by the reference, as for every other caller.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from channels import voice
from channels.base.call_steps import CallEnd
from channels.voice import CallFacts, Place, Position, RingFacts, SpokenState
from channels.voice.ring_dialogue import CONTEST, HEAR, NO_MORE
from config.answer_states import GivenState, Way
from config.enums import Channel, MessageState, StepKind
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.ingest.call_intake import KnownCall, read_call_facts
from gateway.receipts import status_lookup
from inbox.answers import reference_state
from inbox.desk import contests
from inbox.jobs import steps
from inbox.models import Contribution, GivenAnswer, Message
from inbox.models.column_types import utc_now
from inbox.records import answer_messages, references
from inbox.storage.unit_of_work import Session
from inbox.wishes import caller_wishes

MOST_CALLS = 3
AGAIN_AFTER = timedelta(hours=4)
"""Whoever did not pick up in the morning may in the afternoon."""


def process_ring_request(session: Session, settings: Settings, place: Place, digits: str) -> KnownCall:
    """Do what a key asks for in a call of ours, and say what is known now."""
    found = _given(session, place.message)
    contribution = session.get(Contribution, found.contribution_id) if found is not None else None
    if found is None or contribution is None or contribution.erased_at is not None:
        return KnownCall(None, reference="", heard="", state=SpokenState("unknown"))
    reference = references.reference_of(session, contribution.id)
    language = place.language or contribution.language or settings.language
    known = reference_state.state_by_reference(
        session, settings, reference, language, asker=found.contributor_id, answer_id=found.answer_id
    )
    is_told = known.name == reference_state.ANSWERED
    if place.position is Position.RUNG and is_told:
        _obey(session, found, digits)
    state = status_lookup.spoken_state(session, settings, known) if is_told else SpokenState("unknown")
    return KnownCall(known.consultation, reference=reference, heard="", state=state)


def read_ring_facts(settings: Settings, known: KnownCall) -> RingFacts:
    """What is said in a call of ours, with the town's own recordings."""
    facts: CallFacts = read_call_facts(settings, known)
    return RingFacts(facts, known.state)


def ring_language(settings: Settings, consultation: Consultation | None, written_in: str | None) -> str:
    """In which language somebody is called."""
    usual = consultation.language if consultation else settings.language
    known = consultation.languages if consultation else settings.languages
    return written_in if written_in in known else usual


def ring_url(settings: Settings, message_id: int, language: str) -> str:
    """The address that is asked what to say in a call of ours."""
    base = settings.public_url.rstrip("/") + "/hooks/voice"
    return voice.Place(Position.RING, language, message=message_id).url(base)


def test_call_url(settings: Settings) -> str:
    """The address that is asked what to say in a test call."""
    return f"{settings.public_url.rstrip('/')}/hooks/voice/test?{urlencode({'l': settings.language})}"


def record_call_end(session: Session, message_id: int, end: CallEnd, call_id: str) -> None:
    """How a call of ours ended: heard, missed and to be made again, or left to be heard by the reference."""
    found = _given(session, message_id, lock=True)
    message = session.get(Message, message_id, with_for_update=True)
    if found is None or message is None or found.state is not GivenState.SENDING:
        return
    if message.sent_at is None or message.provider_id not in (None, call_id):
        return  # told twice: it is to be made again already, or is being made
    found.calls += 1
    if end is CallEnd.FAILED or found.calls >= MOST_CALLS:
        leave_to_be_heard(session, found, message)
        return
    message.state, message.provider_id, message.sent_at = MessageState.QUEUED, None, None
    steps.add_step(session, StepKind.SEND, message=message_id, again=True, not_before=utc_now() + AGAIN_AFTER)


def leave_to_be_heard(session: Session, found: GivenAnswer, message: Message) -> None:
    """Nobody picks up: the answer waits for whoever calls with the reference."""
    message.state = MessageState.FAILED
    found.way, found.state, found.at = Way.PHONE, GivenState.TO_HEAR, utc_now()
    session.flush()


def _given(session: Session, message_id: int, *, lock: bool = False) -> GivenAnswer | None:
    found = answer_messages.given_by_message(session, message_id, lock=lock)
    return found if found is not None and found.way in (Way.CALL, Way.PHONE) else None


def _obey(session: Session, found: GivenAnswer, digits: str) -> None:
    if digits == HEAR and found.state in (GivenState.SENDING, GivenState.TO_HEAR):
        found.state, found.at = GivenState.HEARD, utc_now()
        message = session.get(Message, found.message_id) if found.message_id is not None else None
        if message is not None:
            message.state = MessageState.DELIVERED
    elif digits == CONTEST:
        contests.lodge(session, found.contribution_id, Channel.VOICEMAIL)
    elif digits == NO_MORE:
        caller_wishes.stop_calling_back(session, found.contribution_id)
        message = session.get(Message, found.message_id) if found.message_id is not None else None
        if message is not None and found.state is GivenState.SENDING:
            leave_to_be_heard(session, found, message)

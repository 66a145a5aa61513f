"""The dialogue of the fallback door: greeting and consent, tone, thanks. No menu, no state, no reference."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from channels.base.values import IncomingCall
from channels.voice.call_request import CallFacts
from channels.voice.call_response import Answer
from channels.voice.dialogue_state import Place, Position

_TRIES = 2
_HAS_SPOKEN = (Position.SPOKEN, Position.CHOICE, Position.AGAIN, Position.THANKS)


def say_without_menu(place: Place, call: IncomingCall, facts: CallFacts, *, town: str, failed_at: str) -> str:
    """The answer as TwiML; ``failed_at`` is the address that was not answered, empty in the fallback's own dialogue.

    Who had spoken already when the gateway fell silent is thanked; everybody else hears the tone.
    """
    interrupted = place_of(failed_at)
    answer = Answer(replace(place, language=place.language or interrupted.language or facts.languages[0]), facts)
    if call.ended:
        pass
    elif call.recording is not None or place.position in _HAS_SPOKEN or interrupted.position in _HAS_SPOKEN:
        answer.end("voice_thanks_only")
    elif place.tries > _TRIES:
        answer.end("voice_goodbye")
    else:
        answer.tell(answer.response, "voice_fallback" if place.tries == 1 else "voice_nothing_heard", town=town)
        answer.record()
    return str(answer.response)


def place_of(address: str) -> Place:
    """Where in the usual dialogue an address lies; its beginning where it lies nowhere."""
    parts = urlsplit(address)
    return Place.of(parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))

"""The dialogue of the fallback door: greeting and consent, tone, thanks. No menu, no state, no reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from channels.base.call_steps import CallStep
from channels.base.values import IncomingCall
from channels.voice.call_request import CallFacts
from channels.voice.call_response import CallAnswer
from channels.voice.dialogue_state import Place, Position

_TRIES = 2
_HAS_SPOKEN = (Position.SPOKEN, Position.CHOICE, Position.AGAIN, Position.THANKS)


def say_without_menu(
    place: Place, call: IncomingCall, facts: CallFacts, *, town: str, failed_at: str
) -> Iterator[CallStep]:
    """The answer, step by step; ``failed_at`` is the address that did not answer, empty in the fallback's own dialogue.

    Who had spoken already when the gateway fell silent is thanked; everybody else hears the tone.
    """
    interrupted = dialogue_place_of(failed_at)
    answer = CallAnswer(replace(place, language=place.language or interrupted.language or facts.languages[0]), facts)
    if call.ended:
        pass
    elif call.recording is not None or place.position in _HAS_SPOKEN or interrupted.position in _HAS_SPOKEN:
        yield from answer.end("voice_thanks_only")
    elif place.tries > _TRIES:
        yield from answer.end("voice_goodbye")
    else:
        yield from answer.tell("voice_fallback" if place.tries == 1 else "voice_nothing_heard", town=town)
        yield from answer.record()


def dialogue_place_of(address: str) -> Place:
    """Where in the usual dialogue an address lies; its beginning where it lies nowhere."""
    parts = urlsplit(address)
    return Place.of(parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))

"""The dialogue of the fallback door: greeting and consent, tone, thanks. No menu, no state, no reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from twilio.twiml.voice_response import VoiceResponse

from channels.values import IncomingCall
from channels.voicemail.answer import VOICES
from channels.voicemail.place import Place, Position
from config.texts import spoken

_TRIES = 2
_HAS_SPOKEN = (Position.SPOKEN, Position.CHOICE, Position.AGAIN, Position.THANKS)


def say_without_menu(
    place: Place,
    call: IncomingCall,
    *,
    base: str,
    town: str,
    language: str,
    failed_at: str,
    pause_seconds: int,
    longest_minutes: int,
) -> str:
    """The answer as TwiML; ``failed_at`` is the address that was not answered, empty in the fallback's own dialogue.

    Who had spoken already when the gateway fell silent is thanked; everybody else hears the tone.
    """
    response = VoiceResponse()
    interrupted = place_of(failed_at)
    language = place.language or interrupted.language or language
    if call.ended:
        return str(response)
    if call.recording is not None or place.position in _HAS_SPOKEN or interrupted.position in _HAS_SPOKEN:
        _tell(response, "voice_thanks_only", language)
        response.hangup()
        return str(response)
    if place.tries > _TRIES:
        _tell(response, "voice_goodbye", language)
        response.hangup()
        return str(response)
    _tell(response, "voice_fallback" if place.tries == 1 else "voice_nothing_heard", language, {"town": town})
    here = replace(place, language=language)
    response.record(
        action=replace(here, position=Position.SPOKEN).url(base),
        method="POST",
        timeout=pause_seconds,
        max_length=longest_minutes * 60,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=here.at(f"{base}/recording"),
        recording_status_callback_event="completed absent",
    )
    response.redirect(replace(here, position=Position.SPEAK, tries=place.tries + 1).url(base), method="POST")
    return str(response)


def place_of(address: str) -> Place:
    """Where in the usual dialogue an address lies; its beginning where it lies nowhere."""
    parts = urlsplit(address)
    return Place.of(parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))


def _tell(response: VoiceResponse, key: str, language: str, facts: Mapping[str, str] | None = None) -> None:
    text = spoken(key, language, None, **(facts or {}))
    response.say(text.text, language=VOICES.get(text.language, VOICES["fr"]))

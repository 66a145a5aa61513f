"""The steps of a call as TwiML (twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twilio.twiml.voice_response import VoiceResponse

from channels.base.call_steps import CallStep, Gather, GoTo, HangUp, Pause, Play, Record, Say

# twilio.com/docs/voice/twiml/say/text-speech. An unknown language is an error the caller would hear, so a language
# without a voice is read by the French one: such a language wants recordings of the town's own.
VOICES = {
    "ar": "arb", "ca": "ca-ES", "cy": "cy-GB", "da": "da-DK", "de": "de-DE", "en": "en-GB", "es": "es-ES",
    "fi": "fi-FI", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL", "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO",
    "ru": "ru-RU", "sv": "sv-SE", "tr": "tr-TR", "zh": "cmn-CN",
}  # fmt: skip
MEDIA_TYPE = "text/xml"


def render(steps: Iterable[CallStep]) -> str:
    """The document that answers a request of a call; steps that are none answer nothing."""
    response = VoiceResponse()
    for step in steps:
        _add(response, step)
    return str(response)


def _add(parent: Any, step: CallStep) -> None:
    match step:
        case Say():
            parent.say(step.text, language=VOICES.get(step.language, VOICES["fr"]))
        case Play():
            parent.play(step.address)
        case Pause():
            parent.pause(length=step.seconds)
        case Gather():
            _gather(parent, step)
        case Record():
            _record(parent, step)
        case GoTo():
            parent.redirect(step.address, method="POST")
        case HangUp():
            parent.hangup()


def _gather(parent: Any, step: Gather) -> None:
    gather = parent.gather(
        input="dtmf",
        action=step.action,
        method="POST",
        timeout=step.seconds,
        num_digits=step.digits,
        finish_on_key="#" if step.digits > 1 else "",
    )
    for inner in step.said:
        _add(gather, inner)


def _record(parent: Any, step: Record) -> None:
    parent.record(
        action=step.action,
        method="POST",
        timeout=step.pause_seconds,
        max_length=step.longest_seconds,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=step.callback,
        recording_status_callback_event="completed absent",
    )

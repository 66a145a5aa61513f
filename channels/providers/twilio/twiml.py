"""The steps of a call as TwiML (twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

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
    """The document that answers a request of a call; no steps answer nothing."""
    response = Element("Response")
    response.extend(map(_verb, steps))
    return f'<?xml version="1.0" encoding="UTF-8"?>{tostring(response, encoding="unicode")}'


def _verb(step: CallStep) -> Element:
    match step:
        case Say():
            return _element("Say", step.text, language=VOICES.get(step.language, VOICES["fr"]))
        case Play():
            return _element("Play", step.address)
        case Pause():
            return _element("Pause", length=step.seconds)
        case Gather():
            return _gather(step)
        case Record():
            return _record(step)
        case GoTo():
            return _element("Redirect", step.address, method="POST")
        case HangUp():
            return _element("Hangup")


def _gather(step: Gather) -> Element:
    gather = _element(
        "Gather",
        action=step.action,
        finishOnKey="#" if step.digits > 1 else "",
        input="dtmf",
        method="POST",
        numDigits=step.digits,
        timeout=step.seconds,
    )
    gather.extend(map(_verb, step.said))
    return gather


def _record(step: Record) -> Element:
    return _element(
        "Record",
        action=step.action,
        finishOnKey="#",
        maxLength=step.longest_seconds,
        method="POST",
        playBeep="true",
        recordingStatusCallback=step.callback,
        recordingStatusCallbackEvent="completed absent",
        timeout=step.pause_seconds,
    )


def _element(name: str, text: str | None = None, **attributes: object) -> Element:
    element = Element(name, {key: str(value) for key, value in attributes.items()})
    element.text = text
    return element

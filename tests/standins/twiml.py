"""A caller's ear: what a telephone does with the provider's documents, verb by verb, and what the provider refuses.

After https://www.twilio.com/docs/voice/twiml : verbs are followed in order; ``Record`` and a ``Gather`` that
got keys go on at their ``action``; verbs after ``Record`` are reached only when nothing was recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

_NUMBER, _KEYS, _WORD, _URL = r"[0-9]{1,5}", r"[0-9*#]*", r"[\w.,: -]+", r"(?:https?://[^\s/]+)?/?\S*"
_METHOD, _BOOLEAN = "GET|POST", "true|false"

VERBS: dict[str, dict[str, str]] = {
    "Say": {"voice": _WORD, "language": r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?", "loop": _NUMBER},
    "Play": {"loop": _NUMBER, "digits": r"[0-9A-DwW*#]+"},
    "Pause": {"length": _NUMBER},
    "Gather": {
        "action": _URL,
        "method": _METHOD,
        "input": r"dtmf|speech|dtmf speech",
        "timeout": _NUMBER,
        "numDigits": r"[1-9][0-9]?",
        "finishOnKey": "[0-9*#]?",
        "actionOnEmptyResult": _BOOLEAN,
        "speechTimeout": _NUMBER + "|auto",
        "language": _WORD,
        "hints": _WORD,
    },
    "Record": {
        "action": _URL,
        "method": _METHOD,
        "timeout": _NUMBER,
        "finishOnKey": _KEYS,
        "maxLength": _NUMBER,
        "playBeep": _BOOLEAN,
        "trim": "trim-silence|do-not-trim",
        "recordingStatusCallback": _URL,
        "recordingStatusCallbackEvent": r"(?:(?:in-progress|completed|absent) ?)+",
        "recordingStatusCallbackMethod": _METHOD,
        "transcribe": _BOOLEAN,
        "transcribeCallback": _URL,
    },
    "Redirect": {"method": _METHOD},
    "Hangup": {},
    "Reject": {"reason": "rejected|busy"},
}
"""Each verb with its attributes and their forms; the pages .../twiml/say, play, pause, gather, record, redirect …"""

_WITH_TEXT = {"Say", "Play", "Redirect"}
_IN_GATHER = {"Say", "Play", "Pause"}
_ENDS = {"Redirect", "Hangup", "Reject"}
_MOST_SAID = 4096
"""Characters of one ``Say`` (its page, and error 13520)."""


@dataclass
class Heard:
    """What one document made the telephone do, up to the verb that leaves it."""

    said: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    record: dict[str, str] | None = None
    """The attributes of the ``Record`` reached, if any."""
    gather: dict[str, str] | None = None
    """The attributes of the ``Gather`` whose keys were pressed, if any."""
    redirect: str | None = None
    hung_up: bool = False


def parse(document: str) -> ElementTree.Element:
    """The document, or ValueError where the provider would tell the caller that an application error has occurred."""
    try:
        response = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise ValueError(f"this is no XML: {error}") from error
    if response.tag != "Response":
        raise ValueError(f"a TwiML document begins with Response, not {response.tag}")
    for number, verb in enumerate(response, 1):
        _check(verb)
        if verb.tag in _ENDS and number < len(response):
            raise ValueError(f"nothing after {verb.tag} is ever reached")
    return response


def _check(verb: ElementTree.Element, inside: str = "") -> None:
    attributes = VERBS.get(verb.tag)
    if attributes is None or (inside and verb.tag not in _IN_GATHER):
        raise ValueError(f"the provider does not know the verb {verb.tag} {'in ' + inside if inside else 'here'}")
    for name, value in verb.attrib.items():
        if not re.fullmatch(attributes.get(name, r"(?!)"), value):
            raise ValueError(f"the provider does not know {verb.tag} {name}={value!r}")
    text = (verb.text or "").strip()
    if (verb.tag in _WITH_TEXT) != bool(text) or len(text) > _MOST_SAID:
        raise ValueError(f"{verb.tag} with {len(text)} characters of text")
    if len(verb) and verb.tag != "Gather":
        raise ValueError(f"no verbs stand in {verb.tag}")
    for inner in verb:
        _check(inner, verb.tag)


def listen(document: str, *, keys: str = "", speaks: bool = True) -> Heard:
    """Follow a document; ``keys`` are pressed at its first ``Gather``, and a silent caller passes ``Record`` by."""
    heard = Heard()
    for verb in parse(document):
        if _leaves(verb, heard, keys, speaks):
            return heard
    heard.hung_up = True
    return heard


def _leaves(verb: ElementTree.Element, heard: Heard, keys: str, speaks: bool) -> bool:
    """Take one verb in; true when the document is left there."""
    match verb.tag:
        case "Gather":
            for inner in verb:
                _hear(inner, heard)
            if keys:
                heard.gather = dict(verb.attrib)
                return True
        case "Record":
            if speaks:
                heard.record = dict(verb.attrib)
                return True
        case "Redirect":
            heard.redirect = (verb.text or "").strip()
            return True
        case "Hangup" | "Reject":
            heard.hung_up = True
            return True
        case _:
            _hear(verb, heard)
    return False


def _hear(verb: ElementTree.Element, heard: Heard) -> None:
    if verb.tag in {"Say", "Play"}:
        heard.said.append("".join(verb.itertext()).strip())
        heard.languages.append(verb.attrib.get("language", ""))

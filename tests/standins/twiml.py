"""A caller's ear: what a telephone does with the provider's documents, verb by verb.

After https://www.twilio.com/docs/voice/twiml : verbs are followed in order; ``Record`` and a ``Gather`` that
got keys go on at their ``action``; verbs after ``Record`` are reached only when nothing was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree


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


def listen(document: str, *, keys: str = "", speaks: bool = True) -> Heard:
    """Follow a document; ``keys`` are pressed at its first ``Gather``, and a silent caller passes ``Record`` by."""
    heard = Heard()
    response = ElementTree.fromstring(document)
    if response.tag != "Response":
        raise ValueError(f"a TwiML document begins with Response, not {response.tag}")
    for verb in response:
        if _leaves(verb, heard, keys, speaks):
            return heard
    heard.hung_up = True
    return heard


def _leaves(verb: ElementTree.Element, heard: Heard, keys: str, speaks: bool) -> bool:
    """Take one verb in; true when the document is left there."""
    match verb.tag:
        case "Say" | "Play":
            _hear(verb, heard)
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
        case "Pause":
            pass
        case other:
            raise ValueError(f"the stand-in does not know the verb {other}")
    return False


def _hear(verb: ElementTree.Element, heard: Heard) -> None:
    if verb.tag in {"Say", "Play"}:
        heard.said.append("".join(verb.itertext()).strip())
        heard.languages.append(verb.attrib.get("language", ""))

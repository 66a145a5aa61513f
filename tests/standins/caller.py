"""A caller who does what a script says, one act at each place where something can be done, and tells what was heard.

An act waits for its place: keys for the next ``Gather``, speech for the next ``Record``. Everything else
passes by in silence. What the provider does besides, a recording's callback or the end of the call, is in
the script too, so that it can come early, late or twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.etree import ElementTree

import requests

from tests.standins.provider_api import VERSION, Stored, new_sid
from tests.standins.telephone import Delivery, Telephone
from tests.standins.twiml import parse

_LONGEST_CALL = 60  # documents; a dialogue that goes on longer is a loop
_SOUNDS = {"audio/mpeg", "audio/wav", "audio/wave", "audio/x-wav", "audio/aiff", "audio/x-aiff", "audio/basic"}


@dataclass
class Caller:
    """One call: ``world`` does what a script's lines in parentheses say happens meanwhile."""

    provider: Telephone
    sender: str
    to: str
    base: str
    """Where the gateway really listens."""
    speech: bytes
    name: Callable[[ElementTree.Element], str]
    """A ``Say`` in short: which text it is."""
    world: Mapping[str, Callable[[], None]]
    lines: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    sid: str = field(default_factory=lambda: new_sid("CA"))
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Callbacks of recordings that have not come yet."""
    last: Delivery | None = None

    def follow(self, acts: list[str]) -> None:
        """Make the call; every act must find its place."""
        script = list(acts)
        where: tuple[str, dict[str, str]] | None = (self.provider.voice_hook, {})
        for _ in range(_LONGEST_CALL):
            self._meanwhile(script)
            if where is None:
                break
            where = self._hear(*where, script)
        else:
            raise RuntimeError(f"the dialogue did not end after {_LONGEST_CALL} documents")
        if script:
            raise AssertionError(f"the call was over before: {script}")
        for url, facts in self.told:
            self._tell(url, facts)
        self.told.clear()

    def _meanwhile(self, script: list[str]) -> None:
        while script and script[0].startswith("("):
            act = script.pop(0)
            self.lines.append(f"  {act}")
            if act == "(the same request comes again)":
                assert self.last is not None
                again = self.provider.again(self.last)
                assert (again.status, again.body) == (self.last.status, self.last.body)
            elif act == "(a moment passes)":
                break
            elif act.startswith("(the callback"):
                self._call_back(act)
            else:
                self.world[act]()

    def _call_back(self, act: str) -> None:
        url, facts = self.told[0] if "twice" in act else self.told.pop(0)
        if "tells of nothing" in act:
            facts = {**facts, "RecordingStatus": "absent", "RecordingUrl": "", "RecordingDuration": "-1"}
        elif "tells of a failure" in act:
            facts = {**facts, "RecordingStatus": "failed"}
        self._tell(url, facts)

    def _post(self, url: str, more: Mapping[str, str]) -> Delivery:
        facts = {
            "AccountSid": self.provider.api.account_sid,
            "ApiVersion": VERSION,
            "CallSid": self.sid,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "From": self.sender,
            "Caller": self.sender,
            "To": self.to,
            "Called": self.to,
            "FromCountry": "FR",
            "ToCountry": "FR",
        }
        return self.provider.post(url, list((facts | dict(more)).items()))

    def _hear(self, url: str, more: dict[str, str], script: list[str]) -> tuple[str, dict[str, str]] | None:
        """Ask for a document and follow it to where it leads; None when the call is over."""
        delivery = self.last = self._post(url, more)
        self.lines.append(self._short(url))
        assert delivery.status == 200, delivery
        response = parse(delivery.body)
        for verb in response:
            self.lines.append("    " + self._verb(verb))
        for verb in response:
            act = script[0] if script else ""
            if act == "hangs up" and verb.tag in {"Gather", "Record"}:
                self.lines.append(f"  {script.pop(0)}")
                return self._over()
            if verb.tag == "Gather" and act.startswith("presses"):
                self.lines.append(f"  {script.pop(0)}")
                digits = act.removeprefix("presses ").rstrip("#") if verb.get("finishOnKey") else act[8:]
                return urljoin(url, verb.get("action", "")), {"Digits": digits}
            if verb.tag == "Record" and act.startswith("speaks"):
                self.lines.append(f"  {script.pop(0)}")
                return self._record(url, verb, act)
            if verb.tag in {"Gather", "Record"} and act == "waits":
                self.lines.append(f"  {script.pop(0)}")
            if verb.tag == "Redirect":
                return urljoin(url, (verb.text or "").strip()), {}
        return self._over()

    def _record(self, here: str, verb: ElementTree.Element, act: str) -> tuple[str, dict[str, str]] | None:
        sid = new_sid("RE")
        self.recordings.append(sid)
        url = f"{self.provider.base}/{VERSION}/Accounts/{self.provider.api.account_sid}/Recordings/{sid}"
        listed = {"sid": sid, "account_sid": self.provider.api.account_sid, "call_sid": self.sid, "status": "completed"}
        late = 99 if "not there yet" in act else 0
        self.provider.api.recordings[sid] = Stored(self.speech, "audio/x-wav", listed, late)
        facts = {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": "12"}
        told = {"RecordingStatus": "completed", "RecordingChannels": "1", "RecordingSource": "RecordVerb", **facts}
        self.told.append((urljoin(here, verb.get("recordingStatusCallback", "")), told))
        if "hangs up" in act:
            # The provider tells the action of a hang-up too, but may not wait for it.
            return self._over()
        key = {"Digits": "#"} if "hash" in act else {}
        return urljoin(here, verb.get("action", "")), {**facts, **key}

    def _tell(self, url: str, facts: Mapping[str, str]) -> None:
        """A recording's callback, which has no numbers."""
        base = {"AccountSid": self.provider.api.account_sid, "CallSid": self.sid}
        delivery = self.provider.post(url, list((base | dict(facts)).items()))
        ending = "" if delivery.status in (200, 204) else f", answered with {delivery.status}"
        self.lines.append(f"{self._short(url)} {facts['RecordingStatus']}{ending}")

    def _over(self) -> tuple[str, dict[str, str]] | None:
        self.lines.append("  (the call is over)")
        return None

    # --- in short

    def _short(self, url: str) -> str:
        short = url.replace(self.provider.voice_hook, "") or "/"
        for number, sid in enumerate(self.recordings, 1):
            short = short.replace(sid, f"RE{number}")
        return short

    def _verb(self, verb: ElementTree.Element) -> str:
        attributes = {name: value for name, value in verb.attrib.items() if (name, value) != ("method", "POST")}
        match verb.tag:
            case "Say":
                return self.name(verb)
            case "Play":
                return f"plays {self._played(verb.text or '')}"
            case "Redirect":
                return f"→ {self._short(verb.text or '')}{_rest(attributes)}"
            case "Gather":
                action, digits = self._short(attributes.pop("action")), attributes.pop("numDigits")
                ended = " or #" if attributes.pop("finishOnKey") else ""
                waits = f"{digits} key{'s' if digits != '1' else ''}{ended}, {attributes.pop('timeout')} s"
                said = "; ".join(self._verb(inner) for inner in verb)
                return f"Gather {waits}{_rest(attributes, input='dtmf')} → {action}: {said}"
            case "Record":
                action, told = self._short(attributes.pop("action")), attributes.pop("recordingStatusCallback")
                ends = f"{attributes.pop('timeout')} s or {attributes.pop('finishOnKey')}"
                usual = {"playBeep": "true", "recordingStatusCallbackEvent": "completed absent"}
                most = attributes.pop("maxLength")
                return (
                    f"Record until {ends}, {most} s{_rest(attributes, **usual)} → {action}, tells {self._short(told)}"
                )
        return verb.tag + _rest(attributes)

    def _played(self, url: str) -> str:
        """What the provider gets when it plays an address, fetched as the provider does: without credentials."""
        got = requests.get(url.replace(self.provider.app, self.base), timeout=10)
        assert got.status_code == 200, (url, got.status_code)
        assert got.headers["Content-Type"] in _SOUNDS, got.headers
        if got.content == self.speech:
            return "what was said"
        return re.sub(r"\?v=\d+", "", self._short(url))


def _rest(attributes: Mapping[str, str], **usual: str) -> str:
    """What is not as it usually is, attributes that are missing included."""
    unusual = {**{name: "missing" for name in usual if name not in attributes}, **attributes}
    return "".join(f" {name}={value}" for name, value in sorted(unusual.items()) if usual.get(name) != value)

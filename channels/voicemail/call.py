"""What a request of a call is: where in the dialogue it stands, what it brings, what gateway has to do first.

The place stands in the URL, so a repeated request gets the same body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from channels import twilio
from channels.phone import phone
from channels.values import Fields, IncomingCall, Recording
from config.consultation import Consultation

MOST_TRIES = 9
"""As far as a place counts: one digit in the URL."""


class Position(StrEnum):
    """Where in the dialogue a request stands; the last element of its path."""

    GREETING = "greeting"
    KEY = "key"  # a key was pressed during the greeting
    SPEAK = "speak"
    SPOKEN = "spoken"  # the recording ended
    CHOICE = "choice"  # a key was pressed after speaking
    THANKS = "thanks"
    STATE = "state"  # nine digits were keyed


@dataclass(frozen=True)
class Place:
    """A position with what has to be remembered there: language, how many times asked, the last recording."""

    position: Position = Position.GREETING
    language: str = ""
    tries: int = 1
    recording: str = ""

    @classmethod
    def of(cls, position: str, query: Mapping[str, str]) -> Place:
        """The place a URL names; whatever does not fit is the beginning, never an error."""
        known = Position(position) if position in set(Position) else Position.GREETING
        language = query.get("l", "")
        tries, recording = query.get("n", "1"), query.get("r", "")
        return cls(
            known,
            language if re.fullmatch(r"[a-z]{2,3}", language) else "",
            int(tries) if re.fullmatch(r"[1-9]", tries) else 1,
            recording if re.fullmatch(r"RE[0-9a-fA-F]{32}", recording) else "",
        )

    def url(self, base: str) -> str:
        """The address of this place below ``base``, the public address of the voice webhooks."""
        query = {"l": self.language, "n": str(self.tries) if self.tries > 1 else "", "r": self.recording}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{base}/{self.position}" + (f"?{kept}" if kept else "")


@dataclass(frozen=True)
class Wants:
    """What gateway has to do before anything is said."""

    keep: Recording | None = None
    """A recording to note down; its file may not exist yet."""
    discard: str = ""
    """A recording the caller wants to speak anew."""
    reference: bool = False
    """The call's reference must be issued, to be said."""
    state_of: str = ""
    """The digits keyed to hear a state."""


class Phase(StrEnum):
    """Where today lies among the consultation's dates."""

    BEFORE = "before"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True)
class CallFacts:
    """What is known when something is said; ``consultation`` is None when the number is nobody's."""

    base: str
    """The public address below which the voice webhooks stand, such as https://town.example/hooks/voice."""
    consultation: Consultation | None
    today: date
    languages: tuple[str, ...] = ("fr", "en")
    reference: str = ""
    state: str = ""
    """The state to be told, already in the caller's language."""
    api_base: str = "https://api.twilio.com"
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The town's own recordings, "fr/voice_greeting" -> address, played instead of the text."""

    @property
    def phase(self) -> Phase:
        """Whether the consultation is open; a number that belongs to none always listens."""
        if self.consultation is None:
            return Phase.OPEN
        if self.today < self.consultation.opens:
            return Phase.BEFORE
        return Phase.OVER if self.today > self.consultation.closes else Phase.OPEN


def parse(params: Mapping[str, str]) -> IncomingCall:
    """The call a webhook or a recording's status callback is about, its signature already checked."""
    fields = params if isinstance(params, Fields) else Fields(params)
    recording = None
    if fields.get("RecordingSid"):
        seconds = fields.get("RecordingDuration", "")
        recording = Recording(
            twilio.identity(fields, "RecordingSid", "RE"),
            fields.get("RecordingUrl", ""),
            int(seconds) if re.fullmatch(r"[0-9]{1,6}", seconds) else 0,
            absent=fields.get("RecordingStatus") in ("absent", "failed"),
        )
    digits = fields.get("Digits", "")
    return IncomingCall(
        account=twilio.identity(fields, "AccountSid", "AC"),
        external_id=twilio.identity(fields, "CallSid", "CA"),
        caller=phone(fields.get("From", "")),
        addressed_to=fields.get("To", "").strip(),
        digits="" if digits == "hangup" else re.sub(r"[^0-9*#]", "", digits),
        recording=recording,
        ended=digits == "hangup"
        or fields.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled"),
    )


def wants(place: Place, call: IncomingCall) -> Wants:
    """What this request asks of gateway."""
    if place.position is Position.SPOKEN and call.recording:
        # Only now that there is another: who presses 2 and then says nothing keeps what was said.
        spoken_anew = place.recording not in ("", call.recording.external_id)
        return Wants(keep=call.recording, discard=place.recording if spoken_anew else "")
    if place.position is Position.THANKS:
        return Wants(reference=True)
    if place.position is Position.STATE:
        return Wants(state_of=call.digits.strip("#*"))
    return Wants()

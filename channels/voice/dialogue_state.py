"""Where in the dialogue a request stands. It stands in the URL, so a repeated request gets the same body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

MOST_TRIES = 9
"""As far as a place counts: one digit in the URL."""
_RECORDING = re.compile(r"[A-Za-z0-9-]{16,64}")
"""What any provider's identifier of a recording fits in."""


class Position(StrEnum):
    """The last element of a request's path."""

    GREETING = "greeting"  # from the second time on, only the question
    KEY = "key"  # a key was pressed during the greeting
    SPEAK = "speak"
    SPOKEN = "spoken"  # the recording ended
    CHOICE = "choice"  # a key was pressed after speaking
    AGAIN = "again"  # listening to what was said
    THANKS = "thanks"
    STATE = "state"  # nine digits were keyed
    CODE = "code"  # the code that came with an individual answer was keyed, or one key
    TOLD = "told"  # a key was pressed after a state
    CONTEST = "contest"  # a key was pressed after what we understood
    VOTE = "vote"  # a project's number was keyed
    WISH = "wish"  # asks for what may be wished for a message
    WISHED = "wished"  # a key was pressed then
    DICTATED = "dictated"  # an official has spoken an answer
    RING = "ring"  # a call of ours was answered
    RUNG = "rung"  # a key was pressed in it
    OTHERS = "others"  # what is counted, and what others said; so many times asked for more


@dataclass(frozen=True)
class Place:
    """A position with what has to be remembered there: language, how many times asked, the last recording."""

    position: Position = Position.GREETING
    language: str = ""
    tries: int = 1
    recording: str = ""
    reference: str = ""
    """That whose state was told."""
    message: int = 0
    """In a call of ours, the message that it tells."""

    @classmethod
    def of(cls, position: str, query: Mapping[str, str]) -> Place:
        """The place a URL names; whatever does not fit is the beginning, never an error."""
        known = Position(position) if position in set(Position) else Position.GREETING
        language = query.get("l", "")
        tries, recording, reference = query.get("n", "1"), query.get("r", ""), query.get("c", "")
        message = query.get("m", "")
        return cls(
            known,
            language if re.fullmatch(r"[a-z]{2,3}", language) else "",
            int(tries) if re.fullmatch(r"[1-9]", tries) else 1,
            recording if _RECORDING.fullmatch(recording) else "",
            reference if re.fullmatch(r"[0-9]{9}", reference) else "",
            int(message) if re.fullmatch(r"[0-9]{1,9}", message) else 0,
        )

    def url(self, base: str) -> str:
        """The address of this place below ``base``, the public address of the voice webhooks."""
        return self.at(f"{base}/{self.position}")

    def at(self, address: str) -> str:
        """An address that carries what is remembered here."""
        tries = str(self.tries) if self.tries > 1 else ""
        query = {"l": self.language, "n": tries, "r": self.recording, "c": self.reference}
        query["m"] = str(self.message) if self.message else ""
        kept = urlencode({name: value for name, value in query.items() if value})
        return address + (f"?{kept}" if kept else "")

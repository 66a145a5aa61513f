"""What a request of a call brings, what gateway has to do first, and what is known when something is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from channels.base.values import IncomingCall, Recording
from channels.voice.dialogue_state import Place, Position
from channels.voice.spoken_facts import CallerWishes, SpokenState, SpokenVoices, Understood
from config.settings.sections.voicemail_section import Voicemail
from config.wording.consultation import Consultation

VOTING = "5"
"""The key for a voice for a project."""

MORE = "4"
"""The key for what others said, and for more of it."""

HEARING, UNDERSTOOD = "1", "3"
"""After a state: the keys to hear it again, and to hear what we understood."""
CONTESTING = "1"
"""The key that says: this is not it."""

WISHING, WISHING_LATER = "3", "6"
"""The keys for wishes about one's message: after speaking, and after a state."""


@dataclass(frozen=True)
class CallDemand:
    """What gateway has to do before anything is said."""

    keep: Recording | None = None
    """A recording to note down; its file may not exist yet."""
    discard: str = ""
    """A recording that was spoken anew."""
    hear: str = ""
    """A recording the caller wants to listen to."""
    reference: bool = False
    """The call's reference must be issued, to be said."""
    state_of: str = ""
    """The digits keyed to hear a state."""
    code: str = ""
    """The digits keyed to hear the individual answer to ``code_of``."""
    code_of: str = ""
    understood: str = ""
    """The reference of which is to be heard what we understood."""
    contest: str = ""
    """The reference of which we understood something else than was said."""
    vote: str = ""
    """What was keyed to support a project."""
    dictated: Recording | None = None
    """An answer of the town that was spoken by the code ``dictated_by``."""
    dictated_by: str = ""
    wish: str = ""
    """The key of a wish about what was just said, or about ``wish_about``."""
    wish_about: str = ""
    """The reference a wish is about; empty for the message of this call."""
    others: int = 0
    """Which page of what others said is to be heard, from 1; 0 for none."""


class DatePhase(StrEnum):
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
    state: SpokenState = field(default_factory=lambda: SpokenState("unknown"))
    others: SpokenVoices = field(default_factory=SpokenVoices)
    understood: Understood = field(default_factory=Understood)
    wishes: CallerWishes = field(default_factory=CallerWishes)
    voted: str = ""
    """What came of a voice for a project: the text ``voice_vote_…``."""
    heard: str = ""
    """Where the recording the caller wants to hear can be played from; empty while it is not there yet."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The town's own recordings, "fr/voice_greeting" -> address, played instead of the text."""
    patience: Voicemail = field(default_factory=Voicemail)

    @property
    def phase(self) -> DatePhase:
        """Whether the consultation is open; a number that belongs to none always listens."""
        if self.consultation is None:
            return DatePhase.OPEN
        if self.today < self.consultation.opens:
            return DatePhase.BEFORE
        return DatePhase.OVER if self.today > self.consultation.closes else DatePhase.OPEN


def demand_of_request(place: Place, call: IncomingCall) -> CallDemand:
    """What this request asks of gateway; the callback of a recording asks what the end of that recording does."""
    match place.position:
        case Position.SPOKEN if call.recording:
            # Only now that there is another: who presses 2 and then says nothing keeps what was said.
            spoken_anew = place.recording not in ("", call.recording.external_id) and not call.recording.absent
            return CallDemand(keep=call.recording, discard=place.recording if spoken_anew else "")
        case Position.AGAIN:
            return CallDemand(hear=place.recording)
        case Position.THANKS:
            return CallDemand(reference=True)
        case Position.WISHED if call.digits:
            return CallDemand(wish=call.digits, wish_about=place.reference)
        case Position.DICTATED:
            return CallDemand(dictated=call.recording, dictated_by=place.reference)
        case Position.STATE:
            return CallDemand(state_of=call.digits.strip("#*"))
        case Position.CODE if place.reference and len(call.digits) > 1:
            return CallDemand(code=call.digits.strip("#*"), code_of=place.reference)
        case _:
            return _demand_of_key(place, call.digits)


def _demand_of_key(place: Place, digits: str) -> CallDemand:
    is_told = place.position in (Position.TOLD, Position.CODE)
    if is_told and digits == HEARING:
        return CallDemand(state_of=place.reference)
    if is_told and digits == UNDERSTOOD:
        return CallDemand(understood=place.reference)
    if place.position is Position.CONTEST and digits == CONTESTING:
        return CallDemand(contest=place.reference)
    if place.position is Position.VOTE:
        return CallDemand(vote=digits)
    if place.position is Position.OTHERS and digits in ("", MORE):
        return CallDemand(others=place.tries)
    return CallDemand()
